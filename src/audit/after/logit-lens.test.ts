import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenNames, randomFloats, relativeDifference } from "../../../test/golden.ts";
import { goldenLanguage } from "../../../test/language.ts";
import { directionLogits } from "../../dictionaries/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../../engine/index.ts";
import { eachLens } from "./logit-lens.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

/** float32 sums of dModel products. */
const ROUNDING = 1e-5;

/** All rows, one behind the other. */
async function lens(model: LanguageModel, directions: Float32Array): Promise<number[]> {
  const out: number[] = [];
  await eachLens(model, directions, (_, logits) => out.push(...logits));
  return out;
}

async function scene(name: (typeof goldenNames)[number]) {
  const model = await goldenLanguage(engine, name);
  const { dModel, dVocab } = model.source.definition.dimensions;
  return { model, dVocab, directions: randomFloats(3 * dModel, "directions") };
}

describe.each(goldenNames)("%s", (name) => {
  test("f(−d) = −f(d), and what dictionaries say of directions is the same but for the vocabulary's mean", async () => {
    const { model, dVocab, directions } = await scene(name);
    const logits = await lens(model, directions);
    const opposite = await lens(
      model,
      directions.map((value) => -value),
    );
    expect(
      relativeDifference(
        opposite,
        logits.map((value) => -value),
      ),
    ).toBeLessThan(ROUNDING);
    const other = await directionLogits(model, directions);
    const centred = [...other].map((logit, i) => {
      const start = i - (i % dVocab);
      return logit - other.subarray(start, start + dVocab).reduce((sum, value) => sum + value, 0) / dVocab;
    });
    expect(relativeDifference(logits, centred)).toBeLessThan(ROUNDING);
  });
});

test("GPT-2's norm takes the mean off: f(d + c·1) = f(d)", async () => {
  const { model, directions } = await scene("gpt2");
  const shifted = await lens(
    model,
    directions.map((value) => value + 0.7),
  );
  expect(relativeDifference(shifted, await lens(model, directions))).toBeLessThan(ROUNDING);
});
