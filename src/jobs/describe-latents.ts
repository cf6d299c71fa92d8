/** What latents of a dictionary of any kind stand for: where they fire, what they say to the unembedding. */
import { must, UserError } from "../core/index.ts";
import {
  type CoderFirings,
  checkCoderFits,
  coderFirings,
  coderWords,
  directionLogits,
  type FiringContext,
  type LatentMeaning,
  type LoadedCoder,
  loadCoder,
  openCoders,
  resolveDictionary,
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
  readonly signal?: AbortSignal;
}

export interface Described {
  readonly dictionary: string;
  readonly model: string;
  readonly reads: string;
  readonly tokens: number;
  readonly latents: readonly LatentMeaning[];
  /** Texts on which each latent is silent, for labels to be scored on. */
  readonly silent: readonly (readonly { readonly tokens: readonly string[]; readonly values: readonly number[] }[])[];
}

const SHOWN_LOGITS = 10;

export async function describeLatents(request: DescribeRequest): Promise<Described> {
  const { base, layer, latents, text, signal } = request;
  const { coder, group } = await chosenGroup(request.folder, layer);
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
  const logits = await writtenLogits(base, coder, group, latents);
  const tokenText = (context: FiringContext) => ({
    tokens: context.ids.map((id) => base.model.tokenizer.tokenText(id)),
    values: context.values,
  });
  return {
    dictionary: coderWords(coder),
    model: base.identity.name,
    reads: of.hooks.join(", "),
    tokens: firings[0]?.tokens ?? 0,
    latents: firings.map((each, i) => meaningOf(base, each, logits && must(logits[i], "logits"), tokenText)),
    silent: firings.map(({ silent }) => silent.map(tokenText)),
  };
}

/** Sets and folders of folders hold one coder a layer; a cross-layer transcoder one group a layer. */
export async function chosenGroup(folder: string, layer: number): Promise<{ coder: LoadedCoder; group: number }> {
  const { coders } = await openCoders(await resolveDictionary(folder));
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

function meaningOf(
  { model }: NamedModel,
  { latent, tokens, fired, active }: CoderFirings,
  logits: Float32Array | null,
  tokenText: (context: FiringContext) => LatentMeaning["contexts"][number],
): LatentMeaning {
  const ranked = logits ? [...logits.entries()].sort((a, b) => b[1] - a[1]) : [];
  const named = ([id, value]: [number, number]) => ({ token: model.tokenizer.tokenText(id), value });
  return {
    latent,
    firingRate: tokens === 0 ? null : fired / tokens,
    maxActivation: active[0]?.peak ?? 0,
    promotes: ranked.slice(0, SHOWN_LOGITS).map(named),
    suppresses: ranked.slice(-SHOWN_LOGITS).reverse().map(named),
    contexts: active.map(tokenText),
    labels: [],
  };
}

/** Of all that the group writes into the residual stream, summed; null where it writes elsewhere (heads before W_O). */
async function writtenLogits(
  { model }: NamedModel,
  { groups, outputs }: LoadedCoder,
  group: number,
  latents: readonly number[],
): Promise<Float32Array[] | null> {
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
  return latents.map((_, i) => logits.subarray(i * dVocab, (i + 1) * dVocab));
}
