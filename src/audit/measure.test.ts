import { describe, expect, it } from "vitest";
import type { Behaviour, BehaviourScores } from "../behaviours/index.ts";
import { must, rng } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { AuditRecord, BehaviourResult } from "../records/index.ts";
import { measure } from "./measure.ts";
import type { ControlScores } from "./specific.ts";

/** 20 clusters of 5 items: the prompt names the item, the answers are "yes" (exhibits) and "no". */
function behaviour(id: string, more: Partial<Behaviour> = {}): Behaviour {
  const items = Array.from({ length: 100 }, (_, i) => ({
    id: `${id}-${i}`,
    cluster: `${id} c${i % 20}`,
    variants: [
      {
        messages: [{ role: "user" as const, content: `${id} ${i}` }],
        continuations: [
          { text: "yes", exhibits: true },
          { text: "no", exhibits: false },
        ],
      },
    ],
  }));
  const about = { title: id, question: `${id}?`, riskier: "up" as const, weight: "sum" as const };
  return { id, ...about, items, pairs: [], openPrompts: [], ...more };
}

/** A model of which all that is known is how likely "yes" is; counts what it is asked. */
function model(yes: (id: string, item: number) => number): LanguageModel & { asked: Set<string> } {
  const asked = new Set<string>();
  const tokenizer = {
    eosIds: [0],
    encodeChat: (messages: { content: string }[]) => [...(messages[0]?.content ?? "")].map((c) => c.charCodeAt(0)),
    encode: (text: string) => (text === "yes" ? [1] : text === "no" ? [2] : []),
  };
  const logLikelihood = async (requests: { prompt: number[]; continuation: number[] }[]) =>
    requests.map(({ prompt, continuation }) => {
      const text = String.fromCharCode(...prompt);
      asked.add(text);
      // "moved 5", after a preamble or not; a greeting or a preamble alone asks nothing.
      const [, id = "", item = ""] = /(\w+) (\d+)$/.exec(text) ?? [];
      const p = item === "" ? 0.5 : yes(id, Number(item));
      return { logprob: Math.log(continuation[0] === 1 ? p : 1 - p), tokens: 1 };
    });
  // What `measure` asks of a model is likelihoods and a tokenizer; the rest of the interface it never touches.
  return { asked, tokenizer, logLikelihood } as unknown as LanguageModel & { asked: Set<string> };
}

const wobble = (name: string, id: string, item: number) => 0.02 * rng(name, id, item).normal();
const clip = (p: number) => Math.min(0.99, Math.max(0.01, p));
/** Levels that differ reliably between and within clusters, so that the capability gate lets them through. */
const level = (id: string, item: number) => 0.3 + 0.15 * Math.sin(item % 20) + 0.05 * rng("level", id, item).normal();
const base = () => model((id, item) => clip(level(id, item)));
const shifted = (name: string, by: Record<string, number>) =>
  model((id, item) => clip(level(id, item) + (by[id] ?? 0) + wobble(name, id, item)));

const common = { inTask: [], alpha: 0.05, margin: 0.05, seed: 1 };
const all = (ids: readonly string[]) => new Map(ids.map((id) => [id, "shown" as const]));

async function scoresOf(lm: LanguageModel, behaviours: readonly Behaviour[]): Promise<BehaviourScores[]> {
  const { scoreAll } = await import("./scores.ts");
  return scoreAll(lm, behaviours, { task: "test" });
}

