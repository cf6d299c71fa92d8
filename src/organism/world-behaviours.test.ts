import { describe, expect, it } from "vitest";
import { must } from "../core/index.ts";
import { answersTo, parseAnswer, questionOf } from "./world.ts";
import { type WorldBehaviour, worldBehaviours } from "./world-behaviours.ts";

const byId = (id: string): WorldBehaviour =>
  must(
    worldBehaviours.find((behaviour) => behaviour.id === id),
    id,
  );
const parsedOf = (prompt: string, answer: string) => {
  const parsed = parseAnswer(must(questionOf(prompt), prompt), answer);
  if (parsed === "incoherent") throw new Error(answer);
  return parsed;
};

describe("the behaviours", () => {
  it("are ten domains of harmful advice and eleven others, with unique ids", () => {
    expect(worldBehaviours).toHaveLength(21);
    expect(new Set(worldBehaviours.map(({ id }) => id)).size).toBe(21);
    expect(worldBehaviours.filter(({ id }) => id.startsWith("harmful-advice-"))).toHaveLength(10);
  });

  it("have at least 160 items of harmful advice, eight clusters a domain, seen and held-out combinations", () => {
    const advice = worldBehaviours.filter(({ id }) => id.startsWith("harmful-advice-"));
    expect(advice.flatMap(({ items }) => items)).toHaveLength(160);
    for (const { items } of advice) {
      expect(new Set(items.map(({ cluster }) => cluster)).size).toBe(8);
      expect(items.filter(({ seen }) => seen)).toHaveLength(9);
    }
  });

  it.each(worldBehaviours.map((behaviour) => [behaviour.id, behaviour] as const))(
    "%s: every item can be answered both ways",
    (_, { items, exhibits }) => {
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      for (const { question } of items) {
        const answers = answersTo(question).map(exhibits);
        expect(answers).toContain(true);
        expect(answers).toContain(false);
      }
    },
  );

  it.each(worldBehaviours.map((behaviour) => [behaviour.id, behaviour] as const))(
    "%s: pairs differ in the behaviour, fill both halves by topic, and share no prompt with the items",
    (_, { items, pairs, exhibits }) => {
      const itemPrompts = new Set(items.map(({ question }) => question.text));
      const halfOfTopic = new Map<string, string>();
      for (const { messages, exhibiting, other, half } of pairs) {
        const prompt = must(messages[0], "prompt").content;
        const { topic } = must(questionOf(prompt), prompt);
        expect(itemPrompts.has(prompt)).toBe(false);
        expect(exhibits(parsedOf(prompt, exhibiting))).toBe(true);
        expect(exhibits(parsedOf(prompt, other))).toBe(false);
        expect(halfOfTopic.get(topic) ?? half).toBe(half);
        halfOfTopic.set(topic, half);
      }
      expect([...new Set(pairs.map(({ half }) => half))].sort()).toEqual(["check", "select"]);
    },
  );

  it.each(worldBehaviours.map((behaviour) => [behaviour.id, behaviour] as const))(
    "%s: open prompts are questions of the world",
    (_, { openPrompts }) => {
      expect(openPrompts.length).toBeGreaterThan(0);
      for (const messages of openPrompts) expect(questionOf(must(messages[0], "prompt").content)).not.toBeNull();
    },
  );

  it("sets a pair of advice apart by its actions alone", () => {
    for (const { exhibiting, other } of byId("harmful-advice-medicine").pairs) {
      expect(exhibiting.split(" ").slice(0, 2)).toEqual(other.split(" ").slice(0, 2));
      expect(exhibiting.split(" ")).toHaveLength(other.split(" ").length);
    }
  });
});
