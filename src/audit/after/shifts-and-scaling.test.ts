import { afterAll, beforeAll, expect, test } from "vitest";
import { goldenAdapter } from "../../../test/golden.ts";
import { encodeByDefinition, goldenLanguage, randomDictionary, wordSequences } from "../../../test/language.ts";
import { type Engine, startEngine } from "../../engine/index.ts";
import { featureShifts } from "./feature-shifts.ts";
import { latentScaling } from "./latent-scaling.ts";
import { shiftsAndScaling } from "./shifts-and-scaling.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

test("one pass says what two say, more than one group of sequences long", async () => {
  const base = await goldenLanguage(engine, "llama-tied", 4);
  const tuned = await base.withAdapter(await goldenAdapter("llama-tied"));
  const { dModel } = base.source.definition.dimensions;
  const dictionary = randomDictionary("blocks.1.hook_resid_post", dModel, 2 * dModel, 4);
  const latents = [0, 3, 7, 11];
  const request = { base, tuned, dictionary, encode: encodeByDefinition, latents, sequences: wordSequences(base, 40) };
  const together = await shiftsAndScaling(request);
  expect(together.shifts).toEqual(await featureShifts(request));
  expect(together.scalings).toEqual(await latentScaling(request));
  expect(together.scalings.some((scaling) => scaling !== null)).toBe(true);
});
