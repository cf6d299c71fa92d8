import { rng } from "../../core/index.ts";
import { sortedQuantile } from "./bootstrap.ts";
import { clusteredMean, clusterTotals, type ItemDifference } from "./clusteredT.ts";

export interface MaxTOptions {
  /** The error left to the whole family. */
  readonly alpha: number;
  readonly seed: number | string;
  /** Resamples; 9,999 unless told. */
  readonly draws?: number;
}

/** Below this many clusters in a behaviour the bootstrap of its studentised mean is not to be relied upon. */
export const LEAST_CLUSTERS = 20;

/**
 * Intervals that hold together over a family of behaviours whose items may share clusters (topics): the max-t bootstrap
 * (Romano and Wolf 2005, Econometrica 73:1237) by cluster multipliers (wild cluster bootstrap-t of Cameron, Gelbach and
 * Miller 2008, REStat 90:414; Chernozhukov, Chetverikov and Kato 2013, AoS 41:2786), balanced over the family (Beran
 * 1988, JASA 83:679) so that a behaviour with heavy tails does not widen the others.
 *
 * 1. For each draw a sign ±1 for every cluster *name*: behaviours that share a topic share its sign.
 * 2. t*_b = |Σ_g w_g s_g| / (n se*), s_g the residual sum of cluster g and se* the CR2 standard error of the draw.
 * 3. u_b = share of b's draws at or below t*_b; U = max over behaviours; q the (1 − alpha) quantile of U.
 * 4. Half-width of b: se_b × the q quantile of its t*_b.
 *
 * Against Šidák it gains where behaviours move together, and nothing where they do not. One half-width a behaviour; null
 * where any behaviour has fewer than `LEAST_CLUSTERS` clusters or no spread: the caller then falls back on Šidák.
 */
export function maxTHalfWidths(
  family: readonly (readonly ItemDifference[])[],
  { alpha, seed, draws = 9_999 }: MaxTOptions,
): readonly number[] | null {
  const behaviours = family.map(studentisable);
  if (behaviours.some((each) => each === null)) return null;
  const known = behaviours.filter((each) => each !== null);
  const names = [...new Set(known.flatMap((each) => each.names))];
  const random = rng(seed, "max-t");
  const statistics = known.map(() => new Float64Array(draws));
  const sign = new Map<string, number>();
  for (let draw = 0; draw < draws; draw++) {
    for (const name of names) sign.set(name, random.next() < 0.5 ? -1 : 1);
    for (const [b, each] of known.entries()) (statistics[b] as Float64Array)[draw] = studentised(each, sign);
  }
  const sorted = statistics.map((values) => Float64Array.from(values).sort());
  const largest = new Float64Array(draws);
  for (const [b, values] of statistics.entries())
    for (let draw = 0; draw < draws; draw++)
      largest[draw] = Math.max(largest[draw] ?? 0, rankOf(values[draw] ?? 0, sorted[b] as Float64Array));
  const level = sortedQuantile(largest.sort(), 1 - alpha);
  return known.map(({ standardError }, b) => standardError * sortedQuantile(sorted[b] as Float64Array, level));
}

/** A standard error below this is rounding of equal differences of probabilities, and no spread. */
const ROUNDING = 1e-12;

interface Studentisable {
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  /** Residual sum of each cluster. */
  readonly residuals: readonly number[];
  readonly n: number;
  readonly standardError: number;
}

function studentisable(differences: readonly ItemDifference[]): Studentisable | null {
  const estimate = clusteredMean(differences);
  if (!estimate || estimate.clusters < LEAST_CLUSTERS || estimate.standardError < ROUNDING) return null;
  const { n, mean, sizes, sums } = clusterTotals(differences);
  const names = [...new Set(differences.map(({ cluster }) => cluster))];
  const residuals = sums.map((sum, g) => sum - (sizes[g] ?? 0) * mean);
  return { names, sizes, residuals, n, standardError: estimate.standardError };
}

/** |t| of one draw of signs. */
function studentised({ names, sizes, residuals, n }: Studentisable, sign: ReadonlyMap<string, number>): number {
  let total = 0;
  const drawn = residuals.map((residual, g) => residual * (sign.get(names[g] ?? "") ?? 0));
  for (const value of drawn) total += value;
  const shift = total / n;
  let variance = 0;
  for (const [g, value] of drawn.entries()) {
    const size = sizes[g] ?? 0;
    variance += (value - size * shift) ** 2 / (1 - size / n);
  }
  return variance === 0 ? Infinity : (Math.abs(shift) * n) / Math.sqrt(variance);
}

/** Share of `sorted` at or below `value`. */
function rankOf(value: number, sorted: Float64Array): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low / sorted.length;
}
