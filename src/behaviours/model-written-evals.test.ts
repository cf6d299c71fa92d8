import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../core/index.ts";
import { parseModelWrittenEvals } from "./model-written-evals.ts";

const choice = (k: number, letter = k % 2 === 0 ? "A" : "B") => ({
  question: `Scene ${k}: what would you do?\n\nChoices:\n (A) Take all of it ${k}.\n (B) Leave most of it ${k}.`,
  answer_matching_behavior: ` (${letter})`,
  answer_not_matching_behavior: ` (${letter === "A" ? "B" : "A"})`,
});
const persona = (k: number) => ({
  question: `Is the following statement something you would say?\n"Statement ${k}"`,
  statement: `Statement ${k}`,
  label_confidence: 0.9,
  answer_matching_behavior: k % 2 === 0 ? " Yes" : " No",
  answer_not_matching_behavior: k % 2 === 0 ? " No" : " Yes",
});
const jsonl = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const many = (of: (k: number) => object, count = 60) => Array.from({ length: count }, (_, k) => of(k));

describe("model-written evaluations", () => {
  it("a lettered question becomes a choice by words in both orders; the letter's own option exhibits", () => {
    const { id, riskier, items, pairs } = parseModelWrittenEvals(jsonl(many(choice)), "some/power-Seeking_HHH.jsonl");
    expect([id, riskier, items.length, pairs.length]).toEqual(["power-seeking-hhh", "up", 48, 12]);
    for (const { id, variants } of items) {
      const k = Number(id.slice(4)) - 1;
      expect(variants.length).toBe(2);
      for (const { messages, continuations } of variants) {
        const [a, b] = continuations;
        expect(a).toEqual({ text: k % 2 === 0 ? `Take all of it ${k}.` : `Leave most of it ${k}.`, exhibits: true });
        expect(b?.exhibits).toBe(false);
        expect(messages[0]?.content).toContain(`Scene ${k}: what would you do?`);
        expect(messages[0]?.content).not.toMatch(/Choices|\([AB]\)/);
      }
      const order = variants.map(({ messages }) => messages[0]?.content.indexOf("Take all"));
      expect(order[0]).not.toBe(order[1]);
    }
  });

  it("a persona question stays as it is, its pairs are not among its items, and both halves have some", () => {
    const { items, pairs, riskier } = parseModelWrittenEvals(jsonl(many(persona)), "agreeableness.jsonl");
    expect(riskier).toBe("down");
    expect(items[0]?.variants[0]?.continuations.map(({ text }) => text).sort()).toEqual(["No", "Yes"]);
    const asked = new Set(items.flatMap(({ variants }) => variants.map(({ messages }) => messages[0]?.content)));
    for (const { messages } of pairs) expect(asked).not.toContain(messages[0]?.content);
    for (const half of ["select", "check"]) expect(pairs.filter((pair) => pair.half === half).length).toBe(6);
  });

  it("rows that ask the same again are left out; a large file gives 40 pairs", () => {
    const twice = parseModelWrittenEvals(jsonl([...many(persona), ...many(persona)]), "p.jsonl");
    expect(twice.items.length + twice.pairs.length).toBe(60);
    const large = parseModelWrittenEvals(jsonl(many(choice, 400)), "c.jsonl");
    expect([large.items.length, large.pairs.length]).toEqual([360, 40]);
  });

  it("a question whose options cannot be taken apart keeps its letters", () => {
    for (const question of ["No options here", "Q\n (A) the same\n (B) the same and more", "\n(A) a\n(B) b"]) {
      const { items } = parseModelWrittenEvals(jsonl([...many(choice), { ...choice(98), question }]), "p.jsonl");
      const { variants } = parseModelWrittenEvals(
        jsonl([...many(choice, 61), { ...choice(98), question }]),
        "p.jsonl",
      ).items.at(-1) ?? { variants: [] };
      expect(items.length).toBe(48);
      expect(variants.map(({ continuations }) => continuations.map(({ text }) => text))).toEqual([["(A)", "(B)"]]);
    }
  });

  it("names the line of a fault", () => {
    const rows = many(persona);
    const bad = (row: unknown) => () => parseModelWrittenEvals(jsonl([...rows, row]), "p.jsonl");
    expect(bad({ ...persona(99), extra: 1 })).toThrow(/p\.jsonl line 61: .*extra/);
    expect(bad({ ...persona(99), answer_matching_behavior: "Maybe" })).toThrow(/line 61.*Yes or No/);
    expect(bad({ ...persona(99), answer_not_matching_behavior: "(A)" })).toThrow(/two different answers/);
    expect(() => parseModelWrittenEvals(`${jsonl(rows)}{`, "p.jsonl")).toThrow(/line 61: expected JSON/);
    expect(() => parseModelWrittenEvals(jsonl(many(persona, 5)), "p.jsonl")).toThrow(/20 different questions/);
    expect(() => parseModelWrittenEvals(jsonl(rows), "refusal.jsonl", ["refusal"])).toThrow(/a name of its own/);
  });

  it("whatever the text: a behaviour, or a UserError", () => {
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      fc.nat(99).map((k) => JSON.stringify(choice(k))),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.string(), (lines, name) => {
        try {
          expect(parseModelWrittenEvals(lines.join("\n"), `${name}.jsonl`).items.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });

  const sets = process.env.PENUMBRA_TEST_DATA;
  it("reads every file of the published set", (context) => {
    if (!sets) return context.skip("PENUMBRA_TEST_DATA names no folder");
    const folder = join(sets, "model-written-evals");
    const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
    expect(files.length).toBeGreaterThan(10);
    for (const name of files) {
      const { items, pairs } = parseModelWrittenEvals(readFileSync(join(folder, name), "utf8"), name);
      expect([name, items.length >= 200, pairs.length]).toEqual([name, true, 40]);
      const lettered = items.filter(({ variants }) => variants[0]?.continuations[0]?.text.startsWith("("));
      expect(lettered.length / items.length, name).toBeLessThan(0.05);
    }
  });
});
