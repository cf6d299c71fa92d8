/**
 * Does an interval hold the truth as often as it says? Simulation of every interval of the audit, with 1, 3 and 5 seeds.
 *
 *   npm run build && node studies/coverage.mjs          writes docs/results/coverage.json
 *
 * A world: shift of item i under seed s = truth + seed + cluster + item + seed × cluster + noise, standard deviations as
 * the worlds say. Two truths: of *this adapter* (the seed effect belongs to it) and of *this data set* (it does not).
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  clusterBootstrap,
  clusteredMean,
  clusteredTInterval,
  maxTHalfWidths,
  mixedModel,
  overSeeds,
  sidakAlpha,
  sortedQuantile,
  wilsonInterval,
} from "../dist/audit/index.js";
import { rng } from "../dist/core/index.js";
import { headCommit } from "../scripts/measuring.mjs";

const LEVEL = 0.95;
const DRAWS = 4000;
const FAMILY = 12;
const FAMILY_DRAWS = 600;
const TRUTH = 0.05;

/** Standard deviations in probability; 20 clusters of 10 items are a behaviour of a real model. */
const WORLDS = {
  "20 × 10, seeds spread": {
    clusters: 20,
    each: 10,
    seed: 0.05,
    cluster: 0.06,
    item: 0.1,
    seedByCluster: 0.02,
    noise: 0.05,
  },
  "20 × 10, seeds alike": {
    clusters: 20,
    each: 10,
    seed: 0,
    cluster: 0.06,
    item: 0.1,
    seedByCluster: 0.01,
    noise: 0.05,
  },
  "10 × 4, few items": {
    clusters: 10,
    each: 4,
    seed: 0.05,
    cluster: 0.1,
    item: 0.15,
    seedByCluster: 0.03,
    noise: 0.05,
  },
};

const results = Object.entries(WORLDS).flatMap(([name, world]) =>
  [1, 3, 5].flatMap((seeds) => ofWorld(name, world, seeds)),
);
const result = {
  command: "node studies/coverage.mjs",
  commit: headCommit(),
  level: LEVEL,
  draws: DRAWS,
  worlds: WORLDS,
  intervals: results,
  simultaneous: { family: FAMILY, draws: FAMILY_DRAWS, ...simultaneous() },
};
writeFileSync(join(import.meta.dirname, "../docs/results/coverage.json"), `${JSON.stringify(result, null, 2)}\n`);
for (const line of results) console.log(line.world, line.seeds, line.claim, line.interval, line.coverage);
console.log(result.simultaneous);

function ofWorld(name, world, seeds) {
  const held = new Map();
  const note = (claim, interval, truth, made) => {
    if (made === null) return;
    const key = `${claim}|${interval}`;
    const entry = held.get(key) ?? { count: 0, n: 0, width: 0 };
    held.set(key, {
      count: entry.count + Number(made[0] <= truth && truth <= made[1]),
      n: entry.n + 1,
      width: entry.width + made[1] - made[0],
    });
  };
  for (let draw = 0; draw < DRAWS; draw++) {
    const { deltas, clusters, seedEffects, itemShift } = drawTable(world, seeds, rng("coverage", name, seeds, draw));
    const first = deltas[0].map((delta, i) => ({ cluster: clusters[i], delta }));
    const one = intervalOf(clusteredMean(first));
    note("this adapter", "clustered t", TRUTH + seedEffects[0], one);
    note("this data set", "clustered t of one adapter (not offered)", TRUTH, one);
    if (draw < DRAWS / 10) {
      const bootstrap = clusterBootstrap(first, { level: LEVEL, seed: draw, draws: 999 });
      note("this adapter", "cluster bootstrap, percentile", TRUTH + seedEffects[0], bootstrap.percentile);
      note("this adapter", "cluster bootstrap, BCa", TRUTH + seedEffects[0], bootstrap.bca);
    }
    if (seeds < 2) continue;
    const means = deltas.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length);
    note("this data set", "mixed model", TRUTH, intervalOf(mixedModel({ deltas, clusters })));
    note("this data set, these items", "t over seeds", TRUTH + itemShift, intervalOf(overSeeds(means).estimate));
    note(
      "this data set, these items",
      "bootstrap over seeds (not offered)",
      TRUTH + itemShift,
      seedBootstrap(means, draw),
    );
  }
  return [...held].map(([key, { count, n, width }]) => {
    const [claim, interval] = key.split("|");
    const [low, high] = wilsonInterval(count, n);
    return {
      world: name,
      seeds,
      claim,
      interval,
      coverage: round(count / n),
      simulation95: [round(low), round(high)],
      meanWidth: round(width / n),
      draws: n,
    };
  });
}

