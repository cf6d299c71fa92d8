import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { must, rng } from "../core/index.ts";
import {
  addScaled,
  alignments,
  anisotropicNull,
  benjaminiHochberg,
  closeness,
  dot,
  geometricRisk,
  interference,
  isotropicCosine,
  isotropicCosines,
  isotropicDirections,
  isotropicNull,
  matchedSetNull,
  matchedSets,
  maximumOverLayers,
  meanCloseness,
  monteCarlo,
  norm,
  permutedLabelNulls,
  rowAt,
  type SignedLatent,
  setScore,
  signFlipTest,
  spillover,
  strata,
  weightedDirection,
} from "./index.ts";

interface Peer {
  benjaminiHochberg: { p: number[]; adjusted: number[] }[];
}
const peer = JSON.parse(readFileSync(new URL("fixtures/scipy.json", import.meta.url), "utf8")) as Peer;

/** d_0 along x; d_1 at 60° to it (cos 0.5); d_2 along −x tilted: cos(d_0, d_2) = −0.8, cos(d_1, d_2) = −0.4 + 0.6 √3/2. */
const three = {
  decoder: Float64Array.from([1, 0, 0.5, Math.sqrt(3) / 2, -0.8, 0.6]),
  width: 2,
};
const cos12 = -0.4 + (0.6 * Math.sqrt(3)) / 2;

describe("spillover of three latents with known cosines", () => {
  const set: SignedLatent[] = [
    { latent: 1, sign: 1 },
    { latent: 2, sign: -1 },
  ];

  it("direct and adjacent by hand", () => {
    // ŵ = (3, −1, 0) / 4. Latent 0: mean of 0.5 and +0.8. Latent 1, in the set: mean of 1 and −cos12.
    const score = spillover(three, Float64Array.of(3, -1, 0), set);
    expect(score?.adjacent).toBeCloseTo(0.75 * 0.65, 14);
    expect(score?.direct).toBeCloseTo((-0.25 * (1 - cos12)) / 2, 14);
    expect(score?.total).toBeCloseTo(0.75 * 0.65 - (0.25 * (1 - cos12)) / 2, 14);
    expect(score?.sharedWeight).toBe(0.25);
  });

  it("does not see the lengths of rows nor the scale of weights, and turns with the weights' sign", () => {
    const long = { ...three, decoder: three.decoder.map((value, i) => value * (1 + Math.floor(i / 2))) };
    const score = spillover(three, Float64Array.of(3, -1, 2), set);
    expect(spillover(long, Float64Array.of(3, -1, 2), set)?.total).toBeCloseTo(score?.total ?? 0, 14);
    expect(spillover(three, Float64Array.of(-30, 10, -20), set)?.total).toBeCloseTo(-(score?.total ?? 0), 14);
  });

  it("equals the double sum, and the set score of the alignments", () => {
    const [n, width] = [40, 8];
    const source = rng(3, "dictionary");
    const decoder = isotropicDirections(n, width, source);
    const weights = Float64Array.from({ length: n }, () => source.normal());
    const chosen: SignedLatent[] = [2, 5, 9, 30].map((latent, k) => ({ latent, sign: k % 2 === 0 ? 1 : -1 }));
    const size = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      for (const { latent, sign } of chosen) {
        sum +=
          ((weights[i] as number) / size / 4) * sign * dot(rowAt(decoder, width, i), rowAt(decoder, width, latent));
      }
    }
    const total = must(spillover({ decoder, width }, weights, chosen), "score").total;
    expect(total).toBeCloseTo(sum, 13);
    const direction = must(weightedDirection({ decoder, width }, weights), "direction");
    expect(setScore(alignments({ decoder, width }, direction), chosen)).toBeCloseTo(sum, 13);
  });

  it("is null without weights or without a set", () => {
    expect(spillover(three, new Float64Array(3), set)).toBeNull();
    expect(spillover(three, Float64Array.of(1, 0, 0), [])).toBeNull();
  });

  it("interference reads rows of the encoder", () => {
    expect(interference(Float64Array.of(0, 0, 2, 1, 0, 0), three, 1, 2)).toBeCloseTo(-1, 14);
  });
});

