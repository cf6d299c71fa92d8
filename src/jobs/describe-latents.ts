/** What latents of a dictionary of any kind stand for: where they fire, what they say to the unembedding. */
import { mean, must, rng, UserError } from "../core/index.ts";
import {
  BINS,
  type CoderFirings,
  checkCoderFits,
  checkOneModel,
  coderFirings,
  coderWords,
  directionLogits,
  type FiringContext,
  type LatentMeaning,
  type LoadedCoder,
  loadCoder,
  nearestLatents,
  normaliseRows,
  type OpenHints,
  openCoders,
  resolveDictionary,
  type ShownContext,
} from "../dictionaries/index.ts";
import type { ReadSequence } from "../engine/index.ts";
import type { NamedModel } from "./train-dictionary.ts";

export interface DescribeRequest {
  readonly folder: string;
  readonly base: NamedModel;
  /** Which group of latents: of a set or a cross-layer transcoder, the layer; otherwise 0. */
  readonly layer: number;
  readonly latents: readonly number[];
  readonly text: readonly ReadSequence[];
  /** What the text is, in words. */
  readonly source?: string;
  readonly signal?: AbortSignal;
}

export interface Described {
  readonly dictionary: string;
  readonly model: string;
  readonly reads: string;
  readonly text: string;
  readonly tokens: number;
  readonly latents: readonly LatentMeaning[];
  /** Texts on which each latent is silent, for labels to be scored on. */
  readonly silent: readonly (readonly ShownContext[])[];
}

const SHOWN_LOGITS = 10;
const SHOWN_NEAREST = 3;
/** Directions that are decoded at once: each has a row of logits. */
const ROUND = 64;

export async function describeLatents(request: DescribeRequest): Promise<Described> {
  const { base, layer, latents, text, signal } = request;
  const { coder, group } = await chosenGroup(request.folder, layer);
  checkOneModel(coder, `dictionary ${request.folder}`);
  checkCoderFits(coder, base.model.source.definition, `dictionary ${request.folder}`);
  const of = must(coder.groups[group], "group");
  const beyond = latents.find((latent) => !(latent < of.nLatents));
  if (beyond !== undefined)
    throw new UserError(`latent ${beyond}`, {
      expected: `0 to ${of.nLatents - 1}`,
      got: String(beyond),
      fix: "name a latent of this dictionary",
    });
  const asked = { model: base.model, coder, group, latents, sequences: text, ...(signal ? { signal } : {}) };
  const firings = await coderFirings(asked);
  const writes = await decodedWrites(base, coder, group, latents);
  const nearest = nearestLatents(of, latents, SHOWN_NEAREST);
  const shown = shownBy(base);
  return {
    dictionary: coderWords(coder),
    model: base.identity.name,
    reads: of.hooks.join(", "),
    text: request.source ?? "text that was given",
    tokens: firings[0]?.tokens ?? 0,
    latents: firings.map((each, i) => ({
      ...fired(each, shown),
      ...(writes[i] ?? NOTHING_WRITTEN),
      nearest: must(nearest[i], "nearest latents"),
      labels: [],
    })),
    silent: firings.map(({ silent }) => silent.map(shown)),
  };
}

type Shown = (context: FiringContext) => ShownContext;

const shownBy =
  ({ model }: NamedModel): Shown =>
  ({ ids, values, texts }) => ({ tokens: ids.map((id) => model.tokenizer.tokenText(id)), values, texts });

/** Sets and folders of folders hold one coder a layer; a cross-layer transcoder one group a layer. */
export async function chosenGroup(
  folder: string,
  layer: number,
  hints: OpenHints = {},
): Promise<{ coder: LoadedCoder; group: number }> {
  const { coders } = await openCoders(await resolveDictionary(folder), hints);
  const several = coders.length > 1;
  const filed = several ? coders[layer] : coders[0];
  const groups = several ? coders.length : (filed?.groups.length ?? 0);
  if (!filed || layer >= groups)
    throw new UserError(`--layer ${layer}`, {
      expected: `0 to ${groups - 1}`,
      got: String(layer),
      fix: "name one of the dictionary's layers",
    });
  return { coder: await loadCoder(filed), group: several ? 0 : layer };
}

