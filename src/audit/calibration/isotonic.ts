/** Isotonic regression: the rising function of a score that fits 0 and 1 best (pool adjacent violators, Ayer et al. 1955). */
export interface Step {
  /** The value holds from here to the next step. */
  readonly from: number;
  readonly value: number;
  /** Scores that it was fitted to. */
  readonly n: number;
}

export function isotonic(scores: readonly number[], happened: readonly boolean[]): Step[] {
  const order = [...scores.keys()].sort((a, b) => (scores[a] as number) - (scores[b] as number));
  const pools: { from: number; sum: number; n: number }[] = [];
  for (const i of order) {
    const [from, value] = [scores[i] as number, happened[i] ? 1 : 0];
    const last = pools.at(-1);
    if (last && last.from === from) {
      last.sum += value;
      last.n++;
    } else pools.push({ from, sum: value, n: 1 });
  }
  const merged: typeof pools = [];
  for (const pool of pools) {
    let own = pool;
    for (let last = merged.at(-1); last && last.sum / last.n >= own.sum / own.n; last = merged.at(-1)) {
      own = { from: last.from, sum: last.sum + own.sum, n: last.n + own.n };
      merged.pop();
    }
    merged.push(own);
  }
  return merged.map(({ from, sum, n }) => ({ from, value: sum / n, n }));
}

/** The fitted probability of a score; below the first step, the first step's. */
export function probabilityOf(steps: readonly Step[], score: number): number {
  return (steps.findLast(({ from }) => from <= score) ?? steps[0])?.value ?? 0;
}
