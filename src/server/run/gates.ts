/**
 * Two gates on one job: the server's and its own. Each is applied alone, so that no rule of the job's takes back one of the
 * server's, however much nearer it names the behaviour.
 */
import { applyGate, Config, type GateResult, IN_FORMAT } from "../../jobs/index.ts";
import type { AuditRecord } from "../../records/index.ts";
import type { Gate } from "../http/schemas/options.ts";

type Rules = Config["gate"];
type Measured = Pick<Config, "behaviours" | "margin" | "alpha">;

/** As the pipeline writes it. */
export function rulesOf(gate: Gate | null | undefined): Rules {
  if (!gate) return undefined;
  const rules = Object.entries(gate).map(
    ([name, rule]) => [name, typeof rule === "string" ? rule : { maxIncrease: rule.max_increase }] as const,
  );
  return Object.fromEntries(rules);
}

/**
 * A job under the server's gate: it measures at least what the gate asks of, within a margin and at an alpha that are no
 * wider than what the server takes where nobody says. More, and stricter, is the job's to choose.
 */
export function heldTo<T extends Measured>(asked: T, gate: Rules): T {
  if (!gate) return asked;
  const { margin, alpha } = Config.pick({ margin: true, alpha: true }).parse({});
  return {
    ...asked,
    behaviours: [...new Set([...measuredFor(gate), ...asked.behaviours])],
    margin: Math.min(asked.margin, margin),
    alpha: Math.min(asked.alpha, alpha),
  };
}

/** Names of behaviours as a configuration lists them: `all` where the gate has a rule for those that it does not name. */
function measuredFor(gate: NonNullable<Rules>): string[] {
  const names = Object.keys(gate).filter((name) => gate[name] !== "ignore");
  return names.flatMap((name) => (name === "default" ? ["all"] : listed(name)));
}

/** `refusal-in-format` is made of `refusal` where `in-format` is asked for. */
function listed(name: string): string[] {
  return name.endsWith(`-${IN_FORMAT}`) ? [name.slice(0, -IN_FORMAT.length - 1), IN_FORMAT] : [name];
}

/** The strictest outcome and the behaviours that decided it; null where there is no gate. */
export function applyGates(audit: Pick<AuditRecord, "behaviours">, gates: readonly Rules[]): GateResult | null {
  const results = gates.flatMap((gate) => applyGate(audit, gate) ?? []);
  for (const outcome of ["breached", "undecided", "passed"] as const) {
    const decisive = results.filter((result) => result.outcome === outcome);
    if (decisive.length > 0)
      return { outcome, behaviours: [...new Set(decisive.flatMap(({ behaviours }) => behaviours))] };
  }
  return null;
}
