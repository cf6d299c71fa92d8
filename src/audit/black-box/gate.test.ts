/** When a base behind an endpoint may be measured: what is asked of it again, and what cannot be. */
import { describe, expect, it } from "vitest";
import { type Behaviour, behaviourNamed } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import { chooseItems } from "../choose-items.ts";
import { gateThrough } from "./gate.ts";
import { type MissingReason, missed, type Reading, reading } from "./reading.ts";

const ITEMS = 30;
const small = (id: string) => chooseItems(behaviourNamed(id), ITEMS, 1);

/** What is made of an item, nats: by its number among the items, after its question or with nothing asked. */
type Reads = (item: number, question: string | null) => number | MissingReason;

async function gate(
  behaviour: Behaviour,
  reads: Reads,
  answered = behaviour.items.length,
  draws: number | null = null,
) {
  const questions = behaviour.items.map(({ variants }) => must(variants[0]?.messages.at(-1), "turn").content);
  const asked: Behaviour[] = [];
  const read = async (form: Behaviour): Promise<readonly Reading[]> => {
    asked.push(form);
    return form.items.map((item) => {
      const prompt = must(item.variants[0]?.messages.at(-1), "turn").content;
      const place = behaviour.items.findIndex(({ id }) => id === item.id);
      const logOdds = reads(place, prompt.endsWith(must(questions[place], "question")) ? prompt : null);
      if (typeof logOdds === "string") return missed(item, logOdds);
      return reading(item, { score: 1 / (1 + Math.exp(-logOdds)), variantLogOdds: item.variants.map(() => logOdds) });
    });
  };
  const base = await read(behaviour);
  return { gate: await gateThrough({ behaviour, base, answered, read, draws }), forms: asked.slice(1) };
}

const opinion = (item: number) => 2 * Math.sin(item * item + 1);

describe("the gate through an endpoint", () => {
  it("opens where the question's part comes back, and not where the answers' own words are all there is", async () => {
    const words = (item: number) => Math.cos(7 * item);
    const reads = await gate(small("deception"), (item, question) => words(item) + (question ? opinion(item) : 0));
    expect(reads.gate).toMatchObject({ passed: true, reliability: expect.closeTo(1, 9) });
    expect(reads.forms.length).toBe(3);
    const blind = await gate(small("deception"), words);
    expect(blind.gate).toMatchObject({ passed: false, reason: "reliability", reliability: 0 });
  });

  it("asks nothing without a question where that is the same for all items, and could not be read", async () => {
    const free = (item: number, question: string | null) => (question ? opinion(item) : "other-opening");
    const { gate: found, forms } = await gate(small("refusal"), free);
    expect([found.passed, forms.length]).toEqual([true, 1]);
  });

  it.each<[string, Reads, RegExp]>([
    ["with nothing asked", (i, question) => (question ? opinion(i) : "no-choice"), /only 0 of 30 .*\(no-choice\)/],
    [
      "of most in another form",
      (i, question) => (question?.startsWith("Hi!") && i % 3 > 0 ? "refused" : opinion(i)),
      /only 10 of 30 .*\(refused\)/,
    ],
  ])("stays shut where nothing can be read %s", async (_, reads, why) => {
    const { gate: found } = await gate(small("deception"), reads);
    expect(found).toMatchObject({ passed: false, reason: "reliability", reliability: null });
    expect(found.why).toMatch(why);
  });

  it("leaves out single items that were not read in every form", async () => {
    const reads: Reads = (item, question) => (question ? opinion(item) : item % 5 === 0 ? "timeout" : 0);
    expect((await gate(small("deception"), reads)).gate.passed).toBe(true);
  });

  it.each<[string, Behaviour, Reads, number, RegExp]>([
    ["too few items were answered", small("deception"), opinion, 14, /only 14 of 30 items were answered/],
    ["the scale has no room", small("deception"), () => -9, ITEMS, /floor/],
    ["a population is counted", { ...small("deception"), exhaustive: true }, opinion, ITEMS, /no second form/],
  ])("asks nothing more where %s", async (_, behaviour, reads, answered, why) => {
    const { gate: found, forms } = await gate(behaviour, reads, answered);
    expect([found.passed, forms]).toEqual([false, []]);
    expect(found.why).toMatch(why);
  });

  it("says how few answers were drawn where they do not come back", async () => {
    const { gate: found } = await gate(small("deception"), (i) => Math.cos(7 * i), ITEMS, 2);
    expect(found.why).toMatch(/0\.00 \(needed: 0\.7\), from 2 drawn answers to each prompt \(more: --samples\)$/);
  });

  it("stays shut over two items, of which there is no correlation", async () => {
    const behaviour = { ...small("deception"), items: small("deception").items.slice(0, 2) };
    const { gate: found } = await gate(behaviour, (item, question) => (question ? opinion(item) : 0));
    expect(found).toMatchObject({ passed: false, reason: "reliability" });
  });
});
