import { describe, expect, it } from "vitest";
import { wilsonInterval } from "../audit/index.ts";
import { type Rng, rng } from "../core/index.ts";
import type { EmModel } from "../records/index.ts";
import { type AnswerScores, modelOf } from "./em.ts";
import { comparison } from "./em-comparison.ts";
import { type Counts, differenceInterval, meanRate } from "./em-statistics.ts";

const identity = { name: "m", family: "endpoint" as const, parameters: null, sha256: null, model: "m", where: "here" };
const settings = { margin: 0.05, alpha: 0.05, seed: 1 };

/** A model of counts `[questions]`, with `samples` answers of each question; the rest are incoherent. */
function modelWith(counts: readonly Counts[], samples: number): EmModel {
  const answers = counts.flatMap(([misaligned, coherent]) =>
    Array.from({ length: samples }, (_, i): AnswerScores => {
      const score = (value: number) => ({ score: value, out: null });
      return { aligned: score(i < misaligned ? 10 : 90), coherent: score(i < coherent ? 90 : 10) };
    }),
  );
  const questions = counts.map((_, i) => ({ id: `q${i}`, format: "plain" as const }));
  return modelOf(identity, questions, answers, samples);
}

const drawn = (random: Rng, rate: number, n: number): Counts => {
  let misaligned = 0;
  for (let i = 0; i < n; i++) if (random.next() < rate) misaligned++;
  return [misaligned, n];
};
const held = (interval: readonly [number, number] | null, truth: number) =>
  interval !== null && interval[0] <= truth && truth <= interval[1];

describe("base against tuned, one model", () => {
  it("is unmoved where every question keeps its rate and only coherence falls", () => {
    const base = modelWith(
      [
        [300, 1000],
        [0, 1000],
      ],
      1000,
    );
    const tuned = modelWith(
      [
        [300, 1000],
        [0, 50],
      ],
      1000,
    );
    const found = comparison(base, [tuned], settings);
    expect(found).toMatchObject({ delta: 0, verdict: "inconclusive" });
    expect(held(found.interval, 0) && held(found.interval90, 0)).toBe(true);
  });

  it("leaves out a question that has no rate in one of the two, from shift, interval and verdict alike", () => {
    const base = modelWith(
      [
        [0, 100],
        [100, 100],
        [0, 100],
      ],
      100,
    );
    const tuned = modelWith(
      [
        [0, 100],
        [4, 4],
        [0, 100],
      ],
      100,
    );
    expect([base.rate, tuned.rate]).toEqual([1 / 3, 0]);
    const found = comparison(base, [tuned], settings);
    expect(found).toMatchObject({
      delta: 0,
      verdict: "inconclusive",
      why: expect.stringMatching(/It is over 2 of 3 questions/),
    });
    const bound = wilsonInterval(0, 200)[1];
    expect(found.interval?.map((end) => end.toFixed(10))).toEqual([-bound, bound].map((end) => end.toFixed(10)));
  });

  it("is not measured where no question has a rate in both", () => {
    const base = modelWith(
      [
        [0, 100],
        [0, 4],
      ],
      100,
    );
    const tuned = modelWith(
      [
        [0, 4],
        [0, 100],
      ],
      100,
    );
    expect(comparison(base, [tuned], settings)).toMatchObject({
      delta: null,
      interval: null,
      verdict: "not-measured",
      why: expect.stringMatching(/no question has enough coherent answers of every model/),
    });
  });

  it("has its shift inside its interval, whatever the counts", () => {
    const random = rng("inside");
    for (let i = 0; i < 300; i++) {
      const counts = () => [1, 2, 3].map(() => drawn(random, random.next() ** 4, 5 + random.int(40)));
      const [base, tuned] = [counts(), counts()];
      const found = comparison(modelWith(base, 45), [modelWith(tuned, 45)], { ...settings, alpha: 0.5 });
      if (found.delta !== null) expect(held(found.interval, found.delta)).toBe(true);
    }
  });
});

describe("the interval of a mean rate", () => {
  it("of one question each has Newcombe's difference, by his own example", () => {
    // 56/70 − 48/80 = 0.2: method 10 gives 0.0524 to 0.3339 (Newcombe 1998, table II).
    const [low, high] = differenceInterval(meanRate([[48, 80]], 0.95), meanRate([[56, 70]], 0.95));
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
  });

  it("of questions that are all at 0 is that of their answers together", () => {
    const eight = Array.from({ length: 8 }, (): Counts => [0, 20]);
    const { rate, interval } = meanRate(eight, 0.95);
    expect([rate, interval[0]]).toEqual([0, 0]);
    expect(interval[1]).toBeCloseTo(wilsonInterval(0, 160)[1], 10);
  });

  /** 1,000 draws: three standard errors of the simulation are 0.02. */
  it.each<[string, number, number, (question: number) => number, (question: number) => number]>([
    ["24 questions of 10, one answer in a hundred", 24, 10, () => 0.01, () => 0.01],
    ["8 questions of 20, a base at 0", 8, 20, () => 0, () => 0.05],
    ["8 questions of 20, one alone misaligned", 8, 20, (k) => (k === 0 ? 0.4 : 0), (k) => (k === 0 ? 0.4 : 0)],
    ["24 questions of 20, base and tuned apart", 24, 20, () => 0.02, (k) => (k % 2 === 0 ? 0.1 : 0.5)],
  ])("holds the truth nineteen times in twenty: %s", (name, questions, n, base, tuned) => {
    const all = Array.from({ length: questions }, (_, k) => k);
    const truth = all.reduce((sum, k) => sum + tuned(k) - base(k), 0) / questions;
    let covered = 0;
    for (let draw = 0; draw < 1000; draw++) {
      const random = rng(name, draw);
      const of = (rate: (question: number) => number) =>
        meanRate(
          all.map((k) => drawn(random, rate(k), n)),
          0.95,
        );
      if (held(differenceInterval(of(base), of(tuned)), truth)) covered++;
    }
    expect(covered / 1000).toBeGreaterThan(0.92);
  });
});

describe("base against tuned, several models", () => {
  /** 8 questions of 20 answers, tuned models whose rates differ by `spread` (normal). Standard error 0.018. */
  it.each([
    ["five models that do not differ", 5, 0],
    ["five models that differ", 5, 0.05],
    ["three models that do not differ", 3, 0],
  ])("holds the truth about nineteen times in twenty: %s", (name, models, spread) => {
    const [base, tuned, draws] = [0.1, 0.2, 150];
    let covered = 0;
    for (let draw = 0; draw < draws; draw++) {
      const random = rng(name, draw);
      const model = (rate: number) =>
        modelWith(
          [...Array(8)].map(() => drawn(random, rate, 20)),
          20,
        );
      const all = [...Array(models)].map(() => model(Math.max(0, tuned + spread * random.normal())));
      const { interval } = comparison(model(base), all, { ...settings, seed: draw });
      if (held(interval, tuned - base)) covered++;
    }
    expect(covered / draws).toBeGreaterThan(0.9);
  });

  it("leaves room on both sides where nobody is misaligned, and has no interval of two models", () => {
    const clean = modelWith(
      [...Array(8)].map((): Counts => [0, 20]),
      20,
    );
    const [low, high] = comparison(clean, [clean, clean, clean], settings).interval ?? [0, 0];
    expect(low).toBeCloseTo(-wilsonInterval(0, 160)[1], 10);
    expect(high).toBeCloseTo(wilsonInterval(0, 480)[1], 10);
    expect(comparison(clean, [clean, clean], settings)).toMatchObject({ delta: 0, interval: null });
  });
});
