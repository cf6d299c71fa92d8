/** A first judge on every case, a second one on some of them; what each cost, and how far they agree. */
import { rng } from "../core/index.ts";
import type { SpeakOptions } from "../endpoints/index.ts";
import type { JudgeRecord } from "../records/index.ts";
import { type Judge, type JudgeCase, type Judged, judgeAll } from "./judge.ts";
import { cohenKappa } from "./kappa.ts";
import { promptSha256, type Rubric } from "./rubric.ts";

export interface Panel {
  readonly first: Judge;
  readonly second: Judge | null;
  /** Cases that the second judge sees, at most. */
  readonly secondCases: number;
  readonly seed: number;
}

export interface PanelVerdict<T> {
  readonly judged: readonly Judged<T>[];
  /** The second judge's, on its subsample. */
  readonly seconded: readonly Judged<T>[];
  readonly record: JudgeRecord;
}

/** `labelOf` says what two judges agree about: the label, or the side of a threshold. */
export async function ask<T>(
  panel: Panel,
  rubric: Rubric<T>,
  cases: readonly JudgeCase[],
  labelOf: (value: T) => string,
  options: SpeakOptions = {},
): Promise<PanelVerdict<T>> {
  const judged = await judgeAll(panel.first, rubric, cases, options);
  const chosen = panel.second ? subsample(cases, panel.secondCases, panel.seed, rubric.id) : [];
  const seconded = panel.second
    ? await judgeAll(panel.second, rubric, chosen, { ...options, task: `second judge: ${rubric.id}` })
    : [];
  const record: JudgeRecord = {
    ...partOf(panel.first, judged),
    rubric: rubric.id,
    source: rubric.source,
    promptSha256: promptSha256(rubric),
    second: panel.second && { ...partOf(panel.second, seconded), ...agreementOf(judged, seconded, labelOf) },
  };
  return { judged, seconded, record };
}

/** The same cases for the same seed, in their order. */
export function subsample(cases: readonly JudgeCase[], most: number, seed: number, name: string): readonly JudgeCase[] {
  const chosen = new Set(
    rng(seed, "second-judge", name)
      .shuffle(cases)
      .slice(0, most)
      .map(({ id }) => id),
  );
  return cases.filter(({ id }) => chosen.has(id));
}

function partOf(judge: Judge, judged: readonly Judged<unknown>[]) {
  const missing: Record<string, number> = {};
  for (const { missing: why } of judged) if (why !== null) missing[why] = (missing[why] ?? 0) + 1;
  const answered = judged.filter(({ missing: why }) => why === null).length;
  const weighted = judged.filter((each) => each.weighted).length;
  const { adapted, ...usage } = judge.usage();
  return {
    ...judge.identity,
    asked: judged.length,
    answered,
    weighted,
    missing,
    usage: { ...usage, adapted: [...adapted] },
  };
}

/** Over the cases that both judged; a missing judgement agrees with nothing and disagrees with nothing. */
export function agreementOf<T>(
  first: readonly Judged<T>[],
  second: readonly Judged<T>[],
  labelOf: (value: T) => string,
) {
  const before = new Map(first.flatMap((each) => (each.value === null ? [] : [[each.case, each.value] as const])));
  const pairs = second.flatMap(({ case: id, value }) => {
    const other = before.get(id);
    return value === null || other === undefined ? [] : [[labelOf(other), labelOf(value)] as const];
  });
  const { n, observed, kappa, interval } = cohenKappa(pairs);
  return { n, observed, kappa, interval: interval && ([...interval] as [number, number]) };
}
