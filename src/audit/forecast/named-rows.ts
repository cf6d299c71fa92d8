import { must } from "../../core/index.ts";

/** Rows named for each behaviour. */
const ROWS = 8;

/**
 * By behaviour id, places of rows: those that push most the way that all rows together push, towards the behaviour or
 * away from it, strongest first.
 */
export function namedRows(influences: ReadonlyMap<string, Float64Array>): Map<string, number[]> {
  return new Map([...influences].map(([id, own]) => [id, strongest(own)]));
}

function strongest(influences: Float64Array): number[] {
  const way = influences.reduce((sum, influence) => sum + influence, 0) < 0 ? -1 : 1;
  const order = [...influences.keys()].sort((a, b) => way * (must(influences[b], "row") - must(influences[a], "row")));
  return order.slice(0, ROWS);
}
