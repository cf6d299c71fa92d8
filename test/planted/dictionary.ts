import type { Dictionary } from "../../src/dictionaries/index.ts";
import { addScaled, dot, norm, orthonormalBasis, projectOff, rowAt, symmetricEigen } from "../../src/geometry/index.ts";
import { CONSTANT, type Directions, dModel } from "./weights.ts";

/** Latents of the planted dictionary; tokens' own directions follow. B has none of its own: it is the task's. */
export const latentOf = { slots: [0, 1, 2, 3], topics: [4, 5, 6, 7], task: 8, A: 9, C: 10, tokens: 11 } as const;

/**
 * The dictionary that a perfect training would find: a latent for each planted feature and one for each token's own
 * direction. The planted features' encoder rows are the dual of their decoder rows, e_i · d_j = [i = j], so that the
 * task's latent is silent where only A's feature is on, whatever their cosine. A token's latent reads what is at a
 * right angle to all planted features.
 */
export function plantedDictionary({ constant, slots, topics, modes, own }: Directions): Dictionary {
  const features = [...slots, ...Object.values(topics), modes.task, modes.A, modes.C];
  const planted = flat(features);
  const nTokens = own.length / dModel;
  const nLatents = features.length + nTokens;
  const decoder = new Float64Array(nLatents * dModel);
  decoder.set(planted);
  decoder.set(own, planted.length);
  const encoder = new Float64Array(nLatents * dModel);
  encoder.set(dual(planted, features.length));
  const basis = orthonormalBasis(flat([constant, ...features]), dModel);
  for (let t = 0; t < nTokens; t++) {
    const row = projectOff(rowAt(own, dModel, t), basis);
    const square = norm(row) ** 2;
    encoder.set(
      row.map((value) => value / square),
      planted.length + t * dModel,
    );
  }
  return {
    hook: "blocks.1.hook_resid_post",
    dModel,
    nLatents,
    k: 6,
    encoder: Float32Array.from(encoder),
    encoderBias: Float32Array.from({ length: nLatents }, (_, i) => (i < features.length ? -0.15 : -0.25)),
    decoder: Float32Array.from(decoder),
    decoderBias: Float32Array.from(constant, (value) => CONSTANT * value),
  };
}

function flat(rows: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(rows.length * dModel);
  for (const [k, row] of rows.entries()) out.set(row, k * dModel);
  return out;
}

/** (D Dᵀ)⁻¹ D, from the eigenvectors of D Dᵀ. */
function dual(rows: Float64Array, n: number): Float64Array {
  const products = Float64Array.from({ length: n * n }, (_, at) =>
    dot(rowAt(rows, dModel, Math.floor(at / n)), rowAt(rows, dModel, at % n)),
  );
  const { values, vectors } = symmetricEigen(products, n);
  const out = new Float64Array(rows.length);
  for (let k = 0; k < n; k++) {
    const image = new Float64Array(dModel);
    for (let j = 0; j < n; j++) addScaled(image, vectors[k * n + j] ?? 0, rowAt(rows, dModel, j));
    for (let i = 0; i < n; i++) {
      addScaled(out.subarray(i * dModel, (i + 1) * dModel), (vectors[k * n + i] ?? 0) / (values[k] ?? 1), image);
    }
  }
  return out;
}
