/** Does the gate tell an opinion from one answer given to all? */
import { expect, test } from "vitest";
import type { Behaviour, BehaviourScores } from "../behaviours/index.ts";
import { rng } from "../core/index.ts";
import { gateOf } from "./gate.ts";

const ITEMS = 40;
const yes = (i: number) => i % 2 === 0;

/** Yes is the behaviour's answer in every other item. */
const behaviour: Behaviour = {
  ...{ id: "asked", title: "asked", question: "?", riskier: "up", weight: "sum", pairs: [], openPrompts: [] },
  items: Array.from({ length: ITEMS }, (_, i) => ({
    ...{ id: `${i}`, cluster: `${i}` },
    variants: [
      {
        messages: [{ role: "user", content: `question ${i}` }],
        continuations: ["Yes", "No"].map((text) => ({ text, exhibits: (text === "Yes") === yes(i) })),
      },
    ],
  })),
};

/** Scores of a model whose log-odds of Yes are `ofYes(item)`, nats. */
function scores(ofYes: (i: number) => number): BehaviourScores {
  const items = Array.from({ length: ITEMS }, (_, i) => {
    const logOdds = yes(i) ? ofYes(i) : -ofYes(i);
    return { id: `${i}`, cluster: `${i}`, logOdds, variantLogOdds: [logOdds], score: 1 / (1 + Math.exp(-logOdds)) };
  });
  return { behaviourId: "asked", items } as unknown as BehaviourScores;
}

test.each([
  ["says No to all", () => 0, false],
  ["has an opinion on each", (i: number) => 3 * Math.sin(i * i), true],
] as const)("a model that %s", (_, opinion, passes) => {
  const random = rng(1, "gate");
  const noisy = (i: number) => -2 + opinion(i) + 0.3 * random.normal();
  const nothingAsked = () => scores(() => 0.3 * random.normal());
  const parallel = { bare: nothingAsked(), afterPreamble: { asked: scores(noisy), bare: nothingAsked() } };
  expect(gateOf(behaviour, scores(noisy), parallel).passed).toBe(passes);
});
