import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenLanguage, randomDictionary, wordSequences } from "../../../test/language.ts";
import { must } from "../../core/index.ts";
import { readTensor } from "../../data/index.ts";
import { type Engine, startEngine } from "../../engine/index.ts";
import type { HookName } from "../../models/index.ts";
import { differenceLens } from "./difference-lens.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

async function scene(name: "llama-tied" | "gemma3") {
  const base = await goldenLanguage(engine, name);
  const { dModel, nLayers } = base.source.definition.dimensions;
  const texts = wordSequences(base, 20).map(({ ids }) => ids);
  const hook: HookName = `blocks.${nLayers - 1}.hook_resid_post`;
  const dictionary = randomDictionary(hook, dModel, 3 * dModel, 4);
  return { base, dModel, texts, hook, dictionary };
}

describe.each(["llama-tied", "gemma3"] as const)("%s", (name) => {
  test("a model beside itself: nothing to read", async () => {
    const { base, texts, dictionary } = await scene(name);
    const lens = must((await differenceLens({ base, tuned: base, texts, dictionary, seed: 1 })) ?? undefined, "lens");
    expect([lens.texts, lens.positions]).toEqual([20, 5]);
    for (const { norm, random95, promoted, suppressed, latents } of lens.layers) {
      expect(norm).toBe(0);
      expect(random95).toBeGreaterThan(0);
      expect([promoted, suppressed, latents]).toEqual([[], [], []]);
    }
  });

  test("an added decoder row is found among the latents, at its own norm", async () => {
    const { base, texts, dictionary, hook, dModel } = await scene(name);
    const vector = dictionary.decoder.slice(5 * dModel, 6 * dModel).map((value) => 3 * value);
    const tuned = base.intervene([{ kind: "add", hook, vector }]);
    const lens = await differenceLens({ base, tuned, texts, dictionary, seed: 1 });
    const last = must(lens?.layers.at(-1), "layer");
    // Differences of float32 activations of the order of ten.
    expect(last.norm).toBeCloseTo(3, 4);
    expect(last.latents[0]?.latent).toBe(5);
    expect(last.latents[0]?.cosine).toBeCloseTo(1, 4);
    for (const layer of lens?.layers.slice(0, -1) ?? []) expect([layer.norm, layer.latents]).toEqual([0, []]);
  });

  test("a direction that writes a token is read as that token", async () => {
    const { base, texts, hook, dModel } = await scene(name);
    const { finalNorm, unembedding } = base.source.definition;
    const weight = async (tensor: string) => readTensor(must(base.source.tensors.get(tensor), tensor));
    const [gain, table] = [await weight(finalNorm.weight), await weight(unembedding)];
    const vector = table
      .slice(7 * dModel, 8 * dModel)
      .map((value, i) => (20 * value) / (finalNorm.offset + must(gain[i], "gain")));
    const told = async (sign: 1 | -1) => {
      const tuned = base.intervene([{ kind: "add", hook, vector: vector.map((value) => sign * value) }]);
      const lens = await differenceLens({ base, tuned, texts, dictionary: null, seed: 1 });
      return must(lens?.layers.at(-1), "layer");
    };
    expect((await told(1)).promoted[0]?.token).toBe("w7");
    expect((await told(-1)).suppressed[0]?.token).toBe("w7");
  });
});

test("texts that are all alike have equal halves; too few texts have none", async () => {
  const { base, texts } = await scene("llama-tied");
  const same = texts.map(() => must(texts[0], "text"));
  const lens = await differenceLens({ base, tuned: base, texts: same, dictionary: null, seed: 1 });
  // Two means of one vector: rounding.
  for (const { random95 } of lens?.layers ?? []) expect(random95).toBeLessThan(1e-5);
  expect(await differenceLens({ base, tuned: base, texts: texts.slice(0, 3), dictionary: null, seed: 1 })).toBeNull();
});
