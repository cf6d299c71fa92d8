/** Turns a model definition into the graphs that the engine runs. Pure: values of weights are never read. */
import { must, UserError } from "../core/index.ts";
import type { TensorLocation, TensorStore } from "../data/index.ts";
import {
  type AdapterLayout,
  doraLinear,
  type ForwardContext,
  type ForwardOutputs,
  type FrozenLayer,
  frozenLinear,
  type HookName,
  type KeyValueCache,
  loraLinear,
  type ModelDefinition,
  weightFirst,
} from "../models/index.ts";
import {
  Cast,
  Concat,
  type DType,
  Gather,
  Gemm,
  Graph,
  Log,
  Mul,
  ReduceMax,
  ReduceSum,
  Reshape,
  recomputedInBackward,
  Slice,
  Softmax,
  Sub,
  scalar,
  type Tensor,
} from "../tensor/index.ts";
import { type ByteWeights, byteWeights } from "./byte-weights.ts";
import { compile, type Program } from "./program.ts";
import { selectInput, type Tap, type Tapped, tapped } from "./taps.ts";

/** A model whose weights lie in files. */
export interface ModelSource {
  readonly definition: ModelDefinition;
  readonly tensors: TensorStore;
  readonly name: string;
}

export interface ForwardSpec {
  readonly taps?: readonly Tap[];
  /** Null: the graph takes no adapter. */
  readonly adapter?: AdapterLayout | null;
  /**
   * What becomes an output, over the rows that the input `select` int64 `[n]` names:
   * `logits [n, dVocab]`; `logprobs [n]` of the input `targets` int64 `[n]`; `selected` rows of the final hidden state.
   */
  readonly outputs: readonly ("logits" | "logprobs")[];
  /** Adds outputs `key.<layer>` and `value.<layer>` (`ForwardOutputs`). */
  readonly keysAndValues?: boolean;
  /** Takes earlier keys and values as inputs; null: none. */
  readonly cache?: KeyValueCache["kind"] | null;
  /** Of the runtime's fused ops where it has them; a cache in place asks for it. */
  readonly fused?: boolean;
  /** Is it built for a handful of rows, as in decoding? Same values, another order of work. */
  readonly fewRows?: boolean;
  /** See `Program`. */
  readonly prepacked?: boolean;
  /** Parts in which queries meet their keys (`queryChunks`); default 1. `seq` must be a multiple. */
  readonly queryChunks?: number;
  /** Rows are trees of tokens: the input `visible` bool `[batch, seq, seq]` says who sees whom. */
  readonly tree?: boolean;
}

/**
 * Logits of one part, in elements: 24 MiB. What is larger than 32 MiB the allocator maps anew each time, at a fifth of the
 * whole step of SmolLM2.
 */
const LOGIT_ELEMENTS = 3 * 2 ** 21;
/**
 * Each part reads the whole unembedding. Where fewer rows than `FEW_ROWS` would fit, that costs more than mapping memory, and
 * `MANY_ROWS` are taken: a step of Gemma 3 270M on 512 tokens took 5.4 s in parts of 32 rows, 3.9 s in
 * parts of 256 (read off by hand, not recorded).
 */
const [FEW_ROWS, MANY_ROWS] = [64, 256];

/** In how many parts the logits of `rows` are made; `n` of `select` must be a multiple of it. */
export function selectMultiple(definition: ModelDefinition, rows: number): number {
  const fitting = Math.floor(LOGIT_ELEMENTS / definition.dimensions.dVocab);
  return Math.max(1, Math.ceil(rows / (fitting < FEW_ROWS ? MANY_ROWS : fitting)));
}

/** The graph of a forward pass. Inputs `tokens`, `positions`, `select` and what the spec adds. */
export function forwardProgram(source: ModelSource, spec: ForwardSpec, chunks = 1): Program {
  const graph = new Graph();
  const { outputs, context } = buildForward(graph, source, spec);
  if (spec.outputs.length > 0) selectedOutputs(graph, source, { spec, outputs, context, chunks });
  if (spec.keysAndValues) {
    for (const [layer, key] of outputs.keys.entries()) graph.output(`key.${layer}`, key);
    for (const [layer, value] of outputs.values.entries()) graph.output(`value.${layer}`, value);
  }
  return compile(graph, spec.prepacked);
}

interface Forward {
  readonly outputs: ForwardOutputs;
  readonly context: ForwardContext;
  /** A and B, by offset. */
  readonly adapterParameters: ReadonlyMap<number, Tensor>;
  /** Values at the hook points of `mark` taps. */
  readonly marked: ReadonlyMap<HookName, Tensor>;
}

