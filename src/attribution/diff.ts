/**
 * Two graphs of one prompt, one dictionary and one target, before and after a fine-tune: which nodes and edges appeared,
 * vanished, grew, shrank or changed their sign. Compared is what either graph keeps; the other's side is looked up in its
 * whole graph, so that a node is never called gone because it fell under a threshold.
 */
import { must } from "../core/index.ts";
import type { EdgeRow } from "./edges.ts";
import { type AttributionGraph, featureKey, type GraphNode, logitWeights, nodeAt } from "./graph.ts";
import { influence } from "./influence.ts";
import { type PrunedGraph, type PruneOptions, prune } from "./prune.ts";

export type Change = "appeared" | "vanished" | "grew" | "shrank" | "turned" | "same";

/** Null: not in that model's graph. */
export interface Sides {
  readonly base: number | null;
  readonly tuned: number | null;
}

export interface NodeChange {
  readonly key: string;
  /** The node as tuned has it, or base where tuned has none. */
  readonly node: GraphNode;
  readonly change: Change;
  readonly activation: Sides;
  /** Share of all influence on the targets. */
  readonly influence: Sides;
}

export interface EdgeChange {
  readonly source: string;
  readonly target: string;
  readonly change: Change;
  readonly weight: Sides;
}

export interface GraphDiff {
  readonly nodes: readonly NodeChange[];
  readonly edges: readonly EdgeChange[];
}

/** Growth below this factor is called the same. */
const FACTOR = 1.25;
/** Shares of influence that differ by less are called the same, whatever their ratio. */
const LEAST_SHARE = 0.002;

/** Names a node across the two graphs. */
export function nodeKey(graph: AttributionGraph, node: number): string {
  const at = nodeAt(graph, node);
  switch (at.kind) {
    case "feature":
      return featureKey(at.feature);
    case "error":
      return `${at.layer}_-1_${at.position}`;
    case "token":
      return `E_${graph.ids[at.position]}_${at.position}`;
    case "logit":
      return `${graph.nLayers + 1}_${must(graph.targets[at.target], "target").token}_${graph.ids.length - 1}`;
  }
}

/** Keys of the features that a pruned graph keeps. */
export function keptFeatures({ graph, kept }: PrunedGraph): Set<string> {
  return new Set(graph.features.filter((_, f) => kept[f] === 1).map(featureKey));
}

interface Side {
  readonly pruned: PrunedGraph;
  readonly nodes: ReadonlyMap<string, number>;
  readonly shares: Float64Array;
  readonly rows: ReadonlyMap<number, EdgeRow>;
}

function sideOf(graph: AttributionGraph, options: PruneOptions): Side {
  const shares = influence(graph.rows, logitWeights(graph));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const nodes = new Map(Array.from(shares, (_, node) => [nodeKey(graph, node), node]));
  return {
    pruned: prune(graph, options),
    nodes,
    shares: shares.map((share) => share / total),
    rows: new Map(graph.rows.map((row) => [row.target, row])),
  };
}

export function diffGraphs(base: AttributionGraph, tuned: AttributionGraph, options: PruneOptions): GraphDiff {
  const [before, after] = [sideOf(base, options), sideOf(tuned, options)];
  const keys = [...new Set([...keptKeys(after), ...keptKeys(before)])];
  const nodes = keys.map((key) => nodeChange(key, before, after));
  nodes.sort((a, b) => moved(b.influence) - moved(a.influence));
  const edges = [...new Set([...edgeKeys(after), ...edgeKeys(before)])].map((key) => edgeChange(key, before, after));
  edges.sort((a, b) => moved(b.weight) - moved(a.weight));
  return { nodes, edges };
}

function keptKeys({ pruned: { graph, kept } }: Side): string[] {
  return [...kept.keys()].filter((node) => kept[node] === 1).map((node) => nodeKey(graph, node));
}

function edgeKeys({ pruned: { graph, rows } }: Side): string[] {
  return rows.flatMap(({ target, sources }) =>
    [...sources].map((source) => `${nodeKey(graph, source)} ${nodeKey(graph, target)}`),
  );
}

const moved = ({ base, tuned }: Sides) => Math.abs((tuned ?? 0) - (base ?? 0));

function nodeChange(key: string, before: Side, after: Side): NodeChange {
  const [b, t] = [before.nodes.get(key), after.nodes.get(key)];
  const nodeOf = (side: Side, node: number | undefined) =>
    node === undefined ? null : nodeAt(side.pruned.graph, node);
  const [was, is] = [nodeOf(before, b), nodeOf(after, t)];
  const shares = {
    base: b === undefined ? null : must(before.shares[b], "share"),
    tuned: t === undefined ? null : must(after.shares[t], "share"),
  };
  const activation = (node: GraphNode | null) => (node?.kind === "feature" ? node.feature.activation : null);
  return {
    key,
    node: must(is ?? was, "a node of either graph"),
    change: changeOf(shares, LEAST_SHARE),
    activation: { base: activation(was), tuned: activation(is) },
    influence: shares,
  };
}

function edgeChange(key: string, before: Side, after: Side): EdgeChange {
  const [source = "", target = ""] = key.split(" ");
  const weightIn = ({ nodes, rows }: Side) => {
    const [s, t] = [nodes.get(source), nodes.get(target)];
    if (s === undefined || t === undefined) return null;
    const row = rows.get(t);
    const at = row?.sources.indexOf(s) ?? -1;
    return at < 0 ? 0 : must(row?.weights[at], "weight");
  };
  const weight = { base: weightIn(before), tuned: weightIn(after) };
  return { source, target, change: changeOf(weight, 0), weight };
}

/** Differences up to `least` are none. */
export function changeOf({ base, tuned }: Sides, least: number): Change {
  if (base === null) return "appeared";
  if (tuned === null) return "vanished";
  if (Math.abs(tuned - base) <= least) return "same";
  if (base * tuned < 0) return "turned";
  const [was, is] = [Math.abs(base), Math.abs(tuned)];
  if (is > FACTOR * was) return "grew";
  return was > FACTOR * is ? "shrank" : "same";
}
