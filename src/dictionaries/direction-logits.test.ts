import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden, goldenNames, randomFloats, relativeDifference } from "../../test/golden.ts";
import { goldenLanguage } from "../../test/language.ts";
import { must } from "../core/index.ts";
import { readTensor } from "../data/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { directionLogits } from "./direction-logits.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

/** float32 sums of dModel products, less those of other rows. */
const ROUNDING = 1e-5;

async function scene(name: (typeof goldenNames)[number]) {
  const model = await goldenLanguage(engine, name);
  const { dModel } = model.source.definition.dimensions;
  return { model, dModel, directions: randomFloats(3 * dModel, "directions") };
}

describe.each(goldenNames)("%s", (name) => {
  test("logits are linear in directions: f(−d) = −f(d), f(2d) = 2 f(d), f(0) = 0", async () => {
    const { model, dModel, directions } = await scene(name);
    const logits = await directionLogits(model, directions);
    const times = (factor: number) =>
      directionLogits(
        model,
        directions.map((value) => factor * value),
      );
    expect(
      relativeDifference(
        await times(-1),
        logits.map((value) => -value),
      ),
    ).toBeLessThan(ROUNDING);
    expect(
      relativeDifference(
        await times(2),
        logits.map((value) => 2 * value),
      ),
    ).toBeLessThan(ROUNDING);
    const none = await directionLogits(model, new Float32Array(dModel));
    expect(none.every((value) => value === 0)).toBe(true);
  });

  test("they add up to the model's own: logits of a normalised stream less its bias", async () => {
    const { model, dModel } = await scene(name);
    const { values } = await golden(name);
    const { finalNorm, unembedding, dimensions } = model.source.definition;
    const read = async (tensor: string) => readTensor(must(model.source.tensors.get(tensor), tensor));
    const normalised = await readTensor(must(values.get("ln_final.hook_normalized"), "the stream"));
    const whole = await readTensor(must(values.get("logits"), "logits"));
    const [bias, table] = [finalNorm.bias ? await read(finalNorm.bias) : new Float32Array(), await read(unembedding)];
    const constant = Float64Array.from({ length: dimensions.dVocab }, (_, token) =>
      bias.reduce((sum, b, i) => sum + b * must(table[token * dModel + i], "u"), 0),
    );
    const own = whole.map((logit, i) => logit - must(constant[i % constant.length], "constant"));
    expect(relativeDifference(await directionLogits(model, normalised), own)).toBeLessThan(1e-4);
  });
});

test("GPT-2's norm takes the mean off: f(d + c·1) = f(d)", async () => {
  const { model, directions } = await scene("gpt2");
  const shifted = await directionLogits(
    model,
    directions.map((value) => value + 0.7),
  );
  expect(relativeDifference(shifted, await directionLogits(model, directions))).toBeLessThan(ROUNDING);
});
