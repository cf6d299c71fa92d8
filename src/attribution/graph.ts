/**
 * An attribution graph: nodes in the order features, errors (layer by layer, position by position), tokens, logits; edges
 * as sparse rows, one per feature and logit, each holding exactly what its sources add to it.
 */
import { must } from "../core/index.ts";
import type { EdgeRow } from "./edges.ts";
import type { Feature } from "./replacement.ts";
import type { LogitTarget } from "./targets.ts";

export interface AttributionGraph {
  readonly ids: readonly number[];
  readonly nLayers: number;
  /** Those whose incoming edges are known, in the order layer, position, latent. */
  readonly features: readonly Feature[];
  /** How many features were active on the prompt, those left out included. */
  readonly activeFeatures: number;
  readonly targets: readonly Pick<LogitTarget, "token" | "label" | "weight">[];
  readonly rows: readonly EdgeRow[];
}

export type GraphNode =
  | { readonly kind: "feature"; readonly feature: Feature }
  | { readonly kind: "error"; readonly layer: number; readonly position: number }
  | { readonly kind: "token"; readonly position: number }
  | { readonly kind: "logit"; readonly target: number };

/** The first node of each kind, and how many there are in all. */
export interface NodeLayout {
  readonly errors: number;
  readonly tokens: number;
  readonly logits: number;
  readonly nodes: number;
}

export function nodeLayout({
  features,
  ids,
  nLayers,
  targets,
}: Pick<AttributionGraph, "ids" | "nLayers"> & {
  readonly features: { readonly length: number };
  readonly targets: { readonly length: number };
}): NodeLayout {
  const errors = features.length;
  const tokens = errors + nLayers * ids.length;
  const logits = tokens + ids.length;
  return { errors, tokens, logits, nodes: logits + targets.length };
}

export function nodeAt(graph: AttributionGraph, node: number): GraphNode {
  const { errors, tokens, logits } = nodeLayout(graph);
  const seq = graph.ids.length;
  if (node < errors) return { kind: "feature", feature: must(graph.features[node], "feature") };
  if (node < tokens)
    return { kind: "error", layer: Math.floor((node - errors) / seq), position: (node - errors) % seq };
  return node < logits ? { kind: "token", position: node - tokens } : { kind: "logit", target: node - logits };
}

/** `[nodes]`: the targets' weights on the logits, 0 elsewhere. */
export function logitWeights(graph: AttributionGraph): Float64Array {
  const { logits, nodes } = nodeLayout(graph);
  const weights = new Float64Array(nodes);
  for (const [t, { weight }] of graph.targets.entries()) weights[logits + t] = weight;
  return weights;
}

/** `layer_latent_position`: names a feature across graphs of one prompt and one dictionary. */
export function featureKey({ layer, latent, position }: Pick<Feature, "layer" | "latent" | "position">): string {
  return `${layer}_${latent}_${position}`;
}
