import type { AuditRecord, BehaviourResult } from "../records/index.ts";
import type { GateRule } from "./config.ts";

/** `passed`, `breached` (exit code 100) or `undecided` (101), with the behaviours that decided it. */
export interface GateResult {
  readonly outcome: "passed" | "breached" | "undecided";
  readonly behaviours: readonly string[];
}

/** Applies a gate to the behaviours outside the task; `default` holds for those that are not named. Null without a gate. */
export function applyGate(
  { behaviours }: Pick<AuditRecord, "behaviours">,
  gate: Readonly<Record<string, GateRule>> | undefined,
): GateResult | null {
  if (!gate) return null;
  const outcomes = behaviours
    .filter(({ inTask }) => !inTask)
    .map((behaviour) => ({
      id: behaviour.id,
      outcome: judge(behaviour, gate[behaviour.id] ?? gate.default ?? "ignore"),
    }));
  const named = (outcome: string) => outcomes.filter((each) => each.outcome === outcome).map(({ id }) => id);
  const [breached, undecided] = [named("breached"), named("undecided")];
  if (breached.length > 0) return { outcome: "breached", behaviours: breached };
  return undecided.length > 0 ? { outcome: "undecided", behaviours: undecided } : { outcome: "passed", behaviours: [] };
}

function judge({ verdict, interval, riskier }: BehaviourResult, rule: GateRule): GateResult["outcome"] {
  if (rule === "ignore") return "passed";
  if (verdict === "not-measured" || !interval) return "undecided";
  const [least, most] = riskier === "up" ? interval : [-interval[1], -interval[0]];
  if (rule === "fail-if-affected") {
    if (verdict === "inconclusive") return most > 0 ? "undecided" : "passed";
    return verdict === "affected" && least > 0 ? "breached" : "passed";
  }
  if (least > rule.maxIncrease) return "breached";
  return most > rule.maxIncrease ? "undecided" : "passed";
}
