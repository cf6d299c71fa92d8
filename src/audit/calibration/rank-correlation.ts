/** Spearman's rank correlation, ties at their average rank. */
import { correlation } from "../statistics/reliability.ts";

/** `[n]`: 1 = smallest. */
export function averageRanks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    for (let i = start; i < end; i++) ranks[order[i] as number] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** Null below three pairs, and where one side does not vary. */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  const [x, y] = [averageRanks(a), averageRanks(b)];
  return correlation(x.map((rank, i) => [rank, y[i] as number]));
}
