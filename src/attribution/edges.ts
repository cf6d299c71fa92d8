/** Sparse edges: one row per target, that holds its sources and their weights and nothing where there is no edge. */
import { must } from "../core/index.ts";

export interface EdgeRow {
  /** The node that the edges lead to. */
  readonly target: number;
  /** Nodes, ascending. */
  readonly sources: Int32Array;
  /** Signed: what the source adds to the target's pre-activation or demeaned logit. */
  readonly weights: Float32Array;
}

/** The row of a dense one; `rename` gives a source's node, −1 leaves it out. */
export function sparseRow(target: number, dense: Float32Array, rename?: (source: number) => number): EdgeRow {
  const sources: number[] = [];
  const weights: number[] = [];
  for (let s = 0; s < dense.length; s++) {
    const weight = dense[s] as number;
    if (weight === 0) continue;
    const node = rename ? rename(s) : s;
    if (node < 0) continue;
    sources.push(node);
    weights.push(weight);
  }
  return { target, sources: Int32Array.from(sources), weights: Float32Array.from(weights) };
}

/** A row under new names; edges whose source has none (−1) are left out. */
export function keepEdges(
  { sources, weights }: EdgeRow,
  names: { readonly target: number; readonly source: (s: number) => number },
): EdgeRow {
  const kept = [...sources.keys()].filter((e) => names.source(must(sources[e], "source")) >= 0);
  return {
    target: names.target,
    sources: Int32Array.from(kept, (e) => names.source(must(sources[e], "source"))),
    weights: Float32Array.from(kept, (e) => must(weights[e], "weight")),
  };
}

export function edgeCount(rows: readonly EdgeRow[]): number {
  return rows.reduce((sum, { sources }) => sum + sources.length, 0);
}

/** Σ |weight| */
export function mass({ weights }: EdgeRow): number {
  let sum = 0;
  for (const weight of weights) sum += Math.abs(weight);
  return sum;
}
