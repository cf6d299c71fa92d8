/** What the features of a graph stand for: tokens they make likelier, texts on which they are strongest, labels. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Feature, LocalReplacement } from "../../attribution/index.ts";
import { must } from "../../core/index.ts";
import { coderFirings, directionLogits, type LatentMeaning, readNeuronpedia } from "../../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../../engine/index.ts";
import type { AttributionCard } from "../../records/index.ts";

const SHOWN_LOGITS = 8;
const SHOWN_CONTEXTS = 4;
/** Directions that are decoded at once: each has a row of logits. */
const ROUND = 64;

export const cardKey = ({ layer, latent }: Pick<Feature, "layer" | "latent">) => `${layer}_${latent}`;

/** By `layer_latent`; `text` is searched for contexts, an empty one is not. */
export async function featureCards(
  replacement: LocalReplacement,
  features: readonly Feature[],
  text: readonly ReadSequence[],
  signal?: AbortSignal,
): Promise<Record<string, AttributionCard>> {
  const chosen = [...new Map(features.map((feature) => [cardKey(feature), feature])).values()];
  const cards: Record<string, AttributionCard> = {};
  for (let start = 0; start < chosen.length; start += ROUND) {
    const round = chosen.slice(start, start + ROUND);
    const logits = await directionLogits(replacement.model, directionsOf(replacement, round));
    for (const [i, feature] of round.entries()) {
      const width = logits.length / round.length;
      const row = logits.subarray(i * width, (i + 1) * width);
      cards[cardKey(feature)] = { ...strongest(replacement.model, row), contexts: [] };
    }
  }
  if (text.length > 0) await addContexts(cards, replacement, chosen, text, signal);
  return cards;
}

/** What each feature writes at its own layer, `[n, dModel]`. */
function directionsOf({ writes, features, transcoders }: LocalReplacement, chosen: readonly Feature[]): Float32Array {
  const first = new Map<string, Float32Array>();
  for (const { feature, decoder } of writes) {
    const key = cardKey(must(features[feature], "feature"));
    if (!first.has(key)) first.set(key, decoder);
  }
  const directions = new Float32Array(chosen.length * transcoders.dModel);
  for (const [i, feature] of chosen.entries())
    directions.set(must(first.get(cardKey(feature)), "write"), i * transcoders.dModel);
  return directions;
}

function strongest({ tokenizer }: LanguageModel, row: Float32Array) {
  const order = [...row.keys()].sort((a, b) => (row[b] as number) - (row[a] as number));
  const told = (tokens: readonly number[]) =>
    tokens.map((token) => ({ token: tokenizer.tokenText(token), value: must(row[token], "logit") }));
  return { promotes: told(order.slice(0, SHOWN_LOGITS)), suppresses: told(order.slice(-SHOWN_LOGITS).reverse()) };
}

async function addContexts(
  cards: Record<string, AttributionCard>,
  { model, transcoders }: LocalReplacement,
  features: readonly Feature[],
  sequences: readonly ReadSequence[],
  signal?: AbortSignal,
): Promise<void> {
  for (const [layer, coder] of transcoders.layers.entries()) {
    const latents = features.filter((feature) => feature.layer === layer).map(({ latent }) => latent);
    if (latents.length === 0) continue;
    const alone = { kind: "transcoder" as const, modelName: null, groups: [await coder.group()], outputs: [] };
    const asked = {
      model,
      coder: alone,
      group: 0,
      latents,
      sequences,
      keep: SHOWN_CONTEXTS,
      ...(signal ? { signal } : {}),
    };
    for (const { latent, active } of await coderFirings(asked)) {
      const contexts = active.map(({ ids, values }) => ({
        tokens: ids.map((id) => model.tokenizer.tokenText(id)),
        values: [...values],
      }));
      cards[`${layer}_${latent}`] = { ...must(cards[`${layer}_${latent}`], "card"), contexts };
    }
  }
}

/** Labels of Neuronpedia's export, one folder `layer_N` per layer; by `layer_latent`. */
export async function featureLabels(folder: string | null, nLayers: number): Promise<Record<string, string>> {
  const labels: Record<string, string> = {};
  if (folder === null) return labels;
  let found = 0;
  for (let layer = 0; layer < nLayers; layer++) {
    const part = join(folder, `layer_${layer}`);
    if (!(await stat(part).catch(() => null))?.isDirectory()) continue;
    found++;
    addLabels(labels, layer, await readNeuronpedia(part));
  }
  // Says what belongs there where no layer has any.
  if (found === 0) addLabels(labels, 0, await readNeuronpedia(folder));
  return labels;
}

function addLabels(labels: Record<string, string>, layer: number, meanings: ReadonlyMap<number, LatentMeaning>): void {
  for (const {
    latent,
    labels: [first],
  } of meanings.values())
    if (first) labels[`${layer}_${latent}`] = first.text;
}
