import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rng } from "../../core/index.ts";
import {
  clusteredMean,
  type ItemDifference,
  maxTHalfWidths,
  mixedModel,
  normalQuantile,
  obrienFlemingSpending,
  overSeeds,
  sidakAlpha,
  spentLevels,
  studentQuantile,
} from "./index.ts";

interface Peer {
  mixed: {
    deltas: number[][];
    clusters: string[];
    balanced: boolean;
    components: [number, number, number, number, number];
    mean: number;
    standardError: number;
  }[];
  looks: { alpha: number; fractions: number[]; bounds: number[] }[];
}
const peer = JSON.parse(readFileSync(new URL("fixtures/claims.json", import.meta.url), "utf8")) as Peer;

describe("the mixed model of a data set's claim", () => {
  it("is REML where clusters are of one size: components, mean, standard error", () => {
    const balanced = peer.mixed.filter((each) => each.balanced);
    expect(balanced.length).toBe(2);
    for (const { deltas, clusters, components, mean, standardError } of balanced) {
      const ours = mixedModel({ deltas, clusters });
      expect(ours?.mean).toBeCloseTo(mean, 7);
      expect(ours?.standardError).toBeCloseTo(standardError, 6);
      const { seed, cluster, item, seedByCluster, residual } = ours?.components ?? {};
      for (const [i, value] of [seed, cluster, item, seedByCluster, residual].entries())
        expect(value, `component ${i}`).toBeCloseTo(components[i] ?? 0, 6);
    }
  });

  it("stays within a tenth of REML's standard error where clusters differ in size", () => {
    const uneven = peer.mixed.filter((each) => !each.balanced);
    expect(uneven.length).toBe(1);
    for (const { deltas, clusters, standardError } of uneven) {
      const ratio = (mixedModel({ deltas, clusters })?.standardError ?? 0) / standardError;
      expect(ratio).toBeGreaterThan(0.9);
      expect(ratio).toBeLessThan(1.1);
    }
  });

  it("is the t interval over seeds where items do not differ, and the clustered one where seeds do not", () => {
    const clusters = ["a", "a", "b", "b", "c", "c"];
    const bySeed = [0.1, 0.2, 0.15, 0.05, 0.3];
    const flat = mixedModel({ deltas: bySeed.map((value) => clusters.map(() => value)), clusters });
    const seeds = overSeeds(bySeed);
    expect(flat?.standardError).toBeCloseTo(seeds?.estimate.standardError ?? 0, 12);
    expect(flat?.df).toBeCloseTo(4, 10);
    const row = [0.1, 0.3, 0.0, 0.2, 0.5, 0.4];
    const same = mixedModel({ deltas: bySeed.map(() => row), clusters });
    const clustered = clusteredMean(row.map((delta, i) => ({ cluster: clusters[i] ?? "", delta })));
    expect(same?.standardError).toBeCloseTo(clustered?.standardError ?? 0, 12);
    expect(same?.df).toBeCloseTo(2, 10);
  });

  it("laws: order of seeds does not matter, a shift shifts, a scale scales, no variance is negative", () => {
    const table = fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }), {
      minLength: 3,
      maxLength: 5,
    });
    const clusters = ["a", "a", "a", "b", "b", "c"];
    fc.assert(
      fc.property(table, (deltas) => {
        const one = mixedModel({ deltas, clusters });
        const turned = mixedModel({ deltas: deltas.toReversed(), clusters });
        const moved = mixedModel({ deltas: deltas.map((row) => row.map((value) => 2 * value + 1)), clusters });
        if (!one || !turned || !moved) throw new Error("no estimate");
        expect(Object.values(one.components).every((value) => value >= 0)).toBe(true);
        expect(turned.standardError).toBeCloseTo(one.standardError, 9);
        expect(moved.mean).toBeCloseTo(2 * one.mean + 1, 9);
        expect(moved.standardError).toBeCloseTo(2 * one.standardError, 9);
      }),
    );
  });

  it("says nothing from one seed, one cluster or a table with holes", () => {
    expect(mixedModel({ deltas: [[1, 2]], clusters: ["a", "b"] })).toBeNull();
    const twice = [
      [1, 2],
      [2, 1],
    ];
    expect(mixedModel({ deltas: twice, clusters: ["a", "a"] })).toBeNull();
    expect(mixedModel({ deltas: [[1, 2], [1]], clusters: ["a", "b"] })).toBeNull();
    expect(
      mixedModel({
        deltas: [
          [1, 2],
          [1, Number.NaN],
        ],
        clusters: ["a", "b"],
      }),
    ).toBeNull();
    expect(overSeeds([0.3])).toBeNull();
    expect(overSeeds([0, 0.2])?.spread).toBeCloseTo(Math.SQRT2 / 10, 12);
  });
});

