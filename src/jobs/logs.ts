/**
 * What a training measured, for the tools that people watch trainings with: `logs/tensorboard/` (point
 * `tensorboard --logdir` there) and `logs/wandb-history.jsonl`, in the rows that a W&B run's history has (`_step`,
 * `_timestamp`, `_runtime` in seconds, then one key per measured number).
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { MetricsLine } from "../records/index.ts";
import { appendEvents, appendJsonl, readJsonl, writeJsonl } from "../store/index.ts";
import type { ValidationLine } from "../training/index.ts";

export interface TrainingLogs {
  /** Forgets what the resumed training measures again. */
  begin(resumedAt: number): Promise<void>;
  step(line: MetricsLine): Promise<void>;
  validation(line: ValidationLine): Promise<void>;
}

const HistoryLine = z.looseObject({ _step: z.number().int(), _timestamp: z.number(), _runtime: z.number() });

export function trainingLogs(folder: string, now: () => number = Date.now): TrainingLogs {
  const startedAt = now();
  const board = join(folder, "logs", "tensorboard");
  // One file per start: TensorBoard takes all of a folder for one run, and of a step the last written.
  const events = join(board, `events.out.tfevents.${Math.floor(startedAt / 1000)}.penumbra`);
  const history = join(folder, "logs", "wandb-history.jsonl");
  let fresh = true;
  let before = 0;
  const write = async (step: number, scalars: Readonly<Record<string, number>>) => {
    const wallTimeMs = now();
    await appendEvents(events, [{ wallTimeMs, step, scalars }], fresh);
    fresh = false;
    const _runtime = before + (wallTimeMs - startedAt) / 1000;
    await appendJsonl(history, { _step: step, _timestamp: wallTimeMs / 1000, _runtime, ...scalars });
  };
  return {
    begin: async (resumedAt) => {
      if (resumedAt === 0) for (const name of await readdir(board).catch(() => [])) await rm(join(board, name));
      const kept: z.infer<typeof HistoryLine>[] = [];
      if (resumedAt > 0)
        for await (const line of readJsonl(history, HistoryLine)) if (line._step <= resumedAt) kept.push(line);
      before = kept.at(-1)?._runtime ?? 0;
      await writeJsonl(history, kept);
    },
    step: ({ step, loss, learningRate, gradNorm, tokensPerSecond, epoch }) =>
      write(step, {
        "train/loss": loss,
        "train/learning_rate": learningRate,
        "train/grad_norm": gradNorm,
        "train/tokens_per_second": tokensPerSecond,
        "train/epoch": epoch,
      }),
    validation: ({ step, loss }) => write(step, { "validation/loss": loss }),
  };
}