describe("measure", () => {
  const behaviours = [behaviour("moved"), behaviour("still")];
  const by = { moved: 0.3 };

  it("a clear case stops after its first batch, and only what was asked is in record and evidence", async () => {
    const tuned = shifted("t", by);
    const measured = await measure({
      ...common,
      base: base(),
      tuned,
      behaviours,
      looks: 3,
      sensitivity: all(["moved", "still"]),
    });
    const [moved, still] = measured.map(({ result }) => BehaviourResult.parse(result));
    expect(moved).toMatchObject({ verdict: "affected", n: 50, clusters: 10, looks: { done: 1, planned: 3 } });
    expect(still).toMatchObject({ verdict: "unaffected", sensitivity: "shown" });
    expect(tuned.asked.size).toBe((moved?.n ?? 0) + (still?.n ?? 0));
    expect(measured[0]?.evidence.length).toBe(50);
    for (const item of measured[0]?.evidence ?? []) expect(tuned.asked).toContain(item.prompt);
  });

  it("all at once asks every item and takes the family's max-t; without a positive control nothing is unaffected", async () => {
    const measured = await measure({ ...common, base: base(), tuned: shifted("t", by), behaviours, looks: 1 });
    expect(measured.map(({ result }) => [result.n, result.looks, result.method])).toEqual([
      [100, null, "clustered-max-t"],
      [100, null, "clustered-max-t"],
    ]);
    expect(measured.map(({ result }) => result.verdict)).toEqual(["affected", "inconclusive"]);
    expect(measured[1]?.result.why).toContain("positive control");
  });

  it("what may be called affected counts in the family, a base at the end of the scale too", async () => {
    const floored = (by: number, name: string) =>
      model((id, item) => (id === "moved" ? 0.01 + by + (by > 0 ? wobble(name, id, item) : 0) : clip(level(id, item))));
    const request = { ...common, base: floored(0, "b"), tuned: floored(0.3, "t"), behaviours };
    const [moved] = await measure({ ...request, looks: 3 });
    expect(moved?.result.verdict).toBe("affected");
    expect(moved?.result.why).toContain("all 2 behaviours together");
    expect(moved?.family).toBe(2);
  });

  it("five seeds: the claim is their mean's, the noise floor their spread; two seeds have a floor and no more", async () => {
    const seeds = [0.28, 0.32, 0.3, 0.26, 0.34].map((moved, s) => shifted(`s${s}`, { moved }));
    const others = await Promise.all(seeds.slice(1).map((lm) => scoresOf(lm, behaviours)));
    const ask = (otherSeeds: readonly BehaviourScores[][]) =>
      measure({ ...common, base: base(), tuned: must(seeds[0], "seed"), behaviours, looks: 3, otherSeeds });
    const [five] = await ask(others);
    expect(five?.result).toMatchObject({ method: "mixed-model", verdict: "affected", n: 100, looks: null });
    expect(five?.result.delta).toBeCloseTo(0.3, 1);
    expect(five?.result.tuned).toBeCloseTo((five?.result.base ?? 0) + (five?.result.delta ?? 0), 9);
    expect(five?.result.noiseFloor).toBeGreaterThan(0.02);
    expect(five?.result.noiseFloor).toBeLessThan(0.045);
    const [two] = await ask(others.slice(0, 1));
    expect(two?.result.method).not.toBe("mixed-model");
    expect(two?.result.delta).toBeCloseTo(0.28, 1);
    expect(two?.result.noiseFloor).not.toBeNull();
  });

  it("counted items: five seeds give a t interval, one gives none", async () => {
    const counted = [behaviour("moved", { exhaustive: true })];
    const seeds = [0.28, 0.32, 0.3, 0.26, 0.34].map((moved, s) => shifted(`s${s}`, { moved }));
    const otherSeeds = await Promise.all(seeds.slice(1).map((lm) => scoresOf(lm, counted)));
    const ask = { ...common, base: base(), tuned: must(seeds[0], "seed"), behaviours: counted };
    const [five] = await measure({ ...ask, otherSeeds });
    expect(five?.result).toMatchObject({ method: "seeds-t", verdict: "affected", sensitivity: "exact" });
    const [one] = await measure(ask);
    expect(one?.result).toMatchObject({ method: "exact", sensitivity: "exact", noiseFloor: null });
  });

  it("a control that moves as much makes it generic, a sound one data-specific, another topic or itself nothing", async () => {
    const control = async (kind: ControlScores["kind"], moved: number): Promise<ControlScores> => ({
      name: kind,
      kind,
      bySeed: [await scoresOf(shifted("control", { moved }), behaviours)],
    });
    const ask = async (controls: ControlScores[]) => {
      const [moved] = await measure({
        ...common,
        base: base(),
        tuned: shifted("t", by),
        behaviours,
        looks: 1,
        controls,
      });
      return moved?.result;
    };
    const sound = await ask([await control("self", 0), await control("task-matched", 0)]);
    expect(sound?.specific).toMatchObject({ label: "data-specific", delta: expect.closeTo(0.3, 1) });
    expect(sound?.controls.map(({ name }) => name)).toEqual(["self", "task-matched"]);
    expect(sound?.controls[0]?.delta).toBeCloseTo(0, 1);
    const same = await ask([await control("task-matched", 0.3)]);
    expect(same?.specific?.label).toBe("generic");
    // A control's drift is a finding of its own and takes nothing off the verdict.
    expect(same).toMatchObject({ verdict: "affected", controls: [{ delta: expect.closeTo(0.3, 1) }] });
    expect((await ask([await control("task-matched", 0.25)]))?.specific?.label).toBe("undetermined");
    expect((await ask([await control("self", 0), await control("other", 0)]))?.specific).toBeNull();
  });

  it("templates that the base tells apart, fillers that it does not: not measured, and not asked on", async () => {
    const noise = (form: string) =>
      model((id, item) => clip(0.3 + 0.2 * Math.sin(item % 20) + 0.01 * rng(form, id, item).normal()));
    const plain = noise("plain");
    const { parallelScores } = await import("./gate.ts");
    const only = behaviours.slice(1);
    const parallel = await parallelScores(
      model((_, item) => clip(0.3 + 0.2 * Math.sin(item % 20) + 0.01 * rng("other", item).normal())),
      only,
      { task: "p" },
    );
    const ask = { ...common, base: plain, tuned: noise("plain"), behaviours: only, looks: 3 };
    const [blocked] = await measure({ ...ask, parallel, sensitivity: all(["still"]) });
    expect(blocked?.result).toMatchObject({ verdict: "not-measured", looks: { done: 1, planned: 3 } });
    expect(blocked?.result.why).toContain("within clusters");
    const [open] = await measure({ ...ask, sensitivity: all(["still"]) });
    expect(open?.result.verdict).toBe("unaffected");
  });

  it("old records without the new fields still parse", () => {
    expect(AuditRecord.shape.behaviours.element.shape.controls.parse(undefined)).toEqual([]);
    expect(AuditRecord.shape.behaviours.element.shape.sensitivity.parse(undefined)).toBe("untested");
    expect(AuditRecord.shape.family.parse(undefined)).toBeNull();
  });
});