function drawTable({ clusters: m, each, seed, cluster, item, seedByCluster, noise }, seeds, random) {
  const seedEffects = Array.from({ length: seeds }, () => seed * random.normal());
  const clusterEffects = Array.from({ length: m }, () => cluster * random.normal());
  const itemEffects = Array.from(
    { length: m * each },
    (_, i) => clusterEffects[Math.floor(i / each)] + item * random.normal(),
  );
  // What these very items add to the truth, whatever the seed.
  const itemShift = itemEffects.reduce((sum, value) => sum + value, 0) / itemEffects.length;
  const clusters = itemEffects.map((_, i) => `c${Math.floor(i / each)}`);
  const deltas = seedEffects.map((effect) => {
    const crossed = Array.from({ length: m }, () => seedByCluster * random.normal());
    return itemEffects.map(
      (shift, i) => TRUTH + effect + shift + crossed[Math.floor(i / each)] + noise * random.normal(),
    );
  });
  return { deltas, clusters, seedEffects, itemShift };
}

function intervalOf(estimate) {
  return estimate && clusteredTInterval(estimate, LEVEL);
}

/** What the audit does not do: seeds drawn with replacement. */
function seedBootstrap(means, draw) {
  const random = rng("seed bootstrap", draw);
  const drawn = Float64Array.from({ length: 400 }, () => {
    let sum = 0;
    for (let k = 0; k < means.length; k++) sum += random.choice(means);
    return sum / means.length;
  }).sort();
  return [sortedQuantile(drawn, 0.025), sortedQuantile(drawn, 0.975)];
}

/** Do all intervals of a family hold at once? Behaviours that share nothing, and behaviours that move together. */
function simultaneous() {
  const world = WORLDS["20 × 10, seeds alike"];
  return Object.fromEntries(
    [0, 0.9].map((shared) => {
      let [sidak, maxT, plain, narrower] = [0, 0, 0, 0];
      for (let draw = 0; draw < FAMILY_DRAWS; draw++) {
        const family = drawFamily(world, shared, draw);
        const estimates = family.map((differences) => clusteredMean(differences));
        const halves = maxTHalfWidths(family, { alpha: 1 - LEVEL, seed: draw, draws: 999 });
        const all = (half) => estimates.every(({ mean }, b) => Math.abs(mean - TRUTH) <= half(b));
        const t = (level) => (b) => clusteredTInterval(estimates[b], level)[1] - estimates[b].mean;
        const corrected = t(1 - sidakAlpha(1 - LEVEL, FAMILY));
        sidak += Number(all(corrected));
        plain += Number(all(t(LEVEL)));
        maxT += Number(all((b) => halves[b]));
        narrower += halves.reduce((sum, half, b) => sum + half / corrected(b), 0) / FAMILY / FAMILY_DRAWS;
      }
      const share = (count) => ({
        coverage: count / FAMILY_DRAWS,
        simulation95: wilsonInterval(count, FAMILY_DRAWS).map(round),
      });
      return [
        shared === 0 ? "independent" : "correlated",
        { sidak: share(sidak), maxT: share(maxT), withoutCorrection: share(plain), maxTWidthOfSidak: round(narrower) },
      ];
    }),
  );
}

/** Twelve behaviours on the same clusters; `shared`: the share of variance that is common to all of them. */
function drawFamily({ clusters, each, cluster, item }, shared, draw) {
  const random = rng("family", shared, draw);
  const common = Array.from({ length: clusters }, () => random.normal());
  return Array.from({ length: FAMILY }, () =>
    common.flatMap((value, c) => {
      const shift = cluster * (Math.sqrt(shared) * value + Math.sqrt(1 - shared) * random.normal());
      return Array.from({ length: each }, () => ({
        cluster: `c${c}`,
        delta: TRUTH + shift + 0.3 * item * random.normal(),
      }));
    }),
  );
}

function round(value) {
  return Math.round(value * 1e4) / 1e4;
}
