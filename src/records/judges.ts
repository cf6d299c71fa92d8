import { z } from "zod";
import { Interval, UsageRecord } from "./audit.ts";

/** Why a request to an endpoint has no answer. `rejected`: the server understood and would not (a parameter, a filter). */
export const GapReason = z.enum(["timeout", "unreachable", "rate-limited", "server-error", "unreadable", "rejected"]);
export type GapReason = z.infer<typeof GapReason>;

/** Why a case has no judgement. */
export const JudgementMissing = z.enum([
  "unparsable",
  "contradictory",
  "refused",
  "silent",
  "cut-short",
  ...GapReason.options,
]);

/** One line of `evidence/judgements.jsonl`: a judge's reply as it came, and what was read from it. */
export const Judgement = z.strictObject({
  judge: z.string(),
  rubric: z.string(),
  promptSha256: z.string(),
  case: z.string(),
  /** Null where missing; never a value by default. */
  value: z.json(),
  missing: JudgementMissing.nullable(),
  raw: z.string().nullable(),
  /** The value is the mean of the judge's number over its own probabilities. */
  weighted: z.boolean(),
});
export type Judgement = z.infer<typeof Judgement>;

const Part = {
  model: z.string(),
  where: z.string(),
  asked: z.number().int(),
  answered: z.number().int(),
  weighted: z.number().int(),
  missing: z.record(z.string(), z.number().int()),
  /** Of this judge in the whole run, all rubrics together. */
  usage: UsageRecord,
};

/** Who judged, with which question, what is missing, and how far a second judge agrees. */
export const JudgeRecord = z.strictObject({
  ...Part,
  rubric: z.string(),
  source: z.string(),
  promptSha256: z.string(),
  second: z
    .strictObject({
      ...Part,
      /** Cases that both judged. */
      n: z.number().int(),
      observed: z.number().nullable(),
      /** Cohen's; null where undefined (no case, or one label only). */
      kappa: z.number().nullable(),
      interval: Interval.nullable(),
    })
    .nullable(),
});
export type JudgeRecord = z.infer<typeof JudgeRecord>;
