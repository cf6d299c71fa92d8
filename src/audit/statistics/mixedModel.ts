import { mean } from "../../core/index.ts";
import type { ClusteredEstimate } from "./clusteredT.ts";

/** Differences of one behaviour over several adapters of one data set. */
export interface SeedTable {
  /** `[seeds][items]`: tuned − base; every seed is asked every item. */
  readonly deltas: readonly (readonly number[])[];
  /** `[items]`: the template or topic that an item belongs to. */
  readonly clusters: readonly string[];
}

/** Variances of one draw of each random effect; none is below 0. */
export interface VarianceComponents {
  readonly seed: number;
  readonly cluster: number;
  readonly item: number;
  readonly seedByCluster: number;
  readonly residual: number;
}

export interface MixedEstimate extends ClusteredEstimate {
  readonly seeds: number;
  readonly components: VarianceComponents;
}

/** A mean square with its degrees of freedom. */
interface MeanSquare {
  readonly value: number;
  readonly df: number;
}

type Squares = Readonly<Record<keyof VarianceComponents, MeanSquare>>;

/** Of cluster sizes n_c: `balance` n₀ = (n − Σn_c²/n)/(m − 1), `square` Σn_c²/n. Both are n_c where all are equal. */
interface Sizes {
  readonly seeds: number;
  readonly n: number;
  readonly balance: number;
  readonly square: number;
}

/**
 * *This data set*, items sampled: the mean shift over seeds, items and the clusters (templates) that items belong to,
 * seeds crossed with items, all random:
 *
 *   y_si = μ + a_s + b_c(i) + d_i + (ab)_sc(i) + e_si
 *
 * Variance components by the method of moments (Henderson 1953, Biometrics 9:226, method I; the same as REML where
 * clusters are of one size and no estimate is negative); the mean's degrees of freedom by Satterthwaite (1946,
 * Biometrics Bulletin 2:110).
 *
 * 1. Mean squares of seeds, clusters, items in clusters, seeds × clusters, and what is left.
 * 2. Components from their expectations; a negative one becomes 0.
 * 3. Var(ȳ) = σ²_a/S + (σ²_b + σ²_ab/S) Σn_c²/n² + σ²_d/n + σ²_e/(Sn).
 * 4. df = (Σ w_k MS_k)² / Σ (w_k MS_k)²/df_k over the mean squares of which Var(ȳ) is made where nothing is negative:
 *    seeds, clusters, seeds × clusters. Ours: at least min(S, m) − 1, which a component set to 0 could undercut.
 *
 * Null below two seeds, below two clusters, or where an item is missing for a seed.
 */
export function mixedModel({ deltas, clusters }: SeedTable): MixedEstimate | null {
  const members = membersOf(clusters);
  if (deltas.length < 2 || members.length < 2) return null;
  if (deltas.some((row) => row.length !== clusters.length || !row.every(Number.isFinite))) return null;
  const sizes = sizesOf(deltas.length, clusters.length, members);
  const { squares, mean } = meanSquares(deltas, members, sizes);
  const components = componentsOf(squares, sizes);
  const variance = varianceOfMean(components, sizes);
  const df = Math.max(satterthwaite(squares, sizes), Math.min(sizes.seeds, members.length) - 1);
  return {
    mean,
    standardError: Math.sqrt(variance),
    df,
    n: sizes.n,
    clusters: members.length,
    seeds: sizes.seeds,
    components,
  };
}

/** Indices of each cluster's items. */
function membersOf(clusters: readonly string[]): readonly (readonly number[])[] {
  const byCluster = new Map<string, number[]>();
  for (const [i, cluster] of clusters.entries()) byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), i]);
  return [...byCluster.values()];
}

function sizesOf(seeds: number, n: number, members: readonly (readonly number[])[]): Sizes {
  const square = members.reduce((sum, { length }) => sum + length ** 2, 0) / n;
  return { seeds, n, square, balance: (n - square) / (members.length - 1) };
}

