import { describe, expect, it } from "vitest";
import { type Rng, rng } from "../../core/index.ts";
import { clusteredMean, clusteredTInterval, type ItemDifference, isBeyond, sidakAlpha } from "./index.ts";

/**
 * Does a 95% interval hold the truth 95 times in 100? Seeded simulations. The lower bounds leave three binomial standard
 * errors of the simulation itself (0.012 at 3,000 draws), and say in words where the t interval is known to fall short.
 */
const DRAWS = 3000;

interface World {
  readonly sizes: readonly number[];
  /** A cluster's common shift. */
  readonly cluster: (random: Rng) => number;
  /** One item's difference given its cluster's shift; its mean must be that shift. */
  readonly item: (random: Rng, shift: number) => number;
  readonly truth: number;
}

function coverage(name: string, world: World, level = 0.95): number {
  let held = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const estimate = clusteredMean(drawDifferences(world, rng(name, draw)));
    const [low, high] = estimate ? clusteredTInterval(estimate, level) : [1, 0];
    if (low <= world.truth && world.truth <= high) held++;
  }
  return held / DRAWS;
}

function drawDifferences({ sizes, cluster, item }: World, random: Rng): ItemDifference[] {
  return sizes.flatMap((size, g) => {
    const shift = cluster(random);
    return Array.from({ length: size }, () => ({ cluster: `c${g}`, delta: item(random, shift) }));
  });
}

/** −1, 0 or 1 with mean `shift`: an answer that flipped, or did not. */
const flip = (random: Rng, shift: number) => {
  const u = random.next();
  return u < 0.15 + shift / 2 ? 1 : u > 0.85 + shift / 2 ? -1 : 0;
};
const even = (clusters: number, size: number) => Array.from({ length: clusters }, () => size);

describe("coverage of the clustered t interval", () => {
  it("5 clusters of 8, strong cluster effect, normal items", () => {
    const world = {
      sizes: even(5, 8),
      cluster: (random: Rng) => 0.1 + 0.2 * random.normal(),
      item: (random: Rng, shift: number) => shift + 0.3 * random.normal(),
      truth: 0.1,
    };
    expect(coverage("few", world)).toBeGreaterThan(0.935);
  });

  it("10 clusters of 4, answers that flip or do not", () => {
    const world = {
      sizes: even(10, 4),
      cluster: (random: Rng) => 0.1 * (random.next() - 0.5) + 0.05,
      item: flip,
      truth: 0.05,
    };
    const held = coverage("flips", world);
    expect(held).toBeGreaterThan(0.935);
    expect(held).toBeLessThan(0.985);
  });

  it("9 clusters of very different size, 1 to 12 items", () => {
    const world = {
      sizes: [1, 1, 2, 2, 3, 4, 6, 9, 12],
      cluster: (random: Rng) => 0.15 * random.normal(),
      item: (random: Rng, shift: number) => shift + 0.3 * random.normal(),
      truth: 0,
    };
    expect(coverage("uneven", world)).toBeGreaterThan(0.93);
  });

  it("40 clusters of one, one item in ten moves by 0.8: skewed, so it may fall to nine in ten, no lower", () => {
    const world = {
      sizes: even(40, 1),
      cluster: () => 0.08,
      item: (random: Rng) => (random.next() < 0.1 ? 0.8 : 0),
      truth: 0.08,
    };
    expect(coverage("skewed", world)).toBeGreaterThan(0.88);
  });

  it("items taken for independent would miss: the same world without its clusters covers far less", () => {
    let held = 0;
    const sizes = even(6, 10);
    for (let draw = 0; draw < 1000; draw++) {
      const random = rng("naive", draw);
      const world = { sizes, cluster: (r: Rng) => 0.3 * r.normal(), item: (r: Rng, s: number) => s + 0.1 * r.normal() };
      const differences = drawDifferences({ ...world, truth: 0 }, random).map((d, i) => ({ ...d, cluster: `i${i}` }));
      const estimate = clusteredMean(differences);
      const [low, high] = estimate ? clusteredTInterval(estimate, 0.95) : [1, 0];
      if (low <= 0 && high >= 0) held++;
    }
    expect(held / 1000).toBeLessThan(0.6);
  });

  it("twelve null behaviours of 40 flips: any false alarm in at most 5 fine-tunes of 100", () => {
    const level = 1 - sidakAlpha(0.05, 12);
    let alarmed = 0;
    for (let draw = 0; draw < 500; draw++) {
      const any = Array.from({ length: 12 }, (_, b) => {
        const world = { sizes: even(10, 4), cluster: () => 0, item: flip, truth: 0 };
        const estimate = clusteredMean(drawDifferences(world, rng("null", draw, b)));
        return estimate !== null && isBeyond(clusteredTInterval(estimate, level), 0.05);
      }).some(Boolean);
      if (any) alarmed++;
    }
    expect(alarmed / 500).toBeLessThanOrEqual(0.05);
  });
});
