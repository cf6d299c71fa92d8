/** What a dictionary is trained as, and with which numbers. */
import type { HookName } from "../../models/index.ts";

export const trainedKinds = ["sae", "transcoder", "skip_transcoder", "clt"] as const;
export type TrainedKind = (typeof trainedKinds)[number];

/** Who may speak. All but `topk` are written as JumpReLU: one threshold per latent. */
export const trainedArchitectures = ["topk", "batchtopk", "matryoshka_batchtopk", "jumprelu"] as const;
export type TrainedArchitecture = (typeof trainedArchitectures)[number];

/** Where groups read and what they write: group g reads `inputs[g]`; a `clt`'s writes outputs g and later ones, others their own. */
export interface CoderPlaces {
  readonly kind: TrainedKind;
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
}

export interface Place {
  readonly hook: HookName;
  readonly width: number;
}

export interface CoderRecipe {
  readonly architecture: TrainedArchitecture;
  /** Of each group. */
  readonly nLatents: number;
  /** Latents a token: exactly (`topk`), on average over a batch (`batchtopk`), or what L0 is drawn to (`jumprelu`). */
  readonly k: number;
  /** Tokens to learn from; the last partial batch is left out. */
  readonly tokens: number;
  readonly batchTokens: number;
  /** At its peak, for activations of unit mean square. */
  readonly learningRate: number;
  /** Shares of the steps in which the learning rate rises, and falls to zero. */
  readonly warmup: number;
  readonly decay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** A latent that has not fired for so many tokens starts again, looked after every `reviveEvery` steps; 0: never. */
  readonly deadAfterTokens: number;
  readonly reviveEvery: number;
  /** `matryoshka_batchtopk`: shares of the latents that must do alone, rising, the last 1. */
  readonly prefixes: readonly number[];
  /** `jumprelu`: weight of (L0/k − 1)², reached over the first `sparsityWarmup` of the steps. */
  readonly sparsity: number;
  readonly sparsityWarmup: number;
  /** `jumprelu`: ε of the straight-through estimator, and θ at the start. */
  readonly bandwidth: number;
  readonly threshold: number;
  readonly seed: number;
}

export const coderDefaults: Omit<CoderRecipe, "architecture" | "nLatents" | "k" | "tokens" | "seed"> = {
  batchTokens: 1024,
  learningRate: 1e-3,
  warmup: 0.05,
  decay: 0.2,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  deadAfterTokens: 20_000,
  reviveEvery: 10,
  prefixes: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1],
  sparsity: 1,
  sparsityWarmup: 0.2,
  bandwidth: 0.5,
  threshold: 0.1,
};

/** Outputs that group g writes: `[first, count]`. */
export function writtenBy({ kind, outputs }: CoderPlaces, group: number): readonly [number, number] {
  return kind === "clt" ? [group, outputs.length - group] : [group, 1];
}
