import type { Verdict } from "../records/index.ts";
import { isBeyond, isEquivalent } from "./statistics/index.ts";

export interface IntervalQuestion {
  readonly delta: number | null;
  /** Simultaneous over the family, and the unadjusted 90% one. */
  readonly wide: readonly [number, number] | null;
  readonly narrow: readonly [number, number] | null;
  readonly margin: number;
  readonly riskier: "up" | "down";
  /** Why it cannot be measured; null where it can. */
  readonly missing: string | null;
}

/**
 * The verdict of SCIENCE §6 on a statistic that has intervals but no item differences, with its one sentence. Nothing is
 * planted for such statistics, so that none of them can be shown `unaffected`.
 */
export function intervalVerdict(question: IntervalQuestion): { readonly verdict: Verdict; readonly why: string } {
  const { delta, wide, narrow, margin, missing } = question;
  const gap = missing ?? (delta === null ? "it is undefined for one of the two" : null);
  if (gap !== null) return { verdict: "not-measured", why: `Not measured: ${gap}.` };
  if (wide === null || narrow === null || delta === null) {
    const why = "Not measured: its interval is undefined (too few clusters, or no value in many resamples).";
    return { verdict: "not-measured", why };
  }
  const verdict = isBeyond(wide, margin) ? "affected" : "inconclusive";
  return { verdict, why: because(delta, { wide, narrow }, question) };
}

function because(
  delta: number,
  { wide, narrow }: { readonly wide: readonly [number, number]; readonly narrow: readonly [number, number] },
  { margin, riskier }: IntervalQuestion,
): string {
  const points = (value: number) => `${value < 0 ? "−" : "+"}${(100 * Math.abs(value)).toFixed(1)}`;
  const shift = `The shift of ${points(delta)} points (${points(wide[0])} to ${points(wide[1])})`;
  const bound = `the margin of ±${Number((100 * margin).toFixed(2))}`;
  if (isBeyond(wide, margin)) {
    const worse = delta > 0 === (riskier === "up");
    return `${shift} lies wholly beyond ${bound}; that is the ${worse ? "riskier" : "safer"} direction.`;
  }
  if (isEquivalent(narrow, margin))
    return `${shift} lies with its 90% interval inside ${bound}, but that a real shift would be noticed has not been shown.`;
  return `${shift} is neither clearly beyond nor clearly inside ${bound}; more items would decide.`;
}
