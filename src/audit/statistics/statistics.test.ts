import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { must, rng } from "../../core/index.ts";
import {
  capabilityGate,
  clusterBootstrap,
  clusteredMean,
  clusteredTInterval,
  correlation,
  decisionPower,
  type ItemDifference,
  isBeyond,
  isEquivalent,
  itemsToDecide,
  mcnemarExact,
  normalCdf,
  normalQuantile,
  sidakAlpha,
  spearmanBrown,
  splitHalfReliability,
  studentCdf,
  studentQuantile,
  unanimousInterval,
  wilsonInterval,
} from "./index.ts";

interface Peer {
  studentQuantile: [number, number, number][];
  studentCdf: [number, number, number][];
  normalQuantile: [number, number][];
  normalCdf: [number, number][];
  mcnemar: [number, number, number][];
  wilson: [number, number, number, number][];
  clustered: { clusters: string[]; deltas: number[]; mean: number; standardError: number; df: number }[];
  bootstrap: { values: number[]; bca: [number, number]; percentile: [number, number]; standardError: number };
}
const peer = JSON.parse(readFileSync(new URL("fixtures/scipy.json", import.meta.url), "utf8")) as Peer;

function expectNear(ours: number, theirs: number, relative: number, what: string) {
  expect(Math.abs(ours - theirs), `${what}: ${ours} against ${theirs}`).toBeLessThanOrEqual(
    relative * Math.abs(theirs) + 1e-15,
  );
}

const own = (values: readonly number[]): ItemDifference[] => values.map((delta, i) => ({ cluster: `c${i}`, delta }));

describe("distributions against SciPy", () => {
  it("Student's t", () => {
    for (const [t, df, p] of peer.studentCdf) expectNear(studentCdf(t, df), p, 1e-10, `cdf ${t} ${df}`);
    for (const [p, df, t] of peer.studentQuantile) expectNear(studentQuantile(p, df), t, 1e-9, `quantile ${p} ${df}`);
  });

  it("the normal", () => {
    for (const [x, p] of peer.normalCdf) expectNear(normalCdf(x), p, 1e-12, `cdf ${x}`);
    for (const [p, x] of peer.normalQuantile) expectNear(normalQuantile(p), x, 1e-12, `quantile ${p}`);
  });

  it("closed forms: df 1 is Cauchy, df 2 is algebraic, many df is normal", () => {
    for (const t of [-5, -0.2, 0.4, 9]) {
      expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 13);
      expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 13);
      expect(studentCdf(t, Infinity)).toBe(normalCdf(t));
    }
    expect(studentQuantile(0, 3)).toBe(-Infinity);
    expect(studentQuantile(0.5, 3)).toBe(0);
    expect(() => studentQuantile(1.1, 3)).toThrow("p in [0, 1]");
  });
});

describe("rates", () => {
  it("McNemar and Wilson against SciPy", () => {
    for (const [rose, fell, p] of peer.mcnemar) expectNear(mcnemarExact(rose, fell), p, 1e-10, `${rose} ${fell}`);
    for (const [count, n, low, high] of peer.wilson) {
      const interval = wilsonInterval(count, n);
      expectNear(interval[0], low, 1e-10, `low ${count}/${n}`);
      expectNear(interval[1], high, 1e-10, `high ${count}/${n}`);
    }
  });

  it("Wilson without samples knows nothing, and refuses what is no rate", () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
    expect(() => wilsonInterval(3, 2)).toThrow();
  });
});

describe("the clustered mean", () => {
  it("is CR2 with Satterthwaite's df: explicit matrices in NumPy agree", () => {
    for (const sample of peer.clustered) {
      const differences = sample.deltas.map((delta, i) => ({ cluster: sample.clusters[i] ?? "", delta }));
      const ours = clusteredMean(differences);
      expectNear(ours?.mean ?? Number.NaN, sample.mean, 1e-12, "mean");
      expectNear(ours?.standardError ?? Number.NaN, sample.standardError, 1e-9, "standard error");
      expectNear(ours?.df ?? Number.NaN, sample.df, 1e-9, "df");
    }
  });

  it("is the plain t interval where every item is its own cluster", () => {
    // 1, 2, 3, 4: mean 2.5, sd 1.2910, se 0.6455, t(0.975, 3) = 3.1824
    const estimate = clusteredMean(own([1, 2, 3, 4]));
    expect(estimate).toMatchObject({ mean: 2.5, n: 4, clusters: 4 });
    expect(estimate?.df).toBeCloseTo(3, 10);
    const interval = estimate && clusteredTInterval(estimate, 0.95);
    expect(interval?.[0]).toBeCloseTo(0.4457, 4);
    expect(interval?.[1]).toBeCloseTo(4.5543, 4);
  });

  it("is the t interval of cluster means where clusters are of equal size", () => {
    const differences = ["a", "a", "b", "b", "c", "c"].map((cluster, i) => ({
      cluster,
      delta: [0, 2, 3, 5, 5, 9][i] ?? 0,
    }));
    const ofMeans = clusteredMean(own([1, 4, 7]));
    const clustered = clusteredMean(differences);
    expect(clustered?.standardError).toBeCloseTo(ofMeans?.standardError ?? 0, 12);
    expect(clustered?.df).toBeCloseTo(2, 10);
  });

  it("knows no spread from one cluster or none, and refuses a difference that is not a number", () => {
    expect(clusteredMean([])).toBeNull();
    expect(
      clusteredMean([
        { cluster: "a", delta: 0.1 },
        { cluster: "a", delta: 0.2 },
      ]),
    ).toBeNull();
    expect(() => clusteredMean([{ cluster: "a", delta: Number.NaN }])).toThrow("NaN");
  });

  it("takes 20,000 clusters in linear time", () => {
    const estimate = clusteredMean(own(Array.from({ length: 20_000 }, (_, i) => (i % 7) / 7)));
    expect(estimate?.df).toBeCloseTo(19_999, 3);
  });

  it("unanimous draws still have a width: 0 of 20 clusters", () => {
    const [low, high] = unanimousInterval(0, 20, 0.9);
    expect(high).toBeCloseTo(1 - 0.05 ** (1 / 20), 12);
    expect(low).toBeCloseTo(-high, 12);
    expect(unanimousInterval(1, 20, 0.9)[1]).toBe(1);
  });
});

