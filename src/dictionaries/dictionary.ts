import type { HookName } from "../models/index.ts";

/**
 * A TopK sparse autoencoder at one hook point (Gao et al. 2024, arXiv 2406.04093, eq. 2):
 * pre = E (h − b) + e, f = the `k` largest of ReLU(pre), ĥ = Σ f_i d_i + b. A *latent* is an index i.
 */
export interface Dictionary {
  readonly hook: HookName;
  readonly dModel: number;
  readonly nLatents: number;
  readonly k: number;
  /** `[nLatents, dModel]`: row i is what latent i reads. */
  readonly encoder: Float32Array;
  /** `[nLatents]` */
  readonly encoderBias: Float32Array;
  /** `[nLatents, dModel]`: row i is d_i, what latent i writes; unit norm. */
  readonly decoder: Float32Array;
  /** `[dModel]`: b, taken off before encoding and added after decoding. */
  readonly decoderBias: Float32Array;
}

/** Activations of a few latents a token: slot (t, s) names a latent and its value; free slots are latent −1, value 0. */
export interface SparseActivations {
  readonly tokens: number;
  readonly k: number;
  /** `[tokens, k]` */
  readonly latents: Int32Array;
  /** `[tokens, k]` */
  readonly values: Float32Array;
}
