/** From latents back to activations, touching only the decoder rows of active latents: O(tokens · k · dModel). */
import type { Dictionary, SparseActivations } from "./dictionary.ts";
import { encode } from "./encode.ts";

/** ĥ = Σ f_i d_i + b: `[tokens, dModel]`. */
export function decodeSparse(dictionary: Dictionary, sparse: SparseActivations): Float32Array {
  const { dModel, decoder, decoderBias } = dictionary;
  const out = new Float32Array(sparse.tokens * dModel);
  for (let t = 0; t < sparse.tokens; t++) {
    const row = out.subarray(t * dModel, (t + 1) * dModel);
    row.set(decoderBias);
    for (let slot = t * sparse.k; slot < (t + 1) * sparse.k; slot++) {
      const latent = sparse.latents[slot] as number;
      if (latent >= 0) addScaled(row, decoder, latent * dModel, sparse.values[slot] as number);
    }
  }
  return out;
}

function addScaled(row: Float32Array, decoder: Float32Array, offset: number, factor: number): void {
  for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) + factor * (decoder[offset + j] as number);
}

/** `rows [n, dModel]` as the dictionary rebuilds them. */
export function reconstruct(dictionary: Dictionary, rows: Float32Array): Float32Array {
  return decodeSparse(dictionary, encode(dictionary, rows));
}