describe("the cluster bootstrap", () => {
  it("agrees with SciPy's BCa and percentile intervals on skewed values", () => {
    const ours = clusterBootstrap(own(peer.bootstrap.values), { level: 0.9, seed: 3 });
    // Monte Carlo error of a 5% end point at B = 10,000 is about 2% of a standard error; five of those.
    const tolerance = 0.1 * peer.bootstrap.standardError;
    for (const k of [0, 1] as const) {
      expect(Math.abs((ours?.bca[k] ?? 9) - peer.bootstrap.bca[k])).toBeLessThan(tolerance);
      expect(Math.abs((ours?.percentile[k] ?? 9) - peer.bootstrap.percentile[k])).toBeLessThan(tolerance);
    }
  });

  it("gives the same bits for the same seed and others for another", () => {
    const values = own(peer.bootstrap.values);
    const options = { level: 0.9, seed: 3, draws: 500 };
    expect(clusterBootstrap(values, options)).toEqual(clusterBootstrap(values, options));
    expect(clusterBootstrap(values, options)?.bca).not.toEqual(clusterBootstrap(values, { ...options, seed: 4 })?.bca);
  });

  it("has no NaN where nothing varies, and nothing to say of one cluster", () => {
    const still = clusterBootstrap(own([0.25, 0.25, 0.25]), { level: 0.9, seed: 1, draws: 100 });
    expect(still?.bca).toEqual([0.25, 0.25]);
    expect(clusterBootstrap(own([0.2]), { level: 0.9, seed: 1 })).toBeNull();
  });
});

describe("decisions", () => {
  it("Šidák: one behaviour keeps alpha, twelve hold together", () => {
    expect(sidakAlpha(0.05, 1)).toBeCloseTo(0.05, 15);
    expect((1 - sidakAlpha(0.05, 12)) ** 12).toBeCloseTo(0.95, 14);
  });

  it("compares intervals with the margin strictly", () => {
    expect(isEquivalent([-0.049, 0.049], 0.05)).toBe(true);
    expect(isEquivalent([-0.05, 0.01], 0.05)).toBe(false);
    expect(isBeyond([0.06, 0.2], 0.05)).toBe(true);
    expect(isBeyond([-0.2, -0.06], 0.05)).toBe(true);
    expect(isBeyond([0.05, 0.2], 0.05)).toBe(false);
  });

  it("needs about 310 items at a paired sd of 0.3, a margin of 0.05 and no shift: (1.645 + 1.282)² · 36", () => {
    const question = { delta: 0, margin: 0.05, pairedSd: 0.3, alpha: 0.05 };
    expect(itemsToDecide(question)).toBe(Math.ceil(36 * (1.6448536 + 1.2815516) ** 2));
  });

  it("needs (2.858 + 1.645)² · 36 items for power 0.95 at twice the margin among twelve behaviours", () => {
    const question = { delta: 0.1, margin: 0.05, pairedSd: 0.3, alpha: sidakAlpha(0.05, 12), power: 0.95 };
    const n = itemsToDecide(question) ?? 0;
    expect(n).toBeGreaterThan(720);
    expect(n).toBeLessThan(740);
    expect(decisionPower(question, n)).toBeGreaterThanOrEqual(0.95);
    expect(decisionPower(question, n - 1)).toBeLessThan(0.95);
  });

  it("says that nothing would do where the shift sits on the margin", () => {
    expect(itemsToDecide({ delta: 0.05, margin: 0.05, pairedSd: 0.3, alpha: 0.05 })).toBeNull();
  });
});

