/** A dictionary's card: how it was made and how good it is, for programs (card.json) and people (README.md). */
import type { DictionaryRecipe, TrainedDictionary } from "../dictionaries/index.ts";
import type { DictionaryCard, DictionaryQuality, ModelIdentity } from "../records/index.ts";

export interface CardParts {
  readonly model: ModelIdentity;
  readonly hook: string;
  readonly recipe: DictionaryRecipe;
  readonly trained: TrainedDictionary;
  readonly quality: DictionaryQuality;
  readonly trainingMs: number;
  readonly source: string;
}

export function cardOf({ model, hook, recipe, trained, quality, trainingMs, source }: CardParts): DictionaryCard {
  const { nLatents, k, batchTokens, learningRate, seed } = recipe;
  return {
    schemaVersion: 1,
    model,
    hook,
    nLatents,
    k,
    text: source,
    tokens: trained.tokens,
    steps: trained.steps,
    batchTokens,
    learningRate,
    seed,
    deadLatents: trained.dead,
    revivedLatents: trained.revived,
    quality,
    trainingMs,
  };
}

/** The card for people. */
export function cardText(card: DictionaryCard): string {
  const { quality, silentLatents } = card.quality;
  return [
    `# Dictionary of ${card.model.name} at \`${card.hook}\``,
    "",
    `TopK sparse autoencoder, ${card.nLatents} latents, k = ${card.k}, in SAELens' format. Trained on ${card.tokens} tokens`,
    `(${card.text}), ${card.steps} steps of ${card.batchTokens}, peak learning rate ${card.learningRate}, seed ${card.seed}. At the end`,
    `${card.deadLatents} latents were dead; ${card.revivedLatents} times one was started again. ${silentLatents} latents fire nowhere on`,
    "the text below, which training did not see.",
    "",
    ...qualityTable(quality),
    "",
    `Model weights: sha256 \`${card.model.sha256}\`.`,
    "",
  ].join("\n");
}

const share = (value: number | null) => (value === null ? "–" : value.toFixed(3));

/** Markdown. */
export function qualityTable(quality: DictionaryQuality["quality"]): string[] {
  const row = (name: string, { tokens, explainedVariance, ceRecovered, l0 }: (typeof quality)[number]["fidelity"]) =>
    `| ${name} | ${tokens} | ${share(explainedVariance)} | ${share(ceRecovered)} | ${l0.toFixed(1)} |`;
  return [
    "| on | tokens | explained variance | CE recovered | latents a token |",
    "|---|---|---|---|---|",
    ...quality.flatMap(({ text, fidelity, random, permuted }) => [
      row(text, fidelity),
      row(`${text}, frozen random dictionary`, random),
      row(`${text}, permuted dictionary`, permuted),
    ]),
  ];
}
