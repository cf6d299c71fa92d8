import { z } from "zod";
import { Interval } from "./audit.ts";
import { CalibrationCurve, Reliability } from "./calibration.ts";

/** What one estimate is called in a study; each is one number a cell. */
export const ESTIMATES = [
  "adam",
  "plain",
  "adamLessControl",
  "rehearsal",
  "rehearsedShift",
  "injection",
  "meanDifference",
  "spillover",
  "lossOnData",
] as const;
export const EstimateName = z.enum(ESTIMATES);
export type EstimateName = z.infer<typeof EstimateName>;

/** One behaviour of one fine-tune: what was forecast and what came of it. */
export const StudyBehaviour = z.strictObject({
  id: z.string(),
  inTask: z.boolean(),
  /** sha256 of its items and scoring; absent from records of earlier versions. */
  asked: z.string().optional(),
  /** Null: not estimated. */
  estimates: z.partialRecord(EstimateName, z.number().nullable()),
  delta: z.number().nullable(),
  deltaLogOdds: z.number().nullable(),
  verdict: z.string(),
  /** As in the audit; absent from records of earlier versions. */
  base: z.number().nullable().optional(),
  interval: Interval.nullable().optional(),
  n: z.number().int().optional(),
  why: z.string().optional(),
  nToDecide: z.number().int().nullable().optional(),
  sensitivity: z.string().optional(),
  capable: z.boolean().nullable().optional(),
});
export type StudyBehaviour = z.infer<typeof StudyBehaviour>;

/** One line of `records.jsonl`. */
export const StudyCell = z.strictObject({
  /** sha256 of model, data, seed and settings. */
  key: z.string(),
  model: z.string(),
  dataSet: z.string(),
  seed: z.number().int(),
  status: z.enum(["done", "failed"]),
  /** sha256 of the base and of the data, and the data's rows; absent from records of earlier versions. */
  base: z.string().nullable().optional(),
  data: z.string().nullable().optional(),
  rows: z.number().int().nullable().optional(),
  /** Why it failed. */
  message: z.string().nullable(),
  /** Hash of the forecast, taken before the training began. */
  forecastSha256: z.string().nullable(),
  behaviours: z.array(StudyBehaviour),
  /** Time of the whole forecast, of the training and of the audit; absent from records of earlier versions. */
  stageMs: z.strictObject({ forecast: z.number(), finetune: z.number(), audit: z.number() }).optional(),
  finishedAt: z.string(),
  durationMs: z.number(),
});
export type StudyCell = z.infer<typeof StudyCell>;

const Correlation = z.strictObject({ value: z.number().nullable(), interval: Interval.nullable() });

/** How good one forecaster is, on cells that are not the task; intervals over data sets. */
export const ForecasterScore = z.strictObject({
  name: z.string(),
  cells: z.number().int(),
  spearman: Correlation,
  doubleCentred: Correlation,
  /** Its size against `affected`. */
  auroc: Correlation,
});
export type ForecasterScore = z.infer<typeof ForecasterScore>;

/** `study.json`: one model's part of it. */
export const StudyModel = z.strictObject({
  model: z.string(),
  dataSets: z.array(z.string()),
  behaviours: z.array(z.string()),
  seeds: z.number().int(),
  forecasters: z.array(ForecasterScore),
  /** What halves of the seeds agree on, stepped up; null from one seed. */
  ceiling: z.strictObject({ spearman: z.number().nullable(), doubleCentred: z.number().nullable() }),
  calibration: z.strictObject({
    error: z.number().nullable(),
    bins: z.array(Reliability),
  }),
  /** What rehearsed shifts came to; null where nothing was rehearsed, or too little. */
  curve: CalibrationCurve.nullable().optional(),
  /** Combined forecast against measured log-odds shift. */
  points: z.array(
    z.strictObject({
      dataSet: z.string(),
      behaviour: z.string(),
      inTask: z.boolean(),
      forecast: z.number().nullable(),
      measured: z.number(),
      /** Mean shift of the probability, and its 95% t interval over seeds. */
      delta: z.number().nullable(),
      interval: Interval.nullable(),
      affected: z.boolean(),
    }),
  ),
});
export type StudyModel = z.infer<typeof StudyModel>;

export const StudyRecord = z.strictObject({
  schemaVersion: z.literal(1),
  title: z.string(),
  cells: z.strictObject({ planned: z.number().int(), done: z.number().int(), failed: z.number().int() }),
  models: z.array(StudyModel),
  /** Where a baseline is as good as the best forecaster, in words. */
  findings: z.array(z.string()),
});
export type StudyRecord = z.infer<typeof StudyRecord>;
