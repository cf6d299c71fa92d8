/**
 * Taps: what is attached to hook points. Their places are part of the graph, their values are inputs, so one session
 * serves every direction and strength.
 */
import type { HookName } from "../models/index.ts";
import { Add, dimAt, Gather, Gemm, type Graph, Mul, Reshape, type Shape, Sub, type Tensor } from "../tensor/index.ts";

/**
 * - `read`: the value becomes the output `read:<hook>`; `readSelected`: its rows `[n, width]` that the input `select`
 *   int64 `[n]` names (not for scores and patterns).
 * - `add`: `x + weight ⊙ vector`; inputs `tap.<id>.vector [width]`, `tap.<id>.weight [batch, seq]`.
 * - `replace`: `x + weight ⊙ (value − x)`; inputs `tap.<id>.value` of the hook's shape, `tap.<id>.weight [batch, seq]`.
 * - `project`: `x − weight ⊙ (x Pᵀ) P`, P with orthonormal rows; inputs `tap.<id>.basis [rank, width]`,
 *   `tap.<id>.weight [batch, seq]`.
 * - `mark`: nothing in the graph; whoever builds it gets the value (`Tapped.marked`).
 * - `components`: `x Pᵀ` becomes the output `components:<id>` `[batch, seq, rank]`; input `tap.<id>.basis`.
 * - `pin`: `x − weight ⊙ (x Pᵀ − value) P`; inputs as `project`, and `tap.<id>.value [batch, seq, rank]`.
 *
 * `width` is everything after batch and seq (for attention scores and patterns: the keys; `weight` is then over
 * queries). A weight of 0 leaves a position alone. With `everywhere`, weights are `[batch, 1]`: one per row for all of
 * its positions, which is what generation needs.
 */
export interface Tap {
  readonly kind: "read" | "readSelected" | "add" | "replace" | "project" | "components" | "pin" | "mark";
  readonly hook: HookName;
  /** Names the tap's inputs; default: the hook's name. */
  readonly id?: string;
  /** Rank of P. */
  readonly rank?: number;
  readonly everywhere?: boolean;
}

export const readName = (hook: HookName) => `read:${hook}`;
export const componentsName = (tap: Tap) => `components:${tap.id ?? tap.hook}`;
export const tapInput = (tap: Tap, part: "vector" | "value" | "basis" | "weight") =>
  `tap.${tap.id ?? tap.hook}.${part}`;

export interface Tapped {
  readonly hook: (name: HookName, x: Tensor) => Tensor;
  readonly hooked: (name: HookName) => boolean;
  /** Values at the hook points of `mark` taps, behind the taps before them. */
  readonly marked: ReadonlyMap<HookName, Tensor>;
  /** Throws where a tap's hook point was not passed: a tap must not be ignored. */
  readonly checkAllReached: () => void;
}

/** The hook function of a graph with `taps`; taps of one hook point act in their order. */
export function tapped(graph: Graph, taps: readonly Tap[]): Tapped {
  const at = (name: HookName) => taps.filter((tap) => tap.hook === name);
  const reached = new Set<HookName>();
  const marked = new Map<HookName, Tensor>();
  const act = (tap: Tap, x: Tensor) => {
    if (tap.kind === "mark") marked.set(tap.hook, x);
    return acts[tap.kind](graph, tap, x);
  };
  return {
    marked,
    hooked: (name) => at(name).length > 0,
    hook: (name, x) => {
      reached.add(name);
      return at(name).reduce((value, tap) => act(tap, value), x);
    },
    checkAllReached: () => {
      const missed = taps.filter(({ hook }) => !reached.has(hook)).map(({ hook }) => hook);
      if (missed.length > 0) throw new Error(`this graph has no hook point ${missed.join(", ")}`);
    },
  };
}

const acts: Record<Tap["kind"], (graph: Graph, tap: Tap, x: Tensor) => Tensor> = {
  read: (graph, tap, x) => {
    graph.output(readName(tap.hook), x);
    return x;
  },
  readSelected: (graph, tap, x) => {
    const flat = Reshape(x, ["rows", width(tap, x)]);
    graph.output(readName(tap.hook), Gather(flat, selectInput(graph)));
    return x;
  },
  mark: (_graph, _tap, x) => x,
  add: (graph, tap, x) => {
    const vector = graph.input(tapInput(tap, "vector"), x.dtype, trailing(tap, x));
    return Add(x, Mul(weightOf(graph, tap, x), vector));
  },
  replace: (graph, tap, x) => {
    const value = graph.input(tapInput(tap, "value"), x.dtype, x.shape);
    return Add(x, Mul(weightOf(graph, tap, x), Sub(value, x)));
  },
  project: (graph, tap, x) => {
    const { basis, components } = componentsOf(graph, tap, x);
    return Sub(x, Mul(weightOf(graph, tap, x), Reshape(Gemm(components, basis), x.shape)));
  },
  components: (graph, tap, x) => {
    const { components, rank } = componentsOf(graph, tap, x);
    graph.output(componentsName(tap), Reshape(components, ["batch", "seq", rank]));
    return x;
  },
  pin: (graph, tap, x) => {
    const { basis, components, rank } = componentsOf(graph, tap, x);
    const value = Reshape(graph.input(tapInput(tap, "value"), x.dtype, ["batch", "seq", rank]), ["rows", rank]);
    const off = Gemm(Sub(components, value), basis);
    return Sub(x, Mul(weightOf(graph, tap, x), Reshape(off, x.shape)));
  },
};

/** `x Pᵀ`, `[rows, rank]`. */
function componentsOf(graph: Graph, tap: Tap, x: Tensor): { basis: Tensor; components: Tensor; rank: number } {
  const rank = tap.rank ?? 1;
  const basis = graph.input(tapInput(tap, "basis"), x.dtype, [rank, width(tap, x)]);
  const components = Gemm(Reshape(x, ["rows", width(tap, x)]), basis, { transB: true });
  return { basis, components, rank };
}

/** The input that names rows of the flattened `[batch · seq]`; one per graph. */
export function selectInput(graph: Graph): Tensor {
  return graph.inputs.find((input) => input.name === "select") ?? graph.input("select", "int64", ["n"]);
}

function width(tap: Tap, x: Tensor): number {
  return trailing(tap, x).reduce<number>((product, dim) => product * staticSize(tap, dim), 1);
}

/** Scores and patterns are `[batch, heads, seq, keys]`; all other hook points `[batch, seq, ...]`. */
function isPerQuery(tap: Tap): boolean {
  return tap.hook.endsWith("hook_attn_scores") || tap.hook.endsWith("hook_pattern");
}

function trailing(tap: Tap, x: Tensor): Shape {
  return isPerQuery(tap) ? [dimAt(x, 3)] : x.shape.slice(2);
}

function staticSize(tap: Tap, dim: number | string): number {
  if (typeof dim === "number") return dim;
  throw new Error(`${tap.hook} has no fixed width to project in`);
}

function weightOf(graph: Graph, tap: Tap, x: Tensor): Tensor {
  const seq = tap.everywhere ? 1 : "seq";
  const weight = graph.input(tapInput(tap, "weight"), x.dtype, ["batch", seq]);
  if (isPerQuery(tap)) return Reshape(weight, ["batch", 1, seq, 1]);
  return Reshape(weight, ["batch", seq, ...x.shape.slice(2).map(() => 1)]);
}
