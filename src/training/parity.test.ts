/** LoRA gradients and ten losses against PEFT; generator: test/fixtures/models/make_fixtures.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden, goldenNames } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import { openSafetensors, readTensor } from "../data/index.ts";
import { type Engine, type ModelSource, startEngine } from "../engine/index.ts";
import { adapterLayout, flattenAdapter, moduleInFiles } from "../models/index.ts";
import {
  adamWDefaults,
  adamWProgram,
  addGradient,
  loraTrainable,
  lossWeight,
  optimiserStep,
  type TrainingRow,
  trainingProgram,
} from "./index.ts";
import { readPeft } from "./peft.ts";

const fixtures = join(import.meta.dirname, "../../test/fixtures/models");
const PREFIX = "base_model.model.";

interface FixtureRow {
  readonly ids: number[];
  readonly weights: number[];
}

interface Fixture {
  readonly gradient: { rows: FixtureRow[]; loss: number; adapter: string };
  readonly training: {
    adapter: string;
    clipNorm: number;
    schedule: string;
    learningRates: number[];
    losses: number[];
    gradNorms: number[];
    batches: FixtureRow[][];
  }[];
}

const trainingRow = ({ ids, weights }: FixtureRow): TrainingRow => ({
  ids: Int32Array.from(ids),
  weights: Float32Array.from(weights),
});

describe.each(goldenNames)("%s against PEFT", (name) => {
  const folder = join(fixtures, name);
  const fixture: Fixture = JSON.parse(readFileSync(join(folder, "lora.json"), "utf8"));
  let engine: Engine;
  let source: ModelSource;
  beforeAll(async () => {
    engine = startEngine({ threads: 2 });
    source = (await golden(name)).source;
  });
  afterAll(() => engine.close());

  async function begin(adapterFolder: string) {
    const adapter = await readPeft(join(folder, adapterFolder), source.definition);
    const layout = adapterLayout(source.definition.linears, adapter.rank);
    const training = trainingProgram(source, loraTrainable(layout), 64);
    await engine.write("parameters", flattenAdapter(adapter, layout));
    for (const buffer of ["zero", "gradient", "m", "v"]) await engine.write(buffer, new Float32Array(layout.size));
    const gradient = (
      rows: TrainingRow[],
      first = true,
      totalWeight = rows.reduce((sum, row) => sum + lossWeight(row), 0),
    ) => addGradient({ engine, training, rows, paddedLength: 12, totalWeight, scale: adapter.scale, first });
    return { layout, gradient };
  }

  test("loss and every gradient of A and B", async () => {
    const { layout, gradient } = await begin(fixture.gradient.adapter);
    const loss = await gradient(fixture.gradient.rows.map(trainingRow));
    expect(Math.abs(loss / fixture.gradient.loss - 1)).toBeLessThan(1e-5);
    const flat = await engine.read("gradient");
    const values = await openSafetensors(join(folder, "lora.safetensors"));
    for (const { module, dIn, dOut, offsetA, offsetB } of layout.slots) {
      for (const [part, offset, size] of [
        ["A", offsetA, layout.rank * dIn],
        ["B", offsetB, dOut * layout.rank],
      ] as const) {
        const theirs = await readTensor(
          must(values.get(`grad.${PREFIX}${moduleInFiles(module, source.definition)}.lora_${part}.weight`), module),
        );
        const difference = Math.max(...theirs.map((value, i) => Math.abs(value - (flat[offset + i] as number))));
        expect(theirs.length).toBe(size);
        expect(difference / Math.max(...theirs.map(Math.abs)), `${module}.lora_${part}`).toBeLessThan(1e-4);
      }
    }
  });

  test("a batch in parts gives the same gradient", async () => {
    const rows = fixture.gradient.rows.map(trainingRow);
    const { gradient } = await begin(fixture.gradient.adapter);
    await gradient(rows);
    const whole = (await engine.read("gradient")).slice();
    const total = rows.reduce((sum, row) => sum + lossWeight(row), 0);
    for (const [i, row] of rows.entries()) await gradient([row], i === 0, total);
    const parts = await engine.read("gradient");
    const difference = Math.max(...whole.map((value, i) => Math.abs(value - (parts[i] as number))));
    expect(difference / Math.max(...whole.map(Math.abs))).toBeLessThan(1e-5);
  });

  test.each(fixture.training.map((training, i) => [training.schedule, i] as const))(
    "ten losses of AdamW, %s",
    async (_, index) => {
      const training = must(fixture.training[index], "training");
      const { layout, gradient } = await begin(training.adapter);
      const options = { ...adamWDefaults, maxGradNorm: training.clipNorm };
      const program = adamWProgram(layout.size, options);
      for (const [i, batch] of training.batches.entries()) {
        const loss = await gradient(batch.map(trainingRow));
        const learningRate = must(training.learningRates[i], "learning rate");
        const norm = await optimiserStep({ engine, program, size: layout.size, options, t: i + 1, learningRate });
        expect(Math.abs(loss / must(training.losses[i], "loss") - 1), `loss ${i}`).toBeLessThan(1e-4);
        expect(Math.abs(norm / must(training.gradNorms[i], "norm") - 1), `norm ${i}`).toBeLessThan(1e-3);
      }
    },
  );
});
