import { z } from "zod";
import { ModelIdentity } from "./audit.ts";
import { JudgeRecord } from "./judges.ts";

/** What a row is dropped by. */
export const FilterMethod = z.enum(["influence", "geometric", "direct", "judge", "random"]);
export type FilterMethod = z.infer<typeof FilterMethod>;

/** One line of `dropped.jsonl`: why a row went. */
export const DroppedRow = z.strictObject({
  /** 1-based line of the training file. */
  line: z.number().int(),
  /** The behaviour that it drives most; null where chance chose it. */
  behaviour: z.string().nullable(),
  /** Of that behaviour, towards the riskier side, over the root mean square of all rows' values; null where chance chose it. */
  score: z.number().nullable(),
  /** As the method measured it, turned so that more is riskier, by behaviour; null: not measured. */
  values: z.record(z.string(), z.number().nullable()),
  why: z.string(),
});
export type DroppedRow = z.infer<typeof DroppedRow>;

/** The same training on all rows, without the dropped ones, and without as many random ones; equal steps. */
export const FilterReceipt = z.strictObject({
  method: FilterMethod,
  share: z.number(),
  dropped: z.number().int(),
  steps: z.number().int(),
  /** Mean log-odds shift on the check half of each behaviour's pairs, nats. */
  behaviours: z.array(
    z.strictObject({
      id: z.string(),
      pairs: z.number().int(),
      all: z.number(),
      without: z.number(),
      withoutRandom: z.number(),
    }),
  ),
  /** On rows that are kept by the filter and left out of all three trainings, nats a token. */
  taskLoss: z.strictObject({
    rows: z.number().int(),
    base: z.number(),
    all: z.number(),
    without: z.number(),
    withoutRandom: z.number(),
  }),
});
export type FilterReceipt = z.infer<typeof FilterReceipt>;

/** `filter.json`: which rows went, and what came of it. */
export const FilterRecord = z.strictObject({
  schemaVersion: z.literal(1),
  base: ModelIdentity,
  data: z.strictObject({ name: z.string(), sha256: z.string(), rows: z.number().int() }),
  method: FilterMethod,
  /** What a score is, in a sentence. */
  what: z.string(),
  behaviours: z.array(z.string()),
  /** Asked for; `dropped` is smaller where fewer rows drive a behaviour at all. */
  share: z.number(),
  dropped: z.number().int(),
  kept: z.number().int(),
  /** sha256 of `filtered.jsonl`. */
  filteredSha256: z.string(),
  judge: JudgeRecord.nullable(),
  receipts: z.array(FilterReceipt),
  seed: z.number().int(),
  durationMs: z.number(),
});
export type FilterRecord = z.infer<typeof FilterRecord>;
