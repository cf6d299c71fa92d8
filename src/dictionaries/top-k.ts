/** The `k` largest positive values of a row, by insertion into a short sorted list: k is small, hits are rare. */
import type { SparseActivations } from "./dictionary.ts";

export function emptyActivations(tokens: number, k: number): SparseActivations {
  return { tokens, k, latents: new Int32Array(tokens * k).fill(-1), values: new Float32Array(tokens * k) };
}

/**
 * Puts the k largest positive values of `row [nLatents]` into slot row `t`, largest first; of equal ones the lower
 * index wins. Slots beyond them stay free.
 */
export function keepLargest(row: Float32Array, out: SparseActivations, t: number): void {
  const { k, latents, values } = out;
  const [start, last] = [t * k, t * k + k - 1];
  // The smallest value kept so far; free slots hold 0, so that what is not positive never enters.
  let floor = 0;
  for (let i = 0; i < row.length; i++) {
    const value = row[i] as number;
    if (!(value > floor)) continue;
    let slot = last;
    for (; slot > start && (values[slot - 1] as number) < value; slot--) {
      values[slot] = values[slot - 1] as number;
      latents[slot] = latents[slot - 1] as number;
    }
    values[slot] = value;
    latents[slot] = i;
    floor = values[last] as number;
  }
}

/** The same with as many slots as the fullest row uses, at least one. */
export function narrowed({ tokens, k, latents, values }: SparseActivations): SparseActivations {
  let used = 1;
  for (let slot = 0; slot < latents.length; slot++)
    if ((latents[slot] as number) >= 0) used = Math.max(used, (slot % k) + 1);
  const out = emptyActivations(tokens, used);
  for (let t = 0; t < tokens; t++) {
    out.latents.set(latents.subarray(t * k, t * k + used), t * used);
    out.values.set(values.subarray(t * k, t * k + used), t * used);
  }
  return out;
}
