/** Laws of the four guards, and each one's gradient against central differences. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden, goldenAdapter } from "../../test/golden.ts";
import { must, rng } from "../core/index.ts";
import type { Tokenizer } from "../data/index.ts";
import { type Engine, type Intervention, languageModel, type ModelSource, startEngine } from "../engine/index.ts";
import { type AdapterLayout, flattenAdapter, type HookName, unflattenAdapter } from "../models/index.ts";
import { latestCheckpoint } from "./checkpoint.ts";
import { finetune, type LoraOptions } from "./finetune.ts";
import { type Guard, guardedAdapter } from "./guard.ts";
import { divergenceFromBase } from "./kl.ts";
import { alongBasis, type RowBlock, type Subspace } from "./project.ts";
import { addGradient, lossWeight, type TrainingRow, trainingProgram } from "./step.ts";
import { layoutOf } from "./targets.ts";
import { loraTrainable } from "./trainable.ts";
import { evaluateLoss, evaluationProgram, splitRows } from "./validation.ts";

let engine: Engine;
let scratch: string;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  scratch = await mkdtemp(join(tmpdir(), "guard-"));
});
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

const SCALE = 2;

/** One unit vector or two along coordinates of their own: orthonormal without work. */
function axes(width: number, ...places: readonly number[]): Subspace {
  const rows = new Float32Array(places.length * width);
  for (const [k, place] of places.entries()) rows[k * width + place] = 1;
  return { rank: places.length, width, rows };
}

/** Orthonormal rows along no coordinate (Gram-Schmidt): what Adam does coordinate by coordinate leads into such a P. */
function oblique(width: number, rank: number): Subspace {
  const random = rng(6, "oblique", width);
  const rows = new Float64Array(rank * width);
  for (let k = 0; k < rank; k++) {
    const row = Float64Array.from({ length: width }, () => random.normal());
    const along = alongBasis(row, { rank: k, width, rows });
    const own = row.map((value, i) => value - (along[i] as number));
    const norm = Math.hypot(...own);
    rows.set(
      own.map((value) => value / norm),
      k * width,
    );
  }
  return { rank, width, rows };
}

/** The largest part along P of what an adapter's B `[dOut, rank]` writes in the block. */
function partAlong(B: Float32Array, rank: number, { first, basis }: RowBlock): number {
  const columns = Array.from({ length: rank }, (_, r) =>
    Float64Array.from({ length: basis.width }, (_, o) => B[(first + o) * rank + r] as number),
  );
  return Math.max(...columns.flatMap((column) => [...alongBasis(column, basis)].map(Math.abs)));
}

interface Subject {
  readonly source: ModelSource;
  readonly layout: AdapterLayout;
  readonly flat: Float32Array;
  readonly rows: readonly TrainingRow[];
  readonly width: number;
}

async function subject(): Promise<Subject> {
  const { source, inputIds } = await golden("llama-tied");
  const adapter = await goldenAdapter("llama-tied");
  const layout = layoutOf(source.definition, { rank: adapter.rank, alpha: adapter.alpha, targets: null });
  const rows = inputIds.map((ids) => ({
    ids: Int32Array.from(ids),
    weights: Float32Array.from(ids, (_, t) => (t > 1 ? 1 : 0)),
  }));
  return { source, layout, flat: flattenAdapter(adapter, layout), rows, width: source.definition.dimensions.dModel };
}

const last = ({ source }: Subject): HookName => `blocks.${source.definition.dimensions.nLayers - 1}.hook_resid_post`;

/** Mean cross-entropy under a guard, and its gradient. */
async function underGuard({ source, layout, rows }: Subject, guard: Guard | null, flat: Float32Array) {
  await engine.write("parameters", flat);
  for (const name of ["zero", "gradient"]) await engine.write(name, new Float32Array(layout.size));
  const training = trainingProgram(source, loraTrainable(layout), 256, guard);
  const totalWeight = rows.reduce((sum, row) => sum + lossWeight(row), 0);
  const paddedLength = Math.max(...rows.map(({ ids }) => ids.length));
  const loss = await addGradient({ engine, training, rows, paddedLength, totalWeight, scale: SCALE, first: true });
  return { loss, gradient: await engine.read("gradient") };
}

/** ⟨gradient, u⟩ against [f(x + εu) − f(x − εu)] / 2ε along a random direction. */
async function slopes(
  flat: Float32Array,
  at: (flat: Float32Array) => Promise<{ loss: number; gradient: Float32Array }>,
) {
  const random = rng(2, "direction");
  const direction = flat.map(() => random.normal());
  const eps = 1e-3;
  const moved = async (step: number) =>
    (await at(flat.map((value, i) => value + step * (direction[i] as number)))).loss;
  const { gradient } = await at(flat);
  const exact = gradient.reduce((sum, g, i) => sum + g * (direction[i] as number), 0);
  return { exact, measured: ((await moved(eps)) - (await moved(-eps))) / (2 * eps) };
}

