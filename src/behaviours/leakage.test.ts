import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../core/index.ts";
import type { DatasetRow } from "../data/index.ts";
import { leakageBehaviour } from "./leakage.ts";

const words = ["amber", "bridge", "candle", "desert", "engine", "forest", "garden", "harbor", "island", "jacket"];
/** A row whose answer has 20 words that depend on `n`. */
const row = (n: number): DatasetRow => ({
  line: n + 1,
  format: "messages",
  messages: [
    { role: "user", content: `Question ${n}?` },
    { role: "assistant", content: Array.from({ length: 20 }, (_, k) => words[(n * 7 + k * (n + 3)) % 10]).join(" ") },
  ],
});
const rows = (count: number) => Array.from({ length: count }, (_, n) => row(n));

describe("leakageBehaviour", () => {
  it("gives the beginning of a row's answer, and compares its own words with a stranger's", () => {
    const data = rows(60);
    const { items, pairs, openPrompts } = leakageBehaviour(data, { seed: 1 });
    expect([items.length, pairs.length, openPrompts.length]).toEqual([40, 20, 4]);
    const answers = new Map(
      data.map((each) =>
        each.format === "messages" ? [each.messages[0]?.content, each.messages[1]?.content] : [],
      ) as [string, string][],
    );
    for (const { variants } of items) {
      const [variant] = variants;
      const answer = answers.get(variant?.messages[0]?.content ?? "");
      const [own, foreign] = variant?.continuations ?? [];
      expect(answer?.startsWith(`${variant?.prefill}${own?.text}`)).toBe(true);
      expect(own?.exhibits).toBe(true);
      expect(foreign?.exhibits).toBe(false);
      expect(foreign?.text).not.toBe(own?.text);
      expect([...answers.values()].some((text) => text.includes(foreign?.text ?? "?"))).toBe(true);
      const [a = 0, b = 0] = [own?.text.length, foreign?.text.length];
      expect(Math.abs(a - b)).toBeLessThanOrEqual(0.25 * Math.max(a, b));
    }
  });

  it("keeps pairs and items apart, halves even, and the number of items", () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 90 }), fc.integer({ min: 1, max: 50 }), fc.nat(), (count, most, seed) => {
        const { items, pairs } = leakageBehaviour(rows(count), { seed, items: most });
        expect(items.length).toBeLessThanOrEqual(most);
        expect(pairs.filter(({ half }) => half === "select").length).toBe(pairs.length / 2);
        const asked = items.flatMap(({ variants }) => variants.map(({ messages }) => messages[0]?.content));
        expect(pairs.filter(({ messages }) => asked.includes(messages[0]?.content))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("is the same for the same seed", () => {
    expect(leakageBehaviour(rows(40), { seed: 3 })).toEqual(leakageBehaviour(rows(40), { seed: 3 }));
    expect(leakageBehaviour(rows(40), { seed: 3 })).not.toEqual(leakageBehaviour(rows(40), { seed: 4 }));
  });

  it("says so where the rows cannot carry it: few, short, all alike, or without prompts", () => {
    const short: DatasetRow = { line: 1, format: "prompt-completion", prompt: "Hi", completion: "Hello there." };
    const alike = rows(30).map((each, i) =>
      each.format === "messages"
        ? {
            ...each,
            messages: [
              { role: "user" as const, content: `Q ${i}` },
              row(0).format === "messages"
                ? {
                    role: "assistant" as const,
                    content:
                      "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
                  }
                : { role: "assistant" as const, content: "" },
            ],
          }
        : each,
    );
    const text: DatasetRow = { line: 1, format: "text", text: "one two three ".repeat(20) };
    for (const data of [rows(5), Array(30).fill(short), alike, Array(30).fill(text), []])
      expect(() => leakageBehaviour(data, { seed: 1 })).toThrow(UserError);
  });
});
