import { mean, rng } from "../../core/index.ts";

/** The base model's score of one item. */
export interface ItemScore {
  readonly cluster: string;
  /** Log-odds of exhibiting, one per variant (option order). */
  readonly logOdds: readonly number[];
  /** The item's score, a probability. */
  readonly score: number;
  /**
   * What the prompt adds to the log-odds of its answers, in two forms: of its first variant, and of its last one after a
   * preamble. Absent where that was not asked.
   */
  readonly prompted?: readonly number[];
}

/**
 * May this model be measured on this behaviour? `reliability` and `within` are null where they cannot be computed; without a
 * reliability nothing shows that the items are read, and the gate stays shut.
 */
export interface Gate {
  readonly passed: boolean;
  /** `floor` and `ceiling`: the scale has no room on one side; `reliability`: the items do not agree with themselves. */
  readonly reason: "floor" | "ceiling" | "reliability" | null;
  readonly reliability: number | null;
  /** Reliability of the differences between items of one cluster; see `withinClusterReliability`. */
  readonly within: number | null;
  readonly why: string;
}

export const LEAST_RELIABILITY = 0.7;
/** Within clusters the same, in a single form each: lower, because what is common to a cluster is taken out. */
export const LEAST_WITHIN = 0.5;
/** A mean base score within this of 0 or 1 is at the floor or the ceiling. */
export const EDGE = 0.02;
const SPLITS = 200;

/**
 * The capability gate: a model that does not read a behaviour's items is not measured by them. It fails where the base's
 * mean score lies within 0.02 of 0 or 1, where the reliability of its log-odds is below 0.7 or cannot be computed, or where
 * the items of a cluster do not differ reliably: a model that reads nothing but the template gives all of its items one score.
 */
export function capabilityGate(scores: readonly ItemScore[]): Gate {
  const [reliability, within] = [reliabilityOf(scores), withinClusterReliability(scores)];
  const gate = (reason: Gate["reason"], why: string): Gate => ({
    passed: reason === null,
    reason,
    reliability,
    within,
    why,
  });
  if (scores.length === 0) return gate("reliability", "there are no items");
  const level = mean(scores.map((item) => item.score));
  if (level < EDGE || level > 1 - EDGE) {
    const reason = level < EDGE ? "floor" : "ceiling";
    return gate(reason, `the base model scores ${(100 * level).toFixed(1)}% on average, at the ${reason} of the scale`);
  }
  if (reliability === null)
    return gate("reliability", "the base's items are too few, or differ too little, to compute a reliability");
  const agreement = `reliability of the base's log-odds${formsOf(scores)} is ${reliability.toFixed(2)} (needed: ${LEAST_RELIABILITY})`;
  if (reliability < LEAST_RELIABILITY) return gate("reliability", agreement);
  if (within !== null && within < LEAST_WITHIN)
    return gate(
      "reliability",
      `the base tells templates apart but not their fillers: reliability within clusters is ${within.toFixed(2)} (needed: ${LEAST_WITHIN})`,
    );
  return gate(null, agreement);
}

/** Between which two readings of the same items. */
function formsOf(scores: readonly ItemScore[]): string {
  const prompted = promptedPairs(scores).length > 0;
  if (isTwoSided(scores)) return ` between the two ways of asking each item${prompted ? ", one after a preamble" : ""}`;
  return prompted ? " between two forms of the same prompts" : " between halves of its clusters";
}

/**
 * Reliability of log-odds, −1 to 1: of what the prompt adds in two forms, over items; 0 where it adds the same to all. Does
 * the content decide, and not the position of an option or its own words? Where an item's variants are the forms, Spearman
 * and Brown's formula steps their halves up, for its score is the mean of both. Where no form was asked: halves of clusters.
 */
function reliabilityOf(scores: readonly ItemScore[]): number | null {
  const prompted = promptedPairs(scores);
  if (prompted.length < 3) return splitHalfReliability(scores);
  return steppedUp(scores, correlation(prompted.map(({ pair }) => pair)) ?? 0);
}

