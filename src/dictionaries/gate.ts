/** Does a dictionary made for the base still read the tuned model? Where it does not, claims made with it abstain. */
import type { Fidelity } from "../records/index.ts";

export interface FidelityGate {
  /** Unexplained variance of the tuned model over that of the base. */
  readonly ratio: number;
  readonly limit: number;
  readonly abstains: boolean;
}

/** Twice the base's unexplained variance: the reading is then mostly of what the dictionary does not know. */
export const FIDELITY_LIMIT = 2;

/** A ratio that is not a number abstains too: what was not measured supports no claim. */
export function fidelityGate(
  base: Pick<Fidelity, "explainedVariance">,
  tuned: Pick<Fidelity, "explainedVariance">,
  limit = FIDELITY_LIMIT,
): FidelityGate {
  const [missed, missedTuned] = [1 - base.explainedVariance, 1 - tuned.explainedVariance];
  // A base without any error: the tuned model must have none either.
  const ratio = missed === 0 && missedTuned === 0 ? 1 : missedTuned / missed;
  return { ratio, limit, abstains: !(ratio <= limit) };
}