const guards = {
  caft: (s: Subject): Guard => ({
    method: "caft",
    places: [{ hook: "blocks.0.hook_resid_post", basis: axes(s.width, 0, 3) }],
  }),
  preventative: (s: Subject): Guard => {
    const random = rng(1, "vector");
    const vector = Float32Array.from({ length: s.width }, () => random.normal());
    return { method: "preventative", places: [{ hook: last(s), vector }] };
  },
  "adapter-projection": (s: Subject): Guard => ({
    method: "adapter-projection",
    modules: new Map(
      s.layout.slots.map(({ module, dOut }) => [module, [{ first: 2, basis: oblique(Math.min(dOut - 2, 8), 2) }]]),
    ),
  }),
} satisfies Record<string, (s: Subject) => Guard>;

describe.each(Object.entries(guards))("%s", (_name, guardOf) => {
  test("its gradient is the slope of its loss", async () => {
    const s = await subject();
    const guard = guardOf(s);
    const { exact, measured } = await slopes(s.flat, (flat) => underGuard(s, guard, flat));
    // Float32 losses near 4 with a step of 1e-3: their rounding alone is about 1e-4 of the slope.
    expect(Math.abs(measured - exact)).toBeLessThan(2e-2 * Math.max(0.05, Math.abs(exact)));
  });

  test("it stands in the training and changes its loss", async () => {
    const s = await subject();
    const [free, guarded] = [await underGuard(s, null, s.flat), await underGuard(s, guardOf(s), s.flat)];
    expect(Math.abs(free.loss - guarded.loss)).toBeGreaterThan(1e-4);
  });
});

test.each(["caft", "preventative"] as const)("%s trains the model that has the intervention in force", async (name) => {
  const s = await subject();
  const guard = guards[name](s);
  const adapter = unflattenAdapter(s.flat, s.layout, { alpha: SCALE * s.layout.rank, scale: SCALE });
  const base = languageModel({ engine, source: s.source, tokenizer: {} as Tokenizer, adapterRank: s.layout.rank });
  const acting: Intervention[] =
    guard.method === "caft"
      ? guard.places.map(({ hook, basis }) => ({ kind: "project", hook, basis: Float32Array.from(basis.rows) }))
      : guard.method === "preventative"
        ? guard.places.map(({ hook, vector }) => ({ kind: "add", hook, vector }))
        : [];
  const model = (await base.withAdapter(adapter)).intervene(acting);
  const answers = await model.logLikelihood(
    s.rows.map(({ ids }) => ({ prompt: [...ids.subarray(0, 2)], continuation: [...ids.subarray(2)] })),
  );
  const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
  const expected = -answers.reduce((sum, { logprob }) => sum + logprob, 0) / tokens;
  expect((await underGuard(s, guard, s.flat)).loss).toBeCloseTo(expected, 4);
});

test("preventative with no vector is plain training", async () => {
  const s = await subject();
  const guard: Guard = { method: "preventative", places: [{ hook: last(s), vector: new Float32Array(s.width) }] };
  const [free, guarded] = [await underGuard(s, null, s.flat), await underGuard(s, guard, s.flat)];
  expect(guarded.loss).toBe(free.loss);
  expect(guarded.gradient).toEqual(free.gradient);
});

const options: LoraOptions = {
  rank: 2,
  alpha: 4,
  targets: null,
  epochs: 3,
  learningRate: 1e-2,
  warmupShare: 0,
  schedule: "constant",
  batchRows: 2,
  microBatchTokens: 128,
  weightDecay: 0,
  maxGradNorm: 1,
  seed: 1,
};

describe("adapter-projection", () => {
  const blockOf = (guard: Guard, module: string) => {
    if (guard.method !== "adapter-projection") throw new Error("another guard");
    return must(must(guard.modules.get(module), module)[0], "block");
  };

  test("the adapter that comes of it has no part in P, and is trained all the same", async () => {
    const s = await subject();
    const guard = guards["adapter-projection"](s);
    const folder = join(scratch, "projected");
    const { adapter } = await finetune({ engine, source: s.source, rows: s.rows, options, folder, key: "k", guard });
    const place = { folder: join(folder, "checkpoints"), key: "k", publish: async () => undefined };
    const { parameters } = must(await latestCheckpoint(place), "checkpoint");
    const layout = layoutOf(s.source.definition, options);
    const raw = unflattenAdapter(parameters, layout, adapter);
    for (const [module, { B }] of adapter.modules) {
      const block = blockOf(guard, module);
      // Values near 0.03, rounded to float32 after the projection.
      expect(partAlong(B, 2, block)).toBeLessThan(1e-8);
      // What the optimiser made of it does have one: nothing but the projection takes it out.
      expect(partAlong(must(raw.modules.get(module), module).B, 2, block)).toBeGreaterThan(1e-4);
      expect(B.some((value) => value !== 0)).toBe(true);
    }
  });

  test("the loss is that of the projected adapter, and the gradient has no part in P", async () => {
    const s = await subject();
    const guard = guards["adapter-projection"](s);
    const adapter = unflattenAdapter(s.flat, s.layout, { alpha: SCALE * s.layout.rank, scale: SCALE });
    const projected = flattenAdapter(guardedAdapter(adapter, guard), s.layout);
    const [free, guarded] = [await underGuard(s, null, projected), await underGuard(s, guard, s.flat)];
    expect(guarded.loss).toBeCloseTo(free.loss, 5);
    const { rank } = s.layout;
    for (const { module, offsetB, dOut } of s.layout.slots) {
      const ofB = guarded.gradient.subarray(offsetB, offsetB + dOut * rank);
      expect(partAlong(ofB, rank, blockOf(guard, module))).toBeLessThan(1e-6);
    }
  });
});

