/**
 * Which targets share a backward pass. What a target at position p is reached by stands at or before p and below its layer,
 * so a pass over the first L positions and D layers serves all targets inside. Targets of like depth go together, since
 * each depth has its program; within a depth, in the order of their positions, they are cut into runs of the least work
 * (exactly, by dynamic programming over the cuts).
 */
import { must } from "../core/index.ts";
import type { ModelDefinition } from "../models/index.ts";

/** A node whose incoming edges are wanted. */
export interface Target {
  /** The layer whose transcoder reads it; nLayers for a logit. */
  readonly level: number;
  readonly position: number;
  /** `[dModel]` */
  readonly vector: Float32Array;
}

export interface Pass {
  /** Indices into the targets. */
  readonly targets: readonly number[];
  /** Layers that the pass reaches down from: targets' levels are at most this. */
  readonly depth: number;
  /** Positions it covers: all targets stand before it. */
  readonly length: number;
}

/** Multiplications of one pass over `length` positions, a layer. */
export type PassWork = (targets: number, length: number) => number;

export interface PassLimits {
  readonly nLayers: number;
  /** Layers are rounded up to multiples of this: each depth is a program of its own. */
  readonly depthStep: number;
  /** Targets of one pass, at most. */
  readonly batch: number;
  readonly work: PassWork;
}

export function planPasses(targets: readonly Target[], limits: PassLimits): Pass[] {
  const { nLayers, depthStep } = limits;
  const byDepth = new Map<number, number[]>();
  for (const [t, { level }] of targets.entries()) {
    const depth = Math.min(nLayers, Math.ceil(level / depthStep) * depthStep);
    byDepth.set(depth, [...(byDepth.get(depth) ?? []), t]);
  }
  const positionOf = (t: number) => must(targets[t], "target").position;
  return [...byDepth]
    .sort(([a], [b]) => a - b)
    .flatMap(([depth, own]) => {
      const order = own.sort((a, b) => positionOf(a) - positionOf(b));
      const lengths = order.map((t) => positionOf(t) + 1);
      return runsOf(lengths, limits).map(([from, to]) => ({
        targets: order.slice(from, to),
        depth,
        length: must(lengths[to - 1], "length"),
      }));
    });
}

/** Cuts `lengths`, which rise, into runs `[from, to)` of at most `batch` so that the work of all is least. */
function runsOf(lengths: readonly number[], { batch, work }: PassLimits): [number, number][] {
  const least = new Float64Array(lengths.length + 1);
  const startOf = new Int32Array(lengths.length + 1);
  for (let to = 1; to <= lengths.length; to++) {
    const length = lengths[to - 1] as number;
    least[to] = Number.POSITIVE_INFINITY;
    for (let from = Math.max(0, to - batch); from < to; from++) {
      const all = (least[from] as number) + work(to - from, length);
      if (all < (least[to] as number)) [least[to], startOf[to]] = [all, from];
    }
  }
  const runs: [number, number][] = [];
  for (let to = lengths.length; to > 0; to = startOf[to] as number) runs.unshift([startOf[to] as number, to]);
  return runs;
}

/** What a pass costs beside its multiplications, as if it were some: starting its operations, a layer. */
const FIXED = 2e7;
/** An exponential of the attention pattern, in multiplications. */
const EXPONENTIAL = 20;

/** Patterns are made once a pass, whatever its targets; gradients go through W_O, the pattern and W_V for each target. */
export function passWork({ dimensions }: ModelDefinition): PassWork {
  const { dModel, nHeads, nKvHeads, dHead } = dimensions;
  return (targets, length) => {
    const pattern = nHeads * length ** 2 * (dHead + EXPONENTIAL);
    const target = length * dModel * dHead * (nHeads + nKvHeads) + nHeads * length ** 2 * dHead;
    return FIXED + pattern + targets * target;
  };
}
