/** Full fine-tuning against torch (generator: test/fixtures/full/make_full.py), held-out rows, early stopping, going on. */
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  floats,
  type GoldenName,
  golden,
  goldenAdapter,
  goldenFolder,
  relativeDifference,
  tokenFeeds,
} from "../../test/golden.ts";
import { CancelledError, must, rng } from "../core/index.ts";
import { openSafetensors, type Tokenizer } from "../data/index.ts";
import { type Engine, forwardProgram, languageModel, startEngine } from "../engine/index.ts";
import { type Adapter, type AdapterModule, checkpointTensors } from "../models/index.ts";
import {
  finetune,
  finetuneFull,
  finetuneFurther,
  finetunePreferences,
  type LoraOptions,
  type TrainingOptions,
} from "./finetune.ts";
import { adamWDefaults, adamWProgram, optimiserStep } from "./optimiser.ts";
import { addGradient, lossWeight, type TrainingRow, trainingProgram } from "./step.ts";
import { fullTrainable, readAllWeights, weightOffsets } from "./trainable.ts";
import { evaluateLoss, evaluationProgram, fullPatience, heard, isOver, splitRows } from "./validation.ts";
import { writeWhole } from "./whole-model.ts";

let engine: Engine;
let scratch: string;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  scratch = await mkdtemp(join(tmpdir(), "finetune-"));
});
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

interface FixtureRow {
  readonly ids: number[];
  readonly weights: number[];
}
const fixture: {
  learningRate: number;
  clipNorm: number;
  runs: { base: GoldenName; batches: FixtureRow[][]; losses: number[]; gradNorms: number[] }[];
} = JSON.parse(readFileSync(join(import.meta.dirname, "../../test/fixtures/full/full.json"), "utf8"));

const trainingRow = ({ ids, weights }: FixtureRow): TrainingRow => ({
  ids: Int32Array.from(ids),
  weights: Float32Array.from(weights),
});

describe.each(fixture.runs)("all weights of $base", ({ base, batches, losses, gradNorms }) => {
  test("ten losses and gradient norms are torch's", async () => {
    const { source } = await golden(base);
    const trainable = fullTrainable(source.definition);
    const training = trainingProgram(source, trainable, 64);
    const { size } = trainable;
    await engine.write("parameters", await readAllWeights(source));
    for (const buffer of ["zero", "gradient", "m", "v"]) await engine.write(buffer, new Float32Array(size));
    const options = { ...adamWDefaults, maxGradNorm: fixture.clipNorm };
    const program = adamWProgram(size, options);
    const { learningRate } = fixture;
    for (const [i, batch] of batches.entries()) {
      const rows = batch.map(trainingRow);
      const totalWeight = rows.reduce((sum, row) => sum + lossWeight(row), 0);
      const loss = await addGradient({ engine, training, rows, paddedLength: 12, totalWeight, scale: 1, first: true });
      expect(Math.abs(loss / must(losses[i], "loss") - 1), `loss ${i}`).toBeLessThan(1e-4);
      const norm = await optimiserStep({ engine, program, size, options, t: i + 1, learningRate });
      expect(Math.abs(norm / must(gradNorms[i], "norm") - 1), `norm ${i}`).toBeLessThan(1e-3);
    }
  });

  test("untrained, written and read back it is the same model", async () => {
    const { source, inputIds } = await golden(base);
    const target = join(scratch, base);
    const file = await writeWhole(target, source, goldenFolder(base), await readAllWeights(source));
    const tensors = checkpointTensors(source.definition, await openSafetensors(file), base);
    const logits = async (of: typeof source) => {
      const program = forwardProgram(of, { outputs: ["logits"] });
      return floats((await engine.run({ program, feeds: tokenFeeds(inputIds), fetches: ["logits"] })).logits);
    };
    expect(await logits({ ...source, tensors })).toEqual(await logits(source));
  });
});

