import type { HookName } from "../models/index.ts";

/**
 * A sparse autoencoder at one hook point as analyses read it, every foldable difference between architectures folded in:
 * pre = E (h − b) + e, f_i = pre_i where pre_i > θ_i and it is among the `k` largest, ĥ = Σ f_i d_i + b. TopK (Gao et al.
 * 2024, arXiv 2406.04093, eq. 2) has k and θ = 0; JumpReLU, gated and plain ReLU ones have θ and no k. A *latent* is an
 * index i.
 */
export interface Dictionary {
  readonly hook: HookName;
  readonly dModel: number;
  readonly nLatents: number;
  /** Latents that speak at once, at most; null: no such limit. */
  readonly k: number | null;
  /** `[nLatents]`: θ, not negative; default: zeros. */
  readonly threshold?: Float32Array;
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
  /** Slots a token. */
  readonly k: number;
  /** `[tokens, k]` */
  readonly latents: Int32Array;
  /** `[tokens, k]` */
  readonly values: Float32Array;
}
