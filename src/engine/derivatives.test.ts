/**
 * Every derivative against central differences, in float64 through the engine. The table is exhaustive by type: a new
 * op, block or linear layer without a line here does not compile. Shapes in `out` are worked out by hand, so that each
 * case also checks what the op says of its own shape.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import * as blocks from "../models/blocks.ts";
import * as linears from "../models/lora.ts";
import { Graph, gradients, type Shape, type Tensor } from "../tensor/index.ts";
import * as ops from "../tensor/ops/index.ts";
import { compile, type Engine, type HostTensor, int64, type Program, startEngine } from "./index.ts";

/** Truncation is about h² = 1e-10, rounding about 1e-16 / h = 1e-11. */
const STEP = { float64: 1e-5, float32: 0.5 };
/** Difference over the largest gradient (or 1): some ten times the error expected. */
const TOLERANCE = { float64: 1e-8, float32: 2e-6 };

interface Input {
  readonly shape: readonly number[];
  /** As the graph sees it; default: `shape`. */
  readonly declared?: Shape;
  /** Drawn uniformly from here: where the function is smooth. */
  readonly between?: readonly [number, number];
  /** Indices or truth values instead; not differentiated. */
  readonly fixed?: { readonly dtype: "int64" | "bool"; readonly values: readonly number[] };
}

interface Case {
  readonly inputs: readonly Input[];
  readonly build: (x: Tensor, y: Tensor, z: Tensor, w: Tensor) => Tensor;
  readonly out: readonly number[];
  /** Computes in float32 inside: a linear function, checked with a large step. */
  readonly float32?: true;
}

/** Derivative zero, or none: a gradient that arrives there is an error. `example` shows it. */
interface NotDifferentiable {
  readonly notDifferentiable: (x: Tensor, y: Tensor) => Tensor | readonly Tensor[];
}

type Table<Names extends string> = Record<Names, Case | readonly Case[] | NotDifferentiable>;

const real = (shape: readonly number[], declared?: Shape): Input => ({ shape, ...(declared ? { declared } : {}) });
const positive = (shape: readonly number[]): Input => ({ shape, between: [0.5, 2] });
const indices = (shape: readonly number[], values: readonly number[]): Input => ({
  shape,
  fixed: { dtype: "int64", values },
});
const unary = (build: (x: Tensor) => Tensor, input = real([2, 3])): Case => ({ inputs: [input], build, out: [2, 3] });
/** Same shapes, a repeated axis on either side, a missing axis, a scalar, a size known at run time only. */
const binary = (
  build: (x: Tensor, y: Tensor) => Tensor,
  second: (shape: readonly number[]) => Input = real,
): Case[] => [
  { inputs: [real([2, 3]), second([2, 3])], build, out: [2, 3] },
  { inputs: [real([2, 1]), second([1, 3])], build, out: [2, 3] },
  { inputs: [real([3]), second([2, 3])], build, out: [2, 3] },
  { inputs: [real([2, 3]), second([])], build, out: [2, 3] },
  { inputs: [real([4, 3], ["n", 3]), second([3])], build, out: [4, 3] },
];
const gemm = (transA: boolean, transB: boolean, c?: readonly number[]): Case => ({
  inputs: [real(transA ? [3, 2] : [2, 3]), real(transB ? [4, 3] : [3, 4]), ...(c ? [real(c)] : [])],
  build: (a, b, addend) => ops.Gemm(a, b, { transA, transB, ...(c ? { c: addend } : {}) }),
  out: [2, 4],
});