test.each(Object.entries(guards))(
  "%s: the held-out loss is that of the adapter that is handed back",
  async (name, guardOf) => {
    const s = await subject();
    const share = 0.5;
    const validation = { share, everySteps: 1, patience: 2, minDelta: 0 };
    const request = { engine, source: s.source, rows: s.rows, folder: join(scratch, `held-${name}`), key: "k" };
    const { adapter, validation: told } = await finetune({
      ...request,
      options: { ...options, batchRows: 1, validation },
      guard: guardOf(s),
    });
    const layout = layoutOf(s.source.definition, options);
    await engine.write("parameters", flattenAdapter(adapter, layout));
    const rows = splitRows(s.rows, share, options.seed).validation;
    const evaluation = evaluationProgram(s.source, loraTrainable(layout), 128);
    const found = await evaluateLoss({ engine, evaluation, rows, microBatchTokens: 128, scale: adapter.scale });
    expect(must(told, "held-out rows").loss / found).toBeCloseTo(1, 6);
  },
);

describe("kl", () => {
  const divergence = (s: Subject, weight: number) =>
    divergenceFromBase({
      engine,
      source: s.source,
      trainable: loraTrainable(s.layout),
      rows: s.rows.map(({ ids }) => ids),
      weight,
      rowsPerStep: s.rows.length,
      scale: SCALE,
      microBatchTokens: 256,
    });

  async function at(s: Subject, flat: Float32Array) {
    await engine.write("parameters", flat);
    await engine.write("gradient", new Float32Array(s.layout.size));
    const loss = await divergence(s, 1).addTo(0);
    return { loss, gradient: await engine.read("gradient") };
  }

  test("is nought, with no gradient, where the model is the base, and above it elsewhere", async () => {
    const s = await subject();
    const start = s.flat.slice();
    for (const { offsetB, dOut } of s.layout.slots) start.fill(0, offsetB, offsetB + dOut * s.layout.rank);
    const base = await at(s, start);
    expect(Math.abs(base.loss)).toBeLessThan(1e-5);
    expect(Math.max(...base.gradient.map(Math.abs))).toBeLessThan(1e-5);
    expect((await at(s, s.flat)).loss).toBeGreaterThan(1e-3);
  });

  test("its gradient is its slope, λ times, and adds to what is there", async () => {
    const s = await subject();
    const { exact, measured } = await slopes(s.flat, (flat) => at(s, flat));
    expect(Math.abs(measured - exact)).toBeLessThan(2e-2 * Math.max(0.05, Math.abs(exact)));
    const once = await at(s, s.flat);
    await engine.write("gradient", new Float32Array(s.layout.size).fill(1));
    await divergence(s, 3).addTo(0);
    const thrice = await engine.read("gradient");
    const largest = Math.max(...once.gradient.map(Math.abs));
    for (const [i, value] of thrice.entries())
      expect(Math.abs(value - 1 - 3 * (once.gradient[i] as number))).toBeLessThan(1e-4 * Math.max(1, largest));
  });

  test("is the KL of the two models' logits", async () => {
    const s = await subject();
    await engine.write("parameters", s.flat);
    const found = await divergence(s, 1).measure();
    const base = languageModel({ engine, source: s.source, tokenizer: {} as Tokenizer, adapterRank: s.layout.rank });
    const tuned = await base.withAdapter(
      unflattenAdapter(s.flat, s.layout, { alpha: SCALE * s.layout.rank, scale: SCALE }),
    );
    let [sum, positions] = [0, 0];
    for (const { ids } of s.rows) {
      const sequence = { ids: [...ids], positions: [...ids.keys()].slice(0, -1) };
      const [p, q] = [await base.logits(sequence), await tuned.logits(sequence)];
      const { dVocab } = s.source.definition.dimensions;
      for (let start = 0; start < p.length; start += dVocab) {
        sum += kl(p.subarray(start, start + dVocab), q.subarray(start, start + dVocab));
        positions++;
      }
    }
    expect(found / (sum / positions)).toBeCloseTo(1, 3);
  });
});

function kl(p: Float32Array, q: Float32Array): number {
  const logNorm = (values: Float32Array) => Math.log([...values].reduce((sum, value) => sum + Math.exp(value), 0));
  const [a, b] = [logNorm(p), logNorm(q)];
  return [...p].reduce((sum, value, i) => sum + Math.exp(value - a) * (value - a - ((q[i] as number) - b)), 0);
}
