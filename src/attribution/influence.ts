/**
 * How much of the logits runs through each node: with Â the absolute edges normalised to sum 1 into each target, and w
 * the targets' weights on the logits, influence = Σ_{k ≥ 1} w Âᵏ (Ameisen et al. 2025, "Circuit Tracing"). The graph has
 * no cycle, so the series ends by itself; where targets stand above their sources, as in our own graphs, one sweep from
 * above sums it.
 */
import { type EdgeRow, mass } from "./edges.ts";

/** More steps than any path has edges: a graph with a cycle. */
const MAX_STEPS = 1000;

export interface InfluenceOptions {
  /** Rows that sum to less are divided by this instead. */
  readonly smallest?: number;
}

/** `weights [nodes]`, zero but on logits; the influence of every node, `[nodes]`. */
export function influence(
  rows: readonly EdgeRow[],
  weights: Float64Array,
  { smallest = 1e-10 }: InfluenceOptions = {},
): Float64Array {
  const sums = rows.map((row) => Math.max(mass(row), smallest));
  const above = [...rows.keys()].sort((a, b) => (rows[b] as EdgeRow).target - (rows[a] as EdgeRow).target);
  return isOrdered(rows) ? swept(rows, above, sums, weights) : series(rows, sums, weights);
}

/** Does every edge between targets lead upwards? */
function isOrdered(rows: readonly EdgeRow[]): boolean {
  const targets = new Set(rows.map(({ target }) => target));
  const lowest = rows.reduce((least, { target }) => Math.min(least, target), Number.POSITIVE_INFINITY);
  return rows.every(({ target, sources }) =>
    sources.every((source) => source < target || source < lowest || !targets.has(source)),
  );
}

function swept(
  rows: readonly EdgeRow[],
  above: readonly number[],
  sums: readonly number[],
  weights: Float64Array,
): Float64Array {
  const total = new Float64Array(weights.length);
  for (const r of above) {
    const { target, sources, weights: edges } = rows[r] as EdgeRow;
    const share = ((total[target] as number) + (weights[target] as number)) / (sums[r] as number);
    if (share === 0) continue;
    for (let e = 0; e < sources.length; e++) {
      const s = sources[e] as number;
      total[s] = (total[s] as number) + share * Math.abs(edges[e] as number);
    }
  }
  return total;
}

function series(rows: readonly EdgeRow[], sums: readonly number[], weights: Float64Array): Float64Array {
  const total = new Float64Array(weights.length);
  let now = weights;
  for (let step = 0; step < MAX_STEPS; step++) {
    now = along(rows, sums, now);
    if (now.every((p) => p === 0)) return total;
    for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (now[i] as number);
  }
  throw new Error("influence does not end: the graph has a cycle");
}

/** p Â */
function along(rows: readonly EdgeRow[], sums: readonly number[], p: Float64Array): Float64Array {
  const next = new Float64Array(p.length);
  for (const [r, { target, sources, weights }] of rows.entries()) {
    const share = (p[target] as number) / (sums[r] as number);
    if (share === 0) continue;
    for (let e = 0; e < sources.length; e++) {
      const s = sources[e] as number;
      next[s] = (next[s] as number) + share * Math.abs(weights[e] as number);
    }
  }
  return next;
}
