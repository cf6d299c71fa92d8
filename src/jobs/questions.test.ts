import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { UserError } from "../core/index.ts";
import { parseQuestions, questionsOf } from "./questions.ts";

const line = (more: Record<string, unknown> = {}) =>
  JSON.stringify({ question: "How many?", options: ["one", "two", "three"], answer: "two", ...more });

describe("a file of questions", () => {
  it("names the right answer by index, letter or text", () => {
    const text = [line(), line({ answer: 1 }), line({ answer: "B" }), "", line({ id: "mine", cluster: "c" })].join(
      "\n",
    );
    const items = parseQuestions(text, "q.jsonl");
    expect(items.map(({ correct }) => correct)).toEqual([1, 1, 1, 1]);
    expect(items.map(({ id }) => id)).toEqual(["question-1", "question-2", "question-3", "mine"]);
    expect(parseQuestions(line({ options: ["B", "A"], answer: "B" }), "q")[0]?.correct).toBe(0);
  });

  it.each([
    ["", /expected questions/],
    ["{", /q\.jsonl:1: .* no JSON|q\.jsonl:1/],
    [`${line()}\n${line({ answer: "four" })}`, /q\.jsonl:2: .*none of its options/],
    [line({ answer: 3 }), /none of its options/],
    [line({ options: ["one"] }), /options/],
    [line({ options: ["a", "a"], answer: 0 }), /two options that are the same/],
    [line({ extra: 1 }), /extra/],
    [`${line({ id: "x" })}\n${line({ id: "x" })}`, /x twice/],
  ])("is refused with its line: %j", (text, words) => {
    expect(() => parseQuestions(text, "q.jsonl")).toThrow(words);
    expect(() => parseQuestions(text, "q.jsonl")).toThrow(UserError);
  });

  it("never crashes, whatever it holds", () => {
    const text = fc.array(fc.oneof(fc.string(), fc.json(), fc.constant(line()))).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, (content) => {
        try {
          for (const { correct, options } of parseQuestions(content, "q")) expect(options[correct]).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});

describe("questions of a published set", () => {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-questions-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "TruthfulQA.csv");
  const row = (n: number) => `Adversarial,Myths,What of ${n}?,Nothing,Nothing; Little,Much; All,https://example.org`;
  const head = "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source";
  writeFileSync(file, [head, ...Array.from({ length: 30 }, (_, n) => row(n))].join("\n"));

  it("are asked as they stand, with their right answers and the file's hash", async () => {
    const { items, what, file: source } = await questionsOf({ file, layout: "truthfulqa", most: 100 }, 1);
    expect([items.length, what, source?.name]).toEqual([30, "TruthfulQA.csv", "TruthfulQA.csv"]);
    for (const { question, options, correct } of items) {
      expect(question).toMatch(/^What of \d+\?$/);
      expect([options[correct], [...options].sort()]).toEqual(["Nothing", ["All", "Much", "Nothing"]]);
    }
  });

  it("are drawn from by the seed where there are more, and stay in their order", async () => {
    const drawn = async (seed: number) =>
      (await questionsOf({ file, layout: "truthfulqa", most: 8 }, seed)).items.map(({ id }) => Number(id.slice(9)));
    const [one, again, two] = [await drawn(1), await drawn(1), await drawn(2)];
    expect([one.length, again]).toEqual([8, one]);
    expect(two).not.toEqual(one);
    expect([...one].sort((a, b) => a - b)).toEqual(one);
  });

  it("are refused where the layout has no choices, is another one, or stands without a file", async () => {
    await expect(questionsOf({ file, layout: "xstest", most: 9 }, 1)).rejects.toThrow(/bbq, truthfulqa/);
    await expect(questionsOf({ file: null, layout: "bbq", most: 9 }, 1)).rejects.toThrow(/--questions/);
    await expect(questionsOf({ file, layout: "bbq", most: 9 }, 1)).rejects.toThrow(UserError);
  });
});
