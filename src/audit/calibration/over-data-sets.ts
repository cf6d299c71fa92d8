import { rng } from "../../core/index.ts";
import { LEAST_DATA_SETS } from "./curve.ts";
import { groupOf, type OfDataSet } from "./leave-one-out.ts";

/**
 * Percentile interval of a statistic over data sets: whole data sets are drawn with replacement, since their cells move
 * together, those of one group as one. A data set that is drawn twice counts as two. Null where too few draws give a value, and of fewer
 * data sets than LEAST_DATA_SETS: of two it would be the two values.
 */
export function intervalOverDataSets<T extends OfDataSet>(
  cells: readonly T[],
  statistic: (drawn: readonly T[]) => number | null,
  { draws = 2000, seed, level = 0.95 }: { readonly draws?: number; readonly seed: number; readonly level?: number },
): readonly [number, number] | null {
  const random = rng(seed, "over data sets");
  const names = [...new Set(cells.map(groupOf))];
  if (names.length < LEAST_DATA_SETS) return null;
  const members = new Map(names.map((name) => [name, cells.filter((cell) => groupOf(cell) === name)]));
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const chosen = names.map((_, place) => ({ name: random.choice(names), place }));
    const drawn = chosen.flatMap(({ name, place }) =>
      (members.get(name) ?? []).map((cell) => ({ ...cell, dataSet: `${cell.dataSet} ${place}` })),
    );
    const value = statistic(drawn);
    if (value !== null) values.push(value);
  }
  if (values.length < draws / 2) return null;
  values.sort((a, b) => a - b);
  const at = (share: number) =>
    values[Math.min(values.length - 1, Math.max(0, Math.floor(share * values.length)))] as number;
  return [at((1 - level) / 2), at((1 + level) / 2)];
}