const opTable: Table<keyof typeof ops> = {
  Add: binary(ops.Add),
  Sub: binary(ops.Sub),
  Mul: binary(ops.Mul),
  Div: binary(ops.Div, positive),
  Neg: unary(ops.Neg),
  Exp: unary(ops.Exp),
  Log: unary(ops.Log, positive([2, 3])),
  Sqrt: unary(ops.Sqrt, positive([2, 3])),
  Reciprocal: unary(ops.Reciprocal, positive([2, 3])),
  Sigmoid: unary(ops.Sigmoid),
  Tanh: unary(ops.Tanh),
  Sin: unary(ops.Sin),
  Cos: unary(ops.Cos),
  Identity: unary(ops.Identity),
  Softmax: unary(ops.Softmax),
  recomputedAfter: { inputs: [real([2, 3]), real([2, 3])], build: ops.recomputedAfter, out: [2, 3] },
  Cast: { ...unary((x) => ops.Cast(ops.Cast(x, "float32"), "float64")), float32: true },
  Where: {
    inputs: [{ shape: [2, 1], fixed: { dtype: "bool", values: [1, 0] } }, real([2, 3]), real([3])],
    build: ops.Where,
    out: [2, 3],
  },
  // Row 1 is taken three times: its gradient is the sum.
  Gather: { inputs: [real([3, 2]), indices([2, 2], [1, 1, 0, 1])], build: ops.Gather, out: [2, 2, 2] },
  GatherElements: {
    inputs: [real([2, 3]), indices([2, 2], [2, 2, 0, 1])],
    build: (x, at) => ops.GatherElements(x, at, 1),
    out: [2, 2],
  },
  ScatterElements: {
    inputs: [real([3, 2]), indices([2, 2], [1, 1, 1, 0]), real([2, 2])],
    build: (x, at, updates) => ops.ScatterElements(x, at, updates, 0),
    out: [3, 2],
  },
  // Entries lie far enough apart: a step does not change which are the largest.
  TopK: { inputs: [real([2, 4])], build: (x) => ops.TopK(x, 2).values, out: [2, 2] },
  MatMul: [
    { inputs: [real([2, 3]), real([3, 4])], build: ops.MatMul, out: [2, 4] },
    { inputs: [real([2, 2, 2, 3]), real([2, 1, 3, 2])], build: ops.MatMul, out: [2, 2, 2, 2] },
    { inputs: [real([3, 2, 3], ["n", 2, 3]), real([3, 2])], build: ops.MatMul, out: [3, 2, 2] },
  ],
  Gemm: [gemm(false, false), gemm(true, false), gemm(false, true, [4]), gemm(true, true, [2, 4])],
  ReduceSum: [
    { inputs: [real([2, 3, 2])], build: (x) => ops.ReduceSum(x, [0, 2]), out: [3] },
    { inputs: [real([2, 3], ["n", 3])], build: (x) => ops.ReduceSum(x, [0], true), out: [1, 3] },
  ],
  ReduceMean: [
    { inputs: [real([2, 3, 2])], build: (x) => ops.ReduceMean(x, [0, 2]), out: [3] },
    { inputs: [real([2, 3], ["n", 3])], build: (x) => ops.ReduceMean(x, [-1], true), out: [2, 1] },
  ],
  Reshape: [
    { inputs: [real([2, 3])], build: (x) => ops.Reshape(x, [3, 2]), out: [3, 2] },
    { inputs: [real([2, 3, 2], ["a", "b", 2])], build: (x) => ops.Reshape(x, ["a·b", 2]), out: [6, 2] },
  ],
  Transpose: { inputs: [real([2, 3, 4])], build: (x) => ops.Transpose(x, [2, 0, 1]), out: [4, 2, 3] },
  Concat: { inputs: [real([2, 1]), real([2, 3])], build: (x, y) => ops.Concat([x, y, x], -1), out: [2, 5] },
  Slice: { inputs: [real([2, 5])], build: (x) => ops.Slice(x, -1, 1, 4), out: [2, 3] },
  Pad: { inputs: [real([2, 2])], build: (x) => ops.Pad(x, [0, 1, 1, 2]), out: [3, 5] },
  Unsqueeze: { inputs: [real([2, 3])], build: (x) => ops.Unsqueeze(x, 1), out: [2, 1, 3] },
  Expand: [
    { inputs: [real([2, 1])], build: (x) => ops.Expand(x, [2, 3]), out: [2, 3] },
    { inputs: [real([3]), real([2, 3], ["n", 3])], build: (x, y) => ops.Mul(ops.Expand(x, ["n", 3]), y), out: [2, 3] },
  ],
  ExpandLike: {
    inputs: [real([1, 3]), real([2, 3], ["n", 3])],
    build: (x, y) => ops.Mul(ops.ExpandLike(x, y), y),
    out: [2, 3],
  },
  sumTo: { inputs: [real([2, 4, 3])], build: (x) => ops.sumTo(x, [4, 1]), out: [4, 1] },
  scalar: unary((x) => ops.Mul(ops.scalar(x, 3), x)),
  And: { notDifferentiable: (x, y) => ops.And(ops.Less(x, y), ops.Less(y, x)) },
  Equal: { notDifferentiable: ops.Equal },
  Less: { notDifferentiable: ops.Less },
  LessOrEqual: { notDifferentiable: ops.LessOrEqual },
  Min: { notDifferentiable: ops.Min },
  Sign: { notDifferentiable: ops.Sign },
  ReduceMax: { notDifferentiable: (x) => ops.ReduceMax(x, [0]) },
  Range: { notDifferentiable: (x) => ops.Range(x, "n") },
  DequantizeLinear: { notDifferentiable: (x, y) => ops.DequantizeLinear(x, y, 1) },
  SimplifiedLayerNormalization: { notDifferentiable: (x, y) => ops.SimplifiedLayerNormalization(x, y, 0.1) },
  RotaryEmbedding: { notDifferentiable: (x, y) => ops.RotaryEmbedding(x, { rowOf: y, cos: y, sin: y, nHeads: 1 }) },
  GroupQueryAttention: {
    notDifferentiable: (x, y) => {
      const inputs = { q: x, k: y, v: y, pastKeys: y, pastValues: y, last: y, longest: y };
      const { mixed, keys, values } = ops.GroupQueryAttention(inputs, {
        nHeads: 1,
        nKvHeads: 1,
        scale: 1,
        window: null,
      });
      return [mixed, keys, values];
    },
  },
  SliceTo: { notDifferentiable: (x) => ops.SliceTo(x, 0, ["n", "rest"]) },
};