export function buildForward(
  graph: Graph,
  source: ModelSource,
  spec: Pick<ForwardSpec, "taps" | "adapter" | "cache" | "fused" | "fewRows" | "queryChunks" | "tree"> & {
    /** Trainable weights in place of those in files. */
    readonly override?: Pick<ForwardContext, "weight" | "linear">;
    /** Stands before the taps: sees every value at a hook point and says what goes on in its place. */
    readonly onHook?: Pick<ForwardContext, "hook" | "hooked">;
    /** What an adapter's B `[dOut, rank]` becomes before it acts. */
    readonly ofB?: (module: string, B: Tensor) => Tensor;
    /** Are blocks computed again in the backward pass, in place of keeping what is inside them? */
    readonly recompute?: boolean;
    /** Is shown what goes into every linear layer and what comes out. */
    readonly onLinear?: (module: string, x: Tensor, y: Tensor) => void;
  },
): Forward {
  const adapterParameters = new Map<number, Tensor>();
  const weight = weightReader(graph, source);
  const frozen = frozenLayers(source.definition, weight, {
    fewRows: spec.fewRows,
    bytes: byteWeights(graph, source.tensors),
  });
  const tokens = graph.input("tokens", "int64", ["batch", "seq"]);
  const positions = graph.input("positions", "int64", ["batch", "seq"]);
  const taps = tapped(graph, spec.taps ?? []);
  const linear = linearOf(graph, frozen, {
    layout: spec.adapter ?? null,
    ofB: spec.ofB,
    parameters: adapterParameters,
  });
  const context: ForwardContext = {
    graph,
    tokens,
    positions,
    weight,
    linear: spec.onLinear ? watched(linear, spec.onLinear) : linear,
    ...spec.override,
    ...watchedHooks(taps, spec.onHook),
    cache: spec.cache ? cacheInputs(graph, source.definition, spec.cache) : null,
    fused: spec.fused ?? false,
    queryChunks: spec.queryChunks ?? 1,
    block: spec.recompute
      ? (x, build) => recomputedInBackward(x, () => [...adapterParameters.values()], build)
      : (x, build) => build(x),
    visible: spec.tree ? graph.input("visible", "bool", ["batch", "seq", "seq"]) : null,
  };
  const outputs = source.definition.forward(context);
  taps.checkAllReached();
  return { outputs, context, adapterParameters, marked: taps.marked };
}

function watchedHooks(
  taps: Tapped,
  first?: Pick<ForwardContext, "hook" | "hooked">,
): Pick<ForwardContext, "hook" | "hooked"> {
  if (!first) return { hook: taps.hook, hooked: taps.hooked };
  return {
    hook: (name, x) => taps.hook(name, first.hook(name, x)),
    hooked: (name) => first.hooked(name) || taps.hooked(name),
  };
}

function watched(
  linear: ForwardContext["linear"],
  onLinear: (module: string, x: Tensor, y: Tensor) => void,
): ForwardContext["linear"] {
  return (module, x) => {
    const y = linear(module, x);
    onLinear(module, x, y);
    return y;
  };
}

interface Selected {
  readonly spec: ForwardSpec;
  readonly outputs: ForwardOutputs;
  readonly context: ForwardContext;
  readonly chunks: number;
}

function selectedOutputs(
  graph: Graph,
  { definition }: ModelSource,
  { spec, outputs, context, chunks }: Selected,
): void {
  const { dModel } = definition.dimensions;
  const unembedding = context.weight(definition.unembedding);
  const rows = Gather(outputs.hidden, selectInput(graph));
  const logits = () => (spec.fewRows ? weightFirst(rows, unembedding) : Gemm(rows, unembedding, { transB: true }));
  if (spec.outputs.includes("logits")) graph.output("logits", logits());
  if (!spec.outputs.includes("logprobs")) return;
  const grouped = Reshape(rows, [chunks, "n/chunks", dModel]);
  const targets = Reshape(graph.input("targets", "int64", ["n"]), [chunks, "n/chunks"]);
  const parts = Array.from({ length: chunks }, (_, chunk) => {
    const h = Reshape(Slice(grouped, 0, chunk, chunk + 1), ["n/chunks", dModel]);
    return targetLogProbabilities(h, unembedding, Reshape(Slice(targets, 0, chunk, chunk + 1), ["n/chunks"])).logprobs;
  });
  graph.output("logprobs", Concat(parts, 0, "n"));
}

/**
 * log p(target) per row of `h [n, dModel]`, targets int64 `[n]`. With the softmax itself at hand (it is what the
 * derivative needs), the log-normaliser is max logit − log max p, which never underflows.
 */
export function targetLogProbabilities(
  h: Tensor,
  unembedding: Tensor,
  targets: Tensor,
): { logprobs: Tensor; softmax: Tensor; targetRows: Tensor } {
  const logits = Gemm(h, unembedding, { transB: true });
  const softmax = Softmax(logits);
  const normaliser = Sub(ReduceMax(logits, [1]), Log(ReduceMax(softmax, [1])));
  const targetRows = Gather(unembedding, targets);
  const targetLogits = ReduceSum(Mul(h, targetRows), [1]);
  return { logprobs: Sub(targetLogits, normaliser), softmax, targetRows };
}

