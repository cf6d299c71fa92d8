/** With which numbers a JumpReLU dictionary's thresholds are learned. */
import { UserError } from "../core/index.ts";

export interface JumpReluRecipe {
  /** Weight λ of (L0/k − 1)², reached over the first `sparsityWarmup` of the steps. */
  readonly sparsity: number;
  readonly sparsityWarmup: number;
  /** ε of the straight-through estimator, for activations of unit mean square. */
  readonly bandwidth: number;
  /** θ at the start; null: where k latents speak on the first batch. */
  readonly threshold: number | null;
}

/** Thresholds must travel far within few steps: ours, for runs that are short beside the literature's. */
export const THRESHOLD_RATE = 10;

/** λ at this step, from 0. */
export function sparsityAt(
  step: number,
  steps: number,
  { sparsity, sparsityWarmup }: Pick<JumpReluRecipe, "sparsity" | "sparsityWarmup">,
): number {
  return sparsityWarmup > 0 ? sparsity * Math.min(1, (step + 1) / (sparsityWarmup * steps)) : sparsity;
}

/** Tokens that are looked at: with all latents, numbers enough for a quantile. */
const LOOKED_AT = 16;

/**
 * The pre-activation that k of the latents exceed on average, over a few rows `[n, width]` spread over the batch; encoder
 * `[nLatents, width]` and no bias. Starting where thousands speak instead, as thresholds near 0 do, costs the first hundreds of
 * steps (docs/decisions/0006-sparse-dictionary-steps.md).
 */
export function startThreshold(rows: Float32Array, encoder: Float32Array, width: number, k: number): number {
  const n = rows.length / width;
  const nLatents = encoder.length / width;
  const count = Math.min(LOOKED_AT, n);
  const pre = new Float32Array(count * nLatents);
  for (let s = 0; s < count; s++) {
    const row = rows.subarray(Math.floor((s * n) / count) * width);
    for (let i = 0; i < nLatents; i++) {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += (row[j] as number) * (encoder[i * width + j] as number);
      pre[s * nLatents + i] = sum;
    }
  }
  const threshold = pre.sort()[Math.max(0, pre.length - Math.round(k * count))] as number;
  if (!(threshold > 0))
    throw new UserError("dictionary training", {
      expected: "activations that differ, and k well below the number of latents",
      got: `a threshold of ${threshold} at the start`,
      fix: "give more text, choose a smaller k, or give a threshold",
    });
  return threshold;
}
