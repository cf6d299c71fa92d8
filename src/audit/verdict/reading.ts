/** What was measured of one behaviour: the shift with its two intervals, before it is judged. */
import { mean } from "../../core/index.ts";
import type { BehaviourResult } from "../../records/index.ts";
import {
  type ClusteredEstimate,
  clusteredMean,
  clusteredTInterval,
  type ItemDifference,
  mixedModel,
  overSeeds,
  type SeedTable,
  unanimousInterval,
  type VarianceComponents,
} from "../statistics/index.ts";

/** The shift over an enumerated population of `n` items: nothing was sampled, so that it has no interval. */
export interface ExactDifference {
  readonly exact: number;
  readonly n: number;
}

/** The same over several adapters of one data set: only seeds vary. */
export interface ExactBySeed {
  readonly exactBySeed: readonly number[];
  readonly n: number;
}

/**
 * Tuned − base, as probabilities; missing items are left out, never 0. The first two forms are about *this adapter*, the
 * others about *this data set*.
 */
export type Differences = readonly ItemDifference[] | ExactDifference | SeedTable | ExactBySeed;

/** Two-sided errors of the two intervals that are drawn. */
export interface Errors {
  /** Of the interval that holds together with those of all other behaviours (and looks). */
  readonly simultaneous: number;
  /** Of the equivalence interval: 0.1, or what a look may spend of it. */
  readonly equivalence: number;
}

export interface Reading
  extends Pick<BehaviourResult, "delta" | "interval" | "interval90" | "n" | "clusters" | "method"> {
  readonly seeds: number;
  /** Null where nothing tells how the estimate would vary. */
  readonly spread: Spread | null;
}

export type Spread =
  /** More items would narrow the interval. */
  | { readonly over: "items"; readonly pairedSd: number; readonly dfPerItem: number }
  /** More seeds would; `fixed` is the variance that stays, `perSeed` what is divided by their number. */
  | { readonly over: "seeds"; readonly fixed: number; readonly perSeed: number };

export interface ReadOptions extends Errors {
  /** `sampled`: differences are of drawn answers, so that perfect agreement still leaves doubt. */
  readonly scores?: "likelihood" | "sampled";
  /** Half-width of the simultaneous interval where the family's max-t bootstrap gave one. */
  readonly maxTHalf?: number | null;
}

export function read(differences: Differences, options: ReadOptions): Reading {
  if ("exact" in differences) return readExact(differences);
  if ("exactBySeed" in differences) return readExactBySeed(differences, options);
  if ("deltas" in differences) return readSeedTable(differences, options);
  return differences.length === 0 ? NOTHING : readSample(differences, options);
}

const NOTHING: Reading = {
  delta: null,
  interval: null,
  interval90: null,
  n: 0,
  clusters: 0,
  seeds: 1,
  method: null,
  spread: null,
};

function readExact({ exact, n }: ExactDifference): Reading {
  if (!Number.isFinite(exact)) throw new Error(`an exact difference must be a number, got ${exact}`);
  const interval: [number, number] = [exact, exact];
  return { ...NOTHING, delta: exact, interval, interval90: interval, n, clusters: n, method: "exact" };
}

function readSample(differences: readonly ItemDifference[], options: ReadOptions): Reading {
  const n = differences.length;
  const estimate = clusteredMean(differences);
  if (estimate === null) {
    const delta = differences.reduce((sum, item) => sum + item.delta, 0) / n;
    return { ...NOTHING, delta, n, clusters: 1 };
  }
  const { clusters } = estimate;
  const common = differences[0]?.delta ?? 0;
  if (differences.every((item) => item.delta === common)) {
    const at = (error: number): [number, number] =>
      options.scores === "sampled" ? unanimousInterval(common, clusters, 1 - error) : [common, common];
    const intervals = { interval: at(options.simultaneous), interval90: at(options.equivalence) };
    return { ...NOTHING, delta: common, ...intervals, n, clusters, method: "clustered-t" };
  }
  const half = options.maxTHalf ?? null;
  return {
    ...readEstimate(estimate, options),
    ...(half === null ? {} : { interval: possible([estimate.mean - half, estimate.mean + half]) }),
    method: half === null ? "clustered-t" : "clustered-max-t",
    spread: { over: "items", pairedSd: estimate.standardError * Math.sqrt(n), dfPerItem: estimate.df / n },
  };
}

function readExactBySeed({ exactBySeed, n }: ExactBySeed, options: ReadOptions): Reading {
  const found = overSeeds(exactBySeed);
  if (found === null) throw new Error("a claim about a data set needs two adapters or more");
  const { estimate, spread } = found;
  return {
    ...readEstimate(estimate, options),
    n,
    clusters: n,
    seeds: exactBySeed.length,
    method: "seeds-t",
    spread: spread > 0 ? { over: "seeds", fixed: 0, perSeed: spread ** 2 } : null,
  };
}

function readSeedTable(table: SeedTable, options: ReadOptions): Reading {
  if (table.clusters.length === 0) return NOTHING;
  const estimate = mixedModel(table);
  if (estimate === null) {
    const all = table.deltas.flat();
    const delta = mean(all);
    return { ...NOTHING, delta, n: table.clusters.length, clusters: 1, seeds: table.deltas.length };
  }
  return {
    ...readEstimate(estimate, options),
    seeds: estimate.seeds,
    method: "mixed-model",
    spread: estimate.standardError > 0 ? overMoreSeeds(estimate.components, estimate) : null,
  };
}

/** What more seeds would and would not take away of the variance: the items stay the same. */
function overMoreSeeds(
  { seed, seedByCluster, residual }: VarianceComponents,
  { seeds, standardError, n, clusters }: ClusteredEstimate & { readonly seeds: number },
): Spread {
  const perSeed = Math.min(seed + seedByCluster / clusters + residual / n, seeds * standardError ** 2);
  return { over: "seeds", perSeed, fixed: standardError ** 2 - perSeed / seeds };
}

function readEstimate(
  estimate: ClusteredEstimate,
  { simultaneous, equivalence }: Errors,
): Omit<Reading, "method" | "spread"> {
  return {
    delta: estimate.mean,
    interval: possible(clusteredTInterval(estimate, 1 - simultaneous)),
    interval90: possible(clusteredTInterval(estimate, 1 - equivalence)),
    n: estimate.n,
    clusters: estimate.clusters,
    seeds: 1,
  };
}

/** Differences of probabilities lie in [−1, 1]: what an interval holds beyond that is nothing. */
function possible([low, high]: readonly [number, number]): [number, number] {
  return [Math.max(-1, low), Math.min(1, high)];
}