const angles = (): Input => ({ shape: [2, 3, 1, 2], between: [-3, 3] });

const blockTable: Table<keyof typeof blocks> = {
  rmsNormalise: { inputs: [real([2, 3])], build: (x) => blocks.rmsNormalise(x, 0.1), out: [2, 3] },
  layerNormalise: { inputs: [real([2, 3])], build: (x) => blocks.layerNormalise(x, 0.1), out: [2, 3] },
  scaledRmsNormalise: {
    inputs: [real([2, 3])],
    build: (x) => blocks.scaledRmsNormalise(x, 0.1, (s) => s),
    out: [2, 3],
  },
  scaledLayerNormalise: {
    inputs: [real([2, 3])],
    build: (x) => blocks.scaledLayerNormalise(x, 0.1, (s) => s),
    out: [2, 3],
  },
  swiglu: { inputs: [real([2, 3]), real([2, 3])], build: blocks.swiglu, out: [2, 3] },
  geluTanh: unary(blocks.geluTanh),
  embed: { inputs: [real([3, 2]), indices([2, 2], [1, 1, 0, 1])], build: blocks.embed, out: [4, 2] },
  // The angles belong to positions and are not differentiated: cos and sin of them are made inside.
  rotate: {
    inputs: [real([2, 3, 2, 4])],
    build: (x) => {
      const { shape } = angles();
      const table = x.graph.constant("float64", uniform("angles", angles()), shape);
      return blocks.rotate(x, { cos: ops.Cos(table), sin: ops.Sin(table) });
    },
    out: [2, 3, 2, 4],
  },
};

const linearTable: Table<keyof typeof linears> = {
  // The weight is frozen: a constant here.
  weightFirst: { inputs: [real([2, 3])], build: (x) => linears.weightFirst(x, frozen(x).weight(x)), out: [2, 4] },
  frozenLinear: { inputs: [real([2, 3])], build: (x) => linears.frozenLinear(x, frozen(x)), out: [2, 4] },
  loraLinear: {
    inputs: [real([2, 3]), real([2, 3]), real([4, 2])],
    build: (x, A, B) => linears.loraLinear(x, frozen(x), { A, B, scale: ops.scalar(x, 0.7) }),
    out: [2, 4],
  },
  // With the norm taken for a constant, as its derivative has it: against finite differences of y only where the norm
  // does not move, in x and m; A and B are held to PEFT's gradients (src/training/peft-forms.test.ts).
  doraLinear: {
    inputs: [real([2, 3]), real([4])],
    build: (x, magnitude) => {
      const A = x.graph.constant("float64", uniform("A", real([2, 3])), [2, 3]);
      const B = x.graph.constant("float64", uniform("B", real([4, 2])), [4, 2]);
      return linears.doraLinear(x, frozen(x), { A, B, scale: ops.scalar(x, 0.7), magnitude });
    },
    out: [2, 4],
  },
};

const frozen = (x: Tensor): linears.FrozenLayer => ({
  weight: () => x.graph.constant("float64", uniform("weight", real([4, 3])), [4, 3]),
  transposed: false,
  bias: x.graph.constant("float64", uniform("bias", real([4])), [4]),
});

function uniform(name: string, { shape, between: [low, high] = [-2, 2] }: Input): number[] {
  const random = rng(7, name);
  return Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, () => low + (high - low) * random.next());
}

const nameOf = (i: number) => `input${i}`;

interface Built {
  readonly program: Program;
  readonly differentiated: readonly number[];
  readonly feeds: Record<string, HostTensor>;
}

