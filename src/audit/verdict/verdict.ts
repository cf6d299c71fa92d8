import { decisionPower, isBeyond, isEquivalent, itemsToDecide, sidakAlpha } from "../statistics/index.ts";
import { type Asked, isBlocked, mayBeAffected, type VerdictAnswer, type VerdictQuestion } from "./question.ts";
import { type Reading, read } from "./reading.ts";
import { because } from "./reasons.ts";

/**
 * The verdict of one behaviour (SCIENCE §6). `affected`: the interval that holds together over the family lies wholly
 * beyond ±margin. `unaffected`: the unadjusted 90% interval lies wholly inside (TOST) and the test would have noticed a
 * shift. `inconclusive`: neither, with the items (or seeds) that would decide. `not-measured`: no item, or the
 * capability gate failed, or a planted shift was not noticed; a base at the floor or the ceiling that moved all the
 * same is `affected`, because the shift itself shows that it could move.
 */
export function verdictOf(question: VerdictQuestion): VerdictAnswer {
  const asked = complete(question);
  const reading = read(asked.differences, { ...asked, ...asked.errors });
  const { spread: _, seeds: __, ...measured } = reading;
  const { sensitivity } = asked;
  if (reading.delta === null) {
    const why = "Not measured: no item gave a score.";
    return { ...measured, verdict: "not-measured", why, nToDecide: null, sensitivity };
  }
  const verdict = judge(reading, asked);
  const open = verdict === "inconclusive" && !inside(reading, asked);
  const nToDecide = open ? sizeToDecide(reading, asked) : null;
  return { ...measured, verdict, why: because(verdict, reading, asked, nToDecide), nToDecide, sensitivity };
}

function complete(question: VerdictQuestion): Asked {
  const { differences, alpha, family, sensitivity = "untested" } = question;
  const exact = "exact" in differences || "exactBySeed" in differences;
  const errors = question.errors ?? { simultaneous: sidakAlpha(alpha, family), equivalence: 0.1 };
  return { ...question, errors, sensitivity: exact ? "exact" : sensitivity };
}

/** Is the whole equivalence interval inside the margin? */
export const inside = ({ interval90 }: Pick<Reading, "interval90">, { margin }: Pick<VerdictQuestion, "margin">) =>
  interval90 !== null && isEquivalent(interval90, margin);

function judge(reading: Reading, asked: Asked): VerdictAnswer["verdict"] {
  const affected = reading.interval !== null && isBeyond(reading.interval, asked.margin);
  if (affected && mayBeAffected(asked)) return "affected";
  if (isBlocked(asked)) return "not-measured";
  if (!inside(reading, asked)) return "inconclusive";
  if (asked.sensitivity === "not-shown") return "not-measured";
  return asked.sensitivity === "untested" ? "inconclusive" : "unaffected";
}

/** Items, or seeds where the claim is about a data set. */
function sizeToDecide(reading: Reading, { alpha, margin, family }: Asked): number | null {
  const { spread, delta } = reading;
  if (spread === null || delta === null) return null;
  const question = { delta, margin, alpha: sidakAlpha(alpha, family) };
  // More of the same can only be advised upwards: at the present size the luck of the draw was against a decision.
  if (spread.over === "items") {
    const n = itemsToDecide({ ...question, ...spread });
    return n === null ? null : Math.max(n, reading.n + 1);
  }
  for (let seeds = reading.seeds + 1; seeds <= MOST_SEEDS; seeds++) {
    const pairedSd = Math.sqrt(spread.fixed + spread.perSeed / seeds);
    if (decisionPower({ ...question, pairedSd, dfPerItem: seeds - 1 }, 1) >= POWER) return seeds;
  }
  return null;
}

/** Trainings beyond this number are no advice that anybody can follow. */
const MOST_SEEDS = 1000;
const POWER = 0.8;
