import { describe, expect, test } from "vitest";
import { encodeByDefinition, randomDictionary } from "../../../test/language.ts";
import { must, rng } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import { mergeScalingSums, type ScalingSums, scalingAdder, scalingSums, scalingsOf } from "./latent-scaling.ts";

/** Latents e_0, e_1 and (e_0 + e_2)/√2 in three dimensions, one active at a time; b = (0, 0, 1). */
function three(): Dictionary {
  const half = Math.SQRT1_2;
  const decoder = Float32Array.of(1, 0, 0, 0, 1, 0, half, 0, half);
  return {
    hook: "blocks.0.hook_resid_post",
    dModel: 3,
    nLatents: 3,
    k: 1,
    encoder: decoder,
    encoderBias: new Float32Array(3),
    decoder,
    decoderBias: Float32Array.of(0, 0, 1),
  };
}

describe("three latents by hand", () => {
  const dictionary = three();
  const seen = (rows: readonly number[]) => {
    const values = Float32Array.from(rows);
    return { rows: values, active: encodeByDefinition(dictionary, values) };
  };

  test("a token that the TopK gives to another latent still counts through the error", () => {
    const sums = scalingSums(2);
    // Base: f_0 = 4, error (0, 1, 0). Tuned: latent 1 wins with f_1 = 6, and 2 e_0 is left as error.
    scalingAdder(sums, dictionary, [0, 1])(seen([4, 1, 1]), seen([2, 6, 1]));
    const [first, second] = scalingsOf(sums, dictionary, [0, 1]);
    // y_base = 4 e_0 + …: β = 1; y_tuned = h − f_1 d_1 − b = 2 e_0: β = 4 · 2 / 16 = 1/2, all of it in the error.
    expect(first).toEqual({ base: 1, tuned: 0.5, ratio: 2, errorRatio: 0 });
    expect(second).toBeNull();
  });

  test("a latent twice as strong has ν = 1/2", () => {
    const sums = scalingSums(1);
    const add = scalingAdder(sums, dictionary, [0]);
    add(seen([3, 0, 1]), seen([6, 0, 1]));
    add(seen([1, 0.5, 1]), seen([2, 0.5, 1]));
    // Errors are orthogonal to d_0, so that nothing of them is there.
    expect(scalingsOf(sums, dictionary, [0])).toEqual([{ base: 1, tuned: 2, ratio: 0.5, errorRatio: null }]);
  });
});

describe("planted in random activations", () => {
  const dictionary = randomDictionary("blocks.0.hook_resid_post", 64, 96, 6);
  const random = rng(3, "planted");
  const gaussian = (n: number) => Float32Array.from({ length: n }, () => 2 * random.normal());
  const tokens = 400;
  const base = gaussian(tokens * 64);
  const encoded = encodeByDefinition(dictionary, base);
  const chosen = [3, 40, 77];
  /** Each token with `factor` times what the base's chosen latents write there. */
  const scaled = (factor: number) => {
    const rows = base.slice();
    for (const [slot, latent] of encoded.latents.entries()) {
      if (!chosen.includes(latent)) continue;
      const at = Math.floor(slot / encoded.k) * 64;
      for (let j = 0; j < 64; j++)
        rows[at + j] =
          (rows[at + j] as number) +
          (factor - 1) * must(encoded.values[slot], "f") * must(dictionary.decoder[latent * 64 + j], "d");
    }
    return rows;
  };
  const part = (rows: Float32Array, from: number, to: number) => {
    const some = rows.slice(from * 64, to * 64);
    return { rows: some, active: encodeByDefinition(dictionary, some) };
  };
  const sumsOf = (tuned: Float32Array, cuts: readonly number[]): ScalingSums => {
    const shards = cuts.slice(1).map((to, c) => {
      const sums = scalingSums(chosen.length);
      const from = must(cuts[c], "cut");
      scalingAdder(sums, dictionary, chosen)(part(base, from, to), part(tuned, from, to));
      return sums;
    });
    return shards.reduce(mergeScalingSums, scalingSums(chosen.length));
  };

  test("the same activations: ν = 1 exactly", () => {
    for (const scaling of scalingsOf(sumsOf(base, [0, tokens]), dictionary, chosen)) {
      expect(scaling?.ratio).toBe(1);
      expect(scaling?.errorRatio).toBe(1);
    }
  });

  test("doubled: ν near 1/2; neighbours that overlap move it a little", () => {
    for (const scaling of scalingsOf(sumsOf(scaled(2), [0, tokens]), dictionary, chosen)) {
      expect(scaling?.ratio).toBeGreaterThan(0.45);
      expect(scaling?.ratio).toBeLessThan(0.58);
    }
  });

  test("shards add up", () => {
    const tuned = scaled(1.5);
    const whole = scalingsOf(sumsOf(tuned, [0, tokens]), dictionary, chosen);
    const parts = scalingsOf(sumsOf(tuned, [0, 1, 130, tokens]), dictionary, chosen);
    for (const [i, scaling] of whole.entries()) expect(parts[i]?.ratio).toBeCloseTo(scaling?.ratio ?? Number.NaN, 10);
  });
});
