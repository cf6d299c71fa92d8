import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import { openSafetensors, type Tokenizer } from "../data/index.ts";
import { defineModel } from "../models/index.ts";
import { type Engine, languageModel, startEngine } from "./index.ts";
import { PART } from "./sequences.ts";
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

describe("prompts that begin alike", () => {
  const opening = Array.from({ length: 20 }, (_, i) => 100 + i);
  const sizes = (questions: Parameters<typeof packTrees>[0]) =>
    packTrees(questions, 4096).flatMap(({ lengths }) => lengths);

  test("share a tree, and each answer keeps its own path", () => {
    const questions = [
      { prompt: [...opening, 1, 2], continuation: [5, 6] },
      { prompt: [...opening, 3], continuation: [7, 8] },
      { prompt: [...opening, 1, 4], continuation: [5] },
    ];
    const [batch, ...rest] = packTrees(questions, 4096);
    expect(rest).toEqual([]);
    const { lengths, paths, select, targets, tokens, positions } = must(batch, "batch");
    // The opening, then 1, 2, 5 and 4 of the first and the third, 3 and 7 of the second.
    expect(lengths).toEqual([26]);
    for (const { index, edges } of paths) {
      const { prompt, continuation } = must(questions[index], "question");
      expect(edges.map((edge) => targets[edge])).toEqual(continuation);
      const first = must(select[must(edges[0], "edge")], "node");
      expect([tokens[first], positions[first]]).toEqual([prompt.at(-1), prompt.length - 1]);
    }
    expect(paths.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
  });

  test("stay apart where they share too little, or have no room", () => {
    const few = opening.slice(0, 15);
    expect(sizes([1, 2].map((token) => ({ prompt: [...few, token], continuation: [9] })))).toEqual([16, 16]);
    const long = (token: number) => ({ prompt: [...opening, ...new Array(100).fill(token)], continuation: [9] });
    expect(sizes([long(1), long(2)])).toEqual([120, 120]);
  });

  test("a token of one's prompt and of another's response is two, since interventions tell them apart", () => {
    const questions = [
      { prompt: opening, continuation: [1, 2, 3] },
      { prompt: [...opening, 1, 2], continuation: [3] },
    ];
    const [batch] = packTrees(questions, 4096);
    const { lengths, parts } = must(batch, "batch");
    expect(lengths).toEqual([24]);
    expect(parts.filter((part) => part === PART.prompt)).toHaveLength(22);
    expect(parts.filter((part) => part === PART.response)).toHaveLength(2);
  });

  test("any questions: every path says its prompt and its answer, and no tree is larger than it may be", () => {
    const token = fc.integer({ min: 0, max: 2 });
    const question = fc
      .tuple(
        fc.integer({ min: 0, max: 20 }),
        fc.array(token, { maxLength: 90 }),
        fc.array(token, { minLength: 1, maxLength: 90 }),
      )
      .map(([kept, own, continuation]) => ({ prompt: [99, ...opening.slice(0, kept), ...own], continuation }));
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 12 }), (questions) => {
        const seen: number[] = [];
        for (const { seq, tokens, positions, visible, select, targets, paths, lengths } of packTrees(questions, 512)) {
          expect(Math.max(...lengths)).toBeLessThanOrEqual(223);
          for (const { index, edges } of paths) {
            const { prompt, continuation } = must(questions[index], "question");
            seen.push(index);
            expect(edges.map((edge) => targets[edge])).toEqual(continuation);
            const last = must(select[must(edges.at(-1), "edge")], "node");
            const row = Math.floor(last / seq);
            const read = Array.from({ length: seq }, (_, key) => key)
              .filter((key) => visible[last * seq + key])
              .map((key) => [positions[row * seq + key], tokens[row * seq + key]]);
            const said = [...prompt, ...continuation.slice(0, -1)];
            expect(read).toEqual(said.map((each, at) => [at, each]));
          }
        }
        expect(seen.sort((a, b) => a - b)).toEqual([...questions.keys()]);
      }),
    );
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
    const system = draw(18);
    const prompts = [draw(4), draw(9), system, [...system, ...draw(5)], [...system, ...draw(2)]];
    const questions = Array.from({ length: 60 }, (_, i) => ({
      prompt: must(prompts[i % prompts.length], "prompt"),
      continuation: draw(1 + random.int(7)),
    }));
    const vector = Float32Array.from({ length: definition.dimensions.dModel }, () => random.normal());
    const hook = "blocks.0.hook_resid_post";
    const asked = (["prompt", "response"] as const).map((where) =>
      model.intervene([{ kind: "add", hook, vector, where }]),
    );
    for (const each of [model, ...asked]) {
      const together = await each.logLikelihood(questions);
      for (const [i, question] of questions.entries()) {
        const [alone] = await each.logLikelihood([question]);
        // Sums in another order: float32 rounding only.
        expect(Math.abs(must(together[i], "answer").logprob - must(alone, "answer").logprob)).toBeLessThan(1e-4);
        expect(together[i]?.tokens).toBe(question.continuation.length);
      }
    }
  });
});
