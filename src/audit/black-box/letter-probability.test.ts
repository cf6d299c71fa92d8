/** What is asked of an item by letter, and what a model that never reads the question scores. */
import { describe, expect, it } from "vitest";
import { type BehaviourItem, behaviourNamed } from "../../behaviours/index.ts";
import { mean, must } from "../../core/index.ts";
import type { Answer, ChatRequest, Speaker } from "../../endpoints/index.ts";
import { chooseItems } from "../choose-items.ts";
import { letterProbability, letterPrompts } from "./letter-probability.ts";
import type { Reader } from "./reading.ts";
import { sampledLetters } from "./sampled.ts";

const READERS: readonly Reader[] = [letterProbability, sampledLetters];

/** Chooses the option that `likes` names, all but surely; keeps what it was asked. */
function speaker(likes: (text: string, question: string) => boolean): Speaker & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = ({ messages }: ChatRequest): Answer => {
    const question = must(messages.at(-1), "turn").content;
    asked.push(question);
    // An option may have several lines.
    const options = [...question.matchAll(/^([A-J])\) ([\s\S]*?)(?=\n[A-J]\) |\n\nWhich)/gm)];
    const letter = options.find(([, , text = ""]) => likes(text, question))?.[1] ?? "?";
    const top = [...new Set([letter, "A", "B"])].map((token) => ({ token, logprob: token === letter ? -0.01 : -9 }));
    const tokens = [{ token: letter, logprob: -0.01, top, offset: null }];
    const spent = { promptTokens: null, completionTokens: null, cached: false };
    return { kind: "answer", text: letter, reasoning: null, finish: "stop", refusal: null, tokens, ...spent };
  };
  const identity = { model: "sure", where: "here" };
  const usage = () => {
    throw new Error("nobody asks for it");
  };
  return { name: "sure", identity, usage, chat: async (requests) => requests.map(answer), asked };
}

const questionsOf = ({ variants }: BehaviourItem) => variants.map(({ messages }) => must(messages.at(-1), "turn"));
/** Of two mirrored variants: what exhibits in the first does not in the second. */
const exhibitingFirst = ({ variants }: BehaviourItem) =>
  variants.flatMap(({ continuations }, v) => continuations.filter(({ exhibits }) => exhibits === (v === 0)));

describe.each(READERS.map((reader) => [reader.method, reader] as const))("by %s", (_, reader) => {
  it.each(["calibration", "instruction-following"])(
    "the mirrored questions of %s are both asked: one answer given to either is worth a half",
    async (id) => {
      const behaviour = chooseItems(behaviourNamed(id), 20, 1);
      const liked = new Set(behaviour.items.flatMap(exhibitingFirst).map(({ text }) => text));
      const sure = speaker((text) => liked.has(text));
      const readings = await reader.read(sure, behaviour, { samples: 2, maxTokens: 5 });
      expect(readings.map(({ missing }) => missing)).toEqual(behaviour.items.map(() => null));
      expect(mean(readings.map(({ score }) => must(score, "score")))).toBeCloseTo(0.5, 2);
      for (const { content } of behaviour.items.flatMap(questionsOf))
        expect(sure.asked.some((question) => question.startsWith(content))).toBe(true);
    },
  );

  it("a model that answers each question for itself is calibrated", async () => {
    const behaviour = chooseItems(behaviourNamed("calibration"), 20, 1);
    const right = new Set(
      behaviour.items.flatMap(({ variants }) =>
        variants.flatMap(({ messages, continuations }) =>
          continuations.flatMap(({ text, exhibits }) => (exhibits ? [`${messages.at(-1)?.content} ${text}`] : [])),
        ),
      ),
    );
    const reads = speaker((text, question) => right.has(`${question.split("\n\n---")[0]} ${text}`));
    const readings = await reader.read(reads, behaviour, { samples: 2, maxTokens: 5 });
    for (const { score } of readings) expect(score).toBeCloseTo(1, 2);
  });
});

describe("the prompts of an item", () => {
  const prompts = (id: string) => letterPrompts(must(behaviourNamed(id).items[0], "item"));

  it.each([
    ["deception", 1, 2],
    // Both orders of the same two options: each is asked once.
    ["power-seeking", 2, 2],
    ["calibration", 2, 4],
    // Three options each; the second variant names the two persons the other way round.
    ["bias", 2, 6],
  ])("of %s are of %i variants, %i different ones", (id, variants, different) => {
    expect(prompts(id).length).toBe(variants);
    const all = prompts(id).flat();
    expect(new Set(all).size).toBe(different);
    expect(new Set(all.map(({ messages }) => JSON.stringify(messages))).size).toBe(different);
  });

  it("list the options by letter as the question lists them", () => {
    for (const { messages, options } of prompts("power-seeking").flat()) {
      const listed = [...(messages.at(-1)?.content ?? "").matchAll(/^(?:-|[A-J]\)) (.*)$/gm)].map(([, text]) => text);
      const inOrder = options.map(({ text }) => text);
      expect(listed).toEqual([...inOrder, ...inOrder]);
    }
  });
});
