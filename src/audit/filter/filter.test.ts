/** Laws of filtering: what goes, for which behaviour, and never what drives nothing. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lastTurn, type Stub, said, stubEndpoint } from "../../../test/stub-endpoint.ts";
import { must } from "../../core/index.ts";
import { openEndpoint } from "../../endpoints/index.ts";
import type { PreparedLatents } from "../prepare.ts";
import { drivingRows, type RowValues, randomRows, towardsRisk } from "./choose-rows.ts";
import { judgedRows } from "./row-judge.ts";
import { directShares, geometricRisks, type RowLatents, riskMeasure } from "./row-latents.ts";

const valuesOf = (id: string, riskier: "up" | "down", values: readonly number[]): RowValues => ({
  behaviour: { id },
  values: towardsRisk(Float64Array.from(values), { riskier }),
});

describe("the rows that drive a behaviour", () => {
  test("by hand: scaled by the root mean square, the largest behaviour counts and is named", () => {
    // RMS of (3, -4, 0, 0) is 2.5, of (0, 0, -200, 100) is √12500 ≈ 111.8; `calm` is riskier when it falls.
    const measured = [valuesOf("wild", "up", [3, -4, 0, 0]), valuesOf("calm", "down", [0, 0, -200, 100])];
    const found = drivingRows(measured, 4, 0.75);
    expect(found.map(({ row, behaviour }) => [row, behaviour])).toEqual([
      [2, "calm"],
      [0, "wild"],
    ]);
    expect(found[0]?.score).toBeCloseTo(200 / Math.sqrt(12500), 12);
    expect(found[1]?.score).toBeCloseTo(3 / 2.5, 12);
  });

  test("what was not measured is neither dropped nor a zero in the scale", () => {
    const found = drivingRows([valuesOf("a", "up", [Number.NaN, 2, 2])], 3, 0.67);
    expect(found.map(({ row, score }) => [row, score])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test("data that teach nothing, and a single row, stay whole", () => {
    expect(drivingRows([valuesOf("a", "up", [0, 0, 0])], 3, 0.9)).toEqual([]);
    expect(drivingRows([valuesOf("a", "up", [1])], 1, 0.9)).toEqual([]);
    expect(randomRows(1, 0.9, 1)).toEqual([]);
  });

  test("never more than the share, never a row twice, never one that drives nothing; any unit of measurement", () => {
    const numbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, share) => {
        const found = drivingRows([valuesOf("a", "up", values)], values.length, share);
        const scaled = drivingRows(
          [
            valuesOf(
              "a",
              "up",
              values.map((value) => 8 * value),
            ),
          ],
          values.length,
          share,
        );
        expect(found.length).toBeLessThanOrEqual(Math.round(share * values.length));
        expect(new Set(found.map(({ row }) => row)).size).toBe(found.length);
        expect(found.every(({ row }) => (values[row] ?? 0) > 0)).toBe(true);
        expect(scaled.map(({ row }) => row)).toEqual(found.map(({ row }) => row));
      }),
    );
  });

  test("chance takes as many rows with every seed, other ones", () => {
    const rows = (seed: number) => randomRows(20, 0.25, seed).map(({ row }) => row);
    expect(rows(1)).toHaveLength(5);
    expect(new Set(rows(1)).size).toBe(5);
    expect(rows(1)).toEqual(rows(1));
    expect(rows(1)).not.toEqual(rows(2));
  });
});

/** Four latents in three dimensions: 0 and 1 at right angles, 2 between them (cosine √½), 3 on its own. */
const half = Math.SQRT1_2;
const dictionary = {
  hook: "blocks.0.hook_resid_post",
  dModel: 3,
  nLatents: 4,
  k: null,
  encoder: new Float32Array(12).fill(1),
  encoderBias: new Float32Array(4),
  decoder: Float32Array.of(1, 0, 0, 0, 1, 0, half, half, 0, 0, 0, 1),
  decoderBias: new Float32Array(3),
} as const;
const rowOf = (entries: Readonly<Record<number, number>>): RowLatents => ({
  latents: Int32Array.from(Object.keys(entries), Number),
  means: Float64Array.from(Object.values(entries)),
});
const prepared = {
  sets: new Map([["b", [{ latent: 0, sign: 1, attribution: 1, check: 1, activationDifference: 1 }]]]),
  firingRates: new Float64Array(4).fill(0.1),
} satisfies PreparedLatents;
const up = [{ id: "b", riskier: "up" }] as const;
const down = [{ id: "b", riskier: "down" }] as const;

