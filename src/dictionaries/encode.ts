/** From activations to latents, in plain typed arrays; `encodeOn` does the same in the engine for many rows. */
import { checkShape } from "../core/index.ts";
import type { Dictionary, SparseActivations } from "./dictionary.ts";
import { emptyActivations, keepLargest } from "./top-k.ts";

/**
 * `rows [n, dModel]`: f = the `k` largest of ReLU(E (h − b) + e) for each row. Slots are filled from the largest down;
 * of equal ones the lower index wins; a slot without a positive value stays free.
 */
export function encode(dictionary: Dictionary, rows: Float32Array): SparseActivations {
  const { dModel, nLatents, k } = dictionary;
  const tokens = rows.length / dModel;
  checkShape("rows", rows, [Math.floor(tokens), dModel]);
  const out = emptyActivations(tokens, k);
  const centred = new Float32Array(dModel);
  const pre = new Float32Array(nLatents);
  for (let t = 0; t < tokens; t++) {
    for (let j = 0; j < dModel; j++)
      centred[j] = (rows[t * dModel + j] as number) - (dictionary.decoderBias[j] as number);
    preActivations(dictionary, centred, pre);
    keepLargest(pre, out, t);
  }
  return out;
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
