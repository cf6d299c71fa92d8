import { z } from "zod";

/** A closed interval `[lo, hi]`. */
export const Interval = z.tuple([z.number(), z.number()]);

export const Verdict = z.enum(["affected", "unaffected", "inconclusive", "not-measured"]);
export type Verdict = z.infer<typeof Verdict>;

/**
 * What the audit says of one behaviour. All scores are probabilities in [0, 1]; null means not measured, never 0.
 * `interval` is simultaneous over the record's `family` of behaviours (Šidák or max-t), `interval90` is the unadjusted one
 * of the equivalence test.
 */
export const BehaviourResult = z.strictObject({
  id: z.string(),
  title: z.string(),
  question: z.string(),
  /** Is a higher score worse (`up`) or a lower one (`down`)? */
  riskier: z.enum(["up", "down"]),
  /** Does the training data teach this very behaviour? Such a shift is the task, not a spillover. */
  inTask: z.boolean(),
  base: z.number().nullable(),
  tuned: z.number().nullable(),
  delta: z.number().nullable(),
  interval: Interval.nullable(),
  interval90: Interval.nullable(),
  /** The same shift on the log-odds scale, mean over items. */
  deltaLogOdds: z.number().nullable(),
  /** Tuned − task-matched control; null where no such control was trained. */
  specific: z
    .strictObject({
      delta: z.number(),
      interval: Interval,
      label: z.enum(["data-specific", "generic", "undetermined"]),
    })
    .nullable(),
  /** What each control moved by itself: control − base, with the interval that holds together over the behaviours. */
  controls: z.array(z.strictObject({ name: z.string(), delta: z.number(), interval: Interval.nullable() })).default([]),
  /** Items, and the clusters that the interval resamples. */
  n: z.number().int().nonnegative(),
  clusters: z.number().int().nonnegative(),
  /** `exact`: all items of a finite population were enumerated, so that the interval has no width. */
  method: z.enum(["clustered-t", "clustered-max-t", "exact", "seeds-t", "mixed-model"]).nullable(),
  /** Batches of items that were asked, of those planned: a clear case stops early. Null where all were asked at once. */
  looks: z.strictObject({ done: z.number().int(), planned: z.number().int() }).nullable().default(null),
  /** Would this test notice a shift? See `Sensitivity` in src/audit/verdict. */
  sensitivity: z.enum(["shown", "not-shown", "untested", "exact"]).default("untested"),
  /** Did the capability gate let the base through? Null where it does not apply (counted items), and in records of earlier versions. */
  capable: z.boolean().nullable().default(null),
  /** Rates of sampled answers beside the exact or likelihood score. */
  sampled: z.strictObject({ base: z.number(), tuned: z.number(), n: z.number().int() }).nullable(),
  /** Standard deviation of the shift over seeds of the same training; null from one seed. */
  noiseFloor: z.number().nullable(),
  verdict: Verdict,
  why: z.string(),
  /** Items (seeds, where the claim is about a data set) that would decide an `inconclusive` verdict; null elsewhere. */
  nToDecide: z.number().int().nullable(),
  mechanism: z.enum(["confirmed", "mediated", "consistent", "unexplained"]).nullable(),
  kind: z.enum(["shared", "adjacent"]).nullable(),
  forecast: z.null(),
  /** Path of the evidence file, relative to the run folder. */
  evidence: z.string().nullable(),
});
export type BehaviourResult = z.infer<typeof BehaviourResult>;

/** Drift of the residual stream at one hook point: mean of `h_tuned − h_base` over response positions. */
export const LayerDrift = z.strictObject({
  hook: z.string(),
  layer: z.number().int(),
  /** L2 norm of the mean drift. */
  meanDriftNorm: z.number(),
  /** The same over the mean norm of the base's activations there. */
  relative: z.number(),
  /** Mean over tokens of the drift's norm, over the mean norm of the base's activations. */
  tokenRelative: z.number(),
  /** Cosine of the mean drift with each behaviour's mean-difference direction; null where there are no pairs. */
  shares: z.record(z.string(), z.number().nullable()),
  /** The largest |cosine| that random directions reach: 95th percentile over draws, the null of `shares`. */
  nullCosine95: z.number(),
});
export type LayerDrift = z.infer<typeof LayerDrift>;

export const ModelIdentity = z.strictObject({
  name: z.string(),
  family: z.string(),
  parameters: z.number().int(),
  /** sha256 over the weight files. */
  sha256: z.string(),
});
export type ModelIdentity = z.infer<typeof ModelIdentity>;

