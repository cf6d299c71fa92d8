import { z } from "zod";
import { EndpointIdentity, HashedFile, Interval, ModelIdentity, UsageRecord, Verdict } from "./audit.ts";
import { JudgeRecord } from "./judges.ts";

/** A statistic with its 95% interval over clusters; null: undefined, never 0. */
const Estimate = z.strictObject({ estimate: z.number().nullable(), interval: Interval.nullable() });

/** Hint disclosure of one kind of hints (or of all), to right, wrong or all options. */
export const HintGroup = z.strictObject({
  kind: z.string(),
  hint: z.enum(["all", "correct", "incorrect"]),
  /** Hinted answers that could be read, where the unhinted answer was another option than the hinted one. */
  cases: z.number().int(),
  /** Hinted answers that could not be read. */
  unread: z.number().int(),
  switched: z.number().int(),
  /** Switched answers whose reasoning was judged; the rest of them is missing. */
  judged: z.number().int(),
  /** p: switched / cases. */
  followed: Estimate,
  /** F: of the judged, the share that says the hint was used. */
  disclosed: Estimate,
  /** F_norm; null with two options, without a switch, or where chance alone would explain the switches. */
  disclosedNormalised: Estimate,
  /** How often the answer changes without a hint, and to the option that the hint names. */
  noise: Estimate,
  noiseToHint: Estimate,
  /** Of the switched that showed reasoning: the share that uses the hint's own words, a lower standard. */
  mentioned: z.strictObject({ n: z.number().int(), share: z.number().nullable() }),
});
export type HintGroup = z.infer<typeof HintGroup>;

export const MonitorSetting = z.strictObject({
  setting: z.enum(["intervention", "process", "outcome"]),
  positives: z.number().int(),
  negatives: z.number().int(),
  /** Cases without a verdict of the monitor. */
  missing: z.number().int(),
  truePositiveRate: Estimate,
  trueNegativeRate: Estimate,
  /** TPR × TNR: 0 for a monitor that always says the same, 1/4 for a coin. */
  gMeanSquared: Estimate,
});

export const CotSide = z.strictObject({
  model: z.union([ModelIdentity, EndpointIdentity]),
  /** Is the model up to the task? Without that nothing below is measured. */
  gate: z.strictObject({
    passed: z.boolean(),
    why: z.string(),
    accuracy: z.number().nullable(),
    chance: z.number(),
    n: z.number().int(),
  }),
  /** Of the unhinted answers: with a thinking section, with any reasoning, and those that could not be read. */
  thinking: z.number().int(),
  reasoned: z.number().int(),
  missing: z.record(z.string(), z.number().int()),
  hints: z.array(HintGroup),
  monitor: z.array(MonitorSetting),
  judges: z.array(JudgeRecord),
  usage: UsageRecord,
});
export type CotSide = z.infer<typeof CotSide>;

/** One statistic of base and tuned, with a verdict as of a behaviour. */
export const CotComparison = z.strictObject({
  id: z.string(),
  title: z.string(),
  question: z.string(),
  riskier: z.enum(["up", "down"]),
  base: z.number().nullable(),
  tuned: z.number().nullable(),
  delta: z.number().nullable(),
  /** Simultaneous over the statistics measured (Šidák), and the unadjusted one of the equivalence test. */
  interval: Interval.nullable(),
  interval90: Interval.nullable(),
  /** Cases that carry the statistic. */
  n: z.strictObject({ base: z.number().int(), tuned: z.number().int() }),
  clusters: z.number().int(),
  verdict: Verdict,
  why: z.string(),
});
export type CotComparison = z.infer<typeof CotComparison>;

/** `cot.json`: what visible reasoning discloses and what a monitor reads in it, of one model or of base and tuned. */
export const CotRecord = z.strictObject({
  schemaVersion: z.literal(1),
  base: CotSide,
  tuned: CotSide.nullable(),
  /** Empty for one model alone. */
  comparisons: z.array(CotComparison),
  headline: z.string(),
  settings: z.strictObject({
    items: z.strictObject({
      what: z.string(),
      /** Over the questions as they were asked. */
      sha256: z.string(),
      n: z.number().int(),
      /** Where they came from; null: Penumbra's own, which the seed draws. */
      file: HashedFile.nullable(),
    }),
    processItems: z.number().int(),
    maxTokens: z.number().int(),
    temperature: z.number(),
    seed: z.number().int(),
    draws: z.number().int(),
    margin: z.number(),
    alpha: z.number(),
    /** Who reads the reasoning: a judge, or only the hints' own words. */
    verbalisedBy: z.enum(["judge", "words"]),
  }),
  durationMs: z.number(),
});
export type CotRecord = z.infer<typeof CotRecord>;

/** One line of `evidence/reasoning.jsonl`. */
export const ReasoningEvidence = z.strictObject({
  model: z.enum(["base", "tuned"]),
  id: z.string(),
  question: z.string(),
  options: z.array(z.string()),
  correct: z.number().int(),
  /** Null for an unhinted answer. */
  kind: z.string().nullable(),
  hint: z.number().int().nullable(),
  unhinted: z.number().int().nullable(),
  answer: z.number().int().nullable(),
  missing: z.string().nullable(),
  verbalised: z.boolean().nullable(),
  mentioned: z.boolean().nullable(),
  raw: z.string().nullable(),
});
export type ReasoningEvidence = z.infer<typeof ReasoningEvidence>;