describe("geometric risk", () => {
  const set: SignedLatent[] = [{ latent: 1, sign: 1 }];

  it("by hand", () => {
    const kappa = closeness(three, set, [0, 1, 2]);
    expect(kappa[0]).toBeCloseTo(0.5, 14);
    expect(kappa[1]).toBeCloseTo(1, 14);
    expect(kappa[2]).toBeCloseTo(cos12, 14);
    const nullCloseness = meanCloseness(three, [[{ latent: 0, sign: 1 }], [{ latent: 2, sign: -1 }]], [0, 1, 2]);
    expect(nullCloseness[0]).toBeCloseTo((1 + 0.8) / 2, 14);
    const risk = geometricRisk({
      activations: Float64Array.of(2, 4, 0),
      control: Float64Array.of(1, 1, 1),
      closeness: kappa,
      nullCloseness: Float64Array.of(0.1, 0.2, 0),
      isOwn: (i) => i === 1,
    });
    expect(risk.all).toBeCloseTo((1 * 0.4 + 3 * 0.8) / 4, 14);
    expect(risk.adjacent).toBeCloseTo(0.4, 14);
  });

  it("is null, not 0, where nothing fires beyond the control", () => {
    const flat = Float64Array.of(0, 1);
    const quiet = { activations: flat, control: Float64Array.of(0, 2), closeness: flat, nullCloseness: flat };
    expect(geometricRisk({ ...quiet, isOwn: () => false })).toEqual({ all: null, adjacent: null });
    const own = geometricRisk({ ...quiet, activations: Float64Array.of(0, 5), isOwn: () => true });
    expect(own).toEqual({ all: 0, adjacent: null });
  });
});

describe("Monte Carlo p-values and Benjamini and Hochberg", () => {
  it("p by hand, with ties as hits; z null without spread", () => {
    expect(monteCarlo(2, Float64Array.of(1, 2, 3))).toEqual({ p: 0.75, z: 0 });
    expect(monteCarlo(9, Float64Array.of(1, 2, 3)).p).toBe(0.25);
    expect(monteCarlo(1, Float64Array.of(1, 1))).toEqual({ p: 1, z: null });
    expect(() => monteCarlo(1, new Float64Array())).toThrow("without draws");
    expect(maximumOverLayers([Float64Array.of(1, 5), Float64Array.of(3, 2)])).toEqual(Float64Array.of(3, 5));
  });

  it("adjusted p against SciPy and by hand", () => {
    for (const { p, adjusted } of peer.benjaminiHochberg) {
      for (const [i, value] of benjaminiHochberg(p).entries()) expect(value).toBeCloseTo(adjusted[i] ?? -1, 14);
    }
    expect(benjaminiHochberg([0.01, 0.04, 0.03, 0.5])).toEqual([0.04, 0.16 / 3, 0.16 / 3, 0.5]);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(() => benjaminiHochberg([1.1])).toThrow("in [0, 1]");
  });
});

/** Largest gap between the empirical distribution of `values` and the CDF (Kolmogorov and Smirnov). */
function largestGap(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce((gap, value, i) => {
    const at = cdf(value);
    return Math.max(gap, Math.abs(at - i / sorted.length), Math.abs(at - (i + 1) / sorted.length));
  }, 0);
}
/** Critical gap at level 0.001 for n ≥ 40: 1.949 / √n. The seeds are fixed: a failure is a change of the code. */
const critical = (n: number) => 1.949 / Math.sqrt(n);

