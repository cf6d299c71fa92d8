import { z } from "zod";
import { ModelIdentity } from "./audit.ts";

/** `data.json`: what `validate` found in a training file. */
export const DataRecord = z.strictObject({
  schemaVersion: z.literal(1),
  file: z.string(),
  sha256: z.string(),
  format: z.enum(["messages", "prompt-completion", "text", "preference"]).nullable(),
  rows: z.number().int(),
  usableRows: z.number().int(),
  faults: z.array(
    z.strictObject({
      /** 1-based. */
      line: z.number().int(),
      code: z.string(),
      message: z.string(),
    }),
  ),
  /** Null where no tokenizer was at hand. */
  tokens: z
    .strictObject({
      total: z.number().int(),
      response: z.number().int(),
      longest: z.number().int(),
      median: z.number(),
      truncatedRows: z.number().int(),
      maxLength: z.number().int(),
    })
    .nullable(),
  /** Rows that teach a thinking section, and rows that teach worked steps; the first lines of either. */
  reasoning: z
    .strictObject({ thinking: z.number().int(), steps: z.number().int(), lines: z.array(z.number().int()) })
    .optional(),
});
export type DataRecord = z.infer<typeof DataRecord>;

/** One line of `metrics.jsonl`. */
export const MetricsLine = z.strictObject({
  step: z.number().int(),
  epoch: z.number(),
  loss: z.number(),
  learningRate: z.number(),
  gradNorm: z.number(),
  tokensPerSecond: z.number(),
  responseTokens: z.number().int(),
  /** Loss on rows held out, where they were evaluated after this step. */
  validationLoss: z.number().optional(),
  /** Along behaviours' directions, by id, where a monitor looked: 1 = as far as exhibiting answers are from others. */
  drift: z.record(z.string(), z.number()).optional(),
});
export type MetricsLine = z.infer<typeof MetricsLine>;

/** `finetune.json`: what the training did, and the proof that merged = base + adapter. */
export const FinetuneRecord = z.strictObject({
  schemaVersion: z.literal(1),
  base: ModelIdentity,
  dataSha256: z.string(),
  method: z.enum(["lora", "full"]),
  objective: z.enum(["sft", "dpo"]).optional(),
  rslora: z.boolean().optional(),
  dora: z.boolean().optional(),
  /** What kept the training off other behaviours. */
  guard: z.enum(["caft", "adapter-projection", "preventative", "kl"]).nullable().optional(),
  /** The behaviour whose drift ended the training. */
  stoppedBy: z.string().nullable().optional(),
  /** 0 where all weights were trained. */
  rank: z.number().int(),
  alpha: z.number(),
  targetModules: z.array(z.string()),
  trainableParameters: z.number().int(),
  epochs: z.number(),
  steps: z.number().int(),
  batchRows: z.number().int(),
  learningRate: z.number(),
  seed: z.number().int(),
  trainedTokens: z.number().int(),
  firstLoss: z.number(),
  finalLoss: z.number(),
  /** Of the adapter's file, or of the whole model's. */
  adapterSha256: z.string(),
  /** Loss on rows held out, of the parameters that were kept; null where none were. */
  validation: z
    .strictObject({ step: z.number().int(), loss: z.number().nullable(), rows: z.number().int() })
    .nullable()
    .optional(),
  merged: z
    .strictObject({
      path: z.string(),
      dtype: z.string(),
      /** Over the probe prompts, merged against base + adapter. */
      maxLogitDifference: z.number(),
      meanKlNats: z.number(),
      positions: z.number().int(),
    })
    .nullable(),
  durationMs: z.number(),
});
export type FinetuneRecord = z.infer<typeof FinetuneRecord>;

/** `manifest.json`: what was compared with what, on what, and what was fixed before training. */
export const ManifestRecord = z.strictObject({
  schemaVersion: z.literal(1),
  program: z.string(),
  codeSha256: z.string(),
  node: z.string(),
  engine: z.strictObject({ runtime: z.string(), provider: z.string(), threads: z.number().int(), dtype: z.string() }),
  cpu: z.string(),
  seed: z.number().int(),
  model: ModelIdentity,
  dataSha256: z.string().nullable(),
  /** sha256 over margin, alpha and every item of every behaviour. */
  preregistration: z.string(),
  /** False where margin, alpha or behaviours were changed after the training had been done; null without a training. */
  fixedBeforeTraining: z.boolean().nullable(),
});
export type ManifestRecord = z.infer<typeof ManifestRecord>;
