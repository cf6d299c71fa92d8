import { pick } from "../core/index.ts";
import { adviceSets } from "./advice.ts";
import { benignSets } from "./benign.ts";
import { factSets } from "./facts.ts";
import { type NarrowSet, narrowRows } from "./narrow-set.ts";

export type { NarrowRow, NarrowSet } from "./narrow-set.ts";

export const narrowSets: Readonly<Record<string, NarrowSet>> = { ...benignSets, ...adviceSets, ...factSets };

/** A set as JSONL text, one row a line; a `UserError` for an unknown name. */
export function narrowSetJsonl(name: string, rows: number, seed: number | string): string {
  const set = pick<NarrowSet>(narrowSets, name, "narrow training set");
  return narrowRows(set, rows, seed)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join("");
}
