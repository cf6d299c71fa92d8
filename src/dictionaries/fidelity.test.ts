import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomCase, randomRows } from "../../test/dictionaries.ts";
import { golden } from "../../test/golden.ts";
import type { Tokenizer } from "../data/index.ts";
import { type Engine, type LanguageModel, languageModel, startEngine } from "../engine/index.ts";
import { crossEntropies, recovered } from "./cross-entropy.ts";
import { reconstruct } from "./decode.ts";
import type { Dictionary } from "./dictionary.ts";
import { encode } from "./encode.ts";
import { measureFidelity } from "./fidelity.ts";
import { explainedVariance, firingRates, meanL0, mergeSums, noSums, sumsOf } from "./fidelity-sums.ts";
import { fidelityGate } from "./gate.ts";

describe("streaming sums", () => {
  const dictionary = randomCase(5, 12, 3);

  test("any cut of the tokens gives the sums of all", () => {
    const rows = randomRows(30, 5).map((value, i) => value + (i % 5));
    const sparse = encode(dictionary, rows);
    const whole = sumsOf(dictionary, rows, reconstruct(dictionary, rows), sparse);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 5 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), 30];
        let sums = noSums(dictionary);
        for (const [i, to] of at.slice(1).entries()) {
          const part = rows.subarray((at[i] ?? 0) * 5, to * 5);
          sums = mergeSums(sums, sumsOf(dictionary, part, reconstruct(dictionary, part), encode(dictionary, part)));
        }
        expect(sums.tokens).toBe(30);
        expect(sums.active).toBe(whole.active);
        expect([...sums.fired]).toEqual([...whole.fired]);
        // Float64 sums of 150 numbers in another order.
        expect(sums.total / whole.total).toBeCloseTo(1, 12);
        expect(sums.residual / whole.residual).toBeCloseTo(1, 12);
        for (const [j, mean] of sums.mean.entries()) expect(mean).toBeCloseTo(whole.mean[j] ?? 0, 12);
      }),
    );
  });

  test("by hand: two tokens, one rebuilt exactly, the other missed by 1", () => {
    const sizes = { dModel: 1, nLatents: 3 };
    const sparse = { tokens: 2, k: 2, latents: Int32Array.of(0, 2, 2, -1), values: Float32Array.of(1, 1, 1, 0) };
    const sums = sumsOf(sizes, Float32Array.of(1, 5), Float32Array.of(1, 4), sparse);
    // h̄ = 3: Σ(h − h̄)² = 8, Σ(h − ĥ)² = 1.
    expect(explainedVariance(sums)).toBe(7 / 8);
    expect(meanL0(sums)).toBe(1.5);
    expect([...firingRates(sums)]).toEqual([0.5, 0, 1]);
  });
});

describe("the gate", () => {
  const at = (explainedVariance: number) => ({ explainedVariance });
  test("abstains where the tuned model's unexplained variance exceeds the limit, or is no number", () => {
    expect(fidelityGate(at(0.9), at(0.81), 2)).toMatchObject({ limit: 2, abstains: false });
    expect(fidelityGate(at(0.9), at(0.79), 2).abstains).toBe(true);
    expect(fidelityGate(at(0.9), at(0.7), 4).abstains).toBe(false);
    expect(fidelityGate(at(0.9), at(Number.NaN)).abstains).toBe(true);
    expect(fidelityGate(at(1), at(1))).toMatchObject({ ratio: 1, abstains: false });
  });
});

describe("on a model", () => {
  let engine: Engine;
  let model: LanguageModel;
  beforeAll(async () => {
    engine = startEngine({ threads: 1 });
    const { source } = await golden("llama-tied");
    const noTokenizer: Partial<Tokenizer> = {};
    model = languageModel({ engine, source, tokenizer: noTokenizer as Tokenizer, adapterRank: null });
  });
  afterAll(() => engine.close());

  const sequences = [
    { ids: [3, 1, 4, 1, 5, 9, 2], positions: [1, 2, 3, 4, 5, 6] },
    { ids: [2, 7, 1, 8, 2, 8], positions: [0, 2, 4] },
    { ids: [1, 6], positions: [1] },
  ];

  /** 2 dModel latents ± e_j: every h is rebuilt exactly. */
  function exact(dModel: number, hook: Dictionary["hook"]): Dictionary {
    const decoder = new Float32Array(2 * dModel * dModel);
    for (let j = 0; j < dModel; j++) {
      decoder[2 * j * dModel + j] = 1;
      decoder[(2 * j + 1) * dModel + j] = -1;
    }
    const nLatents = 2 * dModel;
    const biases = { encoderBias: new Float32Array(nLatents), decoderBias: new Float32Array(dModel) };
    return { hook, dModel, nLatents, k: dModel, encoder: decoder, decoder, ...biases };
  }

  test("a dictionary that rebuilds everything recovers all of the cross-entropy; one that gives the mean, nothing", async () => {
    const { dModel } = model.source.definition.dimensions;
    const perfect = exact(dModel, "blocks.0.hook_resid_post");
    const [measured] = await measureFidelity({ model, dictionaries: [perfect], sequences, ceSequences: 3 });
    expect(measured?.fidelity.tokens).toBe(10);
    // Decoding adds each coordinate once: float32 rounding.
    expect(measured?.fidelity.explainedVariance).toBeCloseTo(1, 6);
    const mean = measured?.sums.mean ?? new Float64Array(dModel);
    const entropies = await crossEntropies({ model, dictionary: perfect, sequences, mean });
    // The last position of a sequence predicts nothing.
    expect(entropies.tokens).toBe(8);
    expect(Math.abs(entropies.rebuilt - entropies.plain)).toBeLessThan(1e-5);
    const silent = {
      ...perfect,
      encoderBias: new Float32Array(2 * dModel).fill(-1e6),
      decoderBias: Float32Array.from(mean),
    };
    const nothing = await crossEntropies({ model, dictionary: silent, sequences, mean });
    expect(Math.abs(nothing.rebuilt - nothing.ablated)).toBeLessThan(1e-5);
    expect(recovered({ tokens: 1, plain: 1, rebuilt: 1.5, ablated: 3 })).toBe(0.75);
    expect(recovered({ tokens: 1, plain: 1, rebuilt: 1.5, ablated: 1 })).toBeNull();
  });

  test("the plain cross-entropy is the model's own", async () => {
    const { dModel } = model.source.definition.dimensions;
    const whole = [{ ids: [3, 1, 4, 1, 5], positions: [0, 1, 2, 3, 4] }];
    const { plain } = await crossEntropies({
      model,
      dictionary: exact(dModel, "blocks.0.hook_resid_post"),
      sequences: whole,
      mean: new Float64Array(dModel),
    });
    const [likelihood] = await model.logLikelihood([{ prompt: [3], continuation: [1, 4, 1, 5] }]);
    // Two float32 paths of the same sums.
    expect(plain).toBeCloseTo(-(likelihood?.logprob ?? 0) / 4, 5);
  });
});
