/** Golden parity with transformers on tiny random checkpoints; generator: test/fixtures/models/make_fixtures.py. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floats, golden, goldenNames, relativeDifference, tokenFeeds } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import { readTensor } from "../data/index.ts";
import type { HookName } from "../models/index.ts";
import { type Engine, forwardProgram, readName, startEngine } from "./index.ts";

/** Largest difference over the largest magnitude: 1e-4 covers float32 sums in another order. */
const TOLERANCE = 1e-4;

describe.each(goldenNames)("%s against transformers", (name) => {
  let engine: Engine;
  beforeAll(() => {
    engine = startEngine({ threads: 2 });
  });
  afterAll(() => engine.close());

  test("logits and every hook point", async () => {
    const { source, values, inputIds } = await golden(name);
    const { hooks } = source.definition;
    const theirHooks = [...values.keys()].filter((key) => key.includes("hook_"));
    expect([...hooks].sort()).toEqual(theirHooks.sort());
    const program = forwardProgram(source, {
      outputs: ["logits"],
      taps: hooks.map((hook) => ({ kind: "read", hook })),
    });
    const out = await engine.run({ program, feeds: tokenFeeds(inputIds), fetches: ["logits", ...hooks.map(readName)] });
    const off: [string, number][] = [];
    for (const key of ["logits", ...hooks]) {
      const ours = floats(out[key === "logits" ? key : readName(key as HookName)]);
      const theirs = await readTensor(must(values.get(key), key));
      // Scores of pairs that the mask leaves out are 0 in the fixture.
      const seen = key.endsWith("attn_scores") ? ours.map((score, i) => (theirs[i] === 0 ? 0 : score)) : ours;
      const difference = relativeDifference(seen, theirs);
      if (!(difference < TOLERANCE)) off.push([key, difference]);
    }
    expect(off).toEqual([]);
  });

  test("the config as transformers 5 writes it is the same model", async () => {
    const [hub, v5] = await Promise.all([golden(name), golden(name, "config.v5.json")]);
    const key = (source: typeof hub.source) => forwardProgram(source, { outputs: ["logits"] }).key;
    expect(key(v5.source)).toBe(key(hub.source));
  });
});
