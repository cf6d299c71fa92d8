import { z } from "zod";
import { Interval } from "./audit.ts";

/** Forecast probabilities against what happened, in bins of like forecasts. */
export const Reliability = z.strictObject({
  n: z.number().int(),
  /** Mean forecast. */
  forecast: z.number(),
  /** Share that happened. */
  observed: z.number(),
});

const Fitted = {
  /** By the size of the rehearsed shift, rising: the probability of `affected` from there to the next. */
  probability: z.array(z.strictObject({ from: z.number(), value: z.number(), n: z.number().int() })),
  /**
   * By the size of the rehearsed shift: how far beyond it (+) or short of it (−) the measured one came, as a share of 1.
   * The median, and the ends that hold `level` of them.
   */
  misses: z.array(
    z.strictObject({ from: z.number(), n: z.number().int(), median: z.number(), low: z.number(), high: z.number() }),
  ),
};

/** What rehearsed shifts came to, over the fine-tunes of a study: one cell is a behaviour of one fine-tune. */
export const CalibrationCurve = z.strictObject({
  dataSets: z.array(z.string()),
  seeds: z.array(z.number().int()),
  cells: z.number().int(),
  affected: z.number().int(),
  ...Fitted,
  /** The same without each data set: what speaks of that one. */
  without: z.array(z.strictObject({ dataSet: z.string(), ...Fitted })),
  level: z.number(),
  /** Each data set forecast by what the others taught. */
  leftOut: z.strictObject({
    /** Mean distance of forecast probability and share that happened. */
    error: z.number(),
    /** Mean squared distance of probability and outcome; beside it that of the overall rate alone. */
    brier: z.number(),
    brierOfRate: z.number(),
    /** Share of measured shifts inside their interval; `level` is what was promised. */
    coverage: z.number(),
    bins: z.array(Reliability),
  }),
});
export type CalibrationCurve = z.infer<typeof CalibrationCurve>;

/** A curve with what it speaks of: forecasts of this base, for such trainings, of these items, at this margin. */
export const Calibration = z.strictObject({
  schemaVersion: z.literal(2),
  base: z.strictObject({ name: z.string(), sha256: z.string() }),
  margin: z.number(),
  /** Settings of every training of the study. */
  training: z.record(z.string(), z.json()),
  /** Rows of its smallest and largest data set. */
  rows: z.tuple([z.number().int(), z.number().int()]),
  /** By id: sha256 of what was asked, items and scoring. */
  behaviours: z.record(z.string(), z.string()),
  /** The name of each data set by the sha256 of its file. */
  data: z.record(z.string(), z.string()),
  curve: CalibrationCurve,
});
export type Calibration = z.infer<typeof Calibration>;

/** What a calibrated forecast says of one behaviour. */
export const Expected = z.strictObject({
  /** Of the verdict `affected`. */
  probability: z.number(),
  /** Of the probability, as a share of 1. */
  shift: z.number(),
  interval: Interval,
});
export type Expected = z.infer<typeof Expected>;

/** What a forecast tells of the calibration that it used. */
export const CalibrationNote = z.strictObject({
  /** Of the calibration's file. */
  sha256: z.string(),
  /** The study's data set that this forecast is of, and was therefore made without; null: none of them. */
  without: z.string().nullable(),
  dataSets: z.number().int(),
  seeds: z.number().int(),
  cells: z.number().int(),
  margin: z.number(),
  level: z.number(),
  error: z.number(),
  coverage: z.number(),
});
export type CalibrationNote = z.infer<typeof CalibrationNote>;
