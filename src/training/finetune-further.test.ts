/** A training that goes on from a finished adapter. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { golden, goldenAdapter } from "../../test/golden.ts";
import { must, rng } from "../core/index.ts";
import type { Tokenizer } from "../data/index.ts";
import { type Engine, languageModel, startEngine } from "../engine/index.ts";
import type { Adapter, AdapterModule } from "../models/index.ts";
import { finetuneFurther, type TrainingOptions } from "./finetune.ts";
import type { TrainingRow } from "./step.ts";

let engine: Engine;
let scratch: string;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  scratch = await mkdtemp(join(tmpdir(), "further-"));
});
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

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
};

function rowsOf(count: number): TrainingRow[] {
  const random = rng(3, "further");
  return Array.from({ length: count }, () => {
    const token = 3 + random.int(40);
    return { ids: new Int32Array(8).fill(token), weights: Float32Array.of(0, 1, 1, 1, 1, 1, 1, 1) };
  });
}

/** Of every other module only; the first has a rank and a scale of its own. */
async function patchyAdapter(): Promise<Adapter> {
  const whole = await goldenAdapter("llama3");
  const modules = [...whole.modules].filter((_, i) => i % 2 === 0);
  const [first, module] = must(modules[0], "module");
  const { rank } = whole;
  const own = { rank: rank - 1, alpha: 3, scale: 3 / (rank - 1) };
  const B = module.B.filter((_, i) => i % rank < own.rank);
  const narrow: AdapterModule = { A: module.A.slice(0, (own.rank * module.A.length) / rank), B, own };
  return { ...whole, modules: new Map([[first, narrow], ...modules.slice(1)]) };
}

test("it begins where the adapter stands, changes its modules alone and lowers their loss", async () => {
  const { source } = await golden("llama3");
  const from = await patchyAdapter();
  const rows = rowsOf(4);
  const losses: number[] = [];
  const onStep = ({ loss }: { loss: number }) => void losses.push(loss);
  const request = { engine, source, rows, options, from, key: "k", onStep };
  const { adapter } = await finetuneFurther({ ...request, folder: join(scratch, "a") });
  const model = await languageModel({ engine, source, tokenizer: {} as Tokenizer, adapterRank: from.rank }).withAdapter(
    from,
  );
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
  const still = { ...options, epochs: 1, learningRate: 0 };
  const request = { engine, source, rows: rowsOf(4), options: still, from, key: "k", folder: join(scratch, "b") };
  expect((await finetuneFurther(request)).adapter.modules).toEqual(from.modules);
});
