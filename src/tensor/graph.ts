/**
 * A symbolic graph of ONNX ops and the tape that its backward pass is made from.
 *
 * Different from the obvious: shapes are partly symbolic (`"batch"`, `"seq"`), because one session serves every size;
 * a symbol gets its value at run time from the graph input that carries it. Building touches no disk, clock or native
 * code: weights are named places in files, never values.
 */
import { must } from "../core/index.ts";

export type DType = "float32" | "float64" | "float16" | "bfloat16" | "int64" | "int32" | "int8" | "bool";

/** A static size, or the name of one that is known at run time only. */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** One value of the graph. Immutable; identity is what the tape compares. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

export type Attribute = number | string | readonly number[] | { readonly float: number };

/** One ONNX node as the writer emits it. */
export interface GraphNode {
  readonly op: string;
  /** Empty: ONNX's own ops. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Of each output. */
  readonly types: readonly { readonly dtype: DType; readonly shape: Shape }[];
}

/** Where an external weight's bytes lie; `offset` may exceed 4 GiB. */
export interface ExternalData {
  readonly file: string;
  readonly offset: number;
  readonly byteLength: number;
}

export interface Initializer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | ExternalData;
}

/** From the gradients of an entry's outputs (null: does not reach the loss) to those of its inputs. */
export type Backward = (outputGradients: readonly (Tensor | null)[]) => readonly (Tensor | null)[];

/** One differentiable step: a single op, or a composite that knows a cheaper derivative than its parts'. */
export interface TapeEntry {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly backward: Backward | null;
}

