import { studentQuantile } from "./distributions.ts";

/** One item's paired difference, tuned − base, and the cluster (template, topic, seed) that it moves with. */
export interface ItemDifference {
  readonly cluster: string;
  readonly delta: number;
}

/** Sums per cluster: all that the estimators below need. */
export interface ClusterTotals {
  readonly n: number;
  readonly mean: number;
  /** Per cluster: items, and the sum of their differences. */
  readonly sizes: readonly number[];
  readonly sums: readonly number[];
}

/** The mean difference with its standard error. `df` may be fractional. */
export interface ClusteredEstimate {
  readonly mean: number;
  readonly standardError: number;
  readonly df: number;
  readonly n: number;
  readonly clusters: number;
}

/** Groups the differences by cluster. Throws on a difference that is not a finite number: a missing item is left out, never 0. */
export function clusterTotals(differences: readonly ItemDifference[]): ClusterTotals {
  const byCluster = new Map<string, { size: number; sum: number }>();
  for (const { cluster, delta } of differences) {
    if (!Number.isFinite(delta)) throw new Error(`difference of an item in cluster ${cluster} is ${delta}`);
    const total = byCluster.get(cluster) ?? { size: 0, sum: 0 };
    byCluster.set(cluster, { size: total.size + 1, sum: total.sum + delta });
  }
  const totals = [...byCluster.values()];
  const n = differences.length;
  const sum = totals.reduce((all, { sum: part }) => all + part, 0);
  return { n, mean: n === 0 ? 0 : sum / n, sizes: totals.map((t) => t.size), sums: totals.map((t) => t.sum) };
}

/**
 * The item mean of paired differences with a cluster-robust standard error (CR2) and Satterthwaite's degrees of
 * freedom: Bell and McCaffrey (2002), Survey Methodology 28:169; Pustejovsky and Tipton (2018), JBES 36:672.
 * Chosen over the t interval of plain cluster means because it keeps the item mean as the estimand where clusters
 * differ in size (a mean of cluster means would weigh a template of two items like one of twenty), and over the
 * bootstrap because few clusters make the percentile interval too short; with clusters of equal size the two t
 * intervals are the same, df = m − 1.
 *
 * 1. Mean d̄ over items; residual cluster sums s_g = Σ_{i∈g} (d_i − d̄).
 * 2. CR2 for the intercept: V = n⁻² Σ_g s_g² / (1 − n_g/n), unbiased where items are independent.
 * 3. df = (tr DΩ)² / tr (DΩ)², D = diag(1/(1 − n_g/n)), Ω the covariance of s under a working model. Ours: the
 *    smaller of the df under independent items and under perfectly correlated clusters, so that no within-cluster
 *    correlation has to be guessed.
 *
 * Null where there are fewer than two clusters: the spread between clusters is then unknown.
 */
export function clusteredMean(differences: readonly ItemDifference[]): ClusteredEstimate | null {
  const totals = clusterTotals(differences);
  const { n, mean, sizes, sums } = totals;
  if (sizes.length < 2) return null;
  const variance =
    sizes.reduce((all, size, g) => all + ((sums[g] ?? 0) - size * mean) ** 2 / (1 - size / n), 0) / (n * n);
  const df = Math.min(
    satterthwaite(sizes, sizes),
    satterthwaite(
      sizes,
      sizes.map((size) => size * size),
    ),
  );
  return { mean, standardError: Math.sqrt(variance), df, n, clusters: sizes.length };
}

/**
 * Degrees of freedom of V under cluster sums with variances `v` `[clusters]`. With p_g = n_g/n and S = Σv the residual
 * sums have covariance Ω = diag(v) + M, M = −v pᵀ − p vᵀ + S p pᵀ; the double sum of D_g D_h M_gh² separates into
 * A = ΣDv², B = ΣDp², C = ΣDvp, so that the cost is linear in the number of clusters.
 */
function satterthwaite(sizes: readonly number[], v: readonly number[]): number {
  const n = sizes.reduce((all, size) => all + size, 0);
  const total = v.reduce((all, value) => all + value, 0);
  let [a, b, c, trace, diagonal] = [0, 0, 0, 0, 0];
  for (let g = 0; g < sizes.length; g++) {
    const p = (sizes[g] ?? 0) / n;
    const variance = v[g] ?? 0;
    const weight = 1 / (1 - p);
    const cross = -2 * variance * p + total * p * p;
    a += weight * variance ** 2;
    b += weight * p ** 2;
    c += weight * variance * p;
    trace += weight * (variance + cross);
    diagonal += weight ** 2 * ((variance + cross) ** 2 - cross ** 2);
  }
  return trace ** 2 / (2 * a * b + 2 * c * c - 4 * total * c * b + total ** 2 * b ** 2 + diagonal);
}

/** The two-sided t interval of an estimate at `level`, for example 0.9. */
export function clusteredTInterval(estimate: ClusteredEstimate, level: number): [number, number] {
  const half = studentQuantile(0.5 + level / 2, estimate.df) * estimate.standardError;
  return [estimate.mean - half, estimate.mean + half];
}

/**
 * The interval where every one of `clusters` clusters showed the same difference `value` in [−1, 1] and differences
 * are draws (sampled answers), so that an interval without width would claim too much. With 0 of m clusters deviating,
 * the share of clusters that deviate is below q = 1 − (α/2)^{1/m} (Clopper and Pearson; the "rule of three" of Hanley
 * and Lippman-Hand 1983, JAMA 249:1743); those may lie anywhere in [−1, 1].
 */
export function unanimousInterval(value: number, clusters: number, level: number): [number, number] {
  if (clusters < 1) throw new Error("unanimousInterval needs at least one cluster");
  const share = 1 - ((1 - level) / 2) ** (1 / clusters);
  return [value - share * (value + 1), value + share * (1 - value)];
}
