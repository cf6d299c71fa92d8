/**
 * Matching pursuit (Mallat and Zhang 1993; as an encoder: Costa et al. 2025, arXiv 2506.03093), with SAELens' rules for
 * when to stop. Encoder and decoder are the same rows d_i.
 *
 * 1. r = x. 2. i = argmax ReLU⟨r, d_i⟩ (the lowest where all are 0), v = ReLU⟨r, d_i⟩. 3. f_i += v, r −= v d_i.
 * 4. Stop where no latent came in that had not spoken (`stopOnDuplicate`), where ‖r‖ < `residualThreshold` (if positive),
 *    or after `maxIterations`.
 */
import type { Activation, LatentGroup } from "./sparse-coder.ts";

type Pursuit = Extract<Activation<Float32Array>, { type: "matching_pursuit" }>;

export function pursue(
  { decoder, dIn, nLatents }: LatentGroup<Float32Array>,
  { residualThreshold, maxIterations, stopOnDuplicate }: Pursuit,
  row: Float32Array,
  say: (latent: number, value: number) => void,
): void {
  const rest = row.slice();
  const spoken = new Map<number, number>();
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const { latent, value } = best(decoder, dIn, nLatents, rest);
    const known = spoken.has(latent) || value === 0;
    if (value > 0) spoken.set(latent, (spoken.get(latent) ?? 0) + value);
    for (let j = 0; j < dIn; j++) rest[j] = (rest[j] as number) - value * (decoder[latent * dIn + j] as number);
    if (stopOnDuplicate && known) break;
    if (residualThreshold > 0 && length(rest) < residualThreshold) break;
  }
  for (const [latent, value] of [...spoken].sort(([a], [b]) => a - b)) say(latent, value);
}

function best(decoder: Float32Array, dIn: number, nLatents: number, rest: Float32Array) {
  let [latent, value] = [0, 0];
  for (let i = 0; i < nLatents; i++) {
    let sum = 0;
    for (let j = 0; j < dIn; j++) sum += (rest[j] as number) * (decoder[i * dIn + j] as number);
    if (sum > value) [latent, value] = [i, sum];
  }
  return { latent, value };
}

function length(row: Float32Array): number {
  let squares = 0;
  for (const value of row) squares += value * value;
  return Math.sqrt(squares);
}
