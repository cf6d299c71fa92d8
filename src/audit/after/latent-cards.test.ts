import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden, relativeDifference } from "../../../test/golden.ts";
import { encodeByDefinition, goldenLanguage, randomDictionary, sparse, wordSequences } from "../../../test/language.ts";
import { must } from "../../core/index.ts";
import { readTensor } from "../../data/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../../engine/index.ts";
import { addPeaks, latentCards, mergePeaks, noPeaks } from "./latent-cards.ts";
import { eachLens, strongestTokens } from "./logit-lens.ts";

describe("peaks by hand", () => {
  const first = sparse(2, [
    [
      [7, 1],
      [3, 9],
    ],
    [[7, 4]],
    [],
  ]);
  const second = sparse(2, [[[7, 2]], [[3, 5]]]);

  test("firing counts tokens; places keep each sequence's strongest", () => {
    const peaks = noPeaks(2);
    addPeaks(peaks, [7, 3], first, { sequence: 0, positions: [1, 2, 3] });
    addPeaks(peaks, [7, 3], second, { sequence: 1, positions: [4, 5] });
    expect(peaks.tokens).toBe(5);
    expect(peaks.firing).toEqual([3, 2]);
    expect(must(peaks.places[0], "latent 7").items).toEqual([
      { item: { sequence: 0, position: 2 }, value: 4 },
      { item: { sequence: 1, position: 4 }, value: 2 },
    ]);
    expect(must(peaks.places[1], "latent 3").items.map(({ value }) => value)).toEqual([9, 5]);
  });

  test("shards merge to the whole", () => {
    const [whole, a, b] = [noPeaks(1), noPeaks(1), noPeaks(1)];
    for (let sequence = 0; sequence < 30; sequence++) {
      const active = sparse(1, [[[7, (sequence * 11) % 17]]]);
      for (const peaks of [whole, sequence < 13 ? a : b]) addPeaks(peaks, [7], active, { sequence, positions: [0] });
    }
    expect(mergePeaks(a, b)).toEqual(whole);
  });
});

describe("cards of a golden model", () => {
  let engine: Engine;
  let model: LanguageModel;
  beforeAll(async () => {
    engine = startEngine({ threads: 1 });
    model = await goldenLanguage(engine, "gemma3");
  });
  afterAll(() => engine.close());

  test("the strongest tokens of the corpus stand in their contexts; BOS never does", async () => {
    const { dModel } = model.source.definition.dimensions;
    const dictionary = randomDictionary("blocks.1.hook_resid_post", dModel, 2 * dModel, 3);
    const corpus = wordSequences(model, 24, 12).map(({ ids }) => ids);
    const [card] = await latentCards({ model, dictionary, encode: encodeByDefinition, latents: [5], corpus });
    const values = await activationsOf(model, corpus, (rows) => encodeByDefinition(dictionary, rows), 5);
    const rate = values.filter(({ value }) => value > 0).length / (24 * 12);
    const { firingRate, contexts } = must(card, "card");
    expect(firingRate).toBeCloseTo(rate, 12);
    expect(firingRate).toBeGreaterThan(0);
    const peaks = new Map<number, number>();
    for (const { sequence, value } of values) peaks.set(sequence, Math.max(peaks.get(sequence) ?? 0, value));
    const expected = [...peaks.values()].filter((value) => value > 0).sort((a, b) => b - a);
    // One by one or in a batch: rounding of float32.
    for (const [i, { value }] of contexts.entries()) expect(value / must(expected[i], "peak")).toBeCloseTo(1, 4);
    for (const { tokens, at, value } of contexts) {
      const found = values.filter((each) => Math.abs(each.value - value) < 1e-4 * value);
      expect(found.map(({ token }) => token)).toContain(tokens[at]);
      expect(tokens.length).toBeLessThanOrEqual(17);
    }
  });

  test("the lens is gain times unembedding, less its mean; tokens come sorted", async () => {
    const { source } = await golden("gemma3");
    const { dModel, dVocab } = source.definition.dimensions;
    const { finalNorm, unembedding } = source.definition;
    const weight = async (name: string) => readTensor(must(source.tensors.get(name), name));
    const [gain, table] = [await weight(finalNorm.weight), await weight(unembedding)];
    const direction = Float32Array.from({ length: dModel }, (_, i) => Math.sin(i));
    const raw = Array.from({ length: dVocab }, (_, token) =>
      direction.reduce((sum, d, i) => sum + d * (1 + must(gain[i], "gain")) * must(table[token * dModel + i], "u"), 0),
    );
    const mean = raw.reduce((sum, logit) => sum + logit, 0) / dVocab;
    await eachLens(model, direction, (row, logits) => {
      expect(row).toBe(0);
      // float32 sums of dModel products.
      expect(
        relativeDifference(
          logits,
          raw.map((logit) => logit - mean),
        ),
      ).toBeLessThan(1e-5);
      const order = [...logits.keys()].sort((a, b) => must(logits[b], "logit") - must(logits[a], "logit"));
      const tokens = (sign: 1 | -1) => strongestTokens(model.tokenizer, logits, 3, sign).map(({ token }) => token);
      expect(tokens(1)).toEqual(order.slice(0, 3).map((id) => `w${id}`));
      expect(tokens(-1)).toEqual(
        order
          .slice(-3)
          .reverse()
          .map((id) => `w${id}`),
      );
    });
  });
});

/** Every token of the corpus but BOS with the latent's value there, one sequence at a time. */
async function activationsOf(
  model: LanguageModel,
  corpus: readonly (readonly number[])[],
  encode: (rows: Float32Array) => ReturnType<typeof encodeByDefinition>,
  latent: number,
) {
  const all: { sequence: number; token: string; value: number }[] = [];
  for (const [sequence, ids] of corpus.entries()) {
    const positions = [...ids.keys()].slice(1);
    await model.activations([{ ids, positions }], ["blocks.1.hook_resid_post"], ({ rows }) => {
      const active = encode(must(rows[0], "rows"));
      for (const [t, position] of positions.entries()) {
        const slot = active.latents.subarray(t * active.k, (t + 1) * active.k).indexOf(latent);
        const value = slot === -1 ? 0 : must(active.values[t * active.k + slot], "value");
        all.push({ sequence, token: `w${ids[position]}`, value });
      }
    });
  }
  return all;
}