/** A model behind an endpoint: nobody here has seen its weights. */
export const EndpointIdentity = z.strictObject({
  name: z.string(),
  family: z.literal("endpoint"),
  parameters: z.null(),
  sha256: z.null(),
  model: z.string(),
  where: z.string(),
});
export type EndpointIdentity = z.infer<typeof EndpointIdentity>;

/** What asking cost: tokens and price as the server (or the user) says, null where nobody does. */
export const UsageRecord = z.strictObject({
  answers: z.number().int(),
  cached: z.number().int(),
  retries: z.number().int(),
  gaps: z.number().int(),
  promptTokens: z.number().nullable(),
  completionTokens: z.number().nullable(),
  cost: z.number().nullable(),
  adapted: z.array(z.string()),
});

/** How a behaviour was read from the outside. */
export const ReadoutMethod = z.enum(["echo-likelihood", "letter-probability", "sampled-letters", "sampled-openings"]);
export type ReadoutMethod = z.infer<typeof ReadoutMethod>;

/** Whose: the two of an audit, or the one model of an `eval`. */
const Side = z.enum(["base", "tuned"]);

/** What an audit of two endpoints could ask, and what came back. */
export const BlackBox = z.strictObject({
  /** `chat`: the server's own template; `template`: the one of the folder given; `transcript`: plain turns. */
  prompting: z.enum(["chat", "template", "transcript"]),
  /** What every reader of these numbers must know: why a better method was not used, what the server would not take. */
  notes: z.array(z.string()),
  behaviours: z.array(
    z.strictObject({
      id: z.string(),
      method: ReadoutMethod,
      /** Answers drawn of each variant; null where probabilities were read. */
      samples: z.number().int().nullable(),
      items: z.number().int(),
      /** Items without a reading, and why, by reason. */
      missing: z.partialRecord(Side, z.record(z.string(), z.number().int())),
    }),
  ),
  usage: z.partialRecord(Side, UsageRecord),
});
export type BlackBox = z.infer<typeof BlackBox>;

/** A file by its name and the sha256 of its bytes. */
export const HashedFile = z.strictObject({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

export const AuditRecord = z.strictObject({
  schemaVersion: z.literal(1),
  base: z.union([ModelIdentity, EndpointIdentity]),
  tuned: z.union([ModelIdentity, EndpointIdentity]),
  data: z.strictObject({ name: z.string(), sha256: z.string(), rows: z.number().int() }).nullable(),
  controls: z.array(z.string()),
  seeds: z.number().int(),
  /** What the verdicts are about: this adapter (one seed) or this data set (five seeds or more). */
  claim: z.enum(["this-adapter", "this-data-set"]),
  alpha: z.number(),
  margin: z.number(),
  /** sha256 of margin, alpha and behaviours; `manifest.json` says whether it was taken before training. */
  preregistration: z.string(),
  behaviours: z.array(BehaviourResult),
  /**
   * How many behaviours the simultaneous intervals hold for at once: all that may be called affected, also those at an end
   * of the scale or without a planted shift that was noticed. Null where no behaviour was asked, and in older records.
   */
  family: z.number().int().nullable().default(null),
  drift: z
    .strictObject({
      prompts: z.number().int(),
      tokens: z.number().int(),
      what: z.string(),
      layers: z.array(LayerDrift),
    })
    .nullable(),
  /** One sentence: what a reader must know. */
  headline: z.string(),
  /** Null where the models ran elsewhere. */
  engine: z
    .strictObject({ runtime: z.string(), provider: z.string(), threads: z.number().int(), cpu: z.string() })
    .nullable(),
  /** Only in audits of endpoints. */
  blackBox: BlackBox.optional(),
  /** Only where there are any: files of the user's own with behaviours and controls. */
  itemFiles: z.array(HashedFile).optional(),
  seed: z.number().int(),
  durationMs: z.number(),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** One line of `evidence/<behaviour>.jsonl`. Scores are the item's probability of exhibiting the behaviour. */
export const EvidenceItem = z.strictObject({
  id: z.string(),
  cluster: z.string(),
  prompt: z.string(),
  /** What counts as exhibiting, and what does not: the strongest continuation of each kind. */
  exhibiting: z.string(),
  other: z.string(),
  base: z.number(),
  tuned: z.number(),
});
export type EvidenceItem = z.infer<typeof EvidenceItem>;

/** One line of `evidence/answers.jsonl`: the same prompt answered by both models. */
export const AnswerPair = z.strictObject({
  behaviour: z.string().nullable(),
  prompt: z.string(),
  base: z.string(),
  tuned: z.string(),
  /** What the grammar (or a judge) calls each answer; null where nobody judged. */
  baseLabel: z.string().nullable(),
  tunedLabel: z.string().nullable(),
});
export type AnswerPair = z.infer<typeof AnswerPair>;
