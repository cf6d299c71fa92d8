/** Do a dictionary's latents carry a concept? Two files of texts, with it and without it. */
import { must, UserError } from "../core/index.ts";
import {
  type Absorption,
  absorption,
  checkCoderFits,
  checkOneModel,
  encodeGroupLarge,
  type LabelledExamples,
  type LatentGroup,
  type LoadedCoder,
  readActivations,
  type SparseProbing,
  sparseProbing,
} from "../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import { chosenGroup } from "./describe-latents.ts";
import { corpusTexts, textReader } from "./dictionary-text.ts";
import type { NamedModel } from "./train-dictionary.ts";

export interface ProbeRequest {
  readonly folder: string;
  readonly base: NamedModel;
  readonly tuned?: NamedModel | null;
  readonly layer: number;
  /** Texts with the concept, and without it: .txt with an empty line between, or .jsonl rows. */
  readonly withIt: string;
  readonly without: string;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

export interface Probing {
  readonly sparse: SparseProbing;
  /** Null for transcoders: their latents do not write where they read. */
  readonly absorption: Absorption | null;
}

export interface Probed extends Probing {
  readonly seed: number;
  /** The same texts read by the tuned model, whose latents are chosen anew; null without one. */
  readonly tuned: Probing | null;
}

const KS = [1, 2, 5, 10];

export async function probeDictionary(request: ProbeRequest): Promise<Probed> {
  const { base, tuned = null, folder, layer, seed } = request;
  const { coder, group } = await chosenGroup(folder, layer);
  checkOneModel(coder, `dictionary ${folder}`);
  checkCoderFits(coder, base.model.source.definition, `dictionary ${folder}`);
  const probe = (model: LanguageModel) => probing(request, model, coder, must(coder.groups[group], "group"));
  return { seed, ...(await probe(base.model)), tuned: tuned && (await probe(tuned.model)) };
}

async function probing(
  { withIt, without, seed, signal }: ProbeRequest,
  model: LanguageModel,
  { kind, modelName }: LoadedCoder,
  of: LatentGroup<Float32Array>,
): Promise<Probing> {
  const reader = textReader(model.tokenizer, modelName ?? model.source.name);
  const [yes, no] = [await corpusTexts(withIt, reader), await corpusTexts(without, reader)];
  checkHalves(withIt, yes);
  checkHalves(without, no);
  const labels = [...yes.map(() => true), ...no.map(() => false)];
  const examples = { ...(await pooledTexts(model, of, [...yes, ...no], signal)), labels };
  const ks = KS.filter((k) => k <= of.nLatents);
  return {
    sparse: sparseProbing(examples, ks, seed),
    absorption: kind === "sae" ? absorption(examples, of.decoder, seed) : null,
  };
}

/** One half chooses and fits, the other scores. */
function checkHalves(file: string, { length }: readonly unknown[]): void {
  if (length > 1) return;
  const fix = "give more texts, with an empty line between";
  throw new UserError(`texts ${file}`, { expected: "two at least", got: String(length), fix });
}

/** One example a text, so that none lies in both halves: means over the tokens of all its windows. */
export async function pooledTexts(
  model: LanguageModel,
  group: LatentGroup<Float32Array>,
  texts: readonly (readonly ReadSequence[])[],
  signal?: AbortSignal,
): Promise<Omit<LabelledExamples, "labels">> {
  const { dIn: width, nLatents, hooks } = group;
  const activations = new Float32Array(texts.length * width);
  const latents = new Float32Array(texts.length * nLatents);
  const owners = texts.flatMap((windows, text) => windows.map(() => text));
  const lengths = texts.map((windows) => windows.reduce((sum, { positions }) => sum + positions.length, 0));
  let window = 0;
  for await (const { rows } of readActivations(model, texts.flat(), hooks, signal ? { signal } : {}))
    for (const each of rows) {
      const at = must(owners[window++], "text");
      const tokens = must(lengths[at], "tokens");
      for (const [i, value] of each.entries()) {
        const slot = at * width + (i % width);
        activations[slot] = must(activations[slot], "sum") + value / tokens;
      }
      const spoken = await encodeGroupLarge(model.engine, group, each, signal);
      for (const [s, latent] of spoken.latents.entries()) {
        const slot = at * nLatents + latent;
        latents[slot] = must(latents[slot], "sum") + must(spoken.values[s], "value") / tokens;
      }
    }
  return { width, nLatents, activations, latents };
}
