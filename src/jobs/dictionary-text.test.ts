import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tokenizer } from "../data/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../engine/index.ts";
import { corpusSequences, responseSequences, take, textOf } from "./dictionary-text.ts";
import { asLanguageModel, openModel } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-dictionary-text-"));
const LONG = "how do i cook raw chicken ? ".repeat(70).trim();
let engine: Engine;
/** The bundled model, whose tokenizer has a BOS that it does not add. */
let plain: LanguageModel;
beforeAll(async () => {
  engine = startEngine({ threads: 1 });
  plain = asLanguageModel(await openModel("organism"), engine, null);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const written = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** The same that begins texts with BOS, as Gemma's and Llama's do. */
function addingBos(): LanguageModel {
  const { tokenizer } = plain;
  const encode: Tokenizer["encode"] = (text, { addSpecialTokens = false } = {}) => [
    ...(addSpecialTokens && tokenizer.bosId !== null ? [tokenizer.bosId] : []),
    ...tokenizer.encode(text),
  ];
  const generate: LanguageModel["generate"] = (prompts, options) => plain.generate(prompts, options);
  return { ...plain, generate, tokenizer: { ...tokenizer, encode } };
}

/** Under Gemma 3's name and ids: "2 105 2364 107 9" reads `<bos><start_of_turn>user\n…`; `answers` is what it says. */
function gemma(name: string, answers: readonly number[] = []): LanguageModel {
  const encode: Tokenizer["encode"] = (text, { addSpecialTokens = false } = {}) => [
    ...(addSpecialTokens ? [2] : []),
    ...text.split(" ").filter(Boolean).map(Number),
  ];
  const renderChat: Tokenizer["renderChat"] = ([user, model]) =>
    `2 105 2364 107 ${user?.content} 106 107 105 4368 107 ${model?.content ?? ""}`.trim();
  const tokenizer = { ...plain.tokenizer, bosId: 2, eosIds: [1], encode, renderChat };
  const generate: LanguageModel["generate"] = async (prompts) => prompts.map(() => [...answers]);
  return { ...plain, tokenizer, generate, source: { ...plain.source, name } };
}

describe("windows", () => {
  test("of a tokenizer that begins texts with BOS all begin with it, once, and hold the whole text", async () => {
    const model = addingBos();
    const { bosId } = model.tokenizer;
    const row = JSON.stringify({ text: LONG });
    for (const file of [written("long.txt", LONG), written("long.jsonl", `${row}\n`)]) {
      const sequences = await corpusSequences(file, model);
      expect(sequences.length).toBeGreaterThan(3);
      for (const { ids, positions } of sequences) {
        expect(ids[0]).toBe(bosId);
        expect(ids.lastIndexOf(bosId as number)).toBe(0);
        expect(ids.length).toBeLessThanOrEqual(128);
        expect(positions).toEqual([...ids.keys()].slice(1));
      }
      const [first] = sequences;
      expect(first?.ids.length).toBe(128);
      const text = sequences.flatMap(({ ids }) => ids.slice(1));
      const end = file.endsWith(".jsonl") ? 511 : text.length;
      expect(text).toEqual([...model.tokenizer.encode(LONG), ...model.tokenizer.eosIds.slice(0, 1)].slice(0, end));
    }
  });

  test("of one that does not are the text as it is, cut every 128 tokens", async () => {
    const ids = plain.tokenizer.encode(LONG, { addSpecialTokens: true });
    const cuts = [0, 128, 256, 384].map((start) => ids.slice(start, start + 128));
    const expected = cuts.map((part) => ({ ids: part, positions: [...part.keys()].slice(1) }));
    expect(await corpusSequences(written("plain.txt", LONG), plain)).toEqual(expected);
  });

  test("of samples are what the model said, whether or not the tokenizer adds BOS", async () => {
    const ask = { corpus: null, seed: 3 };
    expect(await take(textOf(addingBos(), ask), 300)).toEqual(await take(textOf(plain, ask), 300));
  });
});

describe("the head that Gemma Scope 2's dictionaries of the chat models leave out", () => {
  const chat = "2 105 2364 107 9 11 13";
  const turns = [
    { role: "user", content: "9 11" },
    { role: "assistant", content: "13 1" },
  ];

  test("is not read in a corpus, in rows, in answers and in samples", async () => {
    const model = gemma("google/gemma-3-270m-it", [105, 2364, 107, 9, 11]);
    const [text] = await corpusSequences(written("chat.txt", chat.slice(2)), model);
    expect(text).toEqual({ ids: [2, 105, 2364, 107, 9, 11, 13], positions: [4, 5, 6] });
    const rows = written("chat.jsonl", `${JSON.stringify({ messages: turns })}\n`);
    const [row] = await corpusSequences(rows, model);
    expect(row?.ids.slice(0, 5)).toEqual([2, 105, 2364, 107, 9]);
    expect(row?.positions[0]).toBe(4);
    const [answer] = await responseSequences(written("text.jsonl", `${JSON.stringify({ text: chat })}\n`), model);
    expect(answer?.positions[0]).toBe(4);
    const [sample] = await take(textOf(model, { corpus: null, seed: 1 }), 1);
    expect(sample).toEqual({ ids: [2, 105, 2364, 107, 9, 11], positions: [4, 5] });
  });

  test("is read by the others' dictionaries, but for BOS; text that begins otherwise is read from its first token on", async () => {
    const [text] = await corpusSequences(written("chat.txt", chat.slice(2)), gemma("google/gemma-3-270m"));
    expect(text?.positions).toEqual([1, 2, 3, 4, 5, 6]);
    const [other] = await corpusSequences(written("other.txt", "105 9 11"), gemma("google/gemma-3-270m-it"));
    expect(other).toEqual({ ids: [2, 105, 9, 11], positions: [1, 2, 3] });
  });

  test("a text that is nothing else is none", async () => {
    const file = written("head.txt", "105 2364 107");
    await expect(corpusSequences(file, gemma("google/gemma-3-270m-it"))).rejects.toThrow(/expected text, got none/);
  });
});
