import { z } from "zod";
import { ModelIdentity } from "./audit.ts";
import { CalibrationNote, Expected } from "./calibration.ts";

/** A score of closeness with its nulls (SCIENCE §3). `p` are one-sided Monte Carlo p-values, (1 + hits) / (1 + draws). */
export const Spillover = z.strictObject({
  /** Σ ŵ_i · mean_{j∈T_b} s_j cos(d_i, d_j), over all data latents, over those in T_b, and over those outside it. */
  total: z.number(),
  direct: z.number(),
  adjacent: z.number(),
  /** `total` against whole sets resampled from the same dictionary, matched on firing rate and norm. */
  z: z.number().nullable(),
  p: z.strictObject({ sets: z.number(), labels: z.number(), directions: z.number() }),
  /** `p.sets` after Benjamini and Hochberg over the behaviours of the record. */
  pAdjusted: z.number(),
});
export type Spillover = z.infer<typeof Spillover>;

/** What is said of one behaviour before any training. Null: not estimated, never 0. */
export const ForecastBehaviour = z.strictObject({
  id: z.string(),
  title: z.string(),
  inTask: z.boolean(),
  /** sha256 of its items and scoring; absent from records of earlier versions. */
  asked: z.string().optional(),
  /**
   * First-order change of the behaviour's log-odds on its contrast pairs, in nats per unit of step: for `adam` a step
   * −sign(∇_B L), for `plain` a step −∇_B L. Comparable between behaviours and data sets, not yet a size.
   */
  tangent: z
    .strictObject({
      adam: z.number(),
      /** Smallest and largest over the draws of A. */
      adamRange: z.tuple([z.number(), z.number()]),
      /** 95%, over the draws and, in a quick forecast, over the rows that were not read. */
      adamInterval: z.tuple([z.number(), z.number()]).nullable().optional(),
      plain: z.number(),
      /** The same for the control; null where there was none. */
      adamControl: z.number().nullable(),
      plainControl: z.number().nullable(),
    })
    .nullable(),
  /** What α × (mean data − mean control), added at one hook point of the base, does to the log-odds; 95% over pairs. */
  injection: z
    .strictObject({
      hook: z.string(),
      alpha: z.number(),
      delta: z.number(),
      interval: z.tuple([z.number(), z.number()]).nullable(),
      pairs: z.number().int(),
    })
    .nullable()
    .optional(),
  /**
   * What the first steps of the very training do, on a part of its rows, read on some of the behaviour's own items: the shift
   * of their log-odds in nats, with a 95% interval over item clusters.
   */
  rehearsal: z
    .strictObject({
      deltaLogOdds: z.number(),
      interval: z.tuple([z.number(), z.number()]).nullable(),
      /** Shift of their mean probability, as a share of 1. */
      delta: z.number().optional(),
      items: z.number().int(),
    })
    .nullable()
    .optional(),
  /** What came of such rehearsals in a study of this base; null where no study speaks of this forecast. */
  expected: Expected.nullable().optional(),
  /** Cosine of the data's mean-difference direction with the behaviour's, at the layer where it is largest. */
  meanDifference: z
    .strictObject({
      hook: z.string(),
      cosine: z.number(),
      /** Two-sided, against random signs of the rows' differences, maximum over layers. */
      p: z.number(),
      pAdjusted: z.number(),
    })
    .nullable(),
  /** Degrees between the subspaces of the data's and of the behaviour's differences, smallest first, at that layer. */
  principalAngles: z.array(z.number()).nullable(),
  spillover: z.strictObject({ act: Spillover, grad: Spillover }).nullable(),
  /** Share of the data's weight |ŵ| that lies on the behaviour's own latents. */
  sharedWeight: z.number().nullable(),
  /** Place among the behaviours by the size of the rehearsed shift, else of the Adam tangent; 1 = moves most. */
  rank: z.number().int().nullable(),
  /**
   * Training rows that push most the way that all rows together push, strongest first. Influence: nats of log-odds per
   * unit of plain step, positive towards the behaviour.
   */
  rows: z.array(
    z.strictObject({
      /** 1-based line of the training file. */
      line: z.number().int(),
      influence: z.number(),
      /**
       * Geometric risk: how near what the answer activates beyond the control's lies to the latents of the behaviour's
       * riskier side, less the same for matched random latents. Null where nothing fires beyond the control, or without a
       * dictionary, a control or latents of the behaviour.
       */
      risk: z.number().nullable(),
      /** The same without what the answer activates of the behaviour's own latents; absent from records of earlier versions. */
      riskAdjacent: z.number().nullable().optional(),
      prompt: z.string(),
      response: z.string(),
    }),
  ),
});
export type ForecastBehaviour = z.infer<typeof ForecastBehaviour>;

/** `forecast.json`: what base model and data alone say, before any training. */
export const ForecastRecord = z.strictObject({
  schemaVersion: z.literal(1),
  base: ModelIdentity,
  data: z.strictObject({ name: z.string(), sha256: z.string(), rows: z.number().int() }),
  /** False where no study of this base, with such a training, has calibrated the rehearsal: then no percentages are spoken. */
  calibrated: z.union([z.literal(false), CalibrationNote]),
  /** Why it is not calibrated. */
  uncalibrated: z.string().nullable().optional(),
  /** What the data are compared with: the base's own answers to the same prompts. */
  control: z.strictObject({ what: z.string(), rows: z.number().int(), tokens: z.number().int() }).nullable(),
  settings: z.strictObject({
    seed: z.number().int(),
    /** Draws of LoRA's A that the tangent is averaged over. */
    draws: z.number().int(),
    rank: z.number().int(),
    permutations: z.number().int(),
    /** Rows used, where the data were subsampled. */
    rows: z.number().int(),
    /** `quick`: the tangent has read so many rows, a stratified part. */
    mode: z.enum(["full", "quick"]).optional(),
    tangentRows: z.number().int().optional(),
    /** `dpo`: the rehearsal trains on the pairs; every other estimate is of the preferred answers alone. */
    objective: z.enum(["sft", "dpo"]).optional(),
    /** The training has magnitudes (DoRA): the rehearsal trains them, tangent and influences are those of B without them. */
    dora: z.literal(true).optional(),
    /** Optimiser steps of the rehearsal, and rows that it trained on. */
    rehearsal: z.strictObject({ steps: z.number().int(), rows: z.number().int() }).nullable().optional(),
    /** Hook point of the dictionary; null without one. */
    dictionaryHook: z.string().nullable(),
  }),
  /** The trivial baseline: the base's own loss on the data and on the control, nats a token. */
  baseline: z.strictObject({ lossOnData: z.number(), lossOnControl: z.number().nullable() }),
  behaviours: z.array(ForecastBehaviour),
  durationMs: z.number(),
});
export type ForecastRecord = z.infer<typeof ForecastRecord>;
