/** Gradients at hook points and in adapter space against finite differences, on the tiny checkpoints. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden, goldenAdapter, randomFloats, relativeDifference } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import type { Tokenizer } from "../data/index.ts";
import { type Engine, type LanguageModel, languageModel, startEngine } from "../engine/index.ts";
import { flattenAdapter, type HookName, hookShape, unflattenAdapter } from "../models/index.ts";
import {
  activationGradients,
  adapterGradient,
  adapterGradients,
  initialLora,
  layoutOf,
  type ObjectiveSequence,
  sizeOfB,
  startGradient,
} from "./index.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

/** Central differences of float32 log-likelihoods of the order of ten nats: about 1e-5 / step of noise. */
const DIFFERENCE = 5e-3;

/** Weights of both signs, a weight at t = 0 that nothing predicts, two padded lengths. */
const sequences: readonly ObjectiveSequence[] = [
  { ids: [5, 9, 33, 4, 60, 12], weights: [7, 0, 0, 1, 0.5, -2], positions: [0, 2, 4] },
  { ids: [8, 2, 71, 40, 3, 22, 19, 90, 11, 6], weights: [0, 0, 0, 0, 1, 1, 1, 1, 1, 1], positions: [3, 9] },
  { ids: [8, 2, 50], weights: [0, -1, 0.25], positions: [1] },
];

async function objective(model: LanguageModel, only: readonly ObjectiveSequence[] = sequences): Promise<number> {
  const asked = only.flatMap(({ ids, weights }) =>
    weights.flatMap((weight, t) =>
      weight === 0 || t === 0 ? [] : [{ weight, prompt: ids.slice(0, t), continuation: ids.slice(t, t + 1) }],
    ),
  );
  const answers = await model.logLikelihood(asked);
  return answers.reduce((sum, { logprob }, i) => sum + logprob * must(asked[i], "question").weight, 0);
}

async function opened(name: "llama-tied" | "gemma3") {
  const { source } = await golden(name);
  const base = languageModel({ engine, source, tokenizer: { eosIds: [1] } as unknown as Tokenizer, adapterRank: 4 });
  const adapter = await goldenAdapter(name);
  return { source, base, adapter, tuned: await base.withAdapter(adapter) };
}

