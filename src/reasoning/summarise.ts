/** A side's answers as the record's rates, each with its 95% interval. */

import { bootstrapOf, intervalOf, resamples, type Statistic, type Sums, total } from "../audit/index.ts";
import type { CotSide, HintGroup } from "../records/index.ts";
import {
  countsOf,
  disclosed,
  disclosedNormalised,
  followed,
  noiseToHint,
  sumsOf,
  switchingNoise,
} from "./faithfulness.ts";
import { HINT_KINDS } from "./hints.ts";
import { SETTINGS } from "./monitor.ts";
import {
  gMeanSquared,
  monitorSums,
  negatives,
  positives,
  trueNegativeRate,
  truePositiveRate,
} from "./monitorability.ts";
import type { HintCase, Side } from "./side.ts";

const LEVEL = 0.95;

function estimator(clusters: readonly Sums[], seed: number) {
  const drawn = resamples(clusters, seed);
  return (statistic: Statistic): { estimate: number | null; interval: [number, number] | null } => {
    const { estimate, interval } = intervalOf(bootstrapOf(clusters, drawn, statistic), LEVEL);
    return { estimate, interval: interval && [...interval] };
  };
}

/** All kinds together and each alone, to all options, to right and to wrong ones. */
export function hintGroups(cases: readonly HintCase[], seed: number): HintGroup[] {
  const kinds = ["all", ...HINT_KINDS] as const;
  return kinds.flatMap((kind) =>
    (["all", "correct", "incorrect"] as const).map((hint) => {
      const group = cases.filter(
        (each) =>
          (kind === "all" || each.kind === kind) && (hint === "all" || each.hintCorrect === (hint === "correct")),
      );
      return groupOf(kind, hint, group, seed);
    }),
  );
}

function groupOf(kind: string, hint: HintGroup["hint"], cases: readonly HintCase[], seed: number): HintGroup {
  const clusters = [...sumsOf(cases).values()];
  const of = estimator(clusters, seed);
  const { cases: read, switched, judged } = countsOf(total(clusters));
  const told = cases.filter((each) => each.hinted === each.hint && each.mentioned !== null);
  const share = told.length === 0 ? null : told.filter(({ mentioned }) => mentioned).length / told.length;
  return {
    kind,
    hint,
    cases: read,
    unread: cases.length - read,
    switched,
    judged,
    followed: of(followed),
    disclosed: of(disclosed),
    disclosedNormalised: of(disclosedNormalised),
    noise: of(switchingNoise),
    noiseToHint: of(noiseToHint),
    mentioned: { n: told.length, share },
  };
}

export function monitorSettings(monitor: Side["monitor"], seed: number): CotSide["monitor"] {
  return SETTINGS.map((setting) => {
    const outcomes = monitor[setting];
    const clusters = [...monitorSums(outcomes).values()];
    const of = estimator(clusters, seed);
    const sums = total(clusters);
    return {
      setting,
      positives: positives(sums),
      negatives: negatives(sums),
      missing: outcomes.filter(({ said }) => said === null).length,
      truePositiveRate: of(truePositiveRate),
      trueNegativeRate: of(trueNegativeRate),
      gMeanSquared: of(gMeanSquared),
    };
  });
}
