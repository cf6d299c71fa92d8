import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import { openSafetensors, type Tokenizer } from "../data/index.ts";
import { defineModel } from "../models/index.ts";
import { type Engine, languageModel, startEngine } from "./index.ts";
import { packTrees } from "./trees.ts";

describe("packTrees", () => {
  test("answers share their beginnings: a case by hand", () => {
    const [batch, ...rest] = packTrees(
      [
        { prompt: [7, 8], continuation: [1, 2, 3] },
        { prompt: [7, 8], continuation: [1, 2] },
        { prompt: [7, 8], continuation: [1, 4] },
      ],
      1024,
    );
    expect(rest).toEqual([]);
    const { tokens, positions, visible, select, targets, paths, seq } = must(batch, "batch");
    // Nodes: 7, 8, then 1 and 2 below 8. Last tokens (3, 2 of the second, 4) need no node.
    expect([...tokens.subarray(0, 4)]).toEqual([7, 8, 1, 2]);
    expect([...positions.subarray(0, 4)]).toEqual([0, 1, 2, 3]);
    expect([...select]).toEqual([1, 2, 3, 2]);
    expect([...targets]).toEqual([1, 2, 3, 4]);
    expect(paths.map(({ edges }) => edges)).toEqual([
      [0, 1, 2],
      [0, 1],
      [0, 3],
    ]);
    expect([...visible.subarray(3 * seq, 3 * seq + 4)]).toEqual([1, 1, 1, 1]);
  });

  test("a long prompt is computed once for all numbers of a scale", () => {
    const prompt = Array.from({ length: 450 }, (_, i) => i);
    const digits = (n: number) => [...String(n)].map(Number);
    const numbers = Array.from({ length: 101 }, (_, n) => ({ prompt, continuation: digits(n) }));
    const batches = packTrees(numbers, 1024);
    // Besides the prompt: 1 to 9 and 10, below which more digits stand.
    expect(batches.map(({ lengths }) => lengths)).toEqual([[460]]);
  });

  test("branches do not see each other", () => {
    const [batch] = packTrees(
      [5, 6].map((first) => ({ prompt: [1], continuation: [first, 9, 9] })),
      1024,
    );
    const { tokens, visible, seq } = must(batch, "batch");
    const [five, six] = [tokens.indexOf(5), tokens.indexOf(6)];
    expect(visible[five * seq + six]).toBe(0);
    expect(visible[six * seq + five]).toBe(0);
    expect(visible[six * seq]).toBe(1);
  });
});

describe.each(["llama-tied", "gemma3"])("likelihoods of %s in trees", (name) => {
  let engine: Engine;
  beforeAll(() => {
    engine = startEngine({ threads: 2 });
  });
  afterAll(() => engine.close());

  test("together = one by one", async () => {
    const folder = join(import.meta.dirname, "../../test/fixtures/models", name);
    const definition = defineModel(JSON.parse(readFileSync(join(folder, "config.json"), "utf8")), name);
    const source = { definition, tensors: await openSafetensors(join(folder, "model.safetensors")), name };
    const tokenizer = { eosIds: [1] } as unknown as Tokenizer;
    const model = languageModel({ engine, source, tokenizer, adapterRank: null });
    const random = rng(3, "trees");
    const draw = (n: number) => Array.from({ length: n }, () => random.int(6) + 10);
    const prompts = [draw(4), draw(9)];
    const questions = Array.from({ length: 40 }, (_, i) => ({
      prompt: must(prompts[i % 2], "prompt"),
      continuation: draw(1 + random.int(7)),
    }));
    const together = await model.logLikelihood(questions);
    for (const [i, question] of questions.entries()) {
      const [alone] = await model.logLikelihood([question]);
      // Sums in another order: float32 rounding only.
      expect(Math.abs(must(together[i], "answer").logprob - must(alone, "answer").logprob)).toBeLessThan(1e-4);
      expect(together[i]?.tokens).toBe(question.continuation.length);
    }
  });
});