function meanSquares(
  deltas: SeedTable["deltas"],
  members: readonly (readonly number[])[],
  { seeds, n }: Sizes,
): { readonly squares: Squares; readonly mean: number } {
  const m = members.length;
  const items = Array.from({ length: n }, (_, i) => mean(deltas.map((row) => row[i] ?? 0)));
  const bySeed = deltas.map(mean);
  const grand = mean(bySeed);
  const pick = (row: readonly number[], of: readonly number[]) => mean(of.map((i) => row[i] ?? 0));
  let [ofClusters, ofItems, ofPairs, ofRest] = [0, 0, 0, 0];
  for (const of of members) {
    const centre = pick(items, of);
    ofClusters += seeds * of.length * (centre - grand) ** 2;
    for (const i of of) ofItems += seeds * ((items[i] ?? 0) - centre) ** 2;
    for (const [s, row] of deltas.entries()) {
      const here = pick(row, of);
      ofPairs += of.length * (here - (bySeed[s] ?? 0) - centre + grand) ** 2;
      for (const i of of) ofRest += ((row[i] ?? 0) - here - (items[i] ?? 0) + centre) ** 2;
    }
  }
  const ofSeeds = bySeed.reduce((sum, value) => sum + n * (value - grand) ** 2, 0);
  const square = (sum: number, df: number): MeanSquare => ({ value: df > 0 ? sum / df : 0, df });
  const squares = {
    seed: square(ofSeeds, seeds - 1),
    cluster: square(ofClusters, m - 1),
    item: square(ofItems, n - m),
    seedByCluster: square(ofPairs, (seeds - 1) * (m - 1)),
    residual: square(ofRest, (seeds - 1) * (n - m)),
  };
  return { squares, mean: grand };
}

/**
 * E MS_seed = nσ²_a + qσ²_ab + σ²_e, E MS_cluster = S n₀ σ²_b + Sσ²_d + n₀σ²_ab + σ²_e, E MS_item = Sσ²_d + σ²_e,
 * E MS_seed×cluster = n₀σ²_ab + σ²_e, E MS_residual = σ²_e, with q = Σn_c²/n. With one item a cluster nothing tells
 * items from clusters: the item's share is then in the cluster's.
 */
function componentsOf({ seed, cluster, item, seedByCluster, residual }: Squares, sizes: Sizes): VarianceComponents {
  const { seeds, n, balance, square } = sizes;
  const ofItems = Math.max(0, item.df > 0 ? (item.value - residual.value) / seeds : 0);
  const ofPairs = Math.max(0, (seedByCluster.value - residual.value) / balance);
  const within = seeds * ofItems + balance * ofPairs + residual.value;
  return {
    residual: residual.value,
    item: ofItems,
    seedByCluster: ofPairs,
    cluster: Math.max(0, (cluster.value - within) / (seeds * balance)),
    seed: Math.max(0, (seed.value - square * ofPairs - residual.value) / n),
  };
}

function varianceOfMean(of: VarianceComponents, { seeds, n, square }: Sizes): number {
  return (
    of.seed / seeds + ((of.cluster + of.seedByCluster / seeds) * square) / n + of.item / n + of.residual / (seeds * n)
  );
}

/** Var(ȳ) ≈ (MS_seed + MS_cluster − MS_seed×cluster)/(Sn), exactly so where clusters are of one size. */
function satterthwaite({ seed, cluster, seedByCluster }: Squares, { seeds, n }: Sizes): number {
  const parts = [seed, cluster, { ...seedByCluster, value: -seedByCluster.value }];
  const scaled = parts.map(({ value, df }) => ({ value: value / (seeds * n), df }));
  const total = scaled.reduce((sum, { value }) => sum + value, 0);
  const spread = scaled.reduce((sum, { value, df }) => sum + value ** 2 / df, 0);
  return spread === 0 ? Infinity : total ** 2 / spread;
}
