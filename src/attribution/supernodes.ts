/**
 * Supernodes: groups of features that play one part. By hand they are lists of nodes; by similarity, features of nearby
 * layers join whose edges, sent and received, have the weights in common (cosine at least `cosine`).
 * Greedy: features in the order of their influence either join the first group whose founder they resemble, or found one.
 */
import { must } from "../core/index.ts";
import { type AttributionGraph, nodeLayout } from "./graph.ts";
import type { PrunedGraph } from "./prune.ts";

export interface Supernode {
  readonly label: string;
  /** Nodes of the whole graph. */
  readonly nodes: readonly number[];
}

export interface SimilarityOptions {
  /** Least cosine between the weights of all edges of two features; default 0.8. */
  readonly cosine?: number;
  /** Layers that a group may span, itself included; default 2. */
  readonly layers?: number;
}

/** Groups of two or more of the kept features whose edges, in and out, are alike. */
export function similarFeatures(
  pruned: PrunedGraph,
  { cosine = 0.8, layers = 2 }: SimilarityOptions = {},
): Supernode[] {
  const { graph, kept, cumulative } = pruned;
  const profiles = edgeProfiles(pruned);
  const order = [...graph.features.keys()].filter((f) => kept[f] === 1);
  order.sort((a, b) => (cumulative[a] as number) - (cumulative[b] as number));
  const groups: number[][] = [];
  for (const f of order) {
    const group = groups.find(
      ([founder = -1]) => near(graph, founder, f, layers) && alike(profiles, founder, f) >= cosine,
    );
    if (group) group.push(f);
    else groups.push([f]);
  }
  return groups.filter(({ length }) => length > 1).map((nodes, i) => ({ label: `group ${i + 1}`, nodes }));
}

function near({ features }: AttributionGraph, a: number, b: number, layers: number): boolean {
  const [one, other] = [must(features[a], "feature"), must(features[b], "feature")];
  return Math.abs(one.layer - other.layer) < layers;
}

/** By feature: weight by node, what it sends under the node's number and what it receives under −1 − number. */
type Profiles = ReadonlyMap<number, ReadonlyMap<number, number>>;

function edgeProfiles({ graph, rows }: PrunedGraph): Profiles {
  const { errors: features } = nodeLayout(graph);
  const profiles = new Map<number, Map<number, number>>();
  const note = (node: number, other: number, weight: number) => {
    if (node >= features) return;
    const profile = profiles.get(node) ?? new Map<number, number>();
    profiles.set(node, profile.set(other, weight));
  };
  for (const { target, sources, weights } of rows)
    for (const [e, source] of sources.entries()) {
      const weight = must(weights[e], "weight");
      note(source, target, weight);
      note(target, -1 - source, weight);
    }
  return profiles;
}

function alike(profiles: Profiles, a: number, b: number): number {
  const [p, q] = [profiles.get(a), profiles.get(b)];
  if (!p || !q) return 0;
  let dot = 0;
  for (const [node, weight] of p) dot += weight * (q.get(node) ?? 0);
  const length = (profile: ReadonlyMap<number, number>) => Math.hypot(...profile.values());
  return dot / (length(p) * length(q));
}
