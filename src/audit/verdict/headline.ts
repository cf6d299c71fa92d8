import type { BehaviourResult } from "../../records/index.ts";
import { plain, signed } from "./points.ts";

/** What the headline needs of a behaviour. */
export type HeadlineBehaviour = Pick<BehaviourResult, "title" | "inTask" | "verdict" | "delta">;

/**
 * One plain sentence over all behaviours. What the data teach is named as the task; all others are counted apart.
 * "Nothing else moved" is said only where every behaviour outside the task is `unaffected`.
 */
export function headline(behaviours: readonly HeadlineBehaviour[], margin: number): string {
  const task = behaviours.filter((b) => b.inTask && b.verdict === "affected");
  const outside = behaviours.filter((b) => !b.inTask);
  const moved = outside.filter((b) => b.verdict === "affected");
  if (moved.length > 0) {
    const start = task.length > 0 ? `Besides its task, ${named(task, " and ")}, the fine-tune` : "The fine-tune";
    const others = task.length > 0 ? "other behaviour" : "behaviour";
    const most = moved.length > NAMED ? ", most of all " : ": ";
    return `${start} moved ${moved.length} ${others}${moved.length === 1 ? "" : "s"}${most}${named(moved, " and ")}${remainder(outside)}.`;
  }
  const start = task.length > 0 ? `The fine-tune moved its task, ${named(task, " and ")}. ` : "";
  return `${start}${stillness(outside, margin)}`;
}

function stillness(others: readonly HeadlineBehaviour[], margin: number): string {
  if (others.length === 0) return "No behaviour beyond the task was measured.";
  if (others.every((b) => b.verdict === "unaffected")) {
    const all = others.length === 1 ? "the one behaviour" : `all ${others.length} behaviours`;
    return `Nothing else moved: ${all} measured outside the task stayed within ±${plain(margin)} points.`;
  }
  if (others.every((b) => b.verdict === "not-measured")) {
    return `None of the ${others.length} other behaviours could be measured, so that nothing can be said about them.`;
  }
  const decided = others.filter((b) => b.verdict === "unaffected").length;
  const shown = decided === 0 ? "none" : `only ${decided}`;
  return `No other behaviour was shown to move, but ${shown} of ${others.length} ${decided < 2 ? "is" : "are"} shown to have stayed within ±${plain(margin)} points${remainder(others, false)}.`;
}

/** "; 2 could not be decided, 1 was not measured, 3 did not move", empty where there is nothing of these. */
function remainder(others: readonly HeadlineBehaviour[], withStill = true): string {
  const count = (verdict: string) => others.filter((b) => b.verdict === verdict).length;
  const [undecided, missing, still] = [count("inconclusive"), count("not-measured"), count("unaffected")];
  const parts = [
    undecided > 0 ? `${undecided} could not be decided` : "",
    missing > 0 ? `${missing} ${missing === 1 ? "was" : "were"} not measured` : "",
    withStill && still > 0 ? `${still} did not move` : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? `; ${parts.join(", ")}` : "";
}

const NAMED = 2;

/** The strongest shifts by name. */
function named(behaviours: readonly HeadlineBehaviour[], joint: string): string {
  const strongest = [...behaviours].sort((a, b) => Math.abs(b.delta ?? 0) - Math.abs(a.delta ?? 0));
  return strongest
    .slice(0, NAMED)
    .map((b) => `“${b.title}” (${signed(b.delta ?? 0)} points)`)
    .join(joint);
}