describe("nulls", () => {
  const [nLatents, width] = [400, 24];
  const source = rng(11, "null dictionary");
  const decoder = isotropicDirections(nLatents, width, source);
  const firingRates = Float64Array.from({ length: nLatents }, (_, i) => (i < 20 ? 0 : source.next() ** 3));
  const norms = Float64Array.from({ length: nLatents }, () => 1 + source.next());
  const bins = strata({ firingRates, norms });
  const weights = Float64Array.from({ length: nLatents }, () => source.normal());
  const v = must(weightedDirection({ decoder, width }, weights), "v");
  const aligned = alignments({ decoder, width }, v);
  const randomSet = (seed: number): SignedLatent[] => {
    const random = rng(seed, "set");
    return random
      .shuffle(Array.from({ length: nLatents }, (_, i) => i))
      .slice(0, 16)
      .map((latent) => ({ latent, sign: random.next() < 0.5 ? 1 : -1 }));
  };

  it("strata: every latent once, the silent ones apart, no stratum under 20", () => {
    expect(bins.members.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: nLatents }, (_, i) => i));
    expect(bins.members.at(-1)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    for (const { length } of bins.members) expect(length).toBeGreaterThanOrEqual(20);
  });

  it("matched sets keep signs and strata and repeat no latent; one seed, one result", () => {
    const set = randomSet(1);
    const sets = matchedSets(set, bins, { draws: 50, seed: 4 });
    for (const drawn of sets) {
      expect(new Set(drawn.map(({ latent }) => latent)).size).toBe(set.length);
      for (const [k, { latent, sign }] of drawn.entries()) {
        expect(sign).toBe(set[k]?.sign);
        expect(bins.stratumOf[latent]).toBe(bins.stratumOf[set[k]?.latent ?? -1]);
      }
    }
    expect(matchedSets(set, bins, { draws: 50, seed: 4 })).toEqual(sets);
    const scores = matchedSetNull(aligned, set, bins, { draws: 50, seed: 4 });
    expect([...scores]).toEqual(sets.map((drawn) => setScore(aligned, drawn)));
    expect(() => matchedSets([...set, ...set], bins, { draws: 1, seed: 1 })).toThrow("twice");
  });

  it("p of matched sets is uniform for sets that are as any other", () => {
    const p = Array.from({ length: 500 }, (_, k) => {
      const set = randomSet(k);
      return monteCarlo(setScore(aligned, set), matchedSetNull(aligned, set, bins, { draws: 199, seed: k })).p;
    });
    expect(largestGap(p, (x) => x)).toBeLessThan(critical(500));
  });

  it("p of permuted labels is uniform, each behaviour's own", () => {
    const p = Array.from({ length: 500 }, (_, k) => {
      const latents = randomSet(k);
      const sets = [latents.slice(0, 5), latents.slice(5, 8), latents.slice(8)];
      const nulls = permutedLabelNulls(aligned, sets, { draws: 199, seed: k });
      return monteCarlo(setScore(aligned, must(sets[k % 3], "set")), must(nulls[k % 3], "null")).p;
    });
    expect(largestGap(p, (x) => x)).toBeLessThan(critical(500));
  });

  it("p of random directions is uniform for a set of random directions", () => {
    const p = Array.from({ length: 500 }, (_, k) => {
      const random = rng(k, "observed directions");
      const rows = isotropicDirections(4, width, random);
      const observed = [0, 1, 2, 3].reduce((sum, r) => sum + dot(rowAt(rows, width, r), v) / 4, 0);
      return monteCarlo(observed, isotropicNull(v, { size: 4, draws: 199, seed: k })).p;
    });
    expect(largestGap(p, (x) => x)).toBeLessThan(critical(500));
  });

  it("permuted labels: one behaviour alone has nothing to shuffle; shuffles deal out all latents", () => {
    const set = randomSet(2);
    const [alone] = permutedLabelNulls(aligned, [set], { draws: 9, seed: 1 });
    expect(monteCarlo(setScore(aligned, set), must(alone, "null"))).toMatchObject({ p: 1, z: null });
    const [a, b] = permutedLabelNulls(aligned, [set.slice(0, 8), set.slice(8)], { draws: 9, seed: 1 });
    for (let t = 0; t < 9; t++) expect(((a?.[t] ?? 0) + (b?.[t] ?? 0)) / 2).toBeCloseTo(setScore(aligned, set), 13);
  });

  it("a set planted near the data is found by all three", () => {
    const near = Array.from(aligned, (value, latent) => ({ value, latent }))
      .sort((a, b) => b.value - a.value)
      .slice(0, 8)
      .map(({ latent }): SignedLatent => ({ latent, sign: 1 }));
    const observed = setScore(aligned, near);
    const others = [randomSet(5), randomSet(6)];
    const draws = 999;
    const nulls = [
      matchedSetNull(aligned, near, bins, { draws, seed: 1 }),
      permutedLabelNulls(aligned, [near, ...others], { draws, seed: 1 })[0],
      isotropicNull(v, { size: 8, draws, seed: 1 }),
      anisotropicNull(v, { decoder, width }, { size: 8, draws, seed: 1 }),
    ];
    for (const draw of nulls) {
      const { p, z } = monteCarlo(observed, must(draw, "null"));
      expect(p).toBeLessThanOrEqual(0.003);
      expect(z).toBeGreaterThan(3);
    }
  });

  it("directions with the dictionary's covariance lie in its span and crowd where it does", () => {
    // 300 rows near the first axis of 6: nearly all random directions share it.
    const random = rng(2, "crowded");
    const crowded = isotropicDirections(300, 6, random).map((value, i) => (i % 6 === 0 ? 1 : 0.1 * value));
    const first = Float64Array.of(1, 0, 0, 0, 0, 0);
    const options = { size: 1, draws: 2000, seed: 3 };
    const meanSquare = (draws: Float64Array) => draws.reduce((sum, x) => sum + x * x, 0) / draws.length;
    expect(meanSquare(anisotropicNull(first, { decoder: crowded, width: 6 }, options))).toBeGreaterThan(0.8);
    // Isotropic: 1/6, with a standard error of about 0.004.
    expect(meanSquare(isotropicNull(first, options))).toBeCloseTo(1 / 6, 1);
  });
});

