import { mean, rng } from "../../core/index.ts";
import { type ClusterTotals, clusterTotals, type ItemDifference } from "./clusteredT.ts";
import { normalCdf, normalQuantile } from "./distributions.ts";

export interface BootstrapOptions {
  readonly level: number;
  readonly seed: number | string;
  /** Resamples; 10,000 unless told. */
  readonly draws?: number;
}

/** Percentile and BCa intervals of the item mean under resampling of whole clusters. */
export interface BootstrapIntervals {
  readonly mean: number;
  readonly percentile: [number, number];
  /** Equal to `percentile` where the bias or the acceleration is undefined (no spread). */
  readonly bca: [number, number];
  readonly draws: number;
}

/**
 * The paired cluster bootstrap of the mean difference: Efron (1987), JASA 82:171 (BCa); clusters are drawn whole, with
 * replacement, and the statistic is the ratio Σ sums / Σ items. Null below two clusters.
 *
 * 1. Draw m clusters with replacement, B times; the mean of each draw, sorted.
 * 2. Bias z₀ = Φ⁻¹(share of draws below the mean; ties count half).
 * 3. Acceleration a from the jackknife over clusters.
 * 4. End points at Φ(z₀ + (z₀ + z)/(1 − a(z₀ + z))).
 */
export function clusterBootstrap(
  differences: readonly ItemDifference[],
  options: BootstrapOptions,
): BootstrapIntervals | null {
  const totals = clusterTotals(differences);
  if (totals.sizes.length < 2) return null;
  const draws = options.draws ?? 10_000;
  const means = resampledMeans(totals, draws, options.seed);
  const tail = (1 - options.level) / 2;
  const percentile: [number, number] = [sortedQuantile(means, tail), sortedQuantile(means, 1 - tail)];
  const correct = bcaCorrection(means, totals);
  const bca: [number, number] = correct
    ? [sortedQuantile(means, correct(tail)), sortedQuantile(means, correct(1 - tail))]
    : percentile;
  return { mean: totals.mean, percentile, bca, draws };
}

function resampledMeans({ sizes, sums }: ClusterTotals, draws: number, seed: number | string): Float64Array {
  const random = rng(seed, "cluster-bootstrap");
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let [sum, size] = [0, 0];
    for (let k = 0; k < sizes.length; k++) {
      const g = random.int(sizes.length);
      sum += sums[g] ?? 0;
      size += sizes[g] ?? 0;
    }
    means[draw] = sum / size;
  }
  return means.sort();
}

function bcaCorrection(means: Float64Array, totals: ClusterTotals): ((p: number) => number) | null {
  let below = 0;
  for (const mean of means) below += mean < totals.mean ? 1 : mean === totals.mean ? 0.5 : 0;
  const bias = normalQuantile(below / means.length);
  const acceleration = jackknifeAcceleration(totals);
  if (!Number.isFinite(bias) || acceleration === null) return null;
  return (p) => {
    const shifted = bias + normalQuantile(p);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  };
}

function jackknifeAcceleration({ n, mean: whole, sizes, sums }: ClusterTotals): number | null {
  const left = sizes.map((size, g) => (n * whole - (sums[g] ?? 0)) / (n - size));
  const centre = mean(left);
  const square = left.reduce((all, value) => all + (centre - value) ** 2, 0);
  const cube = left.reduce((all, value) => all + (centre - value) ** 3, 0);
  return square > 0 ? cube / (6 * square ** 1.5) : null;
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996). */
export function sortedQuantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) throw new Error("quantile of no values");
  const position = p * (sorted.length - 1);
  const low = Math.floor(position);
  const at = (k: number) => sorted[Math.min(sorted.length - 1, Math.max(0, k))] ?? 0;
  return at(low) + (position - low) * (at(low + 1) - at(low));
}