type Weight = ForwardContext["weight"];

const STORED_AS: Readonly<Record<string, DType>> = { F32: "float32", F16: "float16", BF16: "bfloat16", F64: "float64" };

/** Weights read in place; half-precision ones are cast once, when the session opens. */
export function weightReader(graph: Graph, { definition, tensors, name: model }: ModelSource): Weight {
  const made = new Map<string, Tensor>();
  const specs = new Map(definition.weights.map((spec) => [spec.name, spec.shape]));
  return (name) => {
    const known = made.get(name);
    if (known) return known;
    const shape = must(specs.get(name), `the shape of weight ${name}`);
    const location = checkedLocation(model, name, shape, tensors.get(name));
    const stored = graph.weight(
      name,
      must(STORED_AS[location.dtype], `element type ${location.dtype}`),
      shape,
      location,
    );
    const tensor = stored.dtype === "float16" || stored.dtype === "bfloat16" ? Cast(stored, "float32") : stored;
    made.set(name, tensor);
    return tensor;
  };
}

function checkedLocation(
  model: string,
  name: string,
  shape: readonly number[],
  location: TensorLocation | undefined,
): TensorLocation {
  const wrong = (got: string) =>
    new UserError(`${model}: tensor ${name}`, {
      expected: `shape [${shape.join(", ")}] in floating point`,
      got,
      fix: "use a complete checkpoint that fits its config.json",
    });
  if (!location) throw wrong("nothing");
  if (location.shape.join() !== shape.join()) throw wrong(`shape [${location.shape.join(", ")}]`);
  if (!(location.dtype in STORED_AS)) throw wrong(`element type ${location.dtype}`);
  return location;
}

/** The frozen part of each linear layer, by its module's path. */
export function frozenLayers(
  { linears }: ModelDefinition,
  weight: Weight,
  { fewRows = false, bytes }: { readonly fewRows?: boolean | undefined; readonly bytes?: ByteWeights } = {},
): (module: string) => FrozenLayer {
  const specs = new Map(linears.map((spec) => [spec.module, spec]));
  return (module) => {
    const { bias, transposed } = must(specs.get(module), `linear layer ${module}`);
    const name = `${module}.weight`;
    return {
      weight: bytes?.(name) ?? (() => weight(name)),
      transposed,
      bias: bias ? weight(`${module}.bias`) : null,
      fewRows,
    };
  };
}

function linearOf(
  graph: Graph,
  frozen: (module: string) => FrozenLayer,
  {
    layout,
    parameters,
    ofB = (_module, B) => B,
  }: {
    readonly layout: AdapterLayout | null;
    readonly parameters: Map<number, Tensor>;
    readonly ofB: ((module: string, B: Tensor) => Tensor) | undefined;
  },
): ForwardContext["linear"] {
  if (!layout) return (module, x) => frozenLinear(x, frozen(module));
  const flat = graph.input("adapter", "float32", [layout.size]);
  const scale = graph.input("adapter_scale", "float32", []);
  const slots = new Map(layout.slots.map((slot) => [slot.module, slot]));
  const part = (offset: number, shape: readonly number[]) => {
    const count = shape.reduce((product, dim) => product * dim, 1);
    const known = parameters.get(offset);
    if (known) return known;
    const tensor = Reshape(Slice(flat, 0, offset, offset + count), shape);
    parameters.set(offset, tensor);
    return tensor;
  };
  return (module, x) => {
    const slot = slots.get(module);
    if (!slot) return frozenLinear(x, frozen(module));
    const A = part(slot.offsetA, [layout.rank, slot.dIn]);
    const B = ofB(module, part(slot.offsetB, [slot.dOut, layout.rank]));
    const inputs = { A, B, scale: slot.factor === 1 ? scale : Mul(scale, scalar(scale, slot.factor)) };
    if (slot.offsetM === null) return loraLinear(x, frozen(module), inputs);
    return doraLinear(x, frozen(module), { ...inputs, magnitude: part(slot.offsetM, [slot.dOut]) });
  };
}

function cacheInputs(graph: Graph, { dimensions }: ModelDefinition, kind: KeyValueCache["kind"]): KeyValueCache {
  const { nLayers, nKvHeads, dHead } = dimensions;
  const layers = Array.from({ length: nLayers }, (_, layer) => layer);
  const shape = ["batch", nKvHeads, "capacity", dHead];
  const cached = {
    keys: layers.map((layer) => graph.input(`cache.key.${layer}`, "float32", shape)),
    values: layers.map((layer) => graph.input(`cache.value.${layer}`, "float32", shape)),
  };
  if (kind === "appended") return { kind, ...cached, lengths: graph.input("cache.lengths", "int64", ["batch"]) };
  const last = graph.input("cache.last", "int32", ["batch"]);
  return { kind, ...cached, last, longest: graph.input("cache.longest", "int32", [1]) };
}