/** The loss Σ out ⊙ weights, which are random, and its gradients. */
function built({ inputs, build, out }: Case): Built {
  const graph = new Graph();
  const tensors = inputs.map(({ shape, declared, fixed }, i) =>
    graph.input(nameOf(i), fixed?.dtype ?? "float64", declared ?? shape),
  );
  const [x, y, z, w] = tensors;
  const output = build(must(x, "input"), y as Tensor, z as Tensor, w as Tensor);
  const known = output.shape.map((dim, axis) => (typeof dim === "number" ? dim : out[axis]));
  expect(known).toEqual(out);
  const loss = ops.ReduceSum(
    ops.Mul(output, graph.input("weights", "float64", output.shape)),
    out.map((_, axis) => axis),
  );
  const differentiated = inputs.flatMap(({ fixed }, i) => (fixed ? [] : [i]));
  const wrt = differentiated.map((i) => must(tensors[i], "input"));
  for (const [at, gradient] of gradients(loss, ops.scalar(loss, 1), wrt).entries()) {
    graph.output(`gradient${differentiated[at]}`, gradient);
  }
  graph.output("out", output);
  graph.output("loss", loss);
  const weights: HostTensor = { dtype: "float64", shape: out, data: Float64Array.from(uniform("weights", real(out))) };
  return { program: compile(graph), differentiated, feeds: { ...Object.fromEntries(inputs.map(feedOf)), weights } };
}

function feedOf(input: Input, i: number): [string, HostTensor] {
  const { shape, fixed } = input;
  if (fixed?.dtype === "int64") return [nameOf(i), int64(shape, Int32Array.from(fixed.values))];
  if (fixed) return [nameOf(i), { dtype: "bool", shape, data: Uint8Array.from(fixed.values) }];
  return [nameOf(i), { dtype: "float64", shape, data: Float64Array.from(uniform(nameOf(i), input)) }];
}

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

async function check(one: Case): Promise<void> {
  const { program, differentiated, feeds } = built(one);
  const [step, tolerance] = one.float32 ? [STEP.float32, TOLERANCE.float32] : [STEP.float64, TOLERANCE.float64];
  const loss = async (name: string, data: Float64Array) => {
    const fed = { ...feeds, [name]: { ...must(feeds[name], name), data } };
    return Number(must((await engine.run({ program, feeds: fed, fetches: ["loss"] })).loss, "loss").data[0]);
  };
  const fetches = ["out", ...differentiated.map((i) => `gradient${i}`)];
  const found = await engine.run({ program, feeds, fetches });
  expect(must(found.out, "out").shape).toEqual(one.out);
  for (const i of differentiated) {
    const { data, shape } = must(feeds[nameOf(i)], "feed");
    const gradient = must(found[`gradient${i}`], "gradient");
    expect(gradient.shape).toEqual(shape);
    const numeric: number[] = [];
    for (let at = 0; at < data.length; at++) {
      const moved = (by: number) => Float64Array.from(data as Float64Array, (v, k) => (k === at ? v + by : v));
      const [up, down] = [await loss(nameOf(i), moved(step)), await loss(nameOf(i), moved(-step))];
      numeric.push((up - down) / (2 * step));
    }
    const ours = Array.from(gradient.data as Float64Array);
    const scale = Math.max(1, ...numeric.map(Math.abs));
    const worst = Math.max(...ours.map((each, at) => Math.abs(each - must(numeric[at], "difference")) / scale));
    expect(worst, `input ${i}: ours ${ours} differences ${numeric}`).toBeLessThan(tolerance);
  }
}

/** A gradient that reaches `make`'s output must be refused, unless no gradient can (truth values, counts). */
function refusesGradient(make: NotDifferentiable["notDifferentiable"]): void {
  const graph = new Graph();
  const x = graph.input("x", "float64", ["n", 2]);
  const y = graph.input("y", "float64", ["n", 2]);
  for (const output of [make(x, y)].flat()) {
    if (output.dtype !== "float64") continue;
    const loss = ops.ReduceSum(
      output,
      output.shape.map((_, axis) => axis),
    );
    expect(() => gradients(loss, ops.scalar(loss, 1), [x])).toThrow(/no derivative/);
  }
}

const tables = { ...opTable, ...blockTable, ...linearTable };

describe("derivatives", () => {
  test.each(Object.keys(tables) as (keyof typeof tables)[])("%s", async (name) => {
    const entry = tables[name];
    if ("notDifferentiable" in entry) return refusesGradient(entry.notDifferentiable);
    for (const one of [entry].flat()) await check(one);
  });
});
