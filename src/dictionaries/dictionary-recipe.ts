/** With which numbers a dictionary is trained. */

export interface DictionaryRecipe {
  /** Of each group, where there are several. */
  readonly nLatents: number;
  readonly k: number;
  /** Tokens to learn from; the last partial batch is left out. */
  readonly tokens: number;
  readonly batchTokens: number;
  /** At its peak, for activations of unit mean square. */
  readonly learningRate: number;
  /** Shares of the steps in which the learning rate rises, and falls to zero. */
  readonly warmup: number;
  readonly decay: number;
  readonly beta2: number;
  readonly eps: number;
  /** A latent that has not fired for so many tokens starts again, looked after every `reviveEvery` steps; 0: never. */
  readonly deadAfterTokens: number;
  readonly reviveEvery: number;
  readonly seed: number;
}

export const dictionaryDefaults: Omit<DictionaryRecipe, "nLatents" | "k" | "tokens" | "seed"> = {
  batchTokens: 1024,
  learningRate: 1e-3,
  warmup: 0.05,
  decay: 0.2,
  beta2: 0.999,
  eps: 1e-8,
  deadAfterTokens: 20_000,
  reviveEvery: 10,
};
