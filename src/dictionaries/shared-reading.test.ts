import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenLanguage, wordSequences } from "../../test/language.ts";
import { must } from "../core/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import { concatRows, readActivations } from "./read.ts";
import { sharedReading, teed } from "./shared-reading.ts";

describe("streams from one source", () => {
  async function* numbers(upTo: number, log: number[] = []) {
    for (let i = 0; i < upTo; i++) {
      log.push(i);
      yield i;
    }
  }
  const all = async (stream: AsyncIterable<number>) => {
    const out: number[] = [];
    for await (const value of stream) out.push(value);
    return out;
  };

  test("each gets everything in order, at whatever pace, and the source is drawn from once", async () => {
    const drawn: number[] = [];
    const [a, b, c] = teed(numbers(5, drawn), 3);
    const first = must(a, "a");
    expect((await first.next()).value).toBe(0);
    expect((await first.next()).value).toBe(1);
    const [rest, whole, together] = await Promise.all([all(first), all(must(b, "b")), all(must(c, "c"))]);
    expect(rest).toEqual([2, 3, 4]);
    expect(whole).toEqual([0, 1, 2, 3, 4]);
    expect(together).toEqual([0, 1, 2, 3, 4]);
    expect(drawn).toEqual([0, 1, 2, 3, 4]);
  });

  test("one that leaves early keeps nobody waiting; when all have left the source ends", async () => {
    let ended = false;
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        ended = true;
      }
    }
    const [a, b] = teed(endless(), 2);
    for await (const value of must(a, "a")) if (value === 2) break;
    expect(ended).toBe(false);
    const seen: number[] = [];
    for await (const value of must(b, "b")) {
      seen.push(value);
      if (value === 4) break;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(ended).toBe(true);
  });

  test("a fault of the source reaches every reader", async () => {
    async function* faulty() {
      yield 1;
      throw new Error("no more");
    }
    const readers = teed(faulty(), 2).map(all);
    for (const reader of readers) await expect(reader).rejects.toThrow("no more");
  });
});

describe("one reading of a model", () => {
  let engine: Engine;
  let model: LanguageModel;
  beforeAll(async () => {
    engine = startEngine({ threads: 2 });
    model = await goldenLanguage(engine, "llama-tied");
  });
  afterAll(() => engine.close());

  test("gives each reader what a reading of its own would", async () => {
    const readers: HookName[][] = [
      ["blocks.0.mlp.hook_in", "blocks.0.hook_mlp_out"],
      ["blocks.2.hook_mlp_out"],
      ["blocks.0.hook_mlp_out", "blocks.2.mlp.hook_in"],
    ];
    const sequences = wordSequences(model, 6);
    const shared = sharedReading(model, sequences, readers, { groupTokens: 20 });
    const together = await Promise.all(shared.map(gathered));
    for (const [r, hooks] of readers.entries()) {
      const alone: Float32Array[] = [];
      for await (const { rows } of readActivations(model, sequences, hooks)) alone.push(concatRows(rows));
      expect(together[r]).toEqual(concatRows(alone));
    }
  });

  async function gathered(stream: AsyncIterable<Float32Array>) {
    const pieces: Float32Array[] = [];
    for await (const piece of stream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    return concatRows(pieces);
  }
});
