/** Which items are asked in which batch, and what each look at them may spend. */
import { rng } from "../core/index.ts";
import { LEAST_CLUSTERS, spentLevels } from "./statistics/index.ts";
import type { Errors } from "./verdict/index.ts";

export interface LookPlan {
  /** One for each look: the indices of the items that are new in it. Together all items, each once. */
  readonly batches: readonly (readonly number[])[];
  /** One for each look. */
  readonly errors: readonly Errors[];
}

export interface LookOptions {
  /** Looks at most. */
  readonly looks: number;
  /** Error left to this behaviour's simultaneous interval, over all its looks. */
  readonly alpha: number;
  readonly seed: number;
}

/** No look at fewer clusters: a t quantile of a few degrees of freedom at a small level decides nothing. */
const LEAST_AT_A_LOOK = LEAST_CLUSTERS / 2;
/** Two one-sided tests at 5%. */
const EQUIVALENCE = 0.1;

/**
 * Whole clusters in an order drawn from the seed, so that batches are independent of one another, as the boundaries of
 * `spentLevels` suppose. The first batch has half of the items, the others share the rest. Both errors are spent over
 * the looks, those of the equivalence test too.
 */
export function planLooks(clusters: readonly string[], { looks, alpha, seed }: LookOptions): LookPlan {
  const names = rng(seed, "looks").shuffle([...new Set(clusters)].sort());
  const possible = Math.max(1, Math.min(looks, names.length - LEAST_AT_A_LOOK + 1));
  const count = names.length < LEAST_CLUSTERS ? 1 : possible;
  const ends = Array.from({ length: count }, (_, k) => endOf(k, count, names.length));
  const batches = ends.map((end, k) => {
    const here = new Set(names.slice(k === 0 ? 0 : ends[k - 1], end));
    return clusters.flatMap((cluster, i) => (here.has(cluster) ? [i] : []));
  });
  const fractions = batches.map(
    (_, k) => batches.slice(0, k + 1).reduce((sum, batch) => sum + batch.length, 0) / clusters.length,
  );
  if (clusters.length === 0) return { batches: [[]], errors: [{ simultaneous: alpha, equivalence: EQUIVALENCE }] };
  const simultaneous = spentLevels(alpha, fractions);
  const equivalence = spentLevels(EQUIVALENCE, fractions);
  const errors = batches.map((_, k) => ({
    simultaneous: simultaneous[k] ?? alpha,
    equivalence: equivalence[k] ?? EQUIVALENCE,
  }));
  return { batches, errors };
}

/** Clusters asked by the end of look `k`. */
function endOf(k: number, count: number, clusters: number): number {
  if (count === 1) return clusters;
  return Math.ceil(clusters * (0.5 + (0.5 * k) / (count - 1)));
}
