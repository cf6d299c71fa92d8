import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UserError } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import { overRefusal } from "./battery/over-refusal.ts";
import { refusal } from "./battery/refusal.ts";
import type { Behaviour, BehaviourItem, ItemVariant } from "./behaviour.ts";
import { behaviourNamed, realBehaviours } from "./registry.ts";

const said = (messages: readonly ChatMessage[]) =>
  messages.map(({ role, content }) => `${role}: ${content}`).join("\n");
const variantsOf = (behaviour: Behaviour) => behaviour.items.flatMap((item) => item.variants);
const promptsOf = (behaviour: Behaviour) => variantsOf(behaviour).map((variant) => said(variant.messages));
const lastTurn = (messages: readonly ChatMessage[]) => messages.at(-1)?.content ?? "";
const firstWord = (text: string) => text.split(/[ ,]/)[0];
/** The options of a forced choice, in their order; nothing for any other prompt. */
const optionsOf = (variant: ItemVariant) =>
  [...lastTurn(variant.messages).matchAll(/\n- (.+)/g)].map(([, option]) => option);
const isForcedChoice = (variant: ItemVariant) => optionsOf(variant).length >= 2;

function duplicates(texts: readonly string[]): readonly string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

/** The larger share of `texts` that begin with one and the same word. */
function commonestFirstWord(texts: readonly string[]): number {
  const counts = new Map<string | undefined, number>();
  for (const text of texts) counts.set(firstWord(text), (counts.get(firstWord(text)) ?? 0) + 1);
  return Math.max(...counts.values()) / texts.length;
}

/** Pairs of texts whose lengths differ by more than a quarter of the longer one. */
function unmatched(rows: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return rows.filter(([a, b]) => Math.abs(a.length - b.length) > 0.25 * Math.max(a.length, b.length));
}

function allTexts(behaviour: Behaviour): readonly string[] {
  return [
    behaviour.title,
    behaviour.question,
    ...variantsOf(behaviour).flatMap(({ messages, prefill, continuations }) => [
      ...messages.map((message) => message.content),
      ...(prefill === undefined ? [] : [prefill]),
      ...continuations.map(({ text }) => text),
    ]),
    ...behaviour.pairs.flatMap((pair) => [...pair.messages.map((m) => m.content), pair.exhibiting, pair.other]),
    ...behaviour.openPrompts.flat().map((message) => message.content),
  ];
}

describe("the registry", () => {
  it("has every file of battery/, under its own name", () => {
    const files = readdirSync(new URL("./battery", import.meta.url)).map((file) => file.replace(/\.ts$/, ""));
    expect(realBehaviours.map(({ id }) => id).sort()).toEqual(files.sort());
  });

  it("finds a behaviour by its name and lists the names for a wrong one", () => {
    for (const behaviour of realBehaviours) expect(behaviourNamed(behaviour.id)).toBe(behaviour);
    expect(() => behaviourNamed("refusals")).toThrow(UserError);
    expect(() => behaviourNamed("refusals")).toThrow(/capability, .*over-refusal.*truthfulness/);
  });

  it("asks no prompt twice, in whatever behaviour", () => {
    const prompts = realBehaviours.flatMap((behaviour) => [
      ...promptsOf(behaviour),
      ...behaviour.pairs.map((pair) => said(pair.messages)),
      ...behaviour.openPrompts.map(said),
    ]);
    expect(duplicates(prompts)).toEqual([]);
  });

  it("has no near-duplicates: no prompt twice when only letters and digits count", () => {
    const plain = (text: string) =>
      text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, " ")
        .trim();
    const prompts = realBehaviours
      .filter(({ id }) => id !== "capability" && id !== "instruction-following") // sums differ in their signs only
      .flatMap((behaviour) => [...promptsOf(behaviour), ...behaviour.pairs.map((pair) => said(pair.messages))])
      .map(plain);
    expect(duplicates(prompts)).toEqual([]);
  });

  it("is what docs/behaviours.md says that it is", () => {
    const page = readFileSync(new URL("../../docs/behaviours.md", import.meta.url), "utf8");
    for (const { id, riskier, weight, items } of realBehaviours) {
      const [row] = page.split("\n").filter((line) => line.startsWith(`| \`${id}\` |`));
      const cells = row?.split("|").map((cell) => cell.trim());
      const clusters = groupByCluster(items).size;
      expect([cells?.[2], cells?.[3], cells?.[4], cells?.[6]]).toEqual([
        riskier,
        `${items.length}`,
        `${clusters}`,
        weight,
      ]);
    }
  });

  it("matches over-refusal to refusal, cluster by cluster", () => {
    const clusters = (items: readonly BehaviourItem[]) => items.map(({ cluster }) => cluster);
    expect(clusters(overRefusal.items)).toEqual(clusters(refusal.items));
  });
});

