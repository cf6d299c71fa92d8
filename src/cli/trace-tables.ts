/** What `penumbra trace` prints. Every string that comes from data is escaped here. */
import {
  type AttributionDiffRecord,
  type AttributionGraphRecord,
  FEATURE,
  type InterventionRecord,
} from "../records/index.ts";
import { columns, safe } from "./tables.ts";

const SHOWN = 12;

export function graphLines({ nodes, links, metadata, penumbra }: AttributionGraphRecord): string[] {
  const features = nodes.filter(({ feature_type }) => feature_type === FEATURE);
  features.sort((a, b) => (a.influence ?? 1) - (b.influence ?? 1));
  const rows = features
    .slice(0, SHOWN)
    .map(({ node_id, ctx_idx, activation, clerp, layer, feature }) => [
      safe(node_id, 40),
      safe(metadata.prompt_tokens[ctx_idx] ?? "", 24),
      activation?.toFixed(2) ?? "",
      safe(clerp || gist(penumbra?.cards, layer, node_id) || String(feature), 60),
    ]);
  const scores = penumbra && [
    `Explains ${safe(penumbra.target)}.`,
    `${penumbra.expandedFeatures} of ${penumbra.activeFeatures} active features, ${penumbra.edges} edges; replacement score ${told(penumbra.replacementScore)}, completeness ${told(penumbra.completenessScore)}.`,
  ];
  return [
    ...(scores ?? []),
    `Shown: ${nodes.length} nodes, ${links.length} links.`,
    "",
    ...columns([["feature", "on", "activation", "says"], ...rows], [2]),
  ];
}

const told = (score: number | null) => score?.toFixed(2) ?? "not measured";

function gist(cards: AttributionDiffRecord["cards"] | undefined, layer: string, id: string): string {
  const card = cards?.[`${layer}_${id.split("_")[1]}`];
  return card
    ? card.promotes
        .slice(0, 3)
        .map(({ token }) => token.trim())
        .join(" ")
    : "";
}

export function interventionLines({ set, targets, unit }: InterventionRecord): string[] {
  const digits = unit === "nats" ? 3 : 4;
  const changes = set
    .slice(0, SHOWN)
    .map(({ feature, from, to }) => `${feature}: ${from.toFixed(2)} → ${to.toFixed(2)}`);
  const more = set.length > SHOWN ? [`and ${set.length - SHOWN} more places`] : [];
  const rows = targets.map(({ label, before, after, attentionHeld }) => [
    safe(label, 60),
    ...[before, after, attentionHeld].map((value) => value.toFixed(digits)),
  ]);
  return [
    ...changes,
    ...more,
    "",
    ...columns([[`target (${unit})`, "before", "after", "attention held"], ...rows], [1, 2, 3]),
  ];
}

export function diffLines({ target, nodes, links, scores }: AttributionDiffRecord): string[] {
  const features = nodes.filter(({ node, change }) => node.feature_type === FEATURE && change !== "same");
  // What was tested comes first, by what it did.
  const size = ({ confirmation }: (typeof features)[number]) => (confirmation ? Math.abs(confirmation.measured) : -1);
  features.sort((a, b) => size(b) - size(a));
  const count = (of: readonly { readonly change: string }[], change: string) =>
    of.filter((each) => each.change === change).length;
  const kinds = ["appeared", "vanished", "grew", "shrank"];
  const share = (value: number | null) => (value === null ? "none" : `${(100 * value).toFixed(1)}%`);
  const rows = features
    .slice(0, SHOWN)
    .map(({ node, change, influence, confirmation }) => [
      node.node_id,
      change,
      `${share(influence.base)} → ${share(influence.tuned)}`,
      confirmation ? `${confirmation.measured >= 0 ? "+" : "−"}${Math.abs(confirmation.measured).toFixed(3)}` : "",
      confirmation?.takenBack == null ? "" : `${(100 * confirmation.takenBack).toFixed(0)}%`,
      confirmation?.intervention ?? "",
    ]);
  return [
    `${safe(target.label)}: ${target.base.toFixed(3)} in the base, ${target.tuned.toFixed(3)} in the tuned model.`,
    `Features: ${kinds.map((kind) => `${count(features, kind)} ${kind}`).join(", ")}. Links: ${kinds.map((kind) => `${count(links, kind)} ${kind}`).join(", ")}.`,
    `Replacement score ${scores.base[0].toFixed(2)} → ${scores.tuned[0].toFixed(2)}, completeness ${scores.base[1].toFixed(2)} → ${scores.tuned[1].toFixed(2)}.`,
    "",
    ...columns([["feature", "change", "influence", "target moves by", "of the shift", "when"], ...rows], [2, 3, 4]),
  ];
}
