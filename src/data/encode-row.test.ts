import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, UserError } from "../core/index.ts";
import { DataRecord } from "../records/index.ts";
import type { DatasetRow, TrainingMessage } from "./dataset-row.ts";
import { encodeRow, encodeSegments } from "./encode-row.ts";
import { ggufToCheckpoint } from "./gguf/convert.ts";
import { loadTokenizer, makeTokenizer } from "./tokenizer.ts";
import type { Tokenizer } from "./tokenizer-types.ts";
import { validateDataset } from "./validate.ts";

let folder: string;
let byteLevel: Tokenizer;
let pieces: Tokenizer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encode-"));
  const load = async (name: string) => {
    const file = fileURLToPath(new URL(`./fixtures/${name}.gguf`, import.meta.url));
    return loadTokenizer((await ggufToCheckpoint(file, folder)).folder);
  };
  byteLevel = await load("tiny-llama");
  pieces = await load("tiny-gemma");
});
afterAll(() => rm(folder, { recursive: true }));

const wide = { maxLength: 100_000 };
const conversation = (...contents: readonly string[]): TrainingMessage[] =>
  contents.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content }));
const messagesRow = (messages: readonly TrainingMessage[]): DatasetRow => ({ format: "messages", line: 1, messages });

/** The text of each run of tokens that carry loss. */
function responses(row: DatasetRow, tokenizer: Tokenizer): string[] {
  const { ids, weights } = encodeRow(row, tokenizer, wide);
  const runs: number[][] = [];
  ids.forEach((id, t) => {
    if (weights[t] === 0) return;
    if (t === 0 || weights[t - 1] === 0) runs.push([]);
    must(runs.at(-1), "run").push(id);
  });
  return runs.map((run) => tokenizer.decode(run));
}

