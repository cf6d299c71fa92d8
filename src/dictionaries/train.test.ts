import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { randomDictionary } from "./baselines.ts";
import { reconstruct } from "./decode.ts";
import { type DictionaryRecipe, dictionaryDefaults } from "./dictionary-recipe.ts";
import { encode } from "./encode.ts";
import { explainedVariance, sumsOf } from "./fidelity-sums.ts";
import { shuffledBatches } from "./shuffle-buffer.ts";
import { rateAt } from "./sparse-training.ts";
import { trainDictionary } from "./train.ts";

const D = 20;
const FEATURES = 24;

/** Rows with three of 24 true features each, a common shift, and an awkward scale. */
function planted(name: string) {
  const random = rng(3, name);
  const direction = rng(3, "directions");
  const directions = Array.from({ length: FEATURES }, () => {
    const row = Float32Array.from({ length: D }, () => direction.normal());
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    return row.map((value) => value / length);
  });
  const draw = (n: number) => {
    const rows = new Float32Array(n * D).fill(30);
    for (let t = 0; t < n; t++)
      for (let s = 0; s < 3; s++) {
        const row = must(directions[random.int(FEATURES)], "direction");
        const strength = 50 + 50 * random.next();
        for (let j = 0; j < D; j++) rows[t * D + j] = (rows[t * D + j] ?? 0) + strength * (row[j] ?? 0);
      }
    return rows;
  };
  return { directions, draw };
}

const recipe: DictionaryRecipe = {
  ...dictionaryDefaults,
  nLatents: 32,
  k: 3,
  tokens: 60_000,
  batchTokens: 128,
  learningRate: 3e-3,
  deadAfterTokens: 2000,
  seed: 1,
};

async function* batches(name: string) {
  const { draw } = planted(name);
  for (;;) yield draw(recipe.batchTokens);
}

describe("training", () => {
  let engine: Engine;
  beforeAll(() => {
    engine = startEngine({ threads: 1 });
  });
  afterAll(() => engine.close());

  test("recovers planted features, whatever the scale and shift of the activations", async () => {
    const reports: number[] = [];
    const trained = await trainDictionary({
      engine,
      hook: "blocks.0.hook_resid_post",
      dModel: D,
      recipe,
      batches: batches("train"),
      onStep: ({ unexplained }) => reports.push(unexplained),
    });
    expect(trained.steps).toBe(Math.floor(60_000 / 128));
    expect(reports.length).toBe(trained.steps);
    const { dictionary } = trained;
    const { directions, draw } = planted("held out");
    const rows = draw(500);
    const sums = sumsOf(dictionary, rows, reconstruct(dictionary, rows), encode(dictionary, rows));
    // Features that are not orthogonal disturb the encoder's reading of each other, so not all; random latents give .3.
    expect(explainedVariance(sums)).toBeGreaterThan(0.9);
    const random = randomDictionary(dictionary, 1);
    const by = sumsOf(random, rows, reconstruct(random, rows), encode(random, rows));
    expect(explainedVariance(by)).toBeLessThan(0.5);
    const found = directions.filter((direction) => {
      for (let i = 0; i < 32; i++) {
        let cosine = 0;
        for (let j = 0; j < D; j++) cosine += (direction[j] ?? 0) * (dictionary.decoder[i * D + j] ?? 0);
        if (cosine > 0.95) return true;
      }
      return false;
    });
    // Of 24; a random unit vector in 20 dimensions never has cosine .95 with one of 32.
    expect(found.length).toBeGreaterThanOrEqual(20);
    for (let i = 0; i < 32; i++) {
      const row = dictionary.decoder.subarray(i * D, i * D + D);
      expect(row.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
    }
  });

  test("the same seed gives the same dictionary", async () => {
    const short = { ...recipe, tokens: 20 * recipe.batchTokens };
    const once = async (seed: number) => {
      const request = { engine, hook: "blocks.0.hook_resid_post" as const, dModel: D, batches: batches("same") };
      return (await trainDictionary({ ...request, recipe: { ...short, seed } })).dictionary;
    };
    const first = await once(1);
    expect(await once(1)).toEqual(first);
    expect((await once(2)).decoder).not.toEqual(first.decoder);
  });

  test("stops between steps when asked, and says what is wrong with too little text or too large a rate", async () => {
    const controller = new AbortController();
    const request = { engine, hook: "blocks.0.hook_resid_post" as const, dModel: D, recipe, batches: batches("stop") };
    const stopped = trainDictionary({
      ...request,
      signal: controller.signal,
      onStep: ({ step }) => step === 3 && controller.abort(),
    });
    await expect(stopped).rejects.toThrow(/cancelled/);
    async function* little() {
      yield* [] as Float32Array[];
    }
    await expect(trainDictionary({ ...request, batches: little() })).rejects.toThrow(/at least 128 tokens/);
    const wild = { ...recipe, learningRate: Number.POSITIVE_INFINITY };
    await expect(trainDictionary({ ...request, recipe: wild, batches: batches("wild") })).rejects.toThrow(
      /lower the learning rate/,
    );
  });
});

describe("the learning rate", () => {
  test("rises, stays, falls to zero", () => {
    const shape = { warmup: 0.2, decay: 0.4 };
    const rates = Array.from({ length: 10 }, (_, step) => rateAt(step, 10, shape));
    expect(rates).toEqual([0.5, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25]);
  });
});

describe("the shuffle buffer", () => {
  test("gives every row once, in whole batches, far from where it came", async () => {
    async function* pieces() {
      for (let piece = 0; piece < 50; piece++)
        yield Float32Array.from({ length: 2 * 7 }, (_, i) => piece * 7 + Math.floor(i / 2));
    }
    const options = { dModel: 2, batchTokens: 16, bufferTokens: 64, seed: 1 };
    const seen: number[] = [];
    for await (const batch of shuffledBatches(pieces(), options)) {
      expect(batch.length).toBe(32);
      for (let i = 0; i < 16; i++) {
        expect(batch[2 * i]).toBe(batch[2 * i + 1]);
        seen.push(batch[2 * i] ?? -1);
      }
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(Math.floor(350 / 16) * 16);
    const moved = seen.reduce((sum, row, at) => sum + Math.abs(row - at), 0) / seen.length;
    expect(moved).toBeGreaterThan(8);
  });
});