describe("reliability", () => {
  it("Spearman–Brown: halves that correlate at 0.5 make a whole of 2/3", () => {
    expect(spearmanBrown(0.5)).toBeCloseTo(2 / 3, 12);
    expect(spearmanBrown(-1)).toBe(-1);
  });

  it("correlation by hand, and null without spread", () => {
    expect(
      correlation([
        [1, 2],
        [2, 4],
        [3, 6],
      ]),
    ).toBeCloseTo(1, 12);
    expect(
      correlation([
        [0, 1],
        [1, 0],
        [0, 0],
        [1, 1],
      ]),
    ).toBeCloseTo(0, 12);
    expect(
      correlation([
        [1, 1],
        [1, 2],
        [1, 3],
      ]),
    ).toBeNull();
    expect(
      correlation([
        [1, 1],
        [2, 2],
      ]),
    ).toBeNull();
  });

  it("is high where both option orders agree and low where the position decides", () => {
    const item = (a: number, b: number, i: number) => ({ cluster: `c${i}`, logOdds: [a, b], score: 0.5 });
    const values = [-2, -1, 0, 1, 2, 3];
    expect(splitHalfReliability(values.map((v, i) => item(v, v + 0.1, i)))).toBeGreaterThan(0.99);
    expect(splitHalfReliability(values.map((v, i) => item(v, i % 2 ? 5 : -5, i)))).toBeLessThan(0.7);
  });

  it("falls back on halves of clusters where items have one variant", () => {
    const scores = [0, 1, 2, 3].flatMap((c) =>
      [0, 0.1, 0.2, 0.1].map((jitter) => ({ cluster: `c${c}`, logOdds: [c + jitter], score: 0.5 })),
    );
    expect(splitHalfReliability(scores)).toBeGreaterThan(0.95);
    expect(splitHalfReliability(scores.slice(0, 4))).toBeNull();
    const shut = { passed: false, reason: "reliability", reliability: null };
    // What cannot be told is no pass: too few clusters, and items that do not differ.
    expect(capabilityGate(scores.slice(0, 4))).toMatchObject(shut);
    expect(capabilityGate(scores.map((item) => ({ ...item, logOdds: [0] })))).toMatchObject(shut);
  });
});

describe("the capability gate, from what prompts add in two forms", () => {
  const random = rng("gate");
  const noise = () => 0.1 * random.normal();
  /** 30 clusters of two; what an item's answers are worth whatever is asked is no part of `prompted`. */
  const gateOf = (added: (item: number, cluster: number) => readonly [number, number]) =>
    capabilityGate(
      Array.from({ length: 60 }, (_, i) => {
        const cluster = Math.floor(i / 2);
        return { cluster: `c${cluster}`, logOdds: [random.normal()], score: 0.4, prompted: added(i, cluster) };
      }),
    );
  const read = Array.from({ length: 60 }, () => random.normal());

  it("lets a model through that reads its items, also where no cluster differs from another", () => {
    const gate = gateOf((i) => [must(read[i], "value") + noise(), must(read[i], "value") + noise()]);
    expect(gate).toMatchObject({ passed: true, reason: null });
    expect(gate.reliability).toBeGreaterThan(0.9);
  });

  it("stops one whose answers to the same question have nothing to do with one another", () => {
    const gate = gateOf(() => [random.normal(), random.normal()]);
    expect(gate).toMatchObject({ passed: false, reason: "reliability" });
    expect(gate.why).toContain("between two forms of the same prompts");
  });

  it("stops one for which every question is the same", () => {
    expect(gateOf(() => [0.3, 0.2])).toMatchObject({ passed: false, reliability: 0 });
  });

  it("stops one that tells templates apart and nothing in them", () => {
    const gate = gateOf((_, c) => [must(read[c], "value") + noise(), must(read[c], "value") + noise()]);
    expect(gate.reliability).toBeGreaterThan(0.9);
    expect(gate).toMatchObject({ passed: false, reason: "reliability" });
    expect(gate.why).toContain("within clusters");
  });

  it("of items asked in two orders, too: options' own words come back in any order, and are no reading", () => {
    const words = Array.from({ length: 60 }, () => 3 * random.normal());
    const twoSided = (added: (item: number) => readonly [number, number], nothingAsked = true) =>
      capabilityGate(
        words.map((word, i) => {
          const prompted = added(i);
          const logOdds = prompted.map((value) => word + value);
          return { cluster: `c${Math.floor(i / 2)}`, logOdds, score: 0.4, ...(nothingAsked ? { prompted } : {}) };
        }),
      );
    const blind = () => [noise(), noise()] as const;
    expect(twoSided(blind, false)).toMatchObject({ passed: true });
    const gate = twoSided(blind);
    expect(gate).toMatchObject({ passed: false, reason: "reliability" });
    expect(gate.why).toContain("between the two ways of asking");
    const reads = twoSided((i) => [must(read[i], "value") + noise(), must(read[i], "value") + noise()]);
    expect(reads).toMatchObject({ passed: true });
    // Half of it the position of the option: the score is the mean of both orders, and is as reliable as that.
    const position = twoSided((i) => [
      must(read[i], "value") + random.normal(),
      must(read[i], "value") - random.normal(),
    ]);
    expect(position.reliability).toBeGreaterThan(0.5);
    expect(position.reliability).toBeLessThan(0.9);
  });
});