describe("cosines of isotropic directions", () => {
  it("follow their closed form: in 3 dimensions uniform on [−1, 1], in 2 the arcsine law", () => {
    const draws = (width: number) =>
      Array.from({ length: 4000 }, () => isotropicCosine(width, streams[width] ?? rng(1)));
    const streams: Record<number, ReturnType<typeof rng>> = { 2: rng(1, "two"), 3: rng(1, "three"), 5: rng(1, "five") };
    expect(largestGap(draws(2), (x) => 0.5 + Math.asin(x) / Math.PI)).toBeLessThan(critical(4000));
    expect(largestGap(draws(3), (x) => (1 + x) / 2)).toBeLessThan(critical(4000));
    // Beta(2, 2) of (1 + x) / 2 in 5 dimensions.
    const beta22 = (x: number) => ((1 + x) / 2) ** 2 * (3 - 2 * ((1 + x) / 2));
    expect(largestGap(draws(5), beta22)).toBeLessThan(critical(4000));
  });

  it("100 × 100: spread 1/√dModel, and the largest of 10,000", () => {
    // Expected: 0.040/0.029/0.021 and 0.150/0.110/0.079. Maxima vary by about 7% (Gumbel), their mean over 5 by 3%.
    for (const [dModel, deviation, maximum] of [
      [640, 0.04, 0.15],
      [1152, 0.029, 0.11],
      [2304, 0.021, 0.079],
    ] as const) {
      const draws = [1, 2, 3, 4, 5].map((seed) => isotropicCosines(100, dModel, seed));
      const mean = (key: "deviation" | "maximum") => draws.reduce((sum, draw) => sum + draw[key] / 5, 0);
      expect(Math.abs(mean("deviation") - deviation)).toBeLessThan(0.0006);
      expect(Math.abs(mean("maximum") / maximum - 1)).toBeLessThan(0.06);
    }
  });

  it("directions have unit length", () => {
    expect(norm(rowAt(isotropicDirections(3, 50, rng(1)), 50, 2))).toBeCloseTo(1, 14);
  });
});

describe("signFlipTest", () => {
  const [n, width] = [24, 16];
  const noise = (seed: number, name: string) => {
    const random = rng(seed, name);
    return Float64Array.from({ length: n * width }, () => random.normal());
  };
  const axis = (at: number) => Float64Array.from({ length: width }, (_, i) => (i === at ? 1 : 0));
  const planted = (values: Float64Array, direction: Float64Array, size: number) => {
    const out = Float64Array.from(values);
    for (let r = 0; r < n; r++) addScaled(out.subarray(r * width, (r + 1) * width), size, direction);
    return out;
  };

  it("finds a planted difference, its layer and its sign; leaves the other direction alone", () => {
    const differences = [noise(1, "a"), planted(noise(2, "b"), axis(3), -1.5)];
    const directions = [
      [axis(3), axis(3)],
      [axis(7), axis(7)],
    ];
    const [found, other] = signFlipTest({ differences, width, directions, draws: 999, seed: 1 });
    expect(found).toMatchObject({ layer: 1, p: 0.001 });
    expect(found?.cosine).toBeLessThan(-0.7);
    expect(other?.p).toBeGreaterThan(0.05);
  });

  it("by hand: rows (1, 0), (1, 2) along x have mean (1, 1): cosine √½, and half the flips give as much", () => {
    // Signs (+,+) and (−,−) give ±(1, 1), (+,−) and (−,+) give ±(0, 1): |cosine| √½ or 0, each half the time.
    const [result] = signFlipTest({
      differences: [Float64Array.of(1, 0, 1, 2)],
      width: 2,
      directions: [[Float64Array.of(5, 0)]],
      draws: 4000,
      seed: 2,
    });
    expect(result?.cosine).toBeCloseTo(Math.SQRT1_2, 14);
    expect(Math.abs((result?.p ?? 0) - 0.5)).toBeLessThan(0.03);
  });

  it("p is uniform where signs are random, maximum over layers included", () => {
    const p = Array.from({ length: 400 }, (_, k) => {
      const differences = [noise(k, "one"), noise(k, "two"), noise(k, "three")];
      const directions = [[axis(0), axis(1), axis(2)]];
      return signFlipTest({ differences, width, directions, draws: 199, seed: k })[0]?.p ?? 0;
    });
    expect(largestGap(p, (x) => x)).toBeLessThan(critical(400));
  });

  it("is null where nothing differs, and refuses layers of unequal rows", () => {
    const directions = [[axis(0), axis(1)]];
    const still = { differences: [new Float64Array(n * width), new Float64Array(n * width)], width, directions };
    expect(signFlipTest({ ...still, draws: 9, seed: 1 })).toEqual([null]);
    const uneven = { ...still, differences: [noise(1, "a"), noise(1, "a").subarray(width)] };
    expect(() => signFlipTest({ ...uneven, draws: 9, seed: 1 })).toThrow("equal");
  });
});