/** Rows that repeat one token: quickly learnt, and then learnt by heart. */
function rowsOf(count: number, name: string): TrainingRow[] {
  const random = rng(3, name);
  return Array.from({ length: count }, () => {
    const token = 3 + random.int(40);
    return { ids: new Int32Array(8).fill(token), weights: Float32Array.of(0, 1, 1, 1, 1, 1, 1, 1) };
  });
}

const options: TrainingOptions = {
  epochs: 3,
  learningRate: 5e-3,
  warmupShare: 0,
  schedule: "constant",
  batchRows: 4,
  microBatchTokens: 64,
  weightDecay: 0,
  maxGradNorm: 1,
  seed: 5,
  validation: { share: 0.25, everySteps: 2, patience: null, minDelta: 0 },
};
const lora: LoraOptions = { ...options, rank: 2, alpha: 4, targets: null };

describe("held-out rows", () => {
  test("are never trained on, whatever the share; the seed decides which", () => {
    const rows = Array.from({ length: 10 }, (_, i) => i);
    for (const [share, held] of [
      [0, 0],
      [0.01, 1],
      [0.3, 3],
      [1, 9],
    ] as const) {
      const { train, validation } = splitRows(rows, share, 1);
      expect(validation).toHaveLength(held);
      expect([...train, ...validation].sort((a, b) => a - b)).toEqual(rows);
    }
    expect(splitRows(rows, 0.3, 1)).toEqual(splitRows(rows, 0.3, 1));
    expect(splitRows(rows, 0.3, 1)).not.toEqual(splitRows(rows, 0.3, 2));
    expect(splitRows([1], 0.5, 1).validation).toEqual([]);
  });

  test("their loss is the training loss of the same rows", async () => {
    const { source } = await golden("qwen2");
    const trainable = fullTrainable(source.definition);
    await engine.write("parameters", await readAllWeights(source));
    for (const buffer of ["zero", "gradient"]) await engine.write(buffer, new Float32Array(trainable.size));
    const rows = must(fixture.runs[0], "run").batches.flat().map(trainingRow);
    const totalWeight = rows.reduce((sum, row) => sum + lossWeight(row), 0);
    const training = trainingProgram(source, trainable, 64);
    const expected = await addGradient({
      engine,
      training,
      rows,
      paddedLength: 12,
      totalWeight,
      scale: 1,
      first: true,
    });
    const evaluation = evaluationProgram(source, trainable, 64);
    const found = await evaluateLoss({ engine, evaluation, rows, microBatchTokens: 24, scale: 1 });
    expect(found / expected).toBeCloseTo(1, 5);
  });

  test("are evaluated on the way; the loss falls", async () => {
    const { source } = await golden("llama3");
    const folder = join(scratch, "watched");
    const { validation, steps } = await finetune({
      engine,
      source,
      rows: rowsOf(24, "a"),
      options: lora,
      folder,
      key: "k",
    });
    const lines = (await readFile(join(folder, "validation.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ step }) => step)).toEqual([2, 4, 6, 8, 10, 12, 14, 15]);
    expect([steps, validation?.step, validation?.rows]).toEqual([15, 15, 6]);
    expect(must(lines.at(-1), "line").loss).toBeLessThan(0.95 * must(lines[0], "line").loss);
  });

  test("end the training, and the best parameters are handed back", async () => {
    const { source } = await golden("llama3");
    const folder = join(scratch, "stopped");
    // So high a bar that only the first evaluation is ever a best.
    const stopping = { ...lora, validation: { share: 0.25, everySteps: 1, patience: 3, minDelta: 100 } };
    const request = { engine, source, rows: rowsOf(24, "b"), options: stopping, folder, key: "k" };
    const stopped = await finetune(request);
    expect([stopped.steps, stopped.validation?.step]).toEqual([4, 1]);
    const one = { ...lora, epochs: 1 / 5, schedule: "constant" as const };
    const first = await finetune({ ...request, options: one, folder: join(scratch, "one") });
    expect(stopped.adapter.modules).toEqual(first.adapter.modules);
    // Asked again, it is over already.
    expect((await finetune(request)).adapter).toEqual(stopped.adapter);
  });

  test("stopped and resumed, the losses are those of the uninterrupted training", async () => {
    const { source } = await golden("llama3");
    const run = async (folder: string, stopAt: number) => {
      const stop = new AbortController();
      const rows = rowsOf(24, "c");
      const onStep = ({ step }: { step: number }) => {
        if (step === stopAt) stop.abort();
      };
      const request = { engine, source, rows, options: lora, folder, key: "k", onStep, signal: stop.signal };
      return finetune(request).catch((error) => {
        if (!(error instanceof CancelledError)) throw error;
        return finetune({ ...request, signal: new AbortController().signal, onStep: () => undefined });
      });
    };
    const [whole, broken] = [join(scratch, "whole"), join(scratch, "broken")];
    expect((await run(broken, 7)).adapter).toEqual((await run(whole, -1)).adapter);
    const lines = (folder: string) => readFile(join(folder, "validation.jsonl"), "utf8");
    expect(await lines(broken)).toBe(await lines(whole));
  });

  test("of a full fine-tuning too", async () => {
    const { source } = await golden("gpt2");
    const losses: number[] = [];
    const request = {
      engine,
      source,
      rows: rowsOf(16, "d"),
      options: { ...options, learningRate: 1e-3 },
      folder: join(scratch, "full"),
      key: "k",
      onStep: ({ loss }: { loss: number }) => void losses.push(loss),
    };
    const { parameters, validation, trainableParameters } = await finetuneFull(request);
    expect(parameters.length).toBe(trainableParameters);
    expect([validation?.step, validation?.rows]).toEqual([9, 4]);
    expect(must(losses.at(-1), "loss")).toBeLessThan(must(losses[0], "loss"));
  });

  test("of preference pairs too: margins grow, and the held-out loss starts at ln 2", async () => {
    const { source } = await golden("llama3");
    const random = rng(9, "pairs");
    const answer = (token: number): TrainingRow => ({
      ids: Int32Array.of(5, 6, token, token),
      weights: Float32Array.of(0, 0, 1, 1),
    });
    const rows = Array.from({ length: 16 }, () => ({
      chosen: answer(10 + random.int(3)),
      rejected: answer(20 + random.int(3)),
    }));
    const preference = { ...lora, learningRate: 2e-3, beta: 0.5 };
    const request = { engine, source, rows, options: preference, folder: join(scratch, "pairs"), key: "k" };
    const { validation, adapter } = await finetunePreferences(request);
    expect(must(validation, "validation").loss).toBeLessThan(0.6 * Math.log(2));
    expect([...adapter.modules.values()].some(({ B }) => B.some((value) => value !== 0))).toBe(true);
  });

  test("patience counts evaluations without a new best", () => {
    const rules = { patience: 2, minDelta: 0.1 };
    const losses = [1, 0.95, 0.8, Number.NaN, 0.75];
    const states = losses.map((_, i) =>
      losses.slice(0, i + 1).reduce((s, l, j) => heard(s, j + 1, l, rules), fullPatience),
    );
    expect(states.map(({ waited }) => waited)).toEqual([0, 1, 0, 1, 2]);
    expect(states.map((state) => isOver(state, rules))).toEqual([false, false, false, false, true]);
    expect(states.at(-1)?.bestStep).toBe(3);
  });
});

describe("weight decay", () => {
  const decayed = { epochs: 2, learningRate: 0.1, weightDecay: 0.5, validation: null };
  /** Nothing is learned from these: every gradient is zero. */
  const silent = rowsOf(4, "silent").map(({ ids }) => ({ ids, weights: new Float32Array(ids.length) }));

  test.each(["gpt2", "qwen2", "gemma3"] as const)(
    "of all weights of %s: norms and biases stay, matrices shrink",
    async (name) => {
      const { source } = await golden(name);
      const before = await readAllWeights(source);
      const request = { engine, source, rows: silent, folder: join(scratch, `decay-${name}`), key: "k" };
      const { parameters, steps } = await finetuneFull({ ...request, options: { ...options, ...decayed } });
      const { at } = weightOffsets(source.definition);
      for (const { name: weight, shape } of source.definition.weights) {
        const start = must(at.get(weight), weight);
        const end = start + shape.reduce((product, dim) => product * dim, 1);
        const [was, is] = [before.subarray(start, end), parameters.subarray(start, end)];
        if (shape.length === 1) expect(is, weight).toEqual(was);
        else
          expect(
            relativeDifference(
              is,
              was.map((value) => value * 0.95 ** steps),
            ),
            weight,
          ).toBeLessThan(1e-6);
      }
    },
  );

  test("of an adapter: A and B shrink, whole", async () => {
    const { source } = await golden("llama3");
    const from = await goldenAdapter("llama3");
    const request = { engine, source, rows: silent, folder: join(scratch, "decay-adapter"), key: "k", from };
    const { adapter, steps } = await finetuneFurther({ ...request, options: { ...options, ...decayed } });
    for (const [module, { A, B }] of adapter.modules) {
      const was = must(from.modules.get(module), module);
      for (const [is, before] of [
        [A, was.A],
        [B, was.B],
      ] as const)
        expect(
          relativeDifference(
            is,
            before.map((value) => value * 0.95 ** steps),
          ),
          module,
        ).toBeLessThan(1e-6);
    }
  });
});

/** All rows are trained on. */
const onAll: TrainingOptions = { ...options, validation: null };

/** Of every other module only; the first has a rank and a scale of its own. */
async function patchyAdapter(): Promise<Adapter> {
  const adapter = await goldenAdapter("llama3");
  const modules = [...adapter.modules].filter((_, i) => i % 2 === 0);
  const [first, module] = must(modules[0], "module");
  const { rank } = adapter;
  const own = { rank: rank - 1, alpha: 3, scale: 3 / (rank - 1) };
  const B = module.B.filter((_, i) => i % rank < own.rank);
  const narrow: AdapterModule = { A: module.A.slice(0, (own.rank * module.A.length) / rank), B, own };
  return { ...adapter, modules: new Map([[first, narrow], ...modules.slice(1)]) };
}

describe("a training that goes on from a finished adapter", () => {
  test("it begins where the adapter stands, changes its modules alone and lowers their loss", async () => {
    const { source } = await golden("llama3");
    const from = await patchyAdapter();
    const rows = rowsOf(4, "further");
    const losses: number[] = [];
    const onStep = ({ loss }: { loss: number }) => void losses.push(loss);
    const request = { engine, source, rows, options: onAll, from, key: "k", onStep };
    const { adapter } = await finetuneFurther({ ...request, folder: join(scratch, "further") });
    const model = await languageModel({
      engine,
      source,
      tokenizer: {} as Tokenizer,
      adapterRank: from.rank,
    }).withAdapter(from);
    const asked = rows.map(({ ids }) => ({ prompt: [...ids.subarray(0, 1)], continuation: [...ids.subarray(1)] }));
    const likelihoods = await model.logLikelihood(asked);
    const expected = -likelihoods.reduce((sum, { logprob }) => sum + logprob, 0) / (7 * rows.length);
    expect(must(losses[0], "loss") / expected).toBeCloseTo(1, 4);
    expect(must(losses.at(-1), "loss")).toBeLessThan(must(losses[0], "loss"));
    const shape = ({ modules, rank, scale }: Adapter) => ({
      ...{ rank, scale },
      modules: new Map([...modules].map(([name, { A, B, own }]) => [name, { A: A.length, B: B.length, own }])),
    });
    expect(shape(adapter)).toEqual(shape(from));
  });

  test("where nothing is learnt, the adapter that comes back is the one that was given", async () => {
    const { source } = await golden("llama3");
    const from = await patchyAdapter();
    const still = { ...onAll, epochs: 1, learningRate: 0 };
    const request = {
      engine,
      source,
      rows: rowsOf(4, "further"),
      options: still,
      from,
      key: "k",
      folder: join(scratch, "still"),
    };
    expect((await finetuneFurther(request)).adapter.modules).toEqual(from.modules);
  });
});