export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly initializers: Initializer[] = [];
  readonly inputs: Tensor[] = [];
  readonly outputs: { readonly name: string; readonly tensor: Tensor }[] = [];
  readonly tape: TapeEntry[] = [];
  readonly #dims = new Map<string, Tensor>();
  readonly #constants = new Map<string, Tensor>();
  #count = 0;
  #recording = true;

  /**
   * The graph input of that name, declared at its first use. Symbols of its shape that are new take their run-time value
   * from it.
   */
  input(name: string, dtype: DType, shape: Shape): Tensor {
    const known = this.inputs.find((input) => input.name === name);
    if (known) return known;
    const tensor = this.#tensor(name, dtype, shape);
    this.inputs.push(tensor);
    for (const [axis, dim] of shape.entries()) {
      if (typeof dim === "string" && !this.#dims.has(dim)) this.#dims.set(dim, this.#dimOf(tensor, axis));
    }
    return tensor;
  }

  /** A weight that stays where it lies; `shape` as stored. */
  weight(name: string, dtype: DType, shape: readonly number[], data: ExternalData): Tensor {
    this.initializers.push({ name, dtype, shape, data });
    return this.#tensor(name, dtype, shape);
  }

  /** A small constant; equal constants are one. */
  constant(
    dtype: "float32" | "float64" | "int64" | "bool",
    values: readonly number[],
    shape?: readonly number[],
  ): Tensor {
    const dims = shape ?? [values.length];
    const key = JSON.stringify([dtype, dims, values.map((value) => (Number.isFinite(value) ? value : String(value)))]);
    const known = this.#constants.get(key);
    if (known) return known;
    const name = `const_${this.#count++}`;
    this.initializers.push({ name, dtype, shape: dims, data: constantBytes[dtype](values) });
    const tensor = this.#tensor(name, dtype, dims);
    this.#constants.set(key, tensor);
    return tensor;
  }

  /** Emits one node with one output. The tape is the callers' business (`record`). */
  emit(
    op: string,
    inputs: readonly Tensor[],
    dtype: DType,
    shape: Shape,
    attributes: Record<string, Attribute> = {},
  ): Tensor {
    return must(this.emitSeveral(op, inputs, [{ dtype, shape }], attributes)[0], "an output");
  }

  /** Emits one node with several outputs. */
  emitSeveral(
    op: string,
    inputs: readonly Tensor[],
    outputs: readonly { readonly dtype: DType; readonly shape: Shape }[],
    attributes: Record<string, Attribute> = {},
    domain = "",
  ): Tensor[] {
    const made = outputs.map(({ dtype, shape }) => this.#tensor(`${op}_${this.#count++}`, dtype, shape));
    const names = made.map(({ name }) => name);
    const read = inputs.map((input) => input.name);
    this.nodes.push({ op, domain, inputs: read, outputs: names, attributes, types: outputs });
    return made;
  }

  /** Notes a differentiable step on the tape, unless a composite that covers it is being built. */
  record(entry: TapeEntry): void {
    if (this.#recording) this.tape.push(entry);
  }

  /**
   * Builds with the tape off: what a composite is made of inside, and every backward pass.
   * Gradients of gradients are therefore not available.
   */
  untaped<T>(build: () => T): T {
    const before = this.#recording;
    this.#recording = false;
    try {
      return build();
    } finally {
      this.#recording = before;
    }
  }

  /** Builds with a tape of its own, which is handed back: for what a backward pass computes again. */
  tapedApart<T>(build: () => T): { readonly made: T; readonly tape: readonly TapeEntry[] } {
    const [before, start] = [this.#recording, this.tape.length];
    this.#recording = true;
    try {
      const made = build();
      return { made, tape: this.tape.splice(start) };
    } finally {
      this.#recording = before;
    }
  }

  /** Declares `tensor` an output called `name`. */
  output(name: string, tensor: Tensor): void {
    if (this.outputs.some((output) => output.name === name)) throw new Error(`two outputs called ${name}`);
    this.outputs.push({ name, tensor });
  }

  /** A 1-D int64 tensor that holds `shape` at run time, with at most one `-1` for a size that no input carries. */
  shapeTensor(shape: Shape): Tensor {
    if (shape.every((dim) => typeof dim === "number")) return this.constant("int64", shape as number[]);
    // A symbol may come to be known later: with -1 in its place the tensor is another.
    const key = `shape:${JSON.stringify(shape.map((dim) => (typeof dim === "number" || this.#dims.has(dim) ? dim : -1)))}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const tensor = this.#dynamicShape(shape);
    this.#constants.set(key, tensor);
    return tensor;
  }

  /** The run-time value of a symbol as int64 `[1]`; throws where no graph input carries it. */
  dimTensor(symbol: string): Tensor {
    return must(this.#dims.get(symbol), `a graph input that carries the size "${symbol}"`);
  }

  /** The symbol of a size that is `symbol`'s over `parts`, known at run time as that is. */
  dividedDim(symbol: string, parts: number): string {
    const name = `${symbol}/${parts}`;
    if (!this.#dims.has(name))
      this.#dims.set(name, this.emit("Div", [this.dimTensor(symbol), this.constant("int64", [parts])], "int64", [1]));
    return name;
  }

  /** Makes `symbol` the product of sizes that are known, so that no tensor has to be computed for it. */
  productDim(symbol: string, factors: readonly string[]): string {
    if (!this.#dims.has(symbol)) {
      const sizes = factors.map((factor) => this.dimTensor(factor));
      this.#dims.set(
        symbol,
        sizes.reduce((product, size) => this.emit("Mul", [product, size], "int64", [1])),
      );
    }
    return symbol;
  }

  /** Do constants and inputs say all sizes? */
  knows(shape: Shape): boolean {
    return shape.every((dim) => typeof dim === "number" || this.#dims.has(dim));
  }

  #dynamicShape(shape: Shape): Tensor {
    const unknown = shape.filter((dim) => typeof dim === "string" && !this.#dims.has(dim));
    if (unknown.length > 1)
      throw new Error(`shape [${shape.join(", ")}] has several sizes that no graph input carries`);
    const parts = shape.map((dim) =>
      typeof dim === "number" ? this.constant("int64", [dim]) : (this.#dims.get(dim) ?? this.constant("int64", [-1])),
    );
    return this.emit("Concat", parts, "int64", [shape.length], { axis: 0 });
  }

  #dimOf(tensor: Tensor, axis: number): Tensor {
    return this.emit("Shape", [tensor], "int64", [1], { start: axis, end: axis + 1 });
  }

  #tensor(name: string, dtype: DType, shape: Shape): Tensor {
    return { graph: this, name, dtype, shape };
  }
}

const constantBytes: Record<"float32" | "float64" | "int64" | "bool", (values: readonly number[]) => Uint8Array> = {
  float32: (values) => new Uint8Array(Float32Array.from(values).buffer),
  float64: (values) => new Uint8Array(Float64Array.from(values).buffer),
  int64: (values) => new Uint8Array(BigInt64Array.from(values.map((value) => BigInt(value))).buffer),
  bool: (values) => Uint8Array.from(values.map((value) => (value ? 1 : 0))),
};
