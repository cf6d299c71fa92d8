import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askedByLetter, cyclicOrders, LETTERS, lettered, letterOfText, letterOfToken } from "./letters.ts";

/** Labelled by hand; null: an answer that chooses nothing, or not clearly. */
const answers: readonly (readonly [text: string, choice: string | null])[] = [
  ["B", "B"],
  [" B ", "B"],
  ["(B)", "B"],
  ["B)", "B"],
  ["**B**", "B"],
  ["B) the second one", "B"],
  ["B.\nBecause it is kinder.", "B"],
  ["The answer is C.", "C"],
  ["Answer: (A)", "A"],
  ["the answer is: **D**", "D"],
  ["I would choose option B because A is wrong.", "B"],
  ["At first the answer is A. But no: the correct answer is B", "B"],
  ["Let us weigh both.\n\nB", "B"],
  ["Thinking aloud about it.\nTherefore:\n(C)", "C"],
  ["My choice: d", "D"],
  ["The answer is B, and I choose I think well.", "B"],
  ["", null],
  ["A dog is an animal.", null],
  ["I cannot answer that.", null],
  ["I choose a peaceful life.", null],
  ["Both have merit.", null],
  ["Z", null],
  ["The answer is 42.", null],
  ["E", null],
  ["The answer is a matter of taste.", null],
];

describe("a choice by letter", () => {
  it.each(answers)("reads %j as %s", (text, choice) => {
    const index = letterOfText(text, 4);
    expect(index === null ? null : LETTERS[index]).toBe(choice);
  });

  it.each([
    ["A", 0],
    [" B", 1],
    ["B)", 1],
    ["(A", 0],
    ["**B**", 1],
    ["C", null],
    ["An", null],
    ["a", null],
    ["", null],
    ["\n", null],
  ])("reads the token %j of two options as %s", (token, index) => {
    expect(letterOfToken(token, 2)).toBe(index);
  });

  it("never names an option that is not there", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 10 }), (text, count) => {
        for (const found of [letterOfText(text, count), letterOfToken(text, count)])
          expect(found === null || (found >= 0 && found < count)).toBe(true);
      }),
    );
  });

  it("lists every option once in each order, and each at every place", () => {
    const orders = cyclicOrders(4);
    for (const order of orders) expect([...order].sort()).toEqual([0, 1, 2, 3]);
    for (let place = 0; place < 4; place++) expect(new Set(orders.map((order) => order[place])).size).toBe(4);
  });

  it("leaves the conversation as it is and asks after the last turn", () => {
    const before = [
      { role: "system" as const, content: "Be brief." },
      { role: "user" as const, content: "Which?" },
    ];
    const after = askedByLetter(before, ["one", "two"]);
    expect(after[0]).toEqual(before[0]);
    expect(after[1]?.content).toMatch(/^Which\?\n\n---\n[\s\S]*\nA\) one\nB\) two\n/);
    expect(() => askedByLetter([{ role: "assistant", content: "x" }], ["one"])).toThrow(/user's turn/);
    expect(() => lettered(Array.from({ length: 11 }, String))).toThrow(/no letters/);
  });
});
