import { z } from "zod";
import { ModelIdentity } from "./audit.ts";
import { DictionaryIdentity, Fidelity, Shift } from "./geometry.ts";

/** A dictionary on one text, beside those that learned nothing. */
const Quality = z.strictObject({
  /** Which model read which text. */
  text: z.enum(["base", "tuned", "data"]),
  fidelity: Fidelity,
  random: Fidelity,
  permuted: Fidelity,
});

/** What `penumbra dictionary eval` finds, and the quality table of a dictionary's card. */
export const DictionaryQuality = z.strictObject({
  schemaVersion: z.literal(1),
  dictionary: DictionaryIdentity,
  model: ModelIdentity,
  tuned: ModelIdentity.nullable(),
  quality: z.array(Quality),
  /** Latents that fired on no token of the base's text. */
  silentLatents: z.number().int(),
  /** Null without a tuned model. */
  gate: z.strictObject({ ratio: z.number(), limit: z.number(), abstains: z.boolean() }).nullable(),
  seed: z.number().int(),
});
export type DictionaryQuality = z.infer<typeof DictionaryQuality>;

/** How a dictionary was trained. */
const trained = {
  /** What it was trained on, in words. */
  text: z.string(),
  tokens: z.number().int(),
  steps: z.number().int(),
  batchTokens: z.number().int(),
  learningRate: z.number(),
  seed: z.number().int(),
  /** Latents without a token for long at the end of training, and those started again on the way. */
  deadLatents: z.number().int(),
  revivedLatents: z.number().int(),
  trainingMs: z.number(),
};

/** `card.json` beside a dictionary: how it was made and how good it is. */
export const DictionaryCard = z.strictObject({
  schemaVersion: z.literal(1),
  model: ModelIdentity,
  hook: z.string(),
  nLatents: z.number().int(),
  k: z.number().int(),
  ...trained,
  /** On text that training did not see. */
  quality: DictionaryQuality,
});
export type DictionaryCard = z.infer<typeof DictionaryCard>;

/** How well a dictionary rebuilds each place that it writes, on streamed text. */
export const CoderQuality = z.strictObject({
  tokens: z.number().int(),
  outputs: z.array(
    z.strictObject({
      hook: z.string(),
      /** 1 − Σ‖y − ŷ‖² / Σ‖y − ȳ‖². */
      explainedVariance: z.number(),
      /** SAELens' `explained_variance_legacy`, per token; for comparison with published figures only. */
      saeLensLegacy: z.number(),
    }),
  ),
  /** Per group of latents: active ones a token, those that never fire, those on more than a tenth of tokens. */
  l0: z.array(z.number()),
  dead: z.array(z.number().int()),
  dense: z.array(z.number().int()),
});
export type CoderQuality = z.infer<typeof CoderQuality>;

/** What every place that a dictionary writes costs the model when it is replaced by what the dictionary makes of it. */
const CoderCost = z.strictObject({
  tokens: z.number().int(),
  ce: z.strictObject({ plain: z.number(), rebuilt: z.number(), mean: z.number() }),
  kl: z.strictObject({ rebuilt: z.number(), mean: z.number() }),
  /** Null where the places do not matter to the text. */
  ceRecovered: z.number().nullable(),
  klRecovered: z.number().nullable(),
});

/** What `penumbra dictionary eval` finds of transcoders, crosscoders and sets of them. */
export const CoderEval = z.strictObject({
  schemaVersion: z.literal(1),
  format: z.string(),
  model: ModelIdentity,
  tuned: ModelIdentity.nullable(),
  dictionaries: z.array(
    z.strictObject({
      /** In words: architecture, kind, model, places, sizes. */
      name: z.string(),
      quality: z.array(
        z.strictObject({ text: z.enum(["base", "tuned", "data"]), fidelity: CoderQuality, cost: CoderCost }),
      ),
      /** Of the place where tuned over base is worst; null without a tuned model. */
      gate: z.strictObject({ ratio: z.number(), limit: z.number(), abstains: z.boolean() }).nullable(),
    }),
  ),
});
export type CoderEval = z.infer<typeof CoderEval>;