describe.each(["llama-tied", "gemma3"] as const)("%s", (name) => {
  test.each(["base", "tuned"] as const)(
    "activation gradients of the %s model are what adding a vector does",
    async (which) => {
      const { source, [which]: model } = await opened(name);
      const hooks: HookName[] = [
        "hook_embed",
        "blocks.1.attn.hook_z",
        "blocks.1.mlp.hook_post",
        "blocks.2.hook_resid_post",
      ];
      const widths = hooks.map((hook) =>
        must(hookShape(hook, source.definition.dimensions), hook).reduce((a, b) => a * b),
      );
      const everywhere = sequences.map((sequence) => ({ ...sequence, positions: [...sequence.ids.keys()] }));
      const along = hooks.map(() => 0);
      const vectors = hooks.map((hook, h) => randomFloats(must(widths[h], "width"), hook));
      const value = await activationGradients(model, everywhere, hooks, ({ owners, gradients }) => {
        for (const [h, rows] of gradients.entries()) {
          const vector = must(vectors[h], "vector");
          expect(rows.length).toBe(owners.length * vector.length);
          for (const [i, g] of rows.entries())
            along[h] = must(along[h], "sum") + g * must(vector[i % vector.length], "v");
        }
      });
      expect(value).toBeCloseTo(await objective(model), 3);
      for (const [h, hook] of hooks.entries()) {
        const at = async (eps: number) => {
          const vector = must(vectors[h], "vector").map((x) => eps * x);
          return objective(model.intervene([{ kind: "add", hook, vector }]));
        };
        const eps = 0.01;
        const measured = ((await at(eps)) - (await at(-eps))) / (2 * eps);
        const slope = must(along[h], "slope");
        expect(Math.abs(measured - slope), hook).toBeLessThan(Math.max(DIFFERENCE * Math.abs(slope), 1e-5 / eps));
      }
    },
  );

  test("rows are the activations at the asked positions, in their order, and gradients those of each sequence alone", async () => {
    const { base, tuned } = await opened(name);
    const hooks: HookName[] = ["blocks.0.hook_resid_post", "blocks.2.hook_resid_mid"];
    const rows: Float32Array[] = [];
    await tuned.activations(sequences, hooks, (batch) => void rows.push(...batch.rows.map((row) => row.slice())));
    const found: { owners: readonly number[]; rows: readonly Float32Array[]; gradients: readonly Float32Array[] }[] =
      [];
    await activationGradients(tuned, sequences, hooks, (batch) => void found.push(batch));
    for (const [i, row] of found.flatMap((batch) => batch.rows).entries())
      expect(relativeDifference(row, must(rows[i], "row"))).toBeLessThan(1e-5);
    for (const { owners, gradients } of found) {
      for (const owner of new Set(owners)) {
        const sequence = must(sequences[owner], "sequence");
        await activationGradients(tuned, [sequence], hooks, (alone) => {
          for (const [h, gradient] of gradients.entries()) {
            const width = gradient.length / owners.length;
            const own = gradient.filter((_, at) => owners[Math.floor(at / width)] === owner);
            expect(relativeDifference(own, must(alone.gradients[h], "hook"))).toBeLessThan(1e-5);
          }
        });
      }
    }
    const steered = base.intervene([
      {
        kind: "add",
        hook: must(hooks[0], "hook"),
        vector: new Float32Array(tuned.source.definition.dimensions.dModel),
      },
    ]);
    await expect(activationGradients(steered, sequences, hooks, () => undefined)).rejects.toThrow(
      /without interventions/,
    );
    const pattern: HookName = "blocks.0.attn.hook_pattern";
    await expect(activationGradients(base, sequences, [pattern], () => undefined)).rejects.toThrow(/no fixed width/);
  });

  test("adapter gradients are central differences, at B = 0 and away from it", async () => {
    const { source, base, adapter } = await opened(name);
    const layout = layoutOf(source.definition, { rank: 4, alpha: 4, targets: null });
    const rows = sequences.map(({ ids, weights }) => ({
      ids: Int32Array.from(ids),
      weights: Float32Array.from(weights),
    }));
    for (const [flat, scale] of [
      [initialLora(layout, 3), 1],
      [flattenAdapter(adapter, layout), adapter.scale],
    ] as const) {
      const request = { engine, source, layout, flat, scale, rows, microBatchTokens: 64 };
      const { loss, gradient } = await adapterGradient(request);
      const at = async (values: Float32Array) =>
        -(await objective(await base.withAdapter(unflattenAdapter(values, layout, { alpha: scale * 4, scale }))));
      expect(loss).toBeCloseTo(await at(flat), 3);
      for (const part of ["offsetA", "offsetB"] as const) {
        const direction = new Float32Array(layout.size);
        for (const slot of layout.slots) {
          const size = part === "offsetA" ? slot.dIn * 4 : slot.dOut * 4;
          direction.set(randomFloats(size, `${part} ${slot.module}`), slot[part]);
        }
        const slope = gradient.reduce((sum, g, i) => sum + g * must(direction[i], "direction"), 0);
        const eps = 1e-3;
        const moved = (sign: number) =>
          at(flat.map((value, i) => value + sign * eps * must(direction[i], "direction")));
        const measured = ((await moved(1)) - (await moved(-1))) / (2 * eps);
        // At B = 0 the loss does not depend on A at all.
        if (part === "offsetA" && scale === 1) expect(Math.abs(measured) + Math.abs(slope)).toBeLessThan(1e-6);
        else expect(Math.abs(measured / slope - 1), part).toBeLessThan(DIFFERENCE);
      }
    }
  });

  test("gradients row by row sum to the whole", async () => {
    const { source } = await opened(name);
    const layout = layoutOf(source.definition, { rank: 2, alpha: 2, targets: ["q_proj", "down_proj"] });
    const rows = sequences.map(({ ids, weights }) => ({
      ids: Int32Array.from(ids),
      weights: Float32Array.from(weights),
    }));
    const request = { engine, source, layout, flat: initialLora(layout, 5), scale: 2, rows, microBatchTokens: 64 };
    const whole = await adapterGradient(request);
    const sum = new Float64Array(layout.size);
    let loss = 0;
    const seen: number[] = [];
    await adapterGradients(request, (row, gradient, own) => {
      seen.push(row);
      loss += own;
      for (const [i, g] of gradient.entries()) sum[i] = must(sum[i], "sum") + g;
    });
    expect(seen).toEqual([0, 1, 2]);
    expect(loss).toBeCloseTo(whole.loss, 4);
    expect(relativeDifference(sum, whole.gradient)).toBeLessThan(1e-5);
  });

  test("at B = 0 the base's pass gives the gradient of B, and every row's product with a direction", async () => {
    const { source } = await opened(name);
    const layout = layoutOf(source.definition, { rank: 3, alpha: 3, targets: null });
    const rows = sequences.map(({ ids, weights }) => ({
      ids: Int32Array.from(ids),
      weights: Float32Array.from(weights),
    }));
    const request = { engine, source, layout, flat: initialLora(layout, 5), scale: 2, rows, microBatchTokens: 32 };
    const directions = ["one", "two"].map((direction) => randomFloats(sizeOfB(layout), direction));
    const start = await startGradient({ ...request, directions });
    const ofB = (gradient: Float32Array) =>
      Float32Array.from(
        layout.slots.flatMap(({ dOut, offsetB }) => [...gradient.subarray(offsetB, offsetB + dOut * layout.rank)]),
      );
    const whole = await adapterGradient(request);
    expect(start.loss).toBeCloseTo(whole.loss, 4);
    expect(relativeDifference(start.gradient, ofB(whole.gradient))).toBeLessThan(1e-5);
    await adapterGradients(request, (row, gradient) => {
      const own = ofB(gradient);
      for (const [d, direction] of directions.entries()) {
        const product = own.reduce((sum, g, i) => sum + g * must(direction[i], "direction"), 0);
        const size = Math.hypot(...own) * Math.hypot(...direction);
        expect(Math.abs(must(start.products[d]?.[row], "product") - product) / size).toBeLessThan(1e-5);
      }
    });
    expect(relativeDifference((await startGradient(request)).gradient, start.gradient)).toBeLessThan(1e-5);
  });
});
