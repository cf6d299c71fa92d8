/** A training of an adapter, whichever its objective. */
import { createHash } from "node:crypto";
import { serialize } from "node:v8";
import { must } from "../core/index.ts";
import {
  type Finetuned,
  type FinetuneRequest,
  finetune,
  finetunePreferences,
  type PreferenceOptions,
} from "../training/index.ts";
import type { Examples } from "./validate.ts";

export interface ExamplesCourse extends Omit<FinetuneRequest, "rows" | "heldOut" | "options"> {
  readonly options: PreferenceOptions;
  /** Of a file of its own; null or absent: a share of the examples, where the options name one. */
  readonly heldOut?: Examples | null;
}

/** On the pairs where there are pairs, which no guard watches; else on the rows. */
export function trainExamples({ rows, pairs }: Examples, course: ExamplesCourse): Promise<Finetuned> {
  const { heldOut = null, guard = null, ...shared } = course;
  if (!pairs) return finetune({ ...shared, rows, heldOut: heldOut?.rows ?? null, guard });
  return finetunePreferences({ ...shared, rows: pairs, heldOut: heldOut && must(heldOut.pairs, "held-out pairs") });
}

/** The examples at these places. */
export function someExamples({ rows, pairs }: Examples, places: readonly number[]): Examples {
  const at = <T>(all: readonly T[]) => places.map((place) => must(all[place], "example"));
  return { rows: at(rows), ...(pairs ? { pairs: at(pairs) } : {}) };
}

/** sha256 of what is trained on and of the guard, so that no training goes on where another one left off. */
export function contentHash({ rows, pairs = [] }: Examples, guard: FinetuneRequest["guard"] = null): string {
  const hash = createHash("sha256");
  for (const part of [...rows, ...pairs, guard]) hash.update(serialize(part));
  return hash.digest("hex");
}
