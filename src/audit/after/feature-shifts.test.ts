import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenAdapter, goldenNames } from "../../../test/golden.ts";
import { encodeByDefinition, goldenLanguage, randomDictionary, sparse, wordSequences } from "../../../test/language.ts";
import { must, rng } from "../../core/index.ts";
import { type Engine, startEngine } from "../../engine/index.ts";
import { studentCdf, studentQuantile } from "../statistics/index.ts";
import { featureShifts, mergeShiftSums, type ShiftSums, sequenceAdder, shiftSums, shiftsOf } from "./feature-shifts.ts";

describe("shifts of three latents, by hand", () => {
  // Means per sequence: latent 0: 1, 2, 3 → 2, 4, 6 (differences 1, 2, 3); latent 1: 4, 0, 0 → the same;
  // latent 2: nothing → 0.5 in each.
  const sums = shiftSums(4);
  const add = sequenceAdder(sums);
  add(
    sparse(2, [[[0, 2]], [[1, 8]]]),
    sparse(2, [
      [
        [0, 4],
        [2, 1],
      ],
      [[1, 8]],
    ]),
  );
  add(
    sparse(2, [[[0, 2]]]),
    sparse(2, [
      [
        [0, 4],
        [2, 0.5],
      ],
    ]),
  );
  add(
    sparse(2, [[[0, 3]]]),
    sparse(2, [
      [
        [0, 6],
        [2, 0.5],
      ],
    ]),
  );
  const shifts = shiftsOf(sums);

  test("mean, interval, effect and p", () => {
    const moved = must(shifts.get(0), "latent 0");
    expect([moved.base, moved.tuned, moved.delta]).toEqual([2, 4, 2]);
    // Differences 1, 2, 3: standard deviation 1, error 1/√3, two degrees of freedom.
    expect(moved.effect).toBeCloseTo(2, 12);
    const half = studentQuantile(0.975, 2) / Math.sqrt(3);
    expect(moved.interval[0]).toBeCloseTo(2 - half, 12);
    expect(moved.interval[1]).toBeCloseTo(2 + half, 12);
    // Three latents are tested; this one has the smallest p: 3 p / 1, and at most the next one's 3 · 0.25 / 2.
    const p = 2 * studentCdf(-2 * Math.sqrt(3), 2);
    expect(moved.pAdjusted).toBeCloseTo(Math.min(3 * p, (3 * 0.25) / 2), 12);
  });

  test("a latent that did not move, one that moved everywhere alike, one that is never active", () => {
    expect(shifts.get(1)).toEqual({
      base: 4 / 3,
      tuned: 4 / 3,
      delta: 0,
      interval: [0, 0],
      effect: null,
      pAdjusted: 1,
    });
    // No spread: the sign test's 2^(1−3), second of three.
    expect(shifts.get(2)).toMatchObject({ delta: 0.5, interval: [0.5, 0.5], effect: null, pAdjusted: 0.375 });
    expect(shifts.has(3)).toBe(false);
  });

  test("one sequence says nothing of spread", () => {
    const one = shiftSums(2);
    sequenceAdder(one)(sparse(1, [[[0, 1]]]), sparse(1, [[[0, 2]]]));
    expect(shiftsOf(one).size).toBe(0);
  });
});

test("shards add up, in any cut", () => {
  const random = rng(1, "shards");
  const token = () => [0, 1, 2, 3].flatMap((latent) => (random.next() < 0.4 ? [[latent, random.next()] as const] : []));
  const sequences = Array.from(
    { length: 20 },
    () => [sparse(4, [token(), token()]), sparse(4, [token(), token()])] as const,
  );
  const sumsOf = (some: typeof sequences): ShiftSums => {
    const sums = shiftSums(5);
    const add = sequenceAdder(sums);
    for (const [base, tuned] of some) add(base, tuned);
    return sums;
  };
  const whole = shiftsOf(sumsOf(sequences));
  for (const cut of [0, 1, 7, 20]) {
    const merged = shiftsOf(mergeShiftSums(sumsOf(sequences.slice(0, cut)), sumsOf(sequences.slice(cut))));
    for (const [latent, shift] of whole) {
      const other = must(merged.get(latent), "latent");
      // Sums in another order: rounding of float64.
      expect(other.delta).toBeCloseTo(shift.delta, 12);
      expect(other.interval[0]).toBeCloseTo(shift.interval[0], 12);
      expect(other.pAdjusted).toBeCloseTo(shift.pAdjusted, 12);
    }
  }
});

describe.each(goldenNames)("%s", (name) => {
  let engine: Engine;
  beforeAll(() => {
    engine = startEngine({ threads: 1 });
  });
  afterAll(() => engine.close());

  test("an adapter of B = 0 moves nothing at all; one that acts does", async () => {
    const base = await goldenLanguage(engine, name, 4);
    const { dModel } = base.source.definition.dimensions;
    const dictionary = randomDictionary("blocks.1.hook_resid_post", dModel, 3 * dModel, 4);
    const sequences = wordSequences(base, 40);
    const adapter = await goldenAdapter(name);
    const still = new Map([...adapter.modules].map(([module, { A, B }]) => [module, { A, B: B.map(() => 0) }]));
    const shiftsBy = async (modules: typeof adapter.modules) => {
      const tuned = await base.withAdapter({ ...adapter, modules });
      return featureShifts({ base, tuned, dictionary, encode: encodeByDefinition, sequences });
    };
    const none = [...(await shiftsBy(still)).values()];
    expect(none.length).toBeGreaterThan(0);
    for (const { base: before, tuned: after, delta, interval, pAdjusted } of none) {
      expect([after, delta, interval, pAdjusted]).toEqual([before, 0, [0, 0], 1]);
    }
    const some = [...(await shiftsBy(adapter.modules)).values()];
    expect(some.some(({ delta }) => delta !== 0)).toBe(true);
  });
});
