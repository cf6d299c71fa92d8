/** What every training of a dictionary or coder shares: batch after batch until it has seen enough, and how it reports. */
import { CancelledError, UserError } from "../core/index.ts";

export interface TrainingStep {
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  /** Active latents a token, over all groups. */
  readonly l0: number;
  /** Latents that have not fired within the last `deadAfterTokens`, and those started again so far. */
  readonly dead: number;
  readonly revived: number;
}

export interface TrainedSize {
  readonly steps: number;
  readonly tokens: number;
  readonly dead: number;
  readonly revived: number;
}

export interface BatchTraining<Result> {
  /** Taken so far. */
  readonly steps: number;
  readonly finished: boolean;
  step(batch: Float32Array): Promise<void>;
  result(): Promise<Result>;
  close(): Promise<void>;
}

export interface BatchSource {
  /** `[batchTokens, widths]`, mixed; more than needed are not asked for. */
  readonly batches: AsyncIterable<Float32Array>;
  readonly recipe: { readonly batchTokens: number };
  readonly signal?: AbortSignal;
}

/** Throws a `UserError` where the text is too little for one step. */
export async function overBatches<Result>(
  training: BatchTraining<Result>,
  { batches, recipe, signal }: BatchSource,
): Promise<Result> {
  try {
    for await (const batch of batches) {
      if (signal?.aborted) throw new CancelledError("dictionary training");
      await training.step(batch);
      if (training.finished) break;
    }
    if (training.steps === 0)
      throw new UserError("dictionary training", {
        expected: `at least ${recipe.batchTokens} tokens of text`,
        got: "fewer",
        fix: "give more text, or a smaller batch",
      });
    return await training.result();
  } finally {
    await training.close();
  }
}

/** Throws where a loss is not a number any more. */
export function checkFinite(unexplained: readonly number[]): void {
  const broken = unexplained.find((value) => !Number.isFinite(value));
  if (broken !== undefined)
    throw new UserError("dictionary training", {
      expected: "a finite loss",
      got: String(broken),
      fix: "lower the learning rate",
    });
}
