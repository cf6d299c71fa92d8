/** Golden parity with transformers on tiny random checkpoints; generator: test/fixtures/models/make_fixtures.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must } from "../core/index.ts";
import { openSafetensors, readTensor, type TensorStore } from "../data/index.ts";
import { defineModel, type HookName, hookNames } from "../models/index.ts";
import { type Engine, forwardProgram, int64, type ModelSource, readName, startEngine } from "./index.ts";

const fixtures = join(import.meta.dirname, "../../test/fixtures/models");

/** Largest difference over the largest magnitude: 1e-4 covers float32 sums in another order. */
const TOLERANCE = 1e-4;

export function relativeDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  expect(ours.length).toBe(theirs.length);
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < ours.length; i++) {
    worst = Math.max(worst, Math.abs((ours[i] as number) - (theirs[i] as number)));
    largest = Math.max(largest, Math.abs(theirs[i] as number));
  }
  return worst / largest;
}

async function golden(name: string): Promise<{ source: ModelSource; values: TensorStore; inputIds: number[][] }> {
  const folder = join(fixtures, name);
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const { inputIds } = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8"));
  return {
    source: {
      definition: defineModel(config, name),
      tensors: await openSafetensors(join(folder, "model.safetensors")),
      name,
    },
    values: await openSafetensors(join(folder, "golden.safetensors")),
    inputIds,
  };
}

function tokenFeeds(rows: number[][]) {
  const [batch, seq] = [rows.length, must(rows[0], "row").length];
  const flat = Int32Array.from(rows.flat());
  return {
    tokens: int64([batch, seq], flat),
    positions: int64(
      [batch, seq],
      flat.map((_, i) => i % seq),
    ),
    select: int64(
      [flat.length],
      flat.map((_, i) => i),
    ),
  };
}

describe.each(["llama-tied", "llama-untied"])("%s against transformers", (name) => {
  let engine: Engine;
  beforeAll(() => {
    engine = startEngine({ threads: 2 });
  });
  afterAll(() => engine.close());

  test("logits and every hook point", async () => {
    const { source, values, inputIds } = await golden(name);
    const hooks = hookNames(source.definition.dimensions.nLayers).filter((hook) => values.has(hook));
    expect(hooks.length).toBeGreaterThan(18 * source.definition.dimensions.nLayers);
    const program = forwardProgram(source, {
      outputs: ["logits"],
      taps: hooks.map((hook) => ({ kind: "read", hook })),
    });
    const out = await engine.run({ program, feeds: tokenFeeds(inputIds), fetches: ["logits", ...hooks.map(readName)] });
    const differences: Record<string, number> = {};
    for (const key of ["logits", ...hooks]) {
      const ours = must(out[key === "logits" ? key : readName(key as HookName)], key);
      const theirs = await readTensor(must(values.get(key), key));
      const seen = key.endsWith("attn_scores")
        ? causal(ours.data as Float32Array, must(ours.shape[3], "keys"))
        : (ours.data as Float32Array);
      differences[key] = relativeDifference(
        seen,
        key.endsWith("attn_scores") ? causal(theirs, must(ours.shape[3], "keys")) : theirs,
      );
    }
    const off = Object.entries(differences).filter(([, difference]) => !(difference < TOLERANCE));
    expect(off).toEqual([]);
  });
});

/** Scores of pairs that the mask leaves out are nobody's business. */
function causal(scores: Float32Array, seq: number): Float32Array {
  return scores.map((score, i) => (i % seq <= Math.floor(i / seq) % seq ? score : 0));
}
