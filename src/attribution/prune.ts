/**
 * What of a graph is shown: nodes that hold `nodeShare` of the influence together, and of the edges between them those
 * that hold `edgeShare`; then whatever has lost its way to the logits goes. Steps and defaults are circuit-tracer's.
 *
 * 1. Keep the most influential nodes until they hold their share; tokens and logits stay in any case.
 * 2. On the graph of these, the score of an edge is its normalised weight × (influence + logit weight of its target).
 * 3. Keep the strongest edges until they hold their share.
 * 4. Again and again: drop features and errors that nothing leaves, and features that nothing enters.
 */
import { must } from "../core/index.ts";
import { type EdgeRow, keepEdges, mass } from "./edges.ts";
import { type AttributionGraph, logitWeights, nodeLayout } from "./graph.ts";
import { influence } from "./influence.ts";

export interface PruneOptions {
  readonly nodeShare: number;
  readonly edgeShare: number;
}

export const pruneDefaults: PruneOptions = { nodeShare: 0.8, edgeShare: 0.98 };

export interface PrunedGraph {
  readonly graph: AttributionGraph;
  /** `[nodes]` of the whole graph: 1 where the node stays. */
  readonly kept: Uint8Array;
  /** Edges between kept nodes, by their targets; nodes are those of the whole graph. */
  readonly rows: readonly EdgeRow[];
  /** `[nodes]`: share of all influence that the node and those above it hold; low: important. */
  readonly cumulative: Float64Array;
}

export function prune(graph: AttributionGraph, { nodeShare, edgeShare }: PruneOptions = pruneDefaults): PrunedGraph {
  const weights = logitWeights(graph);
  const layout = nodeLayout(graph);
  const scores = influence(graph.rows, weights);
  const limit = shareThreshold(scores, nodeShare);
  const kept = Uint8Array.from(scores, (score, node) => (node >= layout.tokens || score >= limit ? 1 : 0));
  const between = restricted(graph.rows, kept);
  const edges = strongEdges(between, weights, edgeShare);
  return { graph, kept, rows: connected(edges, kept, layout), cumulative: cumulativeShares(scores) };
}

/** Of the scores in descending order, the one with which the running sum reaches the share of the whole. */
export function shareThreshold(scores: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(scores).sort().reverse();
  const total = sorted.reduce((sum, score) => sum + score, 0);
  let running = 0;
  for (const score of sorted) {
    running += score;
    if (running / total >= share) return score;
  }
  return sorted.at(-1) ?? 0;
}

function cumulativeShares(scores: Float64Array): Float64Array {
  const order = [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  const total = scores.reduce((sum, score) => sum + score, 0);
  const shares = new Float64Array(scores.length);
  let running = 0;
  for (const node of order) {
    running += scores[node] as number;
    shares[node] = total > 0 ? running / total : 1;
  }
  return shares;
}

/** Edges between kept nodes. */
function restricted(rows: readonly EdgeRow[], kept: Uint8Array): EdgeRow[] {
  const source = (s: number) => (kept[s] === 1 ? s : -1);
  return rows.filter(({ target }) => kept[target] === 1).map((row) => keepEdges(row, { target: row.target, source }));
}

/** Rows that sum to less are divided by this instead, as in influence. */
const SMALLEST = 1e-10;

function strongEdges(rows: readonly EdgeRow[], weights: Float64Array, share: number): EdgeRow[] {
  const through = influence(rows, weights);
  const scores = rows.map((row) => {
    const flow = ((through[row.target] as number) + (weights[row.target] as number)) / Math.max(mass(row), SMALLEST);
    return Float64Array.from(row.weights, (weight) => Math.abs(weight) * flow);
  });
  const limit = shareThreshold(joined(scores), share);
  return rows.map((row, r) => {
    const strong = new Set([...row.sources].filter((_, e) => must(scores[r]?.[e], "score") >= limit));
    return keepEdges(row, { target: row.target, source: (s) => (strong.has(s) ? s : -1) });
  });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Clears `kept` of nodes without a way to or from anything, and the edges of these. */
function connected(
  rows: readonly EdgeRow[],
  kept: Uint8Array,
  { errors: features, tokens }: { readonly errors: number; readonly tokens: number },
): EdgeRow[] {
  for (let now = rows; ; ) {
    const leaves = new Uint8Array(kept.length);
    const enters = new Uint8Array(kept.length);
    for (const { target, sources } of now) {
      if (sources.length > 0) enters[target] = 1;
      for (const source of sources) leaves[source] = 1;
    }
    let changed = false;
    for (let node = 0; node < tokens; node++) {
      if (kept[node] === 0 || (leaves[node] === 1 && (node >= features || enters[node] === 1))) continue;
      kept[node] = 0;
      changed = true;
    }
    now = restricted(now, kept);
    if (!changed) return [...now];
  }
}
