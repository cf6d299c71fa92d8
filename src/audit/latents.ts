/**
 * Latents of a dictionary that matter: a behaviour's own (T_b, signed) and those that the data amplify.
 *
 * T_b by Δ-attribution (SCIENCE §3), at the dictionary's hook point:
 * 1. For each contrast pair and each of its two completions, O = ± log p(completion): + for the exhibiting one. Read h
 *    and ∂O/∂h at the positions that predict the completion.
 * 2. With h̄ the mean over all those positions, M = Σ (∂O/∂h)(h − h̄)ᵀ. Latent i is attributed d_iᵀ M d_i: what its
 *    deviation from the mean contributes to the log-odds, to first order, both completions summed.
 * 3. The strongest by size are T_b, those of at least a quarter of the strongest. A latent's sign is that of its mean gradient ⟨∂O/∂h, d_i⟩: +1 where more of it
 *    raises the behaviour.
 * M is a sum over tokens, so that it streams; it is taken on the two halves of the pairs apart.
 */
import type { Behaviour, ContrastPair } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import { type Dictionary, encode } from "../dictionaries/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../engine/index.ts";
import { activationGradients, type ObjectiveSequence } from "../training/index.ts";
import { responseSequence } from "./directions.ts";
import { answerIds } from "./pair-log-odds.ts";

/** T_b's size, at most (SCIENCE §3). */
export const BEHAVIOUR_LATENTS = 32;
/**
 * Of the strongest attribution, the least that a latent of T_b has. To first order a latent that merely lies at cosine c
 * to the behaviour's own is attributed c² of what that one is: without this, neighbours would count as the behaviour's
 * (decision 9).
 */
const LEAST_SHARE = 1 / 4;

export interface BehaviourLatent {
  readonly latent: number;
  readonly sign: 1 | -1;
  /** Nats a pair, on the half that chose it and on the other. */
  readonly attribution: number;
  readonly check: number;
  /** Mean activation on exhibiting less other answers, select half. */
  readonly activationDifference: number;
}

/** Sums over the tokens of one half: they add up over shards. */
interface Moments {
  readonly pairs: number;
  tokens: number;
  /** `[dModel, dModel]`: Σ g hᵀ */
  readonly product: Float64Array;
  /** `[dModel]`: Σ g */
  readonly gradient: Float64Array;
  /** `[dModel]`: Σ h */
  readonly activation: Float64Array;
}

export async function behaviourLatents(
  base: LanguageModel,
  dictionary: Dictionary,
  behaviour: Behaviour,
  options: AskOptions = {},
): Promise<BehaviourLatent[]> {
  const half = (name: ContrastPair["half"]) => behaviour.pairs.filter((pair) => pair.half === name);
  const select = await moments(base, dictionary, { behaviour, pairs: half("select") }, options);
  const check = await moments(base, dictionary, { behaviour, pairs: half("check") }, options);
  const differences = await differencesOf(base, dictionary, { behaviour, pairs: half("select") }, options);
  const attribution = attributions(dictionary, select);
  const checked = attributions(dictionary, check);
  return strongest(attribution).map((latent) => ({
    latent,
    sign: along(dictionary, latent, select.gradient) >= 0 ? 1 : -1,
    attribution: must(attribution[latent], "attribution"),
    check: must(checked[latent], "attribution"),
    activationDifference: must(differences[latent], "difference"),
  }));
}

/** Latents by size of attribution, strongest first. */
function strongest(attribution: Float64Array): number[] {
  const size = (latent: number) => Math.abs(must(attribution[latent], "latent"));
  const order = [...attribution.keys()].sort((a, b) => size(b) - size(a)).slice(0, BEHAVIOUR_LATENTS);
  const least = LEAST_SHARE * size(must(order[0], "latent"));
  return order.filter((latent) => size(latent) >= least);
}

async function moments(
  base: LanguageModel,
  dictionary: Dictionary,
  { behaviour, pairs }: { readonly behaviour: Behaviour; readonly pairs: readonly ContrastPair[] },
  options: AskOptions,
): Promise<Moments> {
  const { dModel } = dictionary;
  const sequences = pairs.flatMap((pair) => [
    objective(base, behaviour, pair, "exhibiting"),
    objective(base, behaviour, pair, "other"),
  ]);
  const sums: Moments = {
    pairs: pairs.length,
    tokens: 0,
    product: new Float64Array(dModel * dModel),
    gradient: new Float64Array(dModel),
    activation: new Float64Array(dModel),
  };
  await activationGradients(
    base,
    sequences,
    [dictionary.hook],
    ({ rows: [h], gradients: [g] }) => addMoments(sums, must(h, "rows"), must(g, "gradients")),
    options,
  );
  return sums;
}

/** + or − log p(answer | prompt), per token where the behaviour is length-normalised. */
function objective(
  base: LanguageModel,
  behaviour: Behaviour,
  pair: ContrastPair,
  side: "exhibiting" | "other",
): ObjectiveSequence {
  const prompt = base.tokenizer.encodeChat(pair.messages, { addGenerationPrompt: true });
  const answer = answerIds(base, behaviour, pair[side]);
  const weight = (side === "exhibiting" ? 1 : -1) / (behaviour.weight === "mean" ? answer.length : 1);
  return {
    ids: [...prompt, ...answer],
    weights: [...prompt.map(() => 0), ...answer.map(() => weight)],
    positions: answer.map((_, i) => prompt.length - 1 + i),
  };
}

