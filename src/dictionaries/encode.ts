/** From activations to latents, in plain typed arrays; `encodeOn` does the same in the engine for many rows. */
import { checkShape } from "../core/index.ts";
import type { Dictionary, SparseActivations } from "./dictionary.ts";
import { emptyActivations, keepLargest, narrowed } from "./top-k.ts";

/**
 * `rows [n, dModel]`: f_i = pre_i where it is above θ_i and among the `k` largest, pre = E (h − b) + e. Slots are filled
 * from the largest down; of equal ones the lower index wins; a slot that nothing fills stays free. Without k there are as
 * many slots as the fullest row needs.
 */
export function encode(dictionary: Dictionary, rows: Float32Array): SparseActivations {
  const { dModel, nLatents, threshold } = dictionary;
  const tokens = rows.length / dModel;
  checkShape("rows", rows, [Math.floor(tokens), dModel]);
  let out = emptyActivations(tokens, dictionary.k ?? Math.min(nLatents, FIRST_SLOTS));
  const centred = new Float32Array(dModel);
  const pre = new Float32Array(nLatents);
  for (let t = 0; t < tokens; t++) {
    for (let j = 0; j < dModel; j++)
      centred[j] = (rows[t * dModel + j] as number) - (dictionary.decoderBias[j] as number);
    preActivations(dictionary, centred, pre);
    if (threshold) silence(pre, threshold);
    if (dictionary.k === null) out = widened(out, pre);
    keepLargest(pre, out, t);
  }
  return dictionary.k === null ? narrowed(out) : out;
}

/** Slots to begin with where no k says how many. */
const FIRST_SLOTS = 32;

/** What is not above its threshold is not active. */
function silence(pre: Float32Array, threshold: Float32Array): void {
  for (let i = 0; i < pre.length; i++) if (!((pre[i] as number) > (threshold[i] as number))) pre[i] = 0;
}

/** With room for all that is positive in `pre`. */
function widened(out: SparseActivations, pre: Float32Array): SparseActivations {
  let positive = 0;
  for (const value of pre) if (value > 0) positive++;
  if (positive <= out.k) return out;
  const wide = emptyActivations(out.tokens, Math.min(pre.length, 2 * positive));
  for (let t = 0; t < out.tokens; t++) {
    wide.latents.set(out.latents.subarray(t * out.k, (t + 1) * out.k), t * wide.k);
    wide.values.set(out.values.subarray(t * out.k, (t + 1) * out.k), t * wide.k);
  }
  return wide;
}

/** pre = E x + e, four latents at a time: one pass over `x [dModel]` and four independent sums. */
function preActivations(
  { encoder, encoderBias, dModel, nLatents }: Dictionary,
  x: Float32Array,
  pre: Float32Array,
): void {
  const whole = nLatents - (nLatents % 4);
  for (let i = 0; i < whole; i += 4) {
    const [p, q, r, s] = [i * dModel, (i + 1) * dModel, (i + 2) * dModel, (i + 3) * dModel];
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = 0; j < dModel; j++) {
      const value = x[j] as number;
      a += value * (encoder[p + j] as number);
      b += value * (encoder[q + j] as number);
      c += value * (encoder[r + j] as number);
      d += value * (encoder[s + j] as number);
    }
    pre[i] = a + (encoderBias[i] as number);
    pre[i + 1] = b + (encoderBias[i + 1] as number);
    pre[i + 2] = c + (encoderBias[i + 2] as number);
    pre[i + 3] = d + (encoderBias[i + 3] as number);
  }
  for (let i = whole; i < nLatents; i++) {
    let sum = encoderBias[i] as number;
    for (let j = 0; j < dModel; j++) sum += (x[j] as number) * (encoder[i * dModel + j] as number);
    pre[i] = sum;
  }
}