/** What `penumbra dictionary eval` finds of a temporal autoencoder, whose codes depend on the tokens before. */
export const TemporalEval = z.strictObject({
  schemaVersion: z.literal(1),
  architecture: z.literal("temporal"),
  hook: z.string(),
  nLatents: z.number().int(),
  model: ModelIdentity,
  tuned: ModelIdentity.nullable(),
  quality: z.array(
    z.strictObject({
      text: z.enum(["base", "tuned", "data"]),
      tokens: z.number().int(),
      /** 1 − Σ‖h − ĥ‖² / Σ‖h − h̄‖²; null where the activations do not differ. */
      explainedVariance: z.number().nullable(),
      /** Novel and predicted codes that are not 0, a token. */
      novel: z.number(),
      predicted: z.number(),
      dead: z.number().int(),
    }),
  ),
});
export type TemporalEval = z.infer<typeof TemporalEval>;

/** `card.json` beside a dictionary of any kind that was trained here. */
export const CoderCard = z.strictObject({
  schemaVersion: z.literal(1),
  model: ModelIdentity,
  kind: z.enum(["sae", "transcoder", "skip_transcoder", "clt"]),
  architecture: z.enum(["topk", "batchtopk", "matryoshka_batchtopk", "jumprelu"]),
  /** The library whose form the folder has. */
  format: z.string(),
  reads: z.array(z.string()),
  writes: z.array(z.string()),
  /** Of each group. */
  nLatents: z.number().int(),
  k: z.number().int(),
  ...trained,
  /** On text that training did not see. */
  fidelity: CoderQuality,
});
export type CoderCard = z.infer<typeof CoderCard>;

/** What `penumbra dictionary compare` finds: base against tuned, latent by latent, on the same text. */
export const CoderComparison = z.strictObject({
  schemaVersion: z.literal(1),
  /** In words: architecture, kind, places, sizes. */
  dictionary: z.string(),
  base: ModelIdentity,
  tuned: ModelIdentity,
  texts: z.number().int(),
  tokens: z.number().int(),
  /** Explained variance, mean over the places written. */
  explainedVariance: z.strictObject({ base: z.number(), tuned: z.number() }),
  gate: z.strictObject({ ratio: z.number(), limit: z.number(), abstains: z.boolean() }),
  /** Of a crosscoder of two models: its latents by relative decoder norm; null of other dictionaries. */
  kinds: z
    .strictObject({
      baseOnly: z.number().int(),
      shared: z.number().int(),
      tunedOnly: z.number().int(),
      between: z.number().int(),
    })
    .nullable(),
  /** Latents tested, and those of them whose shift is adjusted to below 0.05; null of a crosscoder of two models. */
  tested: z.strictObject({ latents: z.number().int(), shifted: z.number().int() }).nullable(),
  latents: z.array(
    z.strictObject({
      latent: z.number().int(),
      /** Share of tokens on which it fires. */
      rate: z.strictObject({ base: z.number(), tuned: z.number() }),
      /** Null of a crosscoder of two models, whose latents fire once for both. */
      shift: Shift.nullable(),
      pair: z
        .strictObject({
          /** ½ ((‖d_tuned‖ − ‖d_base‖) / max + 1): 0 only in the base, ½ alike in both, 1 only in the tuned model. */
          relativeNorm: z.number(),
          /** Between what it writes in the two models; null where it writes nothing in one. */
          cosine: z.number().nullable(),
          kind: z.enum(["base-only", "shared", "tuned-only", "between"]),
          /** β_base / β_tuned along the larger decoder (arXiv 2504.02922): near 1, the base has it too; null where it never fires. */
          scaling: z.number().nullable(),
        })
        .nullable(),
    }),
  ),
});
export type CoderComparison = z.infer<typeof CoderComparison>;