function addMoments(sums: Moments, h: Float32Array, g: Float32Array): void {
  const { product, gradient, activation } = sums;
  const width = gradient.length;
  sums.tokens += h.length / width;
  for (let at = 0; at < h.length; at += width) {
    for (let r = 0; r < width; r++) {
      const push = g[at + r] as number;
      gradient[r] = (gradient[r] as number) + push;
      activation[r] = (activation[r] as number) + (h[at + r] as number);
      for (let c = 0; c < width; c++)
        product[r * width + c] = (product[r * width + c] as number) + push * (h[at + c] as number);
    }
  }
}

/** d_iᵀ M d_i per pair, with Σ g (h − h̄)ᵀ = Σ g hᵀ − (Σ g) h̄ᵀ. */
function attributions(dictionary: Dictionary, sums: Moments): Float64Array {
  const { decoder, nLatents, dModel } = dictionary;
  const { product, pairs, tokens } = sums;
  const found = new Float64Array(nLatents);
  if (pairs === 0) return found;
  for (let latent = 0; latent < nLatents; latent++) {
    const d = decoder.subarray(latent * dModel, (latent + 1) * dModel);
    let whole = 0;
    for (let r = 0; r < dModel; r++) {
      let row = 0;
      for (let c = 0; c < dModel; c++) row += (product[r * dModel + c] as number) * (d[c] as number);
      whole += (d[r] as number) * row;
    }
    const ofMean = (along(dictionary, latent, sums.gradient) * along(dictionary, latent, sums.activation)) / tokens;
    found[latent] = (whole - ofMean) / pairs;
  }
  return found;
}

function along({ decoder, dModel }: Dictionary, latent: number, vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < dModel; i++) sum += (decoder[latent * dModel + i] as number) * (vector[i] as number);
  return sum;
}

async function differencesOf(
  base: LanguageModel,
  dictionary: Dictionary,
  { behaviour, pairs }: { readonly behaviour: Behaviour; readonly pairs: readonly ContrastPair[] },
  options: AskOptions,
): Promise<Float64Array> {
  const read = (side: "exhibiting" | "other") => pairs.map((pair) => responseSequence(base, behaviour, pair, side));
  const exhibiting = await meanActivations(base, dictionary, read("exhibiting"), options);
  const other = await meanActivations(base, dictionary, read("other"), options);
  return exhibiting.map((value, latent) => value - must(other[latent], "latent"));
}

/** Mean activation of every latent over all positions of the sequences, `[nLatents]`. */
export async function meanActivations(
  model: LanguageModel,
  dictionary: Dictionary,
  sequences: readonly ReadSequence[],
  options: AskOptions = {},
): Promise<Float64Array> {
  const sums = new Float64Array(dictionary.nLatents);
  let tokens = 0;
  await model.activations(
    sequences,
    [dictionary.hook],
    ({ rows: [h] }) => {
      const active = encode(dictionary, must(h, "rows"));
      tokens += active.tokens;
      for (const [slot, latent] of active.latents.entries())
        if (latent >= 0) sums[latent] = (sums[latent] as number) + (active.values[slot] as number);
    },
    options,
  );
  return sums.map((sum) => (tokens === 0 ? 0 : sum / tokens));
}

/** What the data amplify. */
export interface DataLatents {
  /** `[nLatents]`: w_i = E_data[f_i] − E_control[f_i], response tokens. */
  readonly contrast: Float64Array;
  /** `[nLatents]`: g_i = −E[⟨∂L/∂h, d_i⟩] over predicting positions where i is active; 0 where it never is. */
  readonly push: Float64Array;
}

export interface DataRowsForLatents {
  readonly data: readonly ObjectiveSequence[];
  readonly control: readonly ObjectiveSequence[];
}

/** `rows`: weights 1 on response tokens, positions those that predict them. */
export async function dataLatents(
  base: LanguageModel,
  dictionary: Dictionary,
  { data, control }: DataRowsForLatents,
  options: AskOptions = {},
): Promise<DataLatents> {
  const onResponses = (rows: readonly ObjectiveSequence[]) =>
    rows.map(({ ids, weights }) => ({ ids, positions: weights.flatMap((weight, t) => (weight > 0 ? [t] : [])) }));
  const amplified = await meanActivations(base, dictionary, onResponses(data), options);
  const usual = await meanActivations(base, dictionary, onResponses(control), options);
  const push = await gradientPush(base, dictionary, data, options);
  return { contrast: amplified.map((value, i) => value - must(usual[i], "latent")), push };
}

async function gradientPush(
  base: LanguageModel,
  dictionary: Dictionary,
  rows: readonly ObjectiveSequence[],
  options: AskOptions,
): Promise<Float64Array> {
  const { nLatents, dModel } = dictionary;
  const sums = new Float64Array(nLatents);
  let tokens = 0;
  await activationGradients(
    base,
    rows,
    [dictionary.hook],
    ({ rows: [h], gradients: [g] }) => {
      const active = encode(dictionary, must(h, "rows"));
      tokens += active.tokens;
      for (const [slot, latent] of active.latents.entries()) {
        if (latent < 0) continue;
        const at = Math.floor(slot / active.k) * dModel;
        // The objective is +log p, so its gradient is already −∂L/∂h.
        sums[latent] = (sums[latent] as number) + product(dictionary, latent, must(g, "gradients"), at);
      }
    },
    options,
  );
  return sums.map((sum) => (tokens === 0 ? 0 : sum / tokens));
}

function product({ decoder, dModel }: Dictionary, latent: number, rows: Float32Array, at: number): number {
  let sum = 0;
  for (let i = 0; i < dModel; i++) sum += (decoder[latent * dModel + i] as number) * (rows[at + i] as number);
  return sum;
}
