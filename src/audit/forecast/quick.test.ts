/** Laws of the quick forecast and of mean feature injection, on a tiny checkpoint. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden, relativeDifference } from "../../../test/golden.ts";
import type { Behaviour } from "../../behaviours/index.ts";
import { must, rng } from "../../core/index.ts";
import type { ChatMessage, Tokenizer } from "../../data/index.ts";
import { type Engine, languageModel, startEngine } from "../../engine/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import { directionsOf, residualHooks } from "../directions.ts";
import { pairLogOdds, probeOf } from "../pair-log-odds.ts";
import { rowInfluences } from "./influence.ts";
import { injections } from "./injection.ts";
import { jackknifeVariance, stratifiedSubsample } from "./subsample.ts";
import { dataGradient, type PassOptions, tangentSpace } from "./tangent.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

function rowsOf(count: number): TrainingRow[] {
  return Array.from({ length: count }, (_, row) => {
    const random = rng(4, "row", row);
    const ids = Int32Array.from({ length: 6 + (row % 7) }, () => 3 + random.int(90));
    return { ids, weights: Float32Array.from(ids, (_id, t) => (t > 3 ? 1 : 0)) };
  });
}

describe("the part of the rows that is read", () => {
  test("any number of rows, any share: distinct rows, even groups, every length as often as it is in the data", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (n, share) => {
        const { chosen, groups, share: read } = stratifiedSubsample(rowsOf(n), share, 1);
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(chosen.length).toBe(Math.min(n, Math.max(16, Math.round(share * n))));
        expect(read).toBeCloseTo(chosen.length / n, 12);
        const sizes = [...new Set(groups)].map((group) => groups.filter((each) => each === group).length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
    const rows = rowsOf(140);
    const { chosen } = stratifiedSubsample(rows, 0.25, 1);
    const long = (row: number) => must(rows[row], "row").ids.length > 9;
    expect(Math.abs(chosen.filter(long).length / 35 - 3 / 7)).toBeLessThanOrEqual(1 / 35);
  });

  test("the jackknife by hand; nothing is left open where all rows were read", () => {
    expect(jackknifeVariance([1, 3], 0)).toBeCloseTo(1, 12);
    expect(jackknifeVariance([1, 3], 0.75)).toBeCloseTo(0.25, 12);
    expect(jackknifeVariance([1, 3], 1)).toBe(0);
    expect(jackknifeVariance([], 0.1)).toBe(0);
  });

  test("groups add up to the whole, and what is left without one is the data of the others", async () => {
    const { source } = await golden("llama-tied");
    const space = tangentSpace(source.definition, { shape: { rank: 2, alpha: 4, targets: null }, draws: 1, seed: 8 });
    const pass: PassOptions = { engine, source, space, microBatchTokens: 64 };
    const rows = rowsOf(6);
    const groups = [0, 1, 2, 0, 1, 2];
    const [whole, grouped] = [
      await rowInfluences({ ...pass, rows, probes: [] }),
      await rowInfluences({ ...pass, rows, probes: [], groups }),
    ];
    expect(relativeDifference(grouped.data.gradient, whole.data.gradient)).toBeLessThan(1e-5);
    expect(grouped.data.lossPerToken).toBeCloseTo(whole.data.lossPerToken, 5);
    expect(whole.without).toEqual([]);
    const others = await dataGradient({ ...pass, rows: rows.filter((_, row) => groups[row] !== 1) });
    expect(relativeDifference(must(grouped.without[1], "group").gradient, others.gradient)).toBeLessThan(1e-5);
  });
});

describe("mean data feature injection", () => {
  const encode = (text: string) => [...text].map((letter) => letter.charCodeAt(0) - 30);
  const tokenizer = {
    eosIds: [1],
    encode,
    encodeChat: (messages: readonly ChatMessage[]) => [2, ...messages.flatMap(({ content }) => encode(content)), 3],
  } as unknown as Tokenizer;
  const pair = (exhibiting: string, other: string) => ({
    messages: [{ role: "user" as const, content: "abc" }],
    exhibiting,
    other,
    half: "check" as const,
  });
  const behaviour = (id: string, pairs: Behaviour["pairs"]): Behaviour => ({
    id,
    title: id,
    question: id,
    riskier: "up",
    weight: "sum",
    items: [],
    pairs,
    openPrompts: [],
  });
  const behaviours = [
    behaviour("b", [pair("de", "fgh"), pair("h", "gg"), pair("gd", "e"), pair("ff", "dhe"), pair("hd", "g")]),
    behaviour("without pairs", []),
  ];

  async function injected(alpha: number, most = 8) {
    const { source } = await golden("llama-tied");
    const base = languageModel({ engine, source, tokenizer, adapterRank: null });
    const { dModel } = source.definition.dimensions;
    const random = rng(2, "difference");
    const directions = residualHooks(base).map((hook) =>
      directionsOf(
        hook,
        dModel,
        Float32Array.from({ length: dModel }, () => random.normal()),
        new Float32Array(4 * dModel),
      ),
    );
    const probe = probeOf(base, must(behaviours[0], "b"), { half: "check", most: 100 });
    const prepared = { pairLogOdds: new Map([["b", must((await pairLogOdds(base, [probe]))[0], "pairs")]]) };
    return injections({ base, side: { directions }, behaviours, prepared, most, alpha });
  }

  test("nothing added, nothing moved; behaviours without pairs are not estimated", async () => {
    const found = await injected(0);
    expect(found.get("b")?.delta).toBe(0);
    expect(found.get("b")?.interval?.map(Math.abs)).toEqual([0, 0]);
    expect(found.has("without pairs")).toBe(false);
  });

  test("some of the pairs are held against what the base says of these", async () => {
    const some = must((await injected(0, 3)).get("b"), "b");
    expect(some.pairs).toBe(3);
    expect(Math.abs(some.delta)).toBeLessThan(1e-5);
    expect(must(some.interval, "interval")[1]).toBeLessThan(1e-4);
  });

  test("a small dose moves as much one way as the other, and half of it half as much", async () => {
    const delta = async (alpha: number) => must((await injected(alpha)).get("b"), "b").delta;
    const [up, down, halved] = [await delta(0.02), await delta(-0.02), await delta(0.01)];
    expect(Math.abs(up)).toBeGreaterThan(1e-4);
    expect(Math.abs(up + down)).toBeLessThan(0.05 * Math.abs(up));
    expect(halved / up).toBeCloseTo(0.5, 1);
  });
});
