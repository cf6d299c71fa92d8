import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomCase, randomRows } from "../../test/dictionaries.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { permutedDictionary, randomDictionary } from "./baselines.ts";
import { decodeSparse, reconstruct } from "./decode.ts";
import type { Dictionary } from "./dictionary.ts";
import { encode } from "./encode.ts";
import { encodeLarge } from "./encode-large.ts";

/** Two latents over three dimensions, small enough to work out by hand. */
const byHand: Dictionary = {
  hook: "blocks.0.hook_resid_post",
  dModel: 3,
  nLatents: 2,
  k: 1,
  encoder: Float32Array.of(1, 0, 0, 0, 2, 0),
  encoderBias: Float32Array.of(0.5, -1),
  decoder: Float32Array.of(1, 0, 0, 0, 0.6, 0.8),
  decoderBias: Float32Array.of(1, 1, 0),
};

describe("a dictionary worked out by hand", () => {
  // h − b = (1, 2, 7): pre = (1·1 + .5, 2·2 − 1) = (1.5, 3): latent 1 wins with 3.
  // h − b = (2, 0, 0): pre = (2.5, −1): latent 0. h − b = (−1, .5, 0): pre = (−.5, 0): none.
  const rows = Float32Array.of(2, 3, 7, 3, 1, 0, 0, 1.5, 0);

  test("encodes: the largest of ReLU(E (h − b) + e), nothing where nothing is positive", () => {
    const { latents, values } = encode(byHand, rows);
    expect([...latents]).toEqual([1, 0, -1]);
    expect([...values]).toEqual([3, 2.5, 0]);
  });

  test("decodes: f d + b", () => {
    const expected = [1, 1 + 3 * 0.6, 3 * 0.8, 1 + 2.5, 1, 0, 1, 1, 0];
    for (const [i, value] of reconstruct(byHand, rows).entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 6);
  });

  test("with k = 2 both latents speak, the larger first", () => {
    const { latents, values } = encode({ ...byHand, k: 2 }, rows.subarray(0, 3));
    expect([...latents]).toEqual([1, 0]);
    expect([...values]).toEqual([3, 1.5]);
  });
});

describe("laws", () => {
  let engine: Engine;
  beforeAll(() => {
    engine = startEngine({ threads: 1 });
  });
  afterAll(() => engine.close());

  test("of equal values the lower index wins", () => {
    const twins = { ...byHand, encoder: Float32Array.of(1, 0, 0, 1, 0, 0), encoderBias: Float32Array.of(0, 0) };
    expect([...encode(twins, Float32Array.of(4, 1, 0)).latents]).toEqual([0]);
  });

  test("a row that is one decoder row is read as that latent alone, at its strength", () => {
    const sizes = { ...randomCase(24, 40, 1), encoderBias: new Float32Array(40) };
    const dictionary = randomDictionary(sizes, 3);
    for (let latent = 0; latent < 40; latent++) {
      const row = dictionary.decoderBias.map((b, j) => b + 2.5 * (dictionary.decoder[latent * 24 + j] ?? 0));
      const { latents, values } = encode(dictionary, row);
      expect(latents[0]).toBe(latent);
      // ⟨d, d⟩ = 1 but for float32 rounding.
      expect(values[0]).toBeCloseTo(2.5, 5);
    }
  });

  test("sparse decoding is the dense product", () => {
    const dictionary = randomCase(13, 50, 7);
    const sparse = encode(dictionary, randomRows(9, 13));
    const rebuilt = decodeSparse(dictionary, sparse);
    for (let t = 0; t < 9; t++) {
      const dense = new Float64Array(50);
      for (let s = t * 7; s < t * 7 + 7; s++)
        if ((sparse.latents[s] ?? -1) >= 0) dense[sparse.latents[s] ?? 0] = sparse.values[s] ?? 0;
      for (let j = 0; j < 13; j++) {
        let sum = dictionary.decoderBias[j] ?? 0;
        for (let i = 0; i < 50; i++) sum += (dense[i] ?? 0) * (dictionary.decoder[i * 13 + j] ?? 0);
        // Seven float32 additions of numbers below ten.
        expect(Math.abs((rebuilt[t * 13 + j] ?? 0) - sum)).toBeLessThan(1e-5);
      }
    }
  });

  test("the k kept are the k largest: against sorting, with free slots where fewer are positive", () => {
    const dictionary = { ...randomCase(6, 31, 5), encoderBias: new Float32Array(31).fill(-2) };
    const rows = randomRows(40, 6);
    const { latents, values } = encode(dictionary, rows);
    for (let t = 0; t < 40; t++) {
      const pre = Array.from({ length: 31 }, (_, i) => {
        let sum = dictionary.encoderBias[i] ?? 0;
        for (let j = 0; j < 6; j++)
          sum += ((rows[t * 6 + j] ?? 0) - (dictionary.decoderBias[j] ?? 0)) * (dictionary.encoder[i * 6 + j] ?? 0);
        return { i, sum };
      });
      const best = pre.filter(({ sum }) => sum > 0).sort((a, b) => b.sum - a.sum);
      const expected = Array.from({ length: 5 }, (_, s) => best[s]?.i ?? -1);
      expect([...latents.subarray(t * 5, t * 5 + 5)]).toEqual(expected);
      const kept = [...values.subarray(t * 5, t * 5 + 5)];
      expect(kept.map((value) => value > 0)).toEqual(expected.map((latent) => latent >= 0));
    }
  });

  test("the engine encodes as the loops do, over several parts", async () => {
    const dictionary = { ...randomCase(64, 4099, 6), encoderBias: new Float32Array(4099).fill(-30) };
    // 2,100 rows: two parts of at most 2²³ pre-activations.
    const rows = randomRows(2100, 64);
    const [ours, theirs] = [await encodeLarge(engine, dictionary, rows), encode(dictionary, rows)];
    let different = 0;
    for (const [slot, latent] of ours.latents.entries()) {
      if (latent !== theirs.latents[slot]) different++;
      // 64 products of float32 in another order.
      else expect(Math.abs((ours.values[slot] ?? 0) - (theirs.values[slot] ?? 0))).toBeLessThan(1e-4);
    }
    // Only neighbours that are equal within rounding may change places.
    expect(different).toBeLessThan(ours.latents.length / 1000);
    expect(ours.latents.some((latent) => latent === -1)).toBe(true);
  });

  test("baselines keep the sizes: random rows have unit norm, permuted ones are the same rows", () => {
    const dictionary = randomCase(8, 20, 2);
    const random = randomDictionary(dictionary, 5);
    for (let i = 0; i < 20; i++) {
      const row = random.decoder.subarray(i * 8, i * 8 + 8);
      expect(row.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 6);
    }
    expect(random.encoder).toEqual(random.decoder);
    expect(randomDictionary(dictionary, 5).decoder).toEqual(random.decoder);
    expect(randomDictionary(dictionary, 6).decoder).not.toEqual(random.decoder);
    const rowsOf = ({ decoder }: Dictionary) =>
      Array.from({ length: 20 }, (_, i) => decoder.subarray(i * 8, i * 8 + 8).join()).sort();
    const permuted = permutedDictionary(dictionary, 5);
    expect(rowsOf(permuted)).toEqual(rowsOf(dictionary));
    expect(permuted.decoder).not.toEqual(dictionary.decoder);
    expect(permuted.encoder).toBe(dictionary.encoder);
  });
});
