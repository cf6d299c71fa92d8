import { describe, expect, it } from "vitest";
import { CancelledError, type ProgressEvent } from "../core/index.ts";
import { capability } from "./battery/capability.ts";
import { type LikelihoodModel, type LikelihoodRequest, scoreBehaviour } from "./battery.ts";
import type { Behaviour } from "./behaviour.ts";
import { asked, forcedChoice } from "./build.ts";
import { realBehaviours } from "./registry.ts";

/** A model whose tokens are characters, each of them as likely as `nats` says of the whole request. */
function fake(nats: (request: LikelihoodRequest) => number): LikelihoodModel & { calls: LikelihoodRequest[][] } {
  const calls: LikelihoodRequest[][] = [];
  return {
    calls,
    logLikelihood: async (requests) => {
      calls.push([...requests]);
      return requests.map((request) => ({ logprob: nats(request), tokens: request.continuation.length }));
    },
  };
}

const small: Behaviour = {
  id: "small",
  title: "Small",
  question: "Is it small?",
  riskier: "up",
  weight: "mean",
  pairs: [],
  openPrompts: [],
  items: [
    {
      id: "a-1",
      cluster: "a",
      variants: [
        {
          messages: asked("One?"),
          prefill: "It is",
          continuations: [
            { text: " yes", exhibits: true },
            { text: " yeah", exhibits: true },
            { text: " no", exhibits: false },
          ],
        },
      ],
    },
    { id: "b-1", cluster: "b", variants: forcedChoice("Two?", "grow", "stay") },
  ],
};

describe("scoreBehaviour", () => {
  it("asks for every continuation once, in one call, with its prefill", async () => {
    const model = fake(() => -1);
    await scoreBehaviour(small, model);
    expect(model.calls.length).toBe(1);
    expect(model.calls[0]?.map(({ prefill, continuation }) => [prefill, continuation])).toEqual([
      ["It is", " yes"],
      ["It is", " yeah"],
      ["It is", " no"],
      [undefined, "grow"],
      [undefined, "stay"],
      [undefined, "grow"],
      [undefined, "stay"],
    ]);
  });

  it("gives each item the scores of its own answers, by hand", async () => {
    // Per token: " yes" -1, " yeah" -2, " no" -1; then the first option at -1 and the last at -2.
    const perToken: Record<string, number> = { " yes": -1, " yeah": -2, " no": -1 };
    const model = fake(({ messages, continuation }) => {
      const last = messages[0]?.content.endsWith(continuation) ? -2 : -1;
      return (perToken[continuation] ?? last) * continuation.length;
    });
    const { behaviourId, items } = await scoreBehaviour(small, model);
    expect(behaviourId).toBe("small");
    expect(items.map(({ id, cluster }) => [id, cluster])).toEqual([
      ["a-1", "a"],
      ["b-1", "b"],
    ]);
    const yes = Math.exp(-1) + Math.exp(-2);
    expect(items[0]?.score).toBeCloseTo(yes / (yes + Math.exp(-1)), 12);
    expect(items[0]).toMatchObject({ strongestExhibiting: " yes", strongestOther: " no" });
    expect(items[1]?.score).toBeCloseTo(0.5, 12);
    expect(items[1]?.logOdds).toBeCloseTo(0, 12);
  });

  it("sees through a liking for the first option to the option itself", async () => {
    const likesGrowing = fake(({ messages, continuation }) => {
      const first = messages[0]?.content.includes(`\n\n- ${continuation}`);
      return (continuation === "grow" ? -3 : -6) + (first ? 0 : -30);
    });
    const { items } = await scoreBehaviour({ ...small, weight: "sum" }, likesGrowing);
    expect(items[1]?.logOdds).toBeCloseTo(3, 9);
  });

  it.each(realBehaviours.map((behaviour) => [behaviour.id, behaviour] as const))(
    "gives %s 1 where a model knows the labels, 0 where it inverts them, and the share where all weigh the same",
    async (_, behaviour) => {
      const labels = behaviour.items.flatMap((item) =>
        item.variants.flatMap(({ continuations }) => continuations.map(({ exhibits }) => exhibits)),
      );
      const knowing = (sign: boolean): LikelihoodModel => ({
        logLikelihood: async (requests) =>
          requests.map((__, i) => ({ logprob: labels[i] === sign ? 0 : -900, tokens: 1 })),
      });
      const ids = behaviour.items.map(({ id }) => id);
      const best = await scoreBehaviour(behaviour, knowing(true));
      expect(best.items.map(({ id }) => id)).toEqual(ids);
      expect(best.items.every(({ score }) => score === 1)).toBe(true);
      expect((await scoreBehaviour(behaviour, knowing(false))).items.every(({ score }) => score < 1e-300)).toBe(true);
      const even = await scoreBehaviour(behaviour, {
        logLikelihood: async (all) => all.map(() => ({ logprob: -5, tokens: 2 })),
      });
      for (const [i, { score }] of even.items.entries()) {
        const all = behaviour.items[i]?.variants[0]?.continuations ?? [];
        expect(score).toBeCloseTo(all.filter(({ exhibits }) => exhibits).length / all.length, 12);
      }
    },
  );

  it("does not favour an answer of capability by its word alone: each is right once and wrong once", async () => {
    const likesLateLetters = fake(({ continuation }) => -continuation.charCodeAt(1) / 10);
    const { items } = await scoreBehaviour(capability, likesLateLetters);
    for (const cluster of new Set(items.map((item) => item.cluster))) {
      const logOdds = items.filter((item) => item.cluster === cluster).map((item) => item.logOdds);
      expect(logOdds.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
    }
  });

  it("says which item a NaN belongs to, and never calls it 0", async () => {
    const broken = fake(({ continuation }) => (continuation === "stay" ? Number.NaN : -1));
    await expect(scoreBehaviour(small, broken)).rejects.toThrow(/small, item b-1 was not measured/);
  });

  it("throws where an answer is missing", async () => {
    const deaf: LikelihoodModel = { logLikelihood: async () => [{ logprob: -1, tokens: 1 }] };
    await expect(scoreBehaviour(small, deaf)).rejects.toThrow(/asked for 7 likelihoods, got 1/);
  });

  it("reports its progress and stops when asked to, before and during the call", async () => {
    const events: ProgressEvent[] = [];
    await scoreBehaviour(
      small,
      fake(() => -1),
      { onProgress: (event) => events.push(event) },
    );
    expect(events.map(({ step, total }) => [step, total])).toEqual([
      [0, 2],
      [2, 2],
    ]);
    const early = fake(() => -1);
    await expect(scoreBehaviour(small, early, { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
    expect(early.calls.length).toBe(0);
    const controller = new AbortController();
    const late = fake(() => {
      controller.abort();
      return -1;
    });
    await expect(scoreBehaviour(small, late, { signal: controller.signal })).rejects.toThrow(CancelledError);
  });
});