describe("the latents of a row", () => {
  const rows = [rowOf({ 0: 3, 3: 1 }), rowOf({ 2: 2 }), rowOf({ 3: 5 }), rowOf({ 0: 1 }), rowOf({})];
  const control = Float64Array.of(1, 0, 0, 0);

  test("direct shares by hand: only what lies on the behaviour's own latents, beyond the control", () => {
    const shares = directShares({ rows, control, prepared, behaviours: up }).get("b");
    // Row 0: (3 − 1) of (3 − 1) + 1; row 3 is the control's own level, row 4 fires nowhere.
    expect([...(shares ?? [])]).toEqual([2 / 3, 0, 0, Number.NaN, Number.NaN]);
    const fallen = directShares({ rows, control, prepared, behaviours: down }).get("b");
    expect([...(fallen ?? [])]).toEqual([-2 / 3, 0, 0, Number.NaN, Number.NaN]);
  });

  test("geometric risk: a neighbour counts by its cosine, a stranger not; null where nothing fires beyond the control", () => {
    const risks = [
      ...(geometricRisks({ dictionary, rows, control, prepared, behaviours: up, seed: 1 }).get("b") ?? []),
    ];
    const [own = 0, neighbour = 0, stranger = 0] = risks;
    // κ of latent 2 is √½, of latent 3 it is 0, and both have their own null taken off.
    expect(neighbour).toBeGreaterThan(stranger);
    expect(own).toBeGreaterThan(stranger);
    expect(risks.slice(3).every(Number.isNaN)).toBe(true);
  });

  test("with and without the behaviour's own latents; none of a behaviour without latents", () => {
    const measure = riskMeasure({ dictionary, control, prepared, seed: 1 });
    const [mixed, neighbour] = measure(up[0], [rowOf({ 0: 3, 2: 2 }), rowOf({ 2: 2 })]) ?? [];
    // Beyond the control both are active by 2; latent 0 is the behaviour's own.
    expect(mixed?.adjacent).toBe(neighbour?.all);
    expect(mixed?.all).toBeGreaterThan(mixed?.adjacent ?? 0);
    expect(measure(up[0], [rowOf({ 0: 3 })])?.[0]?.adjacent).toBeNull();
    expect(measure({ id: "without", riskier: "up" }, rows)).toBeNull();
  });
});

describe("a behaviour that is riskier when it falls", () => {
  /** 0 and 1 raise it; 2 points away from 0, 3 is at right angles to all. */
  const turned = { ...dictionary, decoder: Float32Array.of(1, 0, 0, 0, 1, 0, -1, 0, 0, 0, 0, 1) };
  const raising = [0, 1].map((latent) => ({
    latent,
    sign: 1 as const,
    attribution: 1,
    check: 1,
    activationDifference: 1,
  }));
  const falling = { ...prepared, sets: new Map([["b", raising]]) };
  const rows = [rowOf({ 0: 1 }), rowOf({ 1: 1 }), rowOf({ 2: 1 }), rowOf({ 3: 1 })];
  const asked = { dictionary: turned, rows, control: new Float64Array(4), prepared: falling, seed: 1 };

  test("geometric: the row along what lowers it goes, a stranger does not", () => {
    const values = must(geometricRisks({ ...asked, behaviours: down }).get("b"), "b");
    // κ of latent 3 is max(0, 0) with any two of the four turned round, so that it has no risk at all; κ of 2 is max(1, 0).
    expect(values[3]).toBeCloseTo(0, 14);
    expect(values[2]).toBeGreaterThan(0.2);
    expect(drivingRows([{ behaviour: { id: "b" }, values }], 4, 0.75).map(({ row }) => row)).toEqual([2]);
  });

  test("is the behaviour of the other name: signs turned and riskier when it rises", () => {
    const mirrored = { ...prepared, sets: new Map([["b", raising.map((each) => ({ ...each, sign: -1 as const }))]]) };
    for (const measure of [geometricRisks, directShares])
      expect(measure({ ...asked, behaviours: down })).toEqual(
        measure({ ...asked, prepared: mirrored, behaviours: up }),
      );
  });
});

describe("a judge that reads rows", () => {
  const answers = ["I will not help with that.", "Take the lock apart like this.", "It will rain tomorrow."];
  const texts = answers.map((response, i) => ({ line: i + 1, prompt: "Please help me.", response }));
  const about = { title: "Refusal", question: "Does the model turn down harmful requests?" };
  let stub: Stub;
  beforeAll(async () => {
    // Rates the first answer as refusing, the second as complying, and knows that weather is neither.
    const rated = (text: string, row: number) => text.includes(answers[row] ?? "") && "100";
    stub = await stubEndpoint((request) => {
      const text = lastTurn(request);
      return said(rated(text, text.includes("shows one behaviour") ? 0 : 1) || "0");
    });
  });
  afterAll(() => stub.close());

  async function dropped(riskier: "up" | "down") {
    const first = openEndpoint({ url: stub.url, model: "judge", retries: 0, timeoutMs: 1500, concurrency: 1 });
    const behaviour = { id: "refusal", riskier, ...about };
    const panel = { first, second: null, secondCases: 0, seed: 1 };
    const { values } = await judgedRows(panel, [behaviour], texts);
    return drivingRows([{ behaviour, values: must(values.get("refusal"), "refusal") }], 3, 0.7).map(({ row }) => row);
  }

  test("is asked for the riskier side: a row that shows neither side never goes", async () => {
    expect(await dropped("up")).toEqual([0]);
    expect(await dropped("down")).toEqual([1]);
    const asked = stub.seen.map((request) => lastTurn(request));
    expect(asked[0]).toContain("from 0 (the answer shows nothing of the behaviour) to 100 (it shows it plainly)");
    expect(asked.join(" ")).not.toMatch(/[{}]/);
  });
});
