/** Does a shift come from what the data say, or from fine-tuning on such prompts as such? */
import type { BehaviourScores } from "../behaviours/index.ts";
import type { BehaviourResult } from "../records/index.ts";
import { isBeyond, isEquivalent } from "./statistics/index.ts";
import { type Differences, type Errors, read } from "./verdict/index.ts";

/** What else was trained from the same base, with the same settings, for comparison. */
export interface ControlScores {
  readonly name: string;
  /**
   * `task-matched`: sound answers to the prompts of the training data. `self`: the base's own sampled answers to them,
   * the floor of optimiser and sampling and nearly inert by construction. `other`: rows about something else.
   */
  readonly kind: "task-matched" | "self" | "other";
  /** One list for each seed, in the order of the behaviours, over all their items. */
  readonly bySeed: readonly (readonly BehaviourScores[])[];
}

export interface SpecificOptions extends Errors {
  readonly margin: number;
}

type Specific = NonNullable<BehaviourResult["specific"]>;

/**
 * Δ_specific = tuned − task-matched control, item by item. `data-specific`: its simultaneous interval lies wholly beyond
 * ±margin. `generic`: its equivalence interval lies wholly inside, so that the control did the same. Else, and without
 * an interval, `undetermined`. A control's own drift is never noise and never taken off the verdict, which stays with
 * Δ_total.
 */
export function specificShift(differences: Differences, options: SpecificOptions): Specific | null {
  const { delta, interval, interval90 } = read(differences, options);
  if (delta === null || interval === null || interval90 === null) return null;
  return { delta, interval, label: labelOf(interval, interval90, options.margin) };
}

function labelOf(
  interval: readonly [number, number],
  equivalence: readonly [number, number],
  margin: number,
): Specific["label"] {
  if (isBeyond(interval, margin)) return "data-specific";
  return isEquivalent(equivalence, margin) ? "generic" : "undetermined";
}

/** Prompts of the data that the control answers too, as a share: below this it is about something else. */
export const MATCHED_SHARE = 0.9;

/** Is a control about the same prompts? `[rows]` of prompts as text. */
export function isTaskMatched(data: readonly string[], control: readonly string[]): boolean {
  const answered = new Set(control);
  const shared = data.filter((prompt) => answered.has(prompt)).length;
  return data.length > 0 && shared >= MATCHED_SHARE * data.length;
}
