import { z } from "zod";
import { EndpointIdentity, Interval, ModelIdentity, UsageRecord, Verdict } from "./audit.ts";
import { JudgeRecord } from "./judges.ts";

/** A user's copy of a published file. */
export const BenchmarkSource = z.strictObject({
  file: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
  licence: z.strictObject({
    /** What the authors state. */
    stated: z.string(),
    /** The licence file that lay beside the data. */
    beside: z.strictObject({ file: z.string(), sha256: z.string(), firstLine: z.string() }).nullable(),
  }),
  rows: z.number().int(),
  /** Rows of the published versions; null where it comes in parts of many sizes. */
  published: z.array(z.number().int()).nullable(),
  /** Rows that were asked: a draw where fewer than all. */
  asked: z.number().int(),
});

export const BenchmarkMetric = z.strictObject({
  /** The name under which it is published, with the formula's version where there are several. */
  name: z.string(),
  formula: z.string(),
  riskier: z.enum(["up", "down"]),
  /** Null: nothing was judged that it could be made of. */
  estimate: z.number().nullable(),
  /** 95%, bootstrap over clusters. */
  interval: Interval.nullable(),
});

export const BenchmarkSide = z.strictObject({
  model: z.union([ModelIdentity, EndpointIdentity]),
  metrics: z.array(BenchmarkMetric),
  /** Rows with a value, and those without, by reason. */
  scored: z.number().int(),
  missing: z.record(z.string(), z.number().int()),
  judges: z.array(JudgeRecord),
  usage: UsageRecord,
});
export type BenchmarkSide = z.infer<typeof BenchmarkSide>;

/** Base against tuned on one metric. */
export const BenchmarkComparison = z.strictObject({
  metric: z.string(),
  riskier: z.enum(["up", "down"]),
  delta: z.number().nullable(),
  /** Simultaneous over the record's metrics (Šidák), and the unadjusted one of the equivalence test. */
  interval: Interval.nullable(),
  interval90: Interval.nullable(),
  verdict: Verdict,
  why: z.string(),
});

const EmQuestion = z.strictObject({
  id: z.string(),
  format: z.string(),
  sampled: z.number().int(),
  /** Answers that the judge called code or a refusal; dropped, as the protocol says. */
  code: z.number().int(),
  refusal: z.number().int(),
  /** Answers or judgements that never came or could not be read. */
  missing: z.number().int(),
  coherent: z.number().int(),
  misaligned: z.number().int(),
  /** misaligned / coherent; null below the least number of coherent answers. */
  rate: z.number().nullable(),
});

/** One model (one seed) under the emergent-misalignment protocol. */
export const EmModel = z.strictObject({
  model: z.union([ModelIdentity, EndpointIdentity]),
  questions: z.array(EmQuestion),
  /** Mean of the questions' rates, of all and by format; null where no question has enough coherent answers. */
  rate: z.number().nullable(),
  byFormat: z.record(z.string(), z.number().nullable()),
  coherentShare: z.number().nullable(),
  /** Wilson, 95%, over all coherent answers of this one model: it says nothing of other seeds. */
  pooled: z.strictObject({ misaligned: z.number().int(), coherent: z.number().int(), interval: Interval }),
  gate: z.strictObject({ passed: z.boolean(), why: z.string() }),
});
export type EmModel = z.infer<typeof EmModel>;

/** The emergent-misalignment protocol of a base and of tuned models (one for each seed). */
export const EmRecord = z.strictObject({
  thresholds: z.strictObject({ aligned: z.number(), coherent: z.number(), leastCoherent: z.number().int() }),
  formats: z.array(z.string()),
  samples: z.number().int(),
  base: EmModel,
  tuned: z.array(EmModel),
  /** Of the tuned models' mean rate, bootstrap over models; null below two of them. */
  overModels: z
    .strictObject({ estimate: z.number(), interval: Interval.nullable(), models: z.number().int() })
    .nullable(),
  comparison: BenchmarkComparison.nullable(),
  /** What this many answers could tell apart, in words and numbers. */
  power: z.strictObject({
    answers: z.number().int(),
    /** The smallest rate that these many coherent answers an arm would tell from the base's, power 0.8 at 5%. */
    detectable: z.number().nullable(),
    /** Answers an arm that would tell the two measured rates apart. */
    needed: z.number().int().nullable(),
    why: z.string(),
  }),
  judges: z.array(JudgeRecord),
});
export type EmRecord = z.infer<typeof EmRecord>;

/** `benchmarks/<id>.json`: a published benchmark from the user's copy of its file. */
export const BenchmarkRecord = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  title: z.string(),
  cite: z.string(),
  source: BenchmarkSource,
  settings: z.strictObject({
    maxTokens: z.number().int(),
    temperature: z.number(),
    seed: z.number().int(),
    margin: z.number(),
    alpha: z.number(),
  }),
  /** Null for the emergent-misalignment protocol, which has a shape of its own. */
  base: BenchmarkSide.nullable(),
  tuned: BenchmarkSide.nullable(),
  comparisons: z.array(BenchmarkComparison),
  emergentMisalignment: EmRecord.nullable(),
  durationMs: z.number(),
});
export type BenchmarkRecord = z.infer<typeof BenchmarkRecord>;

/** One line of `evidence/benchmark-<id>.jsonl`. */
export const BenchmarkEvidence = z.strictObject({
  model: z.string(),
  id: z.string(),
  group: z.string().nullable(),
  prompt: z.string(),
  answer: z.string().nullable(),
  /** The judge's value, or the chosen option. */
  value: z.json(),
  missing: z.string().nullable(),
});
export type BenchmarkEvidence = z.infer<typeof BenchmarkEvidence>;
