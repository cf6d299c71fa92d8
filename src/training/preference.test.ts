/** Ten losses of direct preference optimisation, TRL's own; generator: test/fixtures/dpo/make_dpo.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenName, golden, goldenFolder, relativeDifference } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { adapterLayout, flattenAdapter } from "../models/index.ts";
import { adamWDefaults, adamWProgram, optimiserStep } from "./optimiser.ts";
import { readPeft } from "./peft.ts";
import {
  addPreferenceGradient,
  type PreferencePair,
  pairBatches,
  preferenceProgram,
  referenceMargins,
} from "./preference.ts";
import type { TrainingRow } from "./step.ts";
import { loraTrainable } from "./trainable.ts";

interface FixturePair {
  readonly prompt: number[];
  readonly chosen: number[];
  readonly rejected: number[];
}
const fixture: {
  beta: number;
  learningRate: number;
  runs: { base: GoldenName; batches: FixturePair[][]; losses: number[]; margins: number[][] }[];
} = JSON.parse(readFileSync(join(import.meta.dirname, "../../test/fixtures/dpo/dpo.json"), "utf8"));
const { beta, learningRate } = fixture;

const row = (prompt: number[], answer: number[]): TrainingRow => ({
  ids: Int32Array.from([...prompt, ...answer]),
  weights: Float32Array.from([...prompt.map(() => 0), ...answer.map(() => 1)]),
});
const pairOf = ({ prompt, chosen, rejected }: FixturePair): PreferencePair => ({
  chosen: row(prompt, chosen),
  rejected: row(prompt, rejected),
});

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

async function begin(base: GoldenName) {
  const { source } = await golden(base);
  const adapter = await readPeft(join(goldenFolder(base), "adapter-start"), source.definition);
  const layout = adapterLayout(source.definition.linears, adapter.rank);
  const training = preferenceProgram(source, loraTrainable(layout), 64);
  await engine.write("parameters", flattenAdapter(adapter, layout));
  for (const buffer of ["zero", "gradient", "m", "v"]) await engine.write(buffer, new Float32Array(layout.size));
  return { training, size: layout.size, scale: adapter.scale };
}

describe.each(fixture.runs)("$base", ({ base, batches, losses, margins }) => {
  test("ten losses and margins are TRL's", async () => {
    const { training, size, scale } = await begin(base);
    const options = { ...adamWDefaults, weightDecay: 0, maxGradNorm: Number.POSITIVE_INFINITY };
    const program = adamWProgram(size, options);
    for (const [i, batch] of batches.entries()) {
      const request = { engine, training, pairs: batch.map(pairOf), paddedLength: 12, beta };
      const reference = await referenceMargins(request);
      const found = await addPreferenceGradient({
        ...request,
        reference,
        totalPairs: batch.length,
        scale,
        first: true,
      });
      expect(Math.abs(found.loss / must(losses[i], "loss") - 1), `loss ${i}`).toBeLessThan(1e-4);
      // The first adapter changes nothing: margins are 0 there, up to float32 sums of log-probabilities near 20.
      if (i === 0) expect(Math.max(...found.margins.map(Math.abs))).toBeLessThan(1e-4);
      else expect(relativeDifference(found.margins, must(margins[i], "margins")), `margins ${i}`).toBeLessThan(1e-3);
      await optimiserStep({ engine, program, size, options, t: i + 1, learningRate });
    }
  });

  test("a batch in parts gives the same gradient", async () => {
    const { training, scale } = await begin(base);
    const pairs = batches.flat().slice(0, 7).map(pairOf);
    const gradientOf = async (budget: number) => {
      let loss = 0;
      for (const [i, batch] of pairBatches(pairs, budget).entries()) {
        const request = { engine, training, ...batch, beta };
        const reference = await referenceMargins(request);
        const part = { ...request, reference, totalPairs: pairs.length, scale, first: i === 0 };
        loss += (await addPreferenceGradient(part)).loss;
      }
      return { loss, gradient: (await engine.read("gradient")).slice() };
    };
    const whole = await gradientOf(10_000);
    const parts = await gradientOf(1);
    expect(whole.loss).toBeCloseTo(Math.log(2), 4);
    expect(parts.loss / whole.loss).toBeCloseTo(1, 5);
    expect(relativeDifference(parts.gradient, whole.gradient)).toBeLessThan(1e-5);
  });
});
