/** Language models over the tiny checkpoints, for tests of what lies above the engine; words stand for their ids. */
import { must } from "../src/core/index.ts";
import type { Tokenizer } from "../src/data/index.ts";
import type { Dictionary, SparseActivations } from "../src/dictionaries/index.ts";
import { type Engine, type LanguageModel, languageModel, type ReadSequence } from "../src/engine/index.ts";
import type { HookName } from "../src/models/index.ts";
import { type GoldenName, golden, randomFloats } from "./golden.ts";

const BOS = 0;

/** Token i reads `w<i>`; id 0 is BOS. It writes no chats. */
export function wordTokenizer(vocabSize: number): Tokenizer {
  const tokenText = (id: number) => `w${id}`;
  const refuse = () => {
    throw new Error("this tokenizer has no chat template");
  };
  return {
    vocabSize,
    encode: (text) => text.split(" ").map((word) => Number(word.slice(1))),
    decode: (ids) => ids.map(tokenText).join(" "),
    tokenText,
    bosId: BOS,
    eosIds: [1],
    padId: null,
    renderChat: refuse,
    encodeChat: refuse,
  };
}

/** The golden checkpoint as a language model without an adapter; `adapterRank` as its adapters have it. */
export async function goldenLanguage(
  engine: Engine,
  name: GoldenName,
  adapterRank: number | null = null,
): Promise<LanguageModel> {
  const { source } = await golden(name);
  const tokenizer = wordTokenizer(source.definition.dimensions.dVocab);
  return languageModel({ engine, source, tokenizer, adapterRank });
}

/** Sequences of `length` tokens after a BOS, all different, with every position. */
export function wordSequences(model: LanguageModel, count: number, length = 9): ReadSequence[] {
  const { dVocab } = model.source.definition.dimensions;
  return Array.from({ length: count }, (_, i) => {
    const words = Array.from({ length }, (_, t) => 2 + ((7 * i + 3 * t * t + 5 * t * i) % (dVocab - 2)));
    return { ids: [BOS, ...words], positions: [BOS, ...words].map((_, t) => t) };
  });
}

/** Random unit decoder rows that are also the encoder's; no biases. */
export function randomDictionary(hook: HookName, dModel: number, nLatents: number, k: number): Dictionary {
  const decoder = randomFloats(nLatents * dModel, "dictionary");
  for (let at = 0; at < decoder.length; at += dModel) {
    const row = decoder.subarray(at, at + dModel);
    const length = Math.hypot(...row);
    row.set(row.map((value) => value / length));
  }
  const zeros = (length: number) => new Float32Array(length);
  return {
    hook,
    dModel,
    nLatents,
    k,
    encoder: decoder,
    encoderBias: zeros(nLatents),
    decoder,
    decoderBias: zeros(dModel),
  };
}

/** A token as `[latent, value]` pairs; `k` slots, those left over free. */
export function sparse(k: number, tokens: readonly (readonly (readonly [number, number])[])[]): SparseActivations {
  const latents = new Int32Array(tokens.length * k).fill(-1);
  const values = new Float32Array(tokens.length * k);
  for (const [t, active] of tokens.entries()) {
    for (const [s, [latent, value]] of active.entries()) {
      latents[t * k + s] = latent;
      values[t * k + s] = value;
    }
  }
  return { tokens: tokens.length, k, latents, values };
}

/** TopK by its definition: one token at a time, all latents sorted. */
export function encodeByDefinition(dictionary: Dictionary, rows: Float32Array): SparseActivations {
  const { dModel, nLatents, encoder, encoderBias, decoderBias } = dictionary;
  const k = must(dictionary.k, "a TopK dictionary");
  const pre = (row: Float32Array, latent: number) =>
    row.reduce((sum, h, i) => sum + (h - must(decoderBias[i], "bias")) * must(encoder[latent * dModel + i], "e"), 0) +
    must(encoderBias[latent], "bias");
  const encodeRow = (row: Float32Array) =>
    Array.from({ length: nLatents }, (_, latent) => [latent, pre(row, latent)] as const)
      .sort((a, b) => b[1] - a[1])
      .slice(0, k)
      .filter(([, value]) => value > 0);
  return sparse(
    k,
    Array.from({ length: rows.length / dModel }, (_, t) => encodeRow(rows.slice(t * dModel, (t + 1) * dModel))),
  );
}
