/** Graphs for the page's tests: sizes as asked for, weights from a fixed seed. */
import { rng } from "../../src/core/index.ts";
import {
  type AttributionCard,
  type AttributionDiffRecord,
  type AttributionGraphRecord,
  type AttributionNode,
  EMBEDDING,
  FEATURE,
  LOGIT,
} from "../../src/records/index.ts";

export interface GraphSize {
  readonly layers: number;
  readonly tokens: number;
  readonly features: number;
  readonly links: number;
  /** Put into every text. */
  readonly text?: string;
}

const identity = { name: "model", family: "llama", parameters: 1, sha256: "0".repeat(64) };

export function exampleGraph({ layers, tokens, features, links, text = "" }: GraphSize): AttributionGraphRecord {
  const random = rng(5, "example graph");
  const common = {
    token_prob: 0,
    is_target_logit: false,
    run_idx: 0,
    reverse_ctx_idx: 0,
    influence: null,
    activation: null,
  };
  const words = Array.from({ length: tokens }, (_, t) => `w${t}${text}`);
  const inner = Array.from({ length: features }, (_, f): AttributionNode => {
    const [layer, position] = [f % layers, (3 * f) % tokens];
    const place = {
      node_id: `${layer}_${f}_${position}`,
      jsNodeId: `${layer}_${f}-0`,
      layer: String(layer),
      ctx_idx: position,
    };
    const own = { feature: f, feature_type: FEATURE, activation: 1 + f / 10, influence: (f + 1) / features };
    return { ...common, ...place, ...own, clerp: f === 0 ? `capital cities${text}` : "" };
  });
  const embedded = words.map(
    (word, t): AttributionNode => ({
      ...common,
      node_id: `E_${t}_${t}`,
      jsNodeId: `E_${t}-${t}`,
      layer: "E",
      ctx_idx: t,
      feature: t,
      feature_type: EMBEDDING,
      clerp: word,
    }),
  );
  const logit: AttributionNode = {
    ...common,
    node_id: `${layers + 1}_7_${tokens - 1}`,
    jsNodeId: `L_7-${tokens - 1}`,
    layer: String(layers + 1),
    ctx_idx: tokens - 1,
    feature: 7,
    feature_type: LOGIT,
    clerp: `Output "yes${text}" (p=0.500)`,
    token_prob: 0.5,
    is_target_logit: true,
  };
  const above = (a: AttributionNode, b: AttributionNode) => Number(b.layer) > Number(a.layer) && b.ctx_idx >= a.ctx_idx;
  const edges = new Map<string, AttributionGraphRecord["links"][number]>();
  const link = (source: string, target: string) =>
    edges.set(`${source} ${target}`, { source, target, weight: random.normal() });
  for (const node of inner) link(`E_${node.ctx_idx}_${node.ctx_idx}`, node.node_id);
  for (const node of inner.slice(0, features / 2)) link(node.node_id, logit.node_id);
  for (let tries = 0; edges.size < links && tries < 20 * links; tries++) {
    const [from, to] = [random.choice(inner), random.choice(inner)];
    if (above(from, to)) link(from.node_id, to.node_id);
  }
  const card: AttributionCard = {
    promotes: [{ token: `Paris${text}`, value: 2 }],
    suppresses: [{ token: `cat${text}`, value: -1 }],
    contexts: [{ tokens: ["the", `capital${text}`], values: [0, 1.5] }],
  };
  return {
    metadata: {
      slug: `example${text}`,
      scan: "none",
      transcoder_list: [],
      prompt_tokens: words,
      prompt: words.join(" "),
    },
    qParams: { pinnedIds: [], supernodes: [], linkType: "both", clickedId: "", sg_pos: "" },
    nodes: [...inner, ...embedded, logit],
    links: [...edges.values()],
    penumbra: {
      schemaVersion: 1,
      model: identity,
      transcoders: "example",
      target: `yes${text}`,
      activeFeatures: features,
      expandedFeatures: features,
      edges: edges.size,
      replacementScore: 0.5,
      completenessScore: 0.75,
      cards: { "0_0": card },
    },
  };
}

/** Of the same graph: changes in turn, the first feature tested. */
export function exampleDiff(record: AttributionGraphRecord): AttributionDiffRecord {
  const changes = ["appeared", "vanished", "grew", "shrank", "turned", "same"] as const;
  const change = (i: number) => changes[i % changes.length] as (typeof changes)[number];
  const confirmation = { intervention: "0_0_0 set to 0 in tuned", predicted: null, measured: -0.25, takenBack: 0.5 };
  return {
    schemaVersion: 1,
    base: identity,
    tuned: { ...identity, name: "tuned" },
    transcoders: "example",
    prompt: record.metadata.prompt,
    promptTokens: record.metadata.prompt_tokens,
    target: { label: "yes", base: 1, tuned: 2 },
    scores: { base: [0.5, 0.75], tuned: [0.4, 0.7] },
    nodes: record.nodes.map((node, i) => ({
      node,
      change: change(i),
      activation: { base: i % 6 === 0 ? null : 1, tuned: 2 },
      influence: { base: i % 6 === 0 ? null : 0.1, tuned: 0.2 },
      confirmation: i === 0 ? confirmation : null,
    })),
    links: record.links.map(({ source, target, weight }, i) => ({
      source,
      target,
      change: change(i),
      weight: { base: weight / 2, tuned: weight },
      confirmation: null,
    })),
    cards: record.penumbra?.cards ?? {},
  };
}