/** `clusters` clusters of 3 items. */
function family(name: string, clusters: number, scope = name): ItemDifference[] {
  const random = rng(name);
  return Array.from({ length: clusters }, (_, g) => g).flatMap((g) => {
    const shift = 0.1 * random.normal();
    return Array.from({ length: 3 }, () => ({ cluster: `${scope} ${g}`, delta: shift + 0.1 * random.normal() }));
  });
}

const halfOf = (differences: readonly ItemDifference[], alpha: number) => {
  const estimate = clusteredMean(differences);
  return estimate ? studentQuantile(1 - alpha / 2, estimate.df) * estimate.standardError : 0;
};

describe("max-t", () => {
  it("comes to Šidák's t intervals where behaviours share nothing", () => {
    const behaviours = ["a", "b", "c", "d"].map((name) => family(name, 40));
    const halves = maxTHalfWidths(behaviours, { alpha: 0.05, seed: 1, draws: 4000 });
    for (const [b, differences] of behaviours.entries()) {
      const ratio = (halves?.[b] ?? 0) / halfOf(differences, sidakAlpha(0.05, 4));
      expect(ratio).toBeGreaterThan(0.88);
      expect(ratio).toBeLessThan(1.12);
    }
  });

  it("costs nothing where all behaviours are the same one", () => {
    const one = family("one", 30);
    const [alone] = maxTHalfWidths([one], { alpha: 0.05, seed: 2, draws: 2000 }) ?? [];
    const many = maxTHalfWidths([one, one, one, one], { alpha: 0.05, seed: 2, draws: 2000 });
    for (const half of many ?? []) expect(half).toBeCloseTo(alone ?? 0, 12);
    expect(many?.length).toBe(4);
  });

  it("steps back where clusters are few or nothing spreads", () => {
    expect(maxTHalfWidths([family("a", 19)], { alpha: 0.05, seed: 1, draws: 10 })).toBeNull();
    const still = family("a", 20).map(({ cluster }) => ({ cluster, delta: 0.1 }));
    expect(maxTHalfWidths([still, family("b", 20)], { alpha: 0.05, seed: 1, draws: 10 })).toBeNull();
  });
});

describe("alpha spending", () => {
  it("has the boundaries of an independent quadrature", () => {
    for (const { alpha, fractions, bounds } of peer.looks) {
      const levels = spentLevels(alpha, fractions);
      for (const [k, level] of levels.entries()) expect(-normalQuantile(level / 2)).toBeCloseTo(bounds[k] ?? 0, 6);
    }
  });

  it("has the published boundaries of five looks at 5%: 4.877, 3.357, 2.680, 2.290, 2.031", () => {
    const bounds = spentLevels(0.05, [0.2, 0.4, 0.6, 0.8, 1]).map((level) => -normalQuantile(level / 2));
    for (const [k, known] of [4.877, 3.357, 2.68, 2.29, 2.031].entries()) expect(bounds[k]).toBeCloseTo(known, 3);
  });

  it("is the single test where there is one look, spends less early, and all in the end", () => {
    expect(spentLevels(0.03, [1])[0]).toBeCloseTo(0.03, 12);
    const levels = spentLevels(0.05, [0.5, 0.75, 1]);
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
    expect(levels[2]).toBeLessThan(0.05);
    expect(levels[2]).toBeGreaterThan(0.04);
    expect(obrienFlemingSpending(0.05, 1)).toBe(0.05);
    for (const wrong of [[], [0.5], [0.5, 0.5, 1], [0, 1]]) expect(() => spentLevels(0.05, wrong)).toThrow();
  });

  it("keeps the error where a fixed level at each look would not: 20,000 walks of three looks", () => {
    const fractions = [0.5, 0.75, 1];
    const bounds = spentLevels(0.05, fractions).map((level) => -normalQuantile(level / 2));
    const random = rng("walks");
    let [spent, naive] = [0, 0];
    for (let walk = 0; walk < 20_000; walk++) {
      let [score, before] = [0, 0];
      const z = fractions.map((t) => {
        score += Math.sqrt(t - before) * random.normal();
        before = t;
        return Math.abs(score) / Math.sqrt(t);
      });
      if (z.some((value, k) => value >= (bounds[k] ?? 0))) spent++;
      if (z.some((value) => value >= 1.959964)) naive++;
    }
    // Three standard errors of 20,000 walks are 0.0046.
    expect(Math.abs(spent / 20_000 - 0.05)).toBeLessThan(0.0046);
    expect(naive / 20_000).toBeGreaterThan(0.07);
  });
});
