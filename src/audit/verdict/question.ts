import type { BehaviourResult } from "../../records/index.ts";
import type { Gate } from "../statistics/index.ts";
import type { Differences, Errors } from "./reading.ts";

/**
 * Would this test notice a shift? `shown`: a positive control has moved this behaviour in this base; `not-shown`: it was
 * trained and nothing was noticed; `untested`: there is none. `exact`: a whole finite population was counted, so that a
 * shift of its mean is the very number that is reported and cannot be missed; what a positive control would add there
 * is whether such a shift exists, and the verdict makes no use of that.
 */
export type Sensitivity = "shown" | "not-shown" | "untested" | "exact";

export interface VerdictQuestion {
  readonly differences: Differences;
  readonly alpha: number;
  readonly margin: number;
  /** How many behaviours are measured together: the simultaneous interval's family. */
  readonly family: number;
  readonly riskier: "up" | "down";
  /** The capability gate's finding; null or absent where it does not apply (exact scores). */
  readonly gate?: Gate | null;
  readonly scores?: "likelihood" | "sampled";
  /** `untested` unless told; `exact` for exact differences. */
  readonly sensitivity?: Sensitivity;
  /** What this look at a part of the items may spend; without it alpha over the family, and 0.1. */
  readonly errors?: Errors;
  readonly maxTHalf?: number | null;
}

/** The part of a `BehaviourResult` that the verdict decides; names and meanings are the record's. */
export type VerdictAnswer = Pick<
  BehaviourResult,
  "delta" | "interval" | "interval90" | "n" | "clusters" | "method" | "verdict" | "why" | "nToDecide" | "sensitivity"
>;

/** A question with nothing left open. */
export type Asked = VerdictQuestion & { readonly sensitivity: Sensitivity; readonly errors: Errors };

/** Does the gate forbid a verdict? Not at the safe end of the scale, where a planted shift has moved the base away. */
export function isBlocked({ gate, riskier, sensitivity }: Pick<Asked, "gate" | "riskier" | "sensitivity">): boolean {
  const safeEnd = riskier === "up" ? "floor" : "ceiling";
  return gate ? !gate.passed && !(gate.reason === safeEnd && sensitivity === "shown") : false;
}

/** A base at either end of the scale that moves all the same has shown that it could; one that does not read the items has not. */
export function mayBeAffected(asked: Pick<Asked, "gate" | "riskier" | "sensitivity">): boolean {
  return !isBlocked(asked) || asked.gate?.reason !== "reliability";
}
