/** A verdict in looks: as many batches of items as the case needs. */
import type { BehaviourResult } from "../records/index.ts";
import { planLooks } from "./looks.ts";
import { type ItemDifference, sidakAlpha } from "./statistics/index.ts";
import { type Asked, inside, isBlocked, type VerdictAnswer, type VerdictQuestion, verdictOf } from "./verdict/index.ts";

/**
 * Would more items change nothing? A base that answers by chance is asked no further; one at the end of its scale is,
 * because it may yet be shown to have moved.
 */
export function isDecided(
  answer: Pick<VerdictAnswer, "verdict" | "interval90">,
  { margin }: Pick<VerdictQuestion, "margin">,
  gated: Pick<Asked, "gate" | "riskier" | "sensitivity">,
): boolean {
  if (isBlocked(gated)) return answer.verdict === "affected" || gated.gate?.reason === "reliability";
  return answer.verdict !== "inconclusive" || inside(answer, { margin });
}

export interface LookQuestion extends Omit<VerdictQuestion, "differences" | "errors"> {
  readonly looks: number;
  readonly seed: number;
}

/** `done` of `planned` looks, null where there is one. */
export const looksTaken = (done: number, planned: number): BehaviourResult["looks"] =>
  planned === 1 ? null : { done, planned };

/** The verdict over differences that are all there already, looked at batch by batch as an audit would have done. */
export function decideInLooks(
  differences: readonly ItemDifference[],
  question: LookQuestion,
): VerdictAnswer & Pick<BehaviourResult, "looks"> {
  const { alpha, family, looks, seed, gate = null, riskier, sensitivity = "untested" } = question;
  const clusters = differences.map(({ cluster }) => cluster);
  const plan = planLooks(clusters, { looks, alpha: sidakAlpha(alpha, family), seed });
  for (const [look, errors] of plan.errors.entries()) {
    const items = plan.batches.slice(0, look + 1).flat();
    const asked = items.sort((a, b) => a - b).flatMap((i) => differences[i] ?? []);
    const answer = verdictOf({ ...question, differences: asked, errors });
    if (isDecided(answer, question, { gate, riskier, sensitivity }) || look === plan.errors.length - 1)
      return { ...answer, looks: looksTaken(look + 1, plan.errors.length) };
  }
  throw new Error("a plan without looks");
}
