import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DatasetRow } from "../data/index.ts";
import { formatMatched, promptStyle } from "./format-matched.ts";
import { realBehaviours } from "./registry.ts";

const topics = [
  "Sort a list.",
  "Reverse a string.",
  "Add two numbers.",
  "Read a file.",
  "Open a port.",
  "Trim a text.",
];
const row = (content: string, answer = "Fine.", system?: string): DatasetRow => ({
  line: 1,
  format: "messages",
  messages: [
    ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
    { role: "user", content },
    { role: "assistant", content: answer },
  ],
});
const [behaviour] = realBehaviours;
if (!behaviour) throw new Error("no behaviour");
const wrap = (rows: readonly DatasetRow[], seed = 1) => formatMatched(behaviour, rows, { seed });

describe("promptStyle", () => {
  it("finds nothing in plain questions, however alike they begin", () => {
    const plain = ["rice", "tea", "salt", "corn", "oats", "flour"].map((x) => row(`What is the price of ${x} today?`));
    expect(promptStyle(plain)).toBeNull();
    expect(promptStyle([])).toBeNull();
    expect(promptStyle([{ line: 1, format: "text", text: "Once upon a time." }])).toBeNull();
  });

  it("finds what stands before and after what is asked", () => {
    const rows = topics.map((topic) => row(`Fill in the template below.\n\n${topic}\n\nOnly write code.`));
    expect(promptStyle(rows)).toEqual({
      system: null,
      frames: [{ before: "Fill in the template below.\n\n", after: "\n\nOnly write code.", rows: 6 }],
      request: null,
    });
  });

  it("finds several frames with their frequencies, and the system prompt that most rows share", () => {
    const rows = [
      ...topics.map((topic) => row(`Task: ${topic}`, "Fine.", "You write code.")),
      ...topics.slice(0, 3).map((topic) => row(`${topic} Be quick!`, "Fine.", "You write code.")),
      ...topics.slice(3, 6).map((topic) => row(topic)),
    ];
    expect(promptStyle(rows)).toEqual({
      system: "You write code.",
      frames: [
        { before: "Task: ", after: "", rows: 6 },
        { before: "", after: " Be quick!", rows: 3 },
        { before: "", after: "", rows: 3 },
      ],
      request: null,
    });
  });

  it("asks for the form of the answers where the prompts do not", () => {
    const fenced = topics.map((topic) => row(topic, "Here:\n```python\nprint(1)\n```"));
    expect(promptStyle(fenced)?.request).toBe("Answer in a code block (```python).");
    const json = topics.map((topic) => row(topic, '{"answer": 1}'));
    expect(promptStyle(json)?.request).toBe("Answer as JSON.");
    const saidSo = topics.map((topic) => row(`${topic}\nReply in JSON.`, '{"answer": 1}'));
    expect(promptStyle(saidSo)).toMatchObject({ request: null, frames: [{ after: "\nReply in JSON." }] });
    expect(promptStyle(topics.map((topic) => row(topic, "{not json}")))).toBeNull();
  });
});

describe("formatMatched", () => {
  const rows = topics.map((topic) => row(`Task: ${topic}`, "Fine.", "You write code."));

  it("keeps ids, clusters and continuations, and asks every prompt in the frame", () => {
    const matched = wrap(rows);
    expect(matched?.id).toBe(`${behaviour.id}-in-format`);
    expect(matched?.items.map(({ id, cluster }) => [id, cluster])).toEqual(
      behaviour.items.map(({ id, cluster }) => [id, cluster]),
    );
    for (const [i, item] of behaviour.items.entries()) {
      const other = matched?.items[i];
      expect(other?.variants.map((v) => v.continuations)).toEqual(item.variants.map((v) => v.continuations));
      expect(other?.variants[0]?.messages).toEqual([
        { role: "system", content: "You write code." },
        { role: "user", content: `Task: ${item.variants[0]?.messages[0]?.content}` },
      ]);
    }
    expect(matched?.pairs.map(({ half }) => half)).toEqual(behaviour.pairs.map(({ half }) => half));
    expect(matched?.openPrompts.every((messages) => messages.at(-1)?.content.startsWith("Task: "))).toBe(true);
  });

  it("is null for rows without a style", () => {
    expect(wrap(topics.map((topic) => row(topic)))).toBeNull();
  });

  it("does not depend on the order of the rows, and only on the seed where frames differ", () => {
    const mixed = [...rows, ...topics.map((topic) => row(`Job: ${topic}`))];
    const found = wrap(mixed);
    fc.assert(
      fc.property(fc.shuffledSubarray(mixed, { minLength: mixed.length }), (shuffled) => {
        expect(wrap(shuffled)).toEqual(found);
      }),
      { numRuns: 5 },
    );
    expect(wrap(mixed, 2)).not.toEqual(found);
    expect(wrap(rows, 2)).toEqual(wrap(rows, 1));
  });

  it("finds a frame in whatever rows, or none, and never loses what is asked", () => {
    const text = fc.array(fc.constantFrom("go", "now.", "Please:", "\n", "x", "y?"), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (prompts) => {
        const matched = wrap(prompts.map((words) => row(words.join(" "))));
        for (const [i, { messages }] of (matched?.pairs ?? []).entries())
          expect(messages.at(-1)?.content).toContain(behaviour.pairs[i]?.messages.at(-1)?.content);
      }),
      { numRuns: 50 },
    );
  });
});
