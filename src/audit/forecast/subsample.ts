/**
 * The quick forecast reads a part of the rows, and says how sure that leaves it.
 *
 * 1. Rows are sorted by the loss that they carry and cut into strata; each gives its share, so that long and short rows
 *    are in as they are in the data.
 * 2. The chosen rows are dealt to groups in that order, which makes every group a small stratified sample.
 * 3. Delete-a-group jackknife (Kott 2001): variance (G − 1)/G · Σ (T₍₋g₎ − T̄)², times the share of rows not read.
 */
import { rng } from "../../core/index.ts";
import { lossWeight, type TrainingRow } from "../../training/index.ts";

export interface Subsample {
  /** Indices into the rows, rising. */
  readonly chosen: readonly number[];
  /** The group of each chosen row. */
  readonly groups: readonly number[];
  /** Of all rows. */
  readonly share: number;
}

const GROUPS = 4;
/** Fewer rows are read whole. */
const LEAST = 16;

export function stratifiedSubsample(rows: readonly TrainingRow[], share: number, seed: number): Subsample {
  const count = Math.min(rows.length, Math.max(LEAST, Math.round(share * rows.length)));
  const random = rng(seed, "quick forecast");
  const order = [...rows.keys()].sort((a, b) => weight(rows, a) - weight(rows, b) || a - b);
  const drawn = Array.from({ length: count }, (_, stratum) => {
    const [from, to] = [stratum, stratum + 1].map((cut) => Math.floor((cut * order.length) / count));
    return random.choice(order.slice(from, to));
  });
  const dealt = new Map(drawn.map((row, place) => [row, place % Math.min(GROUPS, count)]));
  const chosen = [...dealt.keys()].sort((a, b) => a - b);
  return { chosen, groups: chosen.map((row) => dealt.get(row) ?? 0), share: count / rows.length };
}

const weight = (rows: readonly TrainingRow[], row: number) => {
  const found = rows[row];
  return found ? lossWeight(found) : 0;
};

/** Variance of an estimate from its values without each group; 0 where all rows were read. */
export function jackknifeVariance(without: readonly number[], share: number): number {
  const groups = without.length;
  if (groups < 2) return 0;
  const mean = without.reduce((sum, value) => sum + value, 0) / groups;
  return ((groups - 1) / groups) * (1 - share) * without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
