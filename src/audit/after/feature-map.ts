/**
 * Latents in the plane, and whether those that the data amplify lie nearer to the behaviours' own than any two latents.
 *
 * 1. Points: classical scaling of the decoder rows' cosines, with the share of the squared distances that two dimensions
 *    keep; in a few hundred dimensions that is little, and near in the plane does not mean near.
 * 2. Histogram of |cosine| over all pairs of a data latent and another behaviour latent, with no dimension lost.
 * 3. What to expect: pairs of random latents of the same dictionary, scaled to the same number of pairs.
 */
import { must, type Rng, rng } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import { classicalScaling, cosine, rowAt } from "../../geometry/index.ts";
import type { GeometryRecord } from "../../records/index.ts";
import { decoderRows } from "./latent-cards.ts";

export type FeatureMap = NonNullable<GeometryRecord["map"]>;

export interface FeatureMapRequest {
  readonly dictionary: Dictionary;
  /** Amplified by the data. */
  readonly data: readonly number[];
  /** Of all behaviours. */
  readonly behaviours: readonly number[];
  /** The latents that random pairs are drawn from, for example all that fire; default: the whole dictionary. */
  readonly pool?: readonly number[];
  readonly seed: number;
}

const BINS = 20;
const RANDOM_PAIRS = 10_000;

/** Null without latents to show. */
export function featureMap({ dictionary, data, behaviours, pool, seed }: FeatureMapRequest): FeatureMap | null {
  const shown = [...new Set([...data, ...behaviours])];
  if (shown.length === 0) return null;
  const { points, kept } = classicalScaling(decoderRows(dictionary, shown), dictionary.dModel);
  const pairs = [...new Set(data)].flatMap((from) =>
    [...new Set(behaviours)].filter((to) => to !== from).map((to): Pair => [from, to]),
  );
  const observed = histogram(dictionary, pairs);
  const random = randomPairs(pool ?? [...Array(dictionary.nLatents).keys()], rng(seed, "feature map"));
  const share = random.length === 0 ? 0 : pairs.length / random.length;
  return {
    points: shown.map((latent, i) => ({ latent, ...must(points[i], "point") })),
    kept,
    bins: Array.from({ length: BINS + 1 }, (_, i) => i / BINS),
    observed,
    expected: histogram(dictionary, random).map((count) => count * share),
  };
}

type Pair = readonly [number, number];

/** Counts of |cosine| in equal bins over [0, 1]. */
function histogram({ decoder, dModel }: Dictionary, pairs: readonly Pair[]): number[] {
  const counts = Array.from({ length: BINS }, () => 0);
  for (const [a, b] of pairs) {
    const size = Math.abs(cosine(rowAt(decoder, dModel, a), rowAt(decoder, dModel, b)) ?? 0);
    const bin = Math.min(BINS - 1, Math.floor(size * BINS));
    counts[bin] = must(counts[bin], "bin") + 1;
  }
  return counts;
}

/** Pairs of two different latents; none where there are not two. */
function randomPairs(pool: readonly number[], random: Rng): Pair[] {
  if (pool.length < 2) return [];
  return Array.from({ length: RANDOM_PAIRS }, (): Pair => {
    const first = random.int(pool.length);
    // One of the others, uniformly.
    const second = (first + 1 + random.int(pool.length - 1)) % pool.length;
    return [must(pool[first], "latent"), must(pool[second], "latent")];
  });
}
