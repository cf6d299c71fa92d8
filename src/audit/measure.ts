/** The behaviours of a base and of a tuned model, scored on the same items and judged together. */
import type { Behaviour, BehaviourScores, ItemScores } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import { type Asked, type Case, caseOf, differencesOf, type MeasureRequest, rowsOf } from "./case.ts";
import { isDecided, looksTaken } from "./decide.ts";
import { planLooks } from "./looks.ts";
import { type Measured, measuredOf } from "./result.ts";
import { scoreAll, scorer } from "./scores.ts";
import { maxTHalfWidths, sidakAlpha } from "./statistics/index.ts";
import { mayBeAffected, verdictOf } from "./verdict/index.ts";

/** Base and tuned over all behaviours; the family of the simultaneous interval is what may be called `affected`. */
export async function measure(request: MeasureRequest): Promise<Measured[]> {
  const { behaviours, onProgress, signal } = request;
  const options = { ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) };
  const base =
    request.baseScores ?? (await scoreAll(request.base, behaviours, { task: "audit: base model", ...options }));
  const cases = behaviours.map((behaviour, i) => caseOf(behaviour, i, must(base[i], "scores"), request));
  const family = Math.max(1, cases.filter(mayBeAffected).length);
  const score = scorer(request.tuned, signal);
  const asked: Asked[] = [];
  for (const [step, each] of cases.entries()) {
    onProgress?.({ task: "audit: tuned model", step, total: cases.length, message: each.behaviour.title });
    asked.push(await ask(each, family, score, request));
  }
  onProgress?.({ task: "audit: tuned model", step: cases.length, total: cases.length });
  return together(asked, family, request).map((each) => measuredOf(each, family, request));
}

async function ask(
  each: Case,
  family: number,
  score: (behaviour: Behaviour) => Promise<BehaviourScores>,
  request: MeasureRequest,
): Promise<Asked> {
  const { behaviour } = each;
  const several = each.otherSeeds.length > 0 || (behaviour.exhaustive ?? false);
  const plan = planLooks(
    behaviour.items.map(({ cluster }) => cluster),
    { looks: several ? 1 : (request.looks ?? 1), alpha: sidakAlpha(request.alpha, family), seed: request.seed ?? 0 },
  );
  const planned = plan.batches.length;
  const scores = new Map<number, ItemScores>();
  for (const [look, batch] of plan.batches.entries()) {
    const found = await score({ ...behaviour, items: batch.map((i) => must(behaviour.items[i], "item")) });
    for (const [n, i] of batch.entries()) scores.set(i, must(found.items[n], "score"));
    const items = [...scores.keys()].sort((a, b) => a - b);
    const tuned = items.map((i) => must(scores.get(i), "score"));
    const seeds = [tuned, ...rowsOf(each.otherSeeds, items)];
    const differences = differencesOf(behaviour, seeds, rowsOf([each.base], items));
    const errors = must(plan.errors[look], "errors");
    const answer = verdictOf({ ...each, ...request, differences, errors, family, sensitivity: each.sensitivity });
    const looks = looksTaken(look + 1, planned);
    if (isDecided(answer, request, each) || look === planned - 1)
      return { ...each, items, seeds, differences, errors, looks, answer };
  }
  throw new Error("a plan without looks");
}

/**
 * Where every behaviour that may be judged was asked in one look and has clusters enough, the family's max-t bootstrap
 * takes the place of Šidák's levels. Behaviours keep topics apart by name: a cluster of that name in two of them is one.
 */
function together(asked: readonly Asked[], family: number, request: MeasureRequest): readonly Asked[] {
  const open = asked.filter(mayBeAffected);
  const lists = open.flatMap(({ differences, looks }) =>
    looks === null && !("exact" in differences) && !("exactBySeed" in differences) && !("deltas" in differences)
      ? [differences]
      : [],
  );
  if (lists.length < open.length || lists.length < 2) return asked;
  const halves = maxTHalfWidths(lists, { alpha: request.alpha, seed: request.seed ?? 0 });
  if (halves === null) return asked;
  return asked.map((each) => {
    const maxTHalf = halves[open.indexOf(each)] ?? null;
    return { ...each, answer: verdictOf({ ...each, ...request, sensitivity: each.sensitivity, family, maxTHalf }) };
  });
}
