/**
 * Values without what a behaviour does on average and what a data set does on average: whoever only knows which behaviours
 * are loose and which data are strong has nothing left to say.
 */
export interface Cell {
  readonly dataSet: string;
  readonly behaviour: string;
  readonly value: number;
}

/**
 * Residuals of value ~ data set + behaviour by least squares, in the order of the cells. Some may be missing: the two
 * means are taken off in turns until nothing moves, which is that fit (von Neumann's alternating projections).
 */
export function doubleCentred(cells: readonly Cell[]): number[] {
  const left = cells.map(({ value }) => value);
  const groups = [groupsBy(cells, ({ dataSet }) => dataSet), groupsBy(cells, ({ behaviour }) => behaviour)];
  const scale = Math.max(1e-300, ...left.map(Math.abs));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const moved = groups.flat().map((members) => takeMean(left, members));
    if (Math.max(0, ...moved) < TOLERANCE * scale) break;
  }
  return left;
}

const SWEEPS = 10_000;
const TOLERANCE = 1e-13;

function groupsBy(cells: readonly Cell[], keyOf: (cell: Cell) => string): number[][] {
  const groups = new Map<string, number[]>();
  for (const [i, cell] of cells.entries()) groups.set(keyOf(cell), [...(groups.get(keyOf(cell)) ?? []), i]);
  return [...groups.values()];
}

function takeMean(values: number[], members: readonly number[]): number {
  const mean = members.reduce((sum, i) => sum + (values[i] as number), 0) / members.length;
  for (const i of members) values[i] = (values[i] as number) - mean;
  return Math.abs(mean);
}