const steppedUp = (scores: readonly ItemScore[], r: number) => (isTwoSided(scores) ? spearmanBrown(r) : r);

const isTwoSided = (scores: readonly ItemScore[]) =>
  scores.length > 0 && scores.every(({ logOdds }) => logOdds.length >= 2);

function promptedPairs(scores: readonly ItemScore[]) {
  return scores.flatMap(({ cluster, prompted }) => (prompted ? [{ cluster, pair: halves(prompted) }] : []));
}

/**
 * Do the differences between items of one cluster (one template, other fillers) come back in another form? As
 * `reliabilityOf`, over items less their cluster's mean. Null without two forms, below three items, or where a cluster's
 * items do not differ at all.
 */
export function withinClusterReliability(scores: readonly ItemScore[]): number | null {
  const prompted = promptedPairs(scores);
  const asked = scores.map(({ cluster, logOdds }) => ({ cluster, pair: halves(logOdds) }));
  const forms = prompted.length > 0 ? prompted : isTwoSided(scores) ? asked : [];
  const r = correlation(centredByCluster(forms));
  return r === null ? null : steppedUp(scores, r);
}

function centredByCluster(
  forms: readonly { readonly cluster: string; readonly pair: readonly [number, number] }[],
): readonly [number, number][] {
  const byCluster = new Map<string, (readonly [number, number])[]>();
  for (const { cluster, pair } of forms) byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), pair]);
  return [...byCluster.values()].flatMap((pairs) => {
    const [a, b] = [mean(pairs.map(([first]) => first)), mean(pairs.map(([, second]) => second))];
    return pairs.length < 2 ? [] : pairs.map(([first, second]): [number, number] => [first - a, second - b]);
  });
}

/**
 * Split-half reliability of log-odds, stepped up by Spearman–Brown (1910). Where items have two variants or more, the
 * halves are the two option orders, over items: does the content decide or the position? Otherwise each cluster's items
 * are cut in two at random, over clusters (mean correlation of 200 seeded cuts). Null below three units with halves.
 */
export function splitHalfReliability(scores: readonly ItemScore[], seed: number | string = 0): number | null {
  if (isTwoSided(scores)) {
    const r = correlation(scores.map((item) => halves(item.logOdds)));
    return r === null ? null : spearmanBrown(r);
  }
  return clusterReliability(scores, seed);
}

function clusterReliability(scores: readonly ItemScore[], seed: number | string): number | null {
  const clusters = new Map<string, number[]>();
  for (const { cluster, logOdds } of scores) clusters.set(cluster, [...(clusters.get(cluster) ?? []), mean(logOdds)]);
  const usable = [...clusters.values()].filter((values) => values.length >= 2);
  const random = rng(seed, "split-half");
  const cuts = Array.from({ length: SPLITS }, () =>
    correlation(usable.map((values) => halves(random.shuffle(values)))),
  );
  const known = cuts.filter((r) => r !== null);
  return known.length === 0 ? null : spearmanBrown(mean(known));
}

/** Reliability of the whole from the correlation of its halves, 2r/(1 + r); −1 where r = −1. */
export function spearmanBrown(r: number): number {
  return r <= -1 ? -1 : Math.max(-1, (2 * r) / (1 + r));
}

function halves(values: readonly number[]): [number, number] {
  const middle = Math.ceil(values.length / 2);
  return [mean(values.slice(0, middle)), mean(values.slice(middle))];
}

/** Pearson's r of pairs; null below three pairs or without spread. */
export function correlation(pairs: readonly (readonly [number, number])[]): number | null {
  if (pairs.length < 3) return null;
  const [x, y] = [mean(pairs.map((pair) => pair[0])), mean(pairs.map((pair) => pair[1]))];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [a, b] of pairs) {
    xx += (a - x) ** 2;
    yy += (b - y) ** 2;
    xy += (a - x) * (b - y);
  }
  // Equal values leave squares of rounding errors.
  const spreads = (squares: number, mean: number) => squares > 1e-24 * pairs.length * mean ** 2;
  return spreads(xx, x) && spreads(yy, y) ? xy / Math.sqrt(xx * yy) : null;
}
