import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../core/index.ts";
import { parseQuestions } from "./cot.ts";

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
