/** Do a dictionary's latents carry a concept? Two files of texts, with it and without it. */
import { must } from "../core/index.ts";
import {
  type Absorption,
  absorption,
  checkCoderFits,
  encodeGroupLarge,
  type LabelledExamples,
  type LatentGroup,
  readActivations,
  type SparseProbing,
  sparseProbing,
} from "../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import { chosenGroup } from "./describe-latents.ts";
import { corpusSequences } from "./dictionary-text.ts";
import type { NamedModel } from "./train-dictionary.ts";

export interface ProbeRequest {
  readonly folder: string;
  readonly base: NamedModel;
  readonly layer: number;
  /** Texts with the concept, and without it: .txt with an empty line between, or .jsonl rows. */
  readonly withIt: string;
  readonly without: string;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

export interface Probed {
  readonly seed: number;
  readonly sparse: SparseProbing;
  /** Null for transcoders: their latents do not write where they read. */
  readonly absorption: Absorption | null;
}

const KS = [1, 2, 5, 10];

export async function probeDictionary(request: ProbeRequest): Promise<Probed> {
  const { base, folder, layer, withIt, without, seed, signal } = request;
  const { coder, group } = await chosenGroup(folder, layer);
  checkCoderFits(coder, base.model.source.definition, `dictionary ${folder}`);
  const of = must(coder.groups[group], "group");
  const [yes, no] = [
    await corpusSequences(withIt, base.model.tokenizer),
    await corpusSequences(without, base.model.tokenizer),
  ];
  const labels = [...yes.map(() => true), ...no.map(() => false)];
  const pooled = await pooledExamples(base.model, of, [...yes, ...no], signal);
  const examples = { ...pooled, labels };
  const ks = KS.filter((k) => k <= of.nLatents);
  return {
    seed,
    sparse: sparseProbing(examples, ks, seed),
    absorption: coder.kind === "sae" ? absorption(examples, of.decoder, seed) : null,
  };
}

/** Means over each text's tokens. */
async function pooledExamples(
  model: LanguageModel,
  group: LatentGroup<Float32Array>,
  sequences: readonly ReadSequence[],
  signal: AbortSignal | undefined,
): Promise<Omit<LabelledExamples, "labels">> {
  const { dIn: width, nLatents, hooks } = group;
  const activations = new Float32Array(sequences.length * width);
  const latents = new Float32Array(sequences.length * nLatents);
  let at = 0;
  for await (const { rows } of readActivations(model, sequences, hooks, signal ? { signal } : {}))
    for (const each of rows) {
      const tokens = each.length / width;
      for (const [i, value] of each.entries()) {
        const slot = at * width + (i % width);
        activations[slot] = must(activations[slot], "sum") + value / tokens;
      }
      const spoken = await encodeGroupLarge(model.engine, group, each, signal);
      for (const [s, latent] of spoken.latents.entries()) {
        const slot = at * nLatents + latent;
        latents[slot] = must(latents[slot], "sum") + must(spoken.values[s], "value") / tokens;
      }
      at++;
    }
  return { width, nLatents, activations, latents };
}