function fired(firings: CoderFirings, shown: Shown) {
  const { latent, tokens, fired: count, texts, active, spread, histogram, largest } = firings;
  return {
    latent,
    firingRate: tokens === 0 ? null : count / tokens,
    fired: { tokens: count, texts, of: tokens },
    maxActivation: largest,
    contexts: active.map(shown),
    spread: spread.map(shown),
    histogram:
      count === 0 ? null : { counts: histogram, values: histogram.map((_, i) => ((i + 0.5) * largest) / BINS) },
  };
}

type Written = Pick<LatentMeaning, "promotes" | "suppresses" | "chance">;

const NOTHING_WRITTEN: Written = { promotes: [], suppresses: [], chance: null };

/** What each latent makes likelier and less likely; nothing where it does not write into the residual stream. */
async function decodedWrites(
  base: NamedModel,
  coder: LoadedCoder,
  group: number,
  latents: readonly number[],
): Promise<Written[]> {
  const found: Written[] = [];
  const chance = await chanceLogit(base);
  for (let start = 0; start < latents.length; start += ROUND) {
    const written = await writtenLogits(base, coder, group, latents.slice(start, start + ROUND));
    for (const { logits, norm } of written ?? []) found.push({ ...strongest(base, logits), chance: norm * chance });
  }
  return found;
}

/**
 * Every direction promotes something: the largest centred logit of a random unit direction, which one in twenty of `ROUND`
 * drawn ones reaches.
 */
async function chanceLogit({ model }: NamedModel): Promise<number> {
  const { dModel, dVocab } = model.source.definition.dimensions;
  const random = rng(1, "random directions");
  const directions = Float32Array.from({ length: ROUND * dModel }, () => random.normal());
  normaliseRows(directions, dModel);
  const logits = await directionLogits(model, directions);
  const largest = Array.from({ length: ROUND }, (_, i) => {
    const row = logits.subarray(i * dVocab, (i + 1) * dVocab);
    return row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY) - mean(row);
  });
  return must(largest.sort((a, b) => a - b)[Math.floor(0.95 * ROUND)], "a quantile");
}

function strongest({ model }: NamedModel, logits: Float32Array): Pick<Written, "promotes" | "suppresses"> {
  // Only differences of logits act.
  const centre = mean(logits);
  const ranked = [...logits.keys()].sort((a, b) => must(logits[b], "logit") - must(logits[a], "logit"));
  const named = (id: number) => ({ token: model.tokenizer.tokenText(id), value: must(logits[id], "logit") - centre });
  return {
    promotes: ranked.slice(0, SHOWN_LOGITS).map(named),
    suppresses: ranked.slice(-SHOWN_LOGITS).reverse().map(named),
  };
}

/** Of all that each latent writes into the residual stream, summed; null where the group writes elsewhere (heads before W_O). */
async function writtenLogits(
  { model }: NamedModel,
  { groups, outputs }: LoadedCoder,
  group: number,
  latents: readonly number[],
): Promise<{ readonly logits: Float32Array; readonly norm: number }[] | null> {
  const { decoder, firstOutput, written } = must(groups[group], "group");
  const { dModel, dVocab } = model.source.definition.dimensions;
  const into = outputs.slice(firstOutput, firstOutput + written);
  if (into.some(({ hook, dOut }) => dOut !== dModel || hook.endsWith("attn.hook_z"))) return null;
  const directions = new Float32Array(latents.length * dModel);
  for (const [i, latent] of latents.entries())
    for (let o = 0; o < written; o++)
      for (let j = 0; j < dModel; j++) {
        const at = i * dModel + j;
        directions[at] = must(directions[at], "sum") + must(decoder[(latent * written + o) * dModel + j], "row");
      }
  const logits = await directionLogits(model, directions);
  return latents.map((_, i) => {
    const row = directions.subarray(i * dModel, (i + 1) * dModel);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    return { logits: logits.subarray(i * dVocab, (i + 1) * dVocab), norm };
  });
}