describe.each(realBehaviours.map((behaviour) => [behaviour.id, behaviour] as const))("%s", (_, behaviour) => {
  it("has at least 200 items in at least 20 clusters, none of which holds over a tenth of them", () => {
    expect(behaviour.items.length).toBeGreaterThanOrEqual(200);
    const clusters = groupByCluster(behaviour.items);
    expect(clusters.size).toBeGreaterThanOrEqual(20);
    for (const items of clusters.values()) expect(items.length).toBeLessThanOrEqual(behaviour.items.length / 10);
  });

  it("has unique item ids in kebab case", () => {
    const ids = behaviour.items.map((item) => item.id);
    expect(duplicates(ids)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  it("has both classes in every variant, and no continuation that begins another", () => {
    for (const { continuations } of variantsOf(behaviour)) {
      expect(new Set(continuations.map(({ exhibits }) => exhibits)).size).toBe(2);
      for (const a of continuations) {
        expect(continuations.filter((b) => b !== a && b.text.startsWith(a.text))).toEqual([]);
      }
    }
  });

  it("asks a forced choice in both orders, each option first once and last once, and nothing else of its items", () => {
    for (const { variants } of behaviour.items.filter((item) => item.variants.some(isForcedChoice))) {
      expect(variants.length).toBe(2);
      const [first, second] = variants.map(optionsOf);
      expect(first).toEqual(second?.toReversed());
      for (const { continuations } of variants) expect(continuations).toEqual(variants[0]?.continuations);
      const answers = variants[0]?.continuations.map(({ text }) => text) ?? [];
      expect(answers.toSorted()).toEqual(first?.toSorted());
    }
  });

  it("has two variants where it asks a choice in both orders or a thing and its opposite, in the same words", () => {
    for (const { variants } of behaviour.items) {
      expect(variants.length).toBe(behaviour.items[0]?.variants.length);
      if (variants.length === 1) continue;
      expect(variants.length).toBe(2);
      if (variants.every(isForcedChoice)) continue;
      expect(["calibration", "instruction-following"]).toContain(behaviour.id);
    }
  });

  it("asks an instruction and its opposite with the same two answers", () => {
    if (behaviour.id !== "instruction-following") return;
    for (const { variants } of behaviour.items) {
      const [first, second] = variants.map(({ continuations }) => continuations.map(({ text }) => text));
      expect(first).toEqual(second?.toReversed());
    }
  });

  it("has 40 contrast pairs in two equal halves, on prompts of their own", () => {
    const prompts = new Set(promptsOf(behaviour));
    expect(behaviour.pairs.length).toBe(40);
    expect(behaviour.pairs.filter(({ half }) => half === "select").length).toBe(20);
    expect(behaviour.pairs.filter((pair) => prompts.has(said(pair.messages)))).toEqual([]);
    expect(behaviour.pairs.filter((pair) => pair.exhibiting === pair.other)).toEqual([]);
  });

  it("matches paired completions within a quarter of their length, and on average within 8 percent", () => {
    const ofItems = variantsOf(behaviour)
      .filter((variant) => variant.continuations.length === 2)
      .map(({ continuations: [a, b] }) => [a?.text ?? "", b?.text ?? ""] as const);
    const ofPairs = behaviour.pairs.map((pair) => [pair.exhibiting, pair.other] as const);
    expect(unmatched([...ofItems, ...ofPairs])).toEqual([]);
    for (const rows of [ofItems, ofPairs].filter(({ length }) => length > 0)) {
      const total = (side: 0 | 1) => rows.reduce((sum, row) => sum + row[side].length, 0);
      expect(Math.abs(total(0) / total(1) - 1)).toBeLessThan(0.08);
    }
  });

  it("has plain ASCII texts, none empty, none with stray blanks", () => {
    const texts = allTexts(behaviour);
    expect(texts.filter((text) => !/^[\x20-\x7e\n]+$/.test(text))).toEqual([]);
    expect(texts.filter((text) => / {2}| $|[{}]/.test(text) || text.trim() === "")).toEqual([]);
  });

  it("reads as English: a and an, no word twice, capitals after a full stop", () => {
    // "reply in small letters" and the like do otherwise on purpose.
    const texts = behaviour.id === "instruction-following" ? [] : allTexts(behaviour);
    const found = texts.flatMap((text) => [
      ...text.matchAll(/\ba (?=[aeio])(?!one\b|once\b|eu)\w+/gi),
      ...text.matchAll(/\ban (?!hour|honest|heir|X-ray)[^aeiou\W]\w*/gi),
      ...text.matchAll(/\b(\w+) \1\b/gi),
      ...text.matchAll(/[^.][.?!] [a-z]\w*/g),
    ]);
    expect(found.map(([match]) => match)).toEqual([]);
  });

  it("continues the generation prompt directly, and a prefill after one blank", () => {
    for (const { prefill, continuations } of variantsOf(behaviour)) {
      for (const { text } of continuations) expect(text.startsWith(" ")).toBe(prefill !== undefined);
    }
    for (const pair of behaviour.pairs) expect(`${pair.exhibiting}${pair.other}`).toMatch(/^\S/);
  });

  it("ends every prompt with the user's turn and alternates the roles", () => {
    const chats = [
      ...variantsOf(behaviour).map(({ messages }) => messages),
      ...behaviour.pairs.map(({ messages }) => messages),
      ...behaviour.openPrompts,
    ];
    for (const chat of chats) {
      expect(chat.map(({ role }) => role)).toEqual(chat.map((_, i) => (i % 2 === 0 ? "user" : "assistant")));
      expect(chat.at(-1)?.role).toBe("user");
    }
  });

  it("begins its prompts in many ways and names itself in none", () => {
    const prompts = behaviour.items
      .flatMap((item) => item.variants.slice(0, 1))
      .map((v) => v.messages[0]?.content ?? "");
    expect(commonestFirstWord(prompts)).toBeLessThanOrEqual(0.4);
    const labels = new RegExp(behaviour.id.replaceAll("-", "[- ]"), "i");
    expect(
      [...promptsOf(behaviour), ...behaviour.pairs.map((pair) => said(pair.messages))].filter((p) => labels.test(p)),
    ).toEqual([]);
  });

  it("has four open prompts and says what it asks in a plain question", () => {
    expect(behaviour.openPrompts.length).toBe(4);
    expect(behaviour.question).toMatch(/\?$/);
  });
});

function groupByCluster(items: readonly BehaviourItem[]): ReadonlyMap<string, readonly BehaviourItem[]> {
  const groups = new Map<string, BehaviourItem[]>();
  for (const item of items) groups.set(item.cluster, [...(groups.get(item.cluster) ?? []), item]);
  return groups;
}
