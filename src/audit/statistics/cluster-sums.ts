/**
 * Statistics that are functions of sums over clusters (rates, ratios, products of rates), with bootstrap intervals over
 * whole clusters. Base and tuned are resampled together, so that their difference keeps its pairing.
 */
import { rng } from "../../core/index.ts";
import { sortedQuantile } from "./bootstrap.ts";
import { normalCdf, studentQuantile } from "./distributions.ts";

/** Sums of the columns over the rows of one cluster. */
export type Sums = Readonly<Float64Array>;

/** A statistic of sums; null where it is undefined. */
export type Statistic = (sums: Sums) => number | null;

export interface SumsEstimate {
  readonly estimate: number | null;
  /** At the asked level; null where the statistic is undefined in more than one draw of twenty, or below three clusters. */
  readonly interval: readonly [number, number] | null;
}

/** Resamples of the clusters. */
export const SUMS_DRAWS = 2000;
const MOST_UNDEFINED = 0.05;
const FEWEST_CLUSTERS = 3;

/** Adds `row` to the sums of its cluster. */
export function addTo(clusters: Map<string, Float64Array>, cluster: string, row: readonly number[]): void {
  const sums = clusters.get(cluster) ?? new Float64Array(row.length);
  for (const [i, value] of row.entries()) sums[i] = (sums[i] ?? 0) + value;
  clusters.set(cluster, sums);
}

export function total(clusters: readonly Sums[]): Sums {
  const sums = new Float64Array(clusters[0]?.length ?? 0);
  for (const cluster of clusters) for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (cluster[i] ?? 0);
  return sums;
}

/** The statistic's bootstrap values, sorted, and how many draws left it undefined. */
export interface Bootstrapped {
  readonly estimate: number | null;
  readonly values: Float64Array;
  readonly undefinedShare: number;
  readonly clusters: number;
}

export function bootstrapSums(
  clusters: readonly Sums[],
  statistic: Statistic,
  seed: number,
  draws = SUMS_DRAWS,
): Bootstrapped {
  return bootstrapOf(clusters, resamples(clusters, seed, draws), statistic);
}

/** Sums over clusters drawn with replacement, once for all statistics of the same clusters. */
export function resamples(clusters: readonly Sums[], seed: number, draws = SUMS_DRAWS): readonly Sums[] {
  const random = rng(seed, "cluster-sums");
  const width = clusters[0]?.length ?? 0;
  return Array.from({ length: clusters.length === 0 ? 0 : draws }, () => {
    const sums = new Float64Array(width);
    for (let k = 0; k < clusters.length; k++) {
      const cluster = clusters[random.int(clusters.length)];
      for (let i = 0; i < width; i++) sums[i] = (sums[i] ?? 0) + (cluster?.[i] ?? 0);
    }
    return sums;
  });
}

export function bootstrapOf(clusters: readonly Sums[], drawn: readonly Sums[], statistic: Statistic): Bootstrapped {
  const values = drawn.map(statistic).filter((value) => value !== null);
  return {
    estimate: statistic(total(clusters)),
    values: Float64Array.from(values).sort(),
    undefinedShare: drawn.length === 0 ? 1 : 1 - values.length / drawn.length,
    clusters: clusters.length,
  };
}

/**
 * The percentile interval at `level`, expanded for few clusters: tails at Φ(−√(m/(m − 1)) t) with t of m − 1 degrees of
 * freedom (Hesterberg 2015, Am Stat 69:371). See `SumsEstimate` for when it is null.
 */
export function intervalOf(
  { estimate, values, undefinedShare, clusters: m }: Bootstrapped,
  level: number,
): SumsEstimate {
  if (estimate === null || undefinedShare > MOST_UNDEFINED || m < FEWEST_CLUSTERS) return { estimate, interval: null };
  const t = studentQuantile(0.5 + level / 2, m - 1);
  const tail = normalCdf(-Math.sqrt(m / (m - 1)) * t);
  return { estimate, interval: [sortedQuantile(values, tail), sortedQuantile(values, 1 - tail)] };
}

/** Base and tuned side by side, cluster by cluster; one that only one of them has is 0 in the other. */
export function sideBySide(
  base: ReadonlyMap<string, Sums>,
  tuned: ReadonlyMap<string, Sums>,
): { readonly clusters: readonly Sums[]; readonly difference: (statistic: Statistic) => Statistic } {
  const width = [...base.values(), ...tuned.values()][0]?.length ?? 0;
  const names = [...new Set([...base.keys(), ...tuned.keys()])];
  const clusters = names.map((name) => {
    const sums = new Float64Array(2 * width);
    sums.set(base.get(name) ?? new Float64Array(width), 0);
    sums.set(tuned.get(name) ?? new Float64Array(width), width);
    return sums;
  });
  const difference =
    (statistic: Statistic): Statistic =>
    (sums) => {
      const [before, after] = [statistic(sums.slice(0, width)), statistic(sums.slice(width))];
      return before === null || after === null ? null : after - before;
    };
  return { clusters, difference };
}
