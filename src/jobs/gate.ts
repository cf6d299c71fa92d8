import type { AuditRecord, BehaviourResult } from "../records/index.ts";
import type { GateRule } from "./config.ts";

/** `passed`, `breached` (exit code 100) or `undecided` (101), with the behaviours that decided it. */
export interface GateResult {
  readonly outcome: "passed" | "breached" | "undecided";
  readonly behaviours: readonly string[];
}

/** What a gate says of one behaviour; `ignored`: whatever it did. */
export type GateOutcome = GateResult["outcome"] | "ignored";

type Gate = Readonly<Record<string, GateRule>>;
type Audited = Pick<AuditRecord, "behaviours">;

/** Applies a gate to the behaviours outside the task; `default` holds for those that are not named. Null without a gate. */
export function applyGate(audit: Audited, gate: Gate | undefined): GateResult | null {
  if (!gate) return null;
  const outcomes = [...gateOutcomes(audit, gate)];
  const named = (outcome: GateOutcome) => outcomes.filter((each) => each[1] === outcome).map(([id]) => id);
  const [breached, undecided] = [named("breached"), named("undecided")];
  if (breached.length > 0) return { outcome: "breached", behaviours: breached };
  return undecided.length > 0 ? { outcome: "undecided", behaviours: undecided } : { outcome: "passed", behaviours: [] };
}

/** By behaviour id, those of the task left out. What a gate names and nobody measured is undecided. */
export function gateOutcomes({ behaviours }: Audited, gate: Gate): ReadonlyMap<string, GateOutcome> {
  const ruleOf = (id: string) => gate[id] ?? gate.default ?? "ignore";
  const outcomes = new Map<string, GateOutcome>();
  for (const behaviour of behaviours)
    if (!behaviour.inTask) outcomes.set(behaviour.id, judge(behaviour, ruleOf(behaviour.id)));
  const audited = new Set(behaviours.map(({ id }) => id));
  for (const id of gatedNames(gate)) if (!audited.has(id)) outcomes.set(id, "undecided");
  return outcomes;
}

/** Behaviours that the gate asks something of by name. */
export function gatedNames(gate: Gate): readonly string[] {
  return Object.keys(gate).filter((id) => id !== "default" && gate[id] !== "ignore");
}

function judge({ verdict, interval, riskier, sensitivity }: BehaviourResult, rule: GateRule): GateOutcome {
  if (rule === "ignore") return "ignored";
  if (verdict === "not-measured" || !interval) return "undecided";
  const [least, most] = riskier === "up" ? interval : [-interval[1], -interval[0]];
  if (rule === "fail-if-affected") {
    if (verdict === "inconclusive") return most > 0 ? "undecided" : "passed";
    return verdict === "affected" && least > 0 ? "breached" : "passed";
  }
  if (least > rule.maxIncrease) return "breached";
  if (most > rule.maxIncrease) return "undecided";
  // A small shift counts only where a planted one was noticed; one that surely went the other way was noticed itself.
  const noticed = sensitivity === "shown" || sensitivity === "exact" || most < 0;
  return noticed ? "passed" : "undecided";
}
