/** What a dictionary is trained as, and with which numbers. */
import type { HookName } from "../../models/index.ts";
import { type DictionaryRecipe, dictionaryDefaults } from "../dictionary-recipe.ts";
import type { JumpReluRecipe } from "../jump-relu-recipe.ts";

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

/** `k` counts latents a token: exactly (`topk`), on average over a batch (`batchtopk`), or what L0 is drawn to (`jumprelu`). */
export interface CoderRecipe extends DictionaryRecipe, JumpReluRecipe {
  readonly architecture: TrainedArchitecture;
  readonly beta1: number;
  /** `matryoshka_batchtopk`: shares of the latents that must do alone, rising, the last 1. */
  readonly prefixes: readonly number[];
}

export const coderDefaults: Omit<CoderRecipe, "architecture" | "nLatents" | "k" | "tokens" | "seed"> = {
  ...dictionaryDefaults,
  beta1: 0.9,
  prefixes: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1],
  sparsity: 1,
  sparsityWarmup: 0.2,
  bandwidth: 0.5,
  threshold: null,
};

/** Outputs that group g writes: `[first, count]`. */
export function writtenBy({ kind, outputs }: CoderPlaces, group: number): readonly [number, number] {
  return kind === "clt" ? [group, outputs.length - group] : [group, 1];
}
