import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomCase, randomRows } from "../../test/dictionaries.ts";
import { dictionaryFixtures, expectedOf, fixtureFolders, worstOf } from "../../test/dictionary-fixtures.ts";
import { must, UserError } from "../core/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { coderOf, dictionaryOf } from "./as-dictionary.ts";
import { loadCoder } from "./coders/load.ts";
import { decodeSparse, reconstruct } from "./decode.ts";
import { encode } from "./encode.ts";
import { encodeLarge } from "./encode-large.ts";
import { openCoders } from "./formats/index.ts";

async function coderIn(fixture: string) {
  return loadCoder(must((await openCoders(join(dictionaryFixtures, fixture))).coders[0], "coder"));
}

const foldable = fixtureFolders.filter(
  (folder) =>
    /^(sae-lens|gemma-scope|dictionary_learning)/.test(folder) &&
    !/(norm|pursuit|abstopk|transcoder|clt|crosscoder|topk-rescaled|legacy|TopK$|sae-lens\/topk)/.test(folder),
);

describe("an analysis' dictionary computes what the file's library computed", () => {
  test.each([...foldable, "sae-lens/topk-rescaled"])("%s", async (fixture) => {
    const dictionary = dictionaryOf(await coderIn(fixture), fixture);
    const { inputs, outputs } = await expectedOf(fixture);
    // Norms, gates and biases are folded: the sums run over other float32 numbers.
    expect(worstOf(reconstruct(dictionary, must(inputs[0], "x")), must(outputs[0], "y"))).toBeLessThan(2e-6);
    for (let i = 0; i < dictionary.nLatents; i++) {
      const row = dictionary.decoder.subarray(i * dictionary.dModel, (i + 1) * dictionary.dModel);
      expect(row.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
    }
  });

  test("covers ReLU, JumpReLU, gated and several libraries", () => expect(foldable.length).toBeGreaterThan(12));
});

describe("what analyses cannot read is refused with what it is", () => {
  test.each([
    ["sae-lens/standard-layer-norm", /no layer_norm at run time/],
    ["sae-lens/skip_transcoder", /transcoders serve trace/],
    ["sae-lens/matching-pursuit", /matching_pursuit/],
    ["sae-lens/topk", /unit norm/],
    ["gemma-scope-2/clt/width_262k_l0_big", /jumprelu clt of google\/gemma-3-1b-it/],
  ])("%s", async (fixture, message) => {
    const coder = await coderIn(fixture);
    expect(() => dictionaryOf(coder, fixture)).toThrow(message);
    expect(() => dictionaryOf(coder, fixture)).toThrow(UserError);
  });
});

describe("dictionaries with thresholds", () => {
  let engine: Engine;
  beforeAll(() => {
    engine = startEngine({ threads: 1 });
  });
  afterAll(() => engine.close());

  const like = randomCase(64, 1031, 6);
  const threshold = Float32Array.from({ length: 1031 }, (_, i) => 4 + (i % 7));
  const dictionary = { ...like, k: null, threshold };
  const rows = randomRows(800, 64);

  test("speak where pre > θ, in as many slots as the fullest row needs", () => {
    const { k, latents, values, tokens } = encode(dictionary, rows.subarray(0, 40 * 64));
    const open = encode({ ...like, k: 1031 }, rows.subarray(0, 40 * 64));
    let fullest = 0;
    for (let t = 0; t < tokens; t++) {
      const expected = [...open.latents.subarray(t * 1031, (t + 1) * 1031)].filter(
        (latent, s) => latent >= 0 && (open.values[t * 1031 + s] ?? 0) > (threshold[latent] ?? 0),
      );
      expect([...latents.subarray(t * k, t * k + expected.length)]).toEqual(expected);
      expect(values.subarray(t * k + expected.length, (t + 1) * k).every((value) => value === 0)).toBe(true);
      fullest = Math.max(fullest, expected.length);
    }
    expect(k).toBe(fullest);
    // More than the slots it began with, so that widening is looked at.
    expect(fullest).toBeGreaterThan(32);
  });

  test("the engine rebuilds as the loops do, for few and for many active latents", async () => {
    for (const level of [4, 0.2]) {
      const of = { ...dictionary, threshold: threshold.map((value) => value * level) };
      const [ours, theirs] = [await encodeLarge(engine, of, rows), encode(of, rows)];
      // A pre-activation at its threshold, but for the order of 64 float32 sums, may fall on either side.
      const differ =
        ours.values.filter((value) => value > 0).length - theirs.values.filter((value) => value > 0).length;
      expect(Math.abs(differ)).toBeLessThan(4);
      if (differ === 0) expect(worstOf(decodeSparse(of, ours), decodeSparse(of, theirs))).toBeLessThan(1e-5);
    }
  });

  test("there and back is the same", () => {
    const back = dictionaryOf(coderOf(dictionary, null), "back");
    expect(
      worstOf(reconstruct(back, rows.subarray(0, 640)), reconstruct(dictionary, rows.subarray(0, 640))),
    ).toBeLessThan(1e-6);
    expect(back.k).toBeNull();
  });
});