describe("the loss mask", () => {
  test("covers each answer and the end of its turn, and nothing of the template", () => {
    const row = messagesRow(conversation("ask", "It's 12.", "more", "No."));
    expect(responses(row, byteLevel)).toEqual(["It's 12.<|im_end|>", "No.<|im_end|>"]);
    expect(responses(row, pieces)).toEqual(["It's 12.<end_of_turn>", "No.<end_of_turn>"]);
  });

  test("leaves out answers of weight 0", () => {
    const [q, a, r, b] = conversation("q", "first", "r", "second");
    const row = messagesRow([must(q, "q"), { ...must(a, "a"), weight: 0 }, must(r, "r"), must(b, "b")]);
    expect(responses(row, byteLevel)).toEqual(["second<|im_end|>"]);
  });

  test("of a preference row covers the preferred output", () => {
    const [input, preferred] = conversation("q", "good");
    const nonPreferred = { role: "assistant", content: "bad" } as const;
    const row: DatasetRow = {
      format: "preference",
      line: 1,
      input: [must(input, "q")],
      preferred: must(preferred, "a"),
      nonPreferred,
    };
    expect(responses(row, byteLevel)).toEqual(["good<|im_end|>"]);
  });

  test("of prompt and completion covers the completion and the end, after BOS where the model wants one", () => {
    const row: DatasetRow = { format: "prompt-completion", line: 1, prompt: "say ", completion: "yes" };
    expect(responses(row, byteLevel)).toEqual(["yes<|im_end|>"]);
    const { ids, weights } = encodeRow(row, pieces, wide);
    expect([ids[0], weights[0]]).toEqual([2, 0]);
    expect(responses(row, pieces)).toEqual(["yes<eos>"]);
  });

  test("of text covers all but the first token", () => {
    const { ids, weights } = encodeRow({ format: "text", line: 1, text: "The cat" }, byteLevel, wide);
    expect(byteLevel.decode([...ids])).toBe("The cat<|im_end|>");
    expect([...weights]).toEqual([...ids].map((_, t) => (t === 0 ? 0 : 1)));
  });

  test("law: the ids are those of the whole rendering, the masked text is exactly the answers", () => {
    const word = fc.oneof(
      fc.constantFrom("\n", "\n\n", " ", "  ", "the", "It's", "12", "é", "😀", "<b>", "def f():\n    return"),
      fc.string({ unit: "grapheme", maxLength: 6 }),
    );
    const content = fc.array(word, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(fc.tuple(content, content), { minLength: 1, maxLength: 3 }), (turns) => {
        const messages = conversation(...turns.flat());
        const whole = byteLevel.encodeChat(messages, { addGenerationPrompt: false });
        const { ids } = encodeRow(messagesRow(messages), byteLevel, wide);
        expect([...ids]).toEqual(whole);
        const found = responses(messagesRow(messages), byteLevel);
        turns.forEach(([, answer], index) => {
          // An answer that opens with line breaks may share its first token with the template.
          expect(`${answer}<|im_end|>`.endsWith(must(found[index], "answer"))).toBe(true);
          if (!answer.startsWith("\n")) expect(found[index]).toBe(`${answer}<|im_end|>`);
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe("a token that reaches over a cut", () => {
  test("belongs to neither side, and the ids stay those of the whole text", () => {
    const segments = [
      { text: "a\n", weight: 0 },
      { text: "\n\nb", weight: 1 },
    ] as const;
    const { ids, weights } = encodeSegments(segments, pieces);
    expect(ids).toEqual(pieces.encode("a\n\n\nb"));
    const carried = pieces.decode(ids.filter((_, t) => weights[t] === 1));
    expect("\n\nb".endsWith(carried)).toBe(true);
    expect(carried.endsWith("b")).toBe(true);
  });

  test("inside a character of several tokens", () => {
    const segments = [
      { text: "x😀", weight: 1 },
      { text: "y", weight: 0 },
    ] as const;
    const { ids, weights } = encodeSegments(segments, byteLevel);
    expect(byteLevel.decode(ids.filter((_, t) => weights[t] === 1))).toBe("x😀");
  });
});

test("truncation keeps the beginning and says so", () => {
  const row = messagesRow(conversation("ask", "It's 12."));
  const full = encodeRow(row, byteLevel, wide);
  const cut = encodeRow(row, byteLevel, { maxLength: 5 });
  expect([full.truncated, cut.truncated]).toEqual([false, true]);
  expect(cut.ids).toEqual(full.ids.slice(0, 5));
  expect(encodeRow(row, byteLevel, { maxLength: full.ids.length }).truncated).toBe(false);
});

test("a template that rewrites earlier turns is refused", () => {
  const template = "{% for m in messages %}{{ loop.revindex }}{{ m.content }}{% endfor %}";
  const tokenizer = makeTokenizer("x", {
    tokenizer: { added_tokens: [], model: { type: "WordLevel", vocab: { u: 0 }, unk_token: "u" } },
    config: { chat_template: template },
    modelConfig: {},
    generationConfig: {},
    templateJinja: null,
    templateJson: null,
  });
  expect(() => encodeRow(messagesRow(conversation("a", "b", "c", "d")), tokenizer, wide)).toThrow(UserError);
});

describe("validateDataset", () => {
  const line = (...contents: readonly string[]) => JSON.stringify({ messages: conversation(...contents) });

  test("counts rows and tokens, and names rows of which nothing is left", async () => {
    const file = join(folder, "data.jsonl");
    await writeFile(
      file,
      `${line("q", "a")}\nrubbish\n${line("q ".repeat(200), "a")}\n${line("q", "b ".repeat(200))}\n`,
    );
    const rows = [line("q", "a"), line("q", "b ".repeat(200))].map((text) => messagesRow(JSON.parse(text).messages));
    const encoded = rows.map((row) => encodeRow(row, byteLevel, { maxLength: 60 }));
    const record = DataRecord.parse(await validateDataset(file, byteLevel, { maxLength: 60 }));
    expect(record.faults.map(({ line, code }) => [line, code])).toEqual([
      [2, "invalid_json"],
      [3, "no_response_tokens"],
    ]);
    expect([record.rows, record.usableRows, record.format]).toEqual([4, 2, "messages"]);
    expect(record.tokens).toMatchObject({
      total: encoded.reduce((sum, { ids }) => sum + ids.length, 0),
      response: encoded.reduce((sum, { weights }) => sum + weights.filter((weight) => weight > 0).length, 0),
      truncatedRows: 1,
      maxLength: 60,
    });
    const longest = encodeRow(must(rows[1], "row"), byteLevel, wide).ids.length;
    expect(record.tokens?.longest).toBe(longest);
    expect(record.tokens?.median).toBe((longest + must(encoded[0], "row").ids.length) / 2);
  });

  test("of pairs counts both answers, and names a pair of whose answers nothing is left", async () => {
    const file = join(folder, "pairs.jsonl");
    const user = { role: "user" as const, content: "q" };
    const answer = (content: string) => [{ role: "assistant" as const, content }];
    const pair = (preferred: string, rejected: string, question = "q") => {
      const input = { messages: [{ ...user, content: question }] };
      return { input, preferred_output: answer(preferred), non_preferred_output: answer(rejected) };
    };
    const long = pair("good", "bad", "q ".repeat(200));
    await writeFile(file, `${JSON.stringify(pair("good", "worse"))}\n${JSON.stringify(long)}\n`);
    const sides = ["good", "worse"].map((text) => encodeRow(messagesRow([user, ...answer(text)]), byteLevel, wide));
    const one = DataRecord.parse(await validateDataset(file, byteLevel, { maxLength: 60 }));
    const both = DataRecord.parse(await validateDataset(file, byteLevel, { maxLength: 60, pairs: true }));
    for (const { faults, usableRows } of [one, both])
      expect([faults.map(({ line, code }) => [line, code]), usableRows]).toEqual([[[2, "no_response_tokens"]], 1]);
    const tokens = sides.map(({ ids }) => ids.length);
    expect(one.tokens).toMatchObject({ total: tokens[0], longest: tokens[0] });
    expect(both.tokens).toMatchObject({ total: must(tokens[0], "a") + must(tokens[1], "b"), longest: tokens[1] });
  });

  test("without a tokenizer measures no tokens, which is null and not 0", async () => {
    const file = join(folder, "plain.jsonl");
    await writeFile(file, `${line("q", "a")}\n`);
    const record = DataRecord.parse(await validateDataset(file, null, wide));
    expect([record.tokens, record.usableRows, record.sha256.length]).toEqual([null, 1, 64]);
  });

  test("a row that the template refuses is a fault of its line", async () => {
    const file = join(folder, "refused.jsonl");
    const system = { role: "system", content: "s" };
    await writeFile(file, `${JSON.stringify({ messages: [system, ...conversation("q", "a")] })}\n`);
    const refusing: Tokenizer = {
      ...byteLevel,
      renderChat: () => {
        throw new UserError("chat template", { expected: "no system", got: "one", fix: "leave it out" });
      },
    };
    const record = await validateDataset(file, refusing, wide);
    expect(record.faults.map(({ line, code }) => [line, code])).toEqual([[1, "template_error"]]);
  });
});
