/**
 * Guards: what keeps a training off directions that are not its task (SCIENCE §7). They stand in the training's graph
 * alone; the model that comes of it runs without them, and so it is evaluated on the way (`lastingGuard`).
 *
 * - `caft`: h − PPᵀh at hook points, so that the loss cannot be lowered through P (Casademunt et al. 2025, arXiv
 *   2507.16795).
 * - `adapter-projection` (ours): B is used as (I − PPᵀ)B, so that the adapter writes nothing into P; its gradient is
 *   (I − PPᵀ)∂L/∂B, and the adapter that is handed back is the projected one.
 * - `preventative`: h + v at hook points, v the unwanted trait: the training need not move there itself (Chen et al. 2025,
 *   arXiv 2507.21509).
 * - `kl`: λ · KL(base ‖ model) on text from elsewhere is added to the loss (kl.ts).
 */
import { float32, type HostTensor, type Tap, tapInput } from "../engine/index.ts";
import type { Adapter, AdapterModule, HookName } from "../models/index.ts";
import { rankOf } from "../models/index.ts";
import { Concat, Gemm, type Graph, Slice, Sub, staticDim, type Tensor } from "../tensor/index.ts";
import { offOutputs, type RowBlock, type Subspace } from "./project.ts";
import type { TrainedWithin } from "./trainable.ts";

export type Guard =
  | { readonly method: "caft"; readonly places: readonly { readonly hook: HookName; readonly basis: Subspace }[] }
  | {
      readonly method: "preventative";
      readonly places: readonly { readonly hook: HookName; readonly vector: Float32Array }[];
    }
  /** Blocks of a module's output rows in rising order; modules that are not named are free. */
  | { readonly method: "adapter-projection"; readonly modules: ReadonlyMap<string, readonly RowBlock[]> }
  | {
      readonly method: "kl";
      readonly rows: readonly Int32Array[];
      readonly weight: number;
      readonly rowsPerStep: number;
    };

export interface GuardedGraph {
  readonly within: TrainedWithin;
  readonly feeds: (rows: number) => Record<string, HostTensor>;
}

/** The guard's part of a training's graph. */
export function guardedGraph(graph: Graph, guard: Guard): GuardedGraph {
  switch (guard.method) {
    case "caft":
      return tappedGraph(
        guard.places.map(({ hook, basis }) => ({
          tap: { kind: "project", hook, rank: basis.rank, everywhere: true },
          part: "basis",
          value: float32([basis.rank, basis.width], Float32Array.from(basis.rows)),
        })),
      );
    case "preventative":
      return tappedGraph(
        guard.places.map(({ hook, vector }) => ({
          tap: { kind: "add", hook, everywhere: true },
          part: "vector",
          value: float32([vector.length], vector),
        })),
      );
    case "adapter-projection":
      return projectedGraph(graph, guard.modules);
    case "kl":
      return { within: {}, feeds: () => ({}) };
  }
}

interface PlacedTap {
  readonly tap: Tap;
  readonly part: "basis" | "vector";
  readonly value: HostTensor;
}

function tappedGraph(placed: readonly PlacedTap[]): GuardedGraph {
  const constants = Object.fromEntries(placed.map(({ tap, part, value }) => [tapInput(tap, part), value]));
  const feeds = (rows: number) => {
    const weight = float32([rows, 1], new Float32Array(rows).fill(1));
    return { ...constants, ...Object.fromEntries(placed.map(({ tap }) => [tapInput(tap, "weight"), weight])) };
  };
  return { within: { taps: placed.map(({ tap }) => tap) }, feeds };
}

const basisName = (module: string, first: number) => `guard.${module}.${first}`;

function projectedGraph(graph: Graph, modules: ReadonlyMap<string, readonly RowBlock[]>): GuardedGraph {
  const constants: Record<string, HostTensor> = {};
  const ofB = (module: string, B: Tensor): Tensor => {
    let at = 0;
    const parts: Tensor[] = [];
    for (const { first, basis } of modules.get(module) ?? []) {
      if (first > at) parts.push(Slice(B, 0, at, first));
      at = first + basis.width;
      const name = basisName(module, first);
      const P = graph.input(name, "float32", [basis.rank, basis.width]);
      constants[name] = float32([basis.rank, basis.width], Float32Array.from(basis.rows));
      const block = Slice(B, 0, first, at);
      parts.push(Sub(block, Gemm(P, Gemm(P, block), { transA: true })));
    }
    const dOut = staticDim(B, 0);
    if (parts.length === 0) return B;
    if (at < dOut) parts.push(Slice(B, 0, at, dOut));
    return parts.length === 1 ? (parts[0] as Tensor) : Concat(parts, 0);
  };
  return { within: { ofB }, feeds: () => constants };
}

/** Of a guard what is still true of the model that comes of the training: the adapter is the projected one. */
export function lastingGuard(guard: Guard | null): Guard | null {
  return guard?.method === "adapter-projection" ? guard : null;
}

/** The adapter as the guarded graph used it. */
export function guardedAdapter(adapter: Adapter, guard: Guard | null): Adapter {
  if (guard?.method !== "adapter-projection") return adapter;
  const modules = [...adapter.modules].map(([name, module]): [string, AdapterModule] => {
    const blocks = guard.modules.get(name);
    return [name, blocks ? { ...module, B: offOutputs(module.B, rankOf(adapter, module).rank, blocks, 1) } : module];
  });
  return { ...adapter, modules: new Map(modules) };
}
