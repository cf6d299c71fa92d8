/**
 * Dictionaries that learned nothing, to stand beside every claim of one that did (frozen random ones come close on
 * many metrics: arXiv 2602.14111).
 */
import { rng } from "../core/index.ts";
import type { Dictionary } from "./dictionary.ts";

/** Same sizes and bias b, decoder rows drawn uniformly from the unit sphere, encoder the same rows, encoder bias 0. */
export function randomDictionary(like: Dictionary, seed: number): Dictionary {
  const random = rng(seed, "random dictionary", like.nLatents, like.dModel);
  const decoder = Float32Array.from({ length: like.nLatents * like.dModel }, () => random.normal());
  normaliseRows(decoder, like.dModel);
  return { ...like, decoder, encoder: decoder.slice(), encoderBias: new Float32Array(like.nLatents) };
}

/** The same latents fire, and write what other latents should: decoder rows in a random order. */
export function permutedDictionary(like: Dictionary, seed: number): Dictionary {
  const { nLatents, dModel } = like;
  const order = rng(seed, "permuted dictionary", nLatents).shuffle([...Array(nLatents).keys()]);
  const decoder = new Float32Array(like.decoder.length);
  for (const [to, from] of order.entries())
    decoder.set(like.decoder.subarray(from * dModel, (from + 1) * dModel), to * dModel);
  return { ...like, decoder };
}

/** Scales each row of `matrix [rows, width]` to length 1, in place; a row of zeros stays. Returns the old lengths. */
export function normaliseRows(matrix: Float32Array, width: number): Float32Array {
  const lengths = new Float32Array(matrix.length / width);
  for (let row = 0; row < lengths.length; row++) {
    let squares = 0;
    for (let j = row * width; j < (row + 1) * width; j++) squares += (matrix[j] as number) ** 2;
    const length = Math.sqrt(squares);
    lengths[row] = length;
    if (length > 0) for (let j = row * width; j < (row + 1) * width; j++) matrix[j] = (matrix[j] as number) / length;
  }
  return lengths;
}
