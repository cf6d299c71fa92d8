/**
 * Attribution graphs as circuit-tracer and Neuronpedia keep them (schema version 1), key for key; what they do not know
 * stands under `penumbra`. Nodes of one kind are told by `feature_type`.
 */
import { z } from "zod";
import { ModelIdentity } from "./audit.ts";

export const FEATURE = "cross layer transcoder";
export const ERROR = "mlp reconstruction error";
export const EMBEDDING = "embedding";
export const LOGIT = "logit";

const text = z.string().max(100_000);
/** Ids stand in addresses and lists with commas between them. */
const nodeId = z.string().min(1).max(200);

export const AttributionNode = z.looseObject({
  node_id: nodeId,
  /** Cantor pairing of layer and latent; the vocabulary index of a logit, the position of a token, −1 for an error. */
  feature: z.number().nullable(),
  layer: z.union([z.string(), z.number()]).transform(String),
  ctx_idx: z.number().int().nonnegative(),
  feature_type: z.string().max(100),
  jsNodeId: z.string().max(200).default(""),
  /** The label. */
  clerp: text.nullish().transform((label) => label ?? ""),
  token_prob: z
    .number()
    .nullish()
    .transform((p) => p ?? 0),
  is_target_logit: z
    .boolean()
    .nullish()
    .transform((is) => is ?? false),
  run_idx: z
    .number()
    .nullish()
    .transform((index) => index ?? 0),
  reverse_ctx_idx: z
    .number()
    .nullish()
    .transform((index) => index ?? 0),
  /** Share of all influence that the node and the more important ones hold; low: important. */
  influence: z
    .number()
    .nullish()
    .transform((share) => share ?? null),
  activation: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
});
export type AttributionNode = z.infer<typeof AttributionNode>;

export const AttributionLink = z.looseObject({ source: nodeId, target: nodeId, weight: z.number() });
export type AttributionLink = z.infer<typeof AttributionLink>;

const Metadata = z.looseObject({
  slug: z.string().max(1000),
  scan: z
    .union([z.string(), z.array(z.string())])
    .nullish()
    .transform((scan) => (Array.isArray(scan) ? scan.join(",") : (scan ?? ""))),
  prompt_tokens: z.array(text).max(1_000_000),
  prompt: z.string().max(10_000_000),
  transcoder_list: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
  node_threshold: z.number().nullish(),
  schema_version: z.number().nullish(),
});

const QParams = z.looseObject({
  pinnedIds: z.array(z.string()).default([]),
  /** Each: a label, then the ids of its nodes. */
  supernodes: z.array(z.array(z.string())).default([]),
  linkType: z.string().default("both"),
  clickedId: z
    .string()
    .nullish()
    .transform((id) => id ?? ""),
  sg_pos: z
    .string()
    .nullish()
    .transform((position) => position ?? ""),
});

/** What a feature stands for, as far as anybody looked. */
export const AttributionCard = z.strictObject({
  /** Tokens that its first write makes likelier and less likely, strongest first. */
  promotes: z.array(z.strictObject({ token: z.string(), value: z.number() })),
  suppresses: z.array(z.strictObject({ token: z.string(), value: z.number() })),
  /** Texts on which it is strongest, with its activation on each token. */
  contexts: z.array(z.strictObject({ tokens: z.array(z.string()), values: z.array(z.number()) })),
});
export type AttributionCard = z.infer<typeof AttributionCard>;

export const AttributionExtra = z.strictObject({
  schemaVersion: z.literal(1),
  model: ModelIdentity,
  transcoders: z.string(),
  /** In words: what is explained. */
  target: z.string(),
  activeFeatures: z.number().int(),
  expandedFeatures: z.number().int(),
  edges: z.number().int(),
  replacementScore: z.number().nullable(),
  completenessScore: z.number().nullable(),
  /** By `layer_latent`. */
  cards: z.record(z.string(), AttributionCard),
});
export type AttributionExtra = z.infer<typeof AttributionExtra>;

export const AttributionGraphRecord = z.looseObject({
  metadata: Metadata,
  qParams: QParams.default({ pinnedIds: [], supernodes: [], linkType: "both", clickedId: "", sg_pos: "" }),
  nodes: z.array(AttributionNode),
  links: z.array(AttributionLink),
  penumbra: AttributionExtra.optional(),
});
export type AttributionGraphRecord = z.infer<typeof AttributionGraphRecord>;

const Change = z.enum(["appeared", "vanished", "grew", "shrank", "turned", "same"]);
/** One node or edge under base and tuned; null: not in that model's graph. */
const Sides = z.strictObject({ base: z.number().nullable(), tuned: z.number().nullable() });

/** What was done to confirm a change, and what it did. */
export const Confirmation = z.strictObject({
  /** In words. */
  intervention: z.string(),
  /** By the edges of the graph; null where the graph left the feature out. */
  predicted: z.number().nullable(),
  measured: z.number(),
  /** Share of the target's whole shift from base to tuned that the intervention takes back; null where the target did not move. */
  takenBack: z.number().nullable(),
});
export type Confirmation = z.infer<typeof Confirmation>;

/** Features given activations, and what the targets did; probabilities, or log-odds in nats. */
export const InterventionRecord = z.strictObject({
  schemaVersion: z.literal(1),
  model: ModelIdentity,
  transcoders: z.string(),
  prompt: z.string(),
  set: z.array(z.strictObject({ feature: z.string(), from: z.number(), to: z.number() })),
  unit: z.enum(["nats", "probability"]),
  targets: z.array(
    z.strictObject({
      label: z.string(),
      before: z.number(),
      /** Everything may react. */
      after: z.number(),
      /** Attention patterns stay as they were. */
      attentionHeld: z.number(),
    }),
  ),
});
export type InterventionRecord = z.infer<typeof InterventionRecord>;

export const AttributionDiffRecord = z.strictObject({
  schemaVersion: z.literal(1),
  base: ModelIdentity,
  tuned: ModelIdentity,
  transcoders: z.string(),
  prompt: z.string(),
  promptTokens: z.array(z.string()),
  target: z.strictObject({ label: z.string(), base: z.number(), tuned: z.number() }),
  scores: z.strictObject({ base: z.tuple([z.number(), z.number()]), tuned: z.tuple([z.number(), z.number()]) }),
  nodes: z.array(
    z.strictObject({
      node: AttributionNode,
      change: Change,
      activation: Sides,
      /** Share of the influence on the target. */
      influence: Sides,
      confirmation: Confirmation.nullable(),
    }),
  ),
  links: z.array(
    z.strictObject({
      source: z.string(),
      target: z.string(),
      change: Change,
      weight: Sides,
      confirmation: Confirmation.nullable(),
    }),
  ),
  cards: z.record(z.string(), AttributionCard),
});
export type AttributionDiffRecord = z.infer<typeof AttributionDiffRecord>;
