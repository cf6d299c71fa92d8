import { rng } from "../../core/index.ts";

/** The base model's score of one item. */
export interface ItemScore {
  readonly cluster: string;
  /** Log-odds of exhibiting, one per variant (option order). */
  readonly logOdds: readonly number[];
  /** The item's score, a probability. */
  readonly score: number;
}

/** May this model be measured on this behaviour? `reliability` is null where it cannot be computed. */
export interface Gate {
  readonly passed: boolean;
  /** `floor` and `ceiling`: the scale has no room on one side; `reliability`: the items do not agree with themselves. */
  readonly reason: "floor" | "ceiling" | "reliability" | null;
  readonly reliability: number | null;
  readonly why: string;
}

export const LEAST_RELIABILITY = 0.7;
/** A mean base score within this of 0 or 1 is at the floor or the ceiling. */
export const EDGE = 0.02;
const SPLITS = 200;

/**
 * The capability gate: a model that answers a behaviour's items by chance is not measured by them. It fails where the
 * split-half reliability of the base's log-odds is below 0.7, or where the base's mean score lies within 0.02 of 0 or 1.
 */
export function capabilityGate(scores: readonly ItemScore[]): Gate {
  if (scores.length === 0)
    return { passed: false, reason: "reliability", reliability: null, why: "there are no items" };
  const mean = average(scores.map((item) => item.score));
  const reliability = splitHalfReliability(scores);
  if (mean < EDGE || mean > 1 - EDGE) {
    const reason = mean < EDGE ? "floor" : "ceiling";
    const why = `the base model scores ${(100 * mean).toFixed(1)}% on average, at the ${reason} of the scale`;
    return { passed: false, reason, reliability, why };
  }
  if (reliability === null) {
    return { passed: true, reason: null, reliability, why: "too few items to compute a split-half reliability" };
  }
  const passed = reliability >= LEAST_RELIABILITY;
  const why = `split-half reliability of the base's log-odds is ${reliability.toFixed(2)} (needed: ${LEAST_RELIABILITY})`;
  return { passed, reason: passed ? null : "reliability", reliability, why };
}

/**
 * Split-half reliability of log-odds, stepped up by Spearman–Brown (1910). Where items have two variants or more, the
 * halves are the two option orders, over items: does the content decide or the position? Otherwise each cluster's items
 * are cut in two at random, over clusters (mean correlation of 200 seeded cuts). Null below three units with halves.
 */
export function splitHalfReliability(scores: readonly ItemScore[], seed: number | string = 0): number | null {
  const twoSided = scores.filter((item) => item.logOdds.length >= 2);
  if (twoSided.length === scores.length) {
    const r = correlation(twoSided.map((item) => halves(item.logOdds)));
    return r === null ? null : spearmanBrown(r);
  }
  return clusterReliability(scores, seed);
}

function clusterReliability(scores: readonly ItemScore[], seed: number | string): number | null {
  const clusters = new Map<string, number[]>();
  for (const { cluster, logOdds } of scores)
    clusters.set(cluster, [...(clusters.get(cluster) ?? []), average(logOdds)]);
  const usable = [...clusters.values()].filter((values) => values.length >= 2);
  const random = rng(seed, "split-half");
  const cuts = Array.from({ length: SPLITS }, () =>
    correlation(usable.map((values) => halves(random.shuffle(values)))),
  );
  const known = cuts.filter((r) => r !== null);
  return known.length === 0 ? null : spearmanBrown(average(known));
}

/** Reliability of the whole from the correlation of its halves, 2r/(1 + r); −1 where r = −1. */
export function spearmanBrown(r: number): number {
  return r <= -1 ? -1 : Math.max(-1, (2 * r) / (1 + r));
}

function halves(values: readonly number[]): [number, number] {
  const middle = Math.ceil(values.length / 2);
  return [average(values.slice(0, middle)), average(values.slice(middle))];
}

/** Pearson's r of pairs; null below three pairs or without spread. */
export function correlation(pairs: readonly (readonly [number, number])[]): number | null {
  if (pairs.length < 3) return null;
  const [x, y] = [average(pairs.map((pair) => pair[0])), average(pairs.map((pair) => pair[1]))];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [a, b] of pairs) {
    xx += (a - x) ** 2;
    yy += (b - y) ** 2;
    xy += (a - x) * (b - y);
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

const average = (values: readonly number[]) => values.reduce((all, value) => all + value, 0) / values.length;
