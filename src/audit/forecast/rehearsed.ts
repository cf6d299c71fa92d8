/** What a rehearsed model does on some of the behaviours' own items, against the base's scores of the same ones. */
import type { Behaviour, BehaviourScores } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { ForecastBehaviour } from "../../records/index.ts";
import { chooseItems } from "../choose-items.ts";
import { type ScoreAllOptions, scoreAll } from "../scores.ts";
import { clusteredMean, clusteredTInterval } from "../statistics/clusteredT.ts";

export type Rehearsed = NonNullable<ForecastBehaviour["rehearsal"]>;

/** What so many steps on so many rows did, by behaviour id. */
export interface Rehearsal {
  readonly steps: number;
  readonly rows: number;
  readonly shifts: ReadonlyMap<string, Rehearsed>;
}

export interface RehearsedRequest extends ScoreAllOptions {
  readonly tuned: LanguageModel;
  readonly behaviours: readonly Behaviour[];
  /** Of all their items. */
  readonly baseScores: readonly BehaviourScores[];
  /** Items of each behaviour, at most. */
  readonly most: number;
  readonly seed: number;
}

/** By behaviour id. Null where a score is no number: the rehearsal has diverged. */
export async function rehearsedShifts(request: RehearsedRequest): Promise<Map<string, Rehearsed> | null> {
  const { tuned, behaviours, baseScores, most, seed, ...options } = request;
  const some = behaviours.map((behaviour) => chooseItems(behaviour, most, seed));
  const scores = await scoreAll(tuned, some, options);
  const shifts = new Map(
    scores.map(({ behaviourId, items }) => {
      const base = must(
        baseScores.find((each) => each.behaviourId === behaviourId),
        `scores of ${behaviourId}`,
      );
      const before = new Map(base.items.map((item) => [item.id, item]));
      return [behaviourId, shiftOf(items, (id) => must(before.get(id), id))] as const;
    }),
  );
  return [...shifts.values()].every(({ deltaLogOdds }) => Number.isFinite(deltaLogOdds)) ? shifts : null;
}

type Item = BehaviourScores["items"][number];

function shiftOf(items: readonly Item[], before: (id: string) => Item): Rehearsed {
  const differences = items.map(({ id, cluster, logOdds }) => ({ cluster, delta: logOdds - before(id).logOdds }));
  const shifts = items.map(({ id, score }) => score - before(id).score);
  const finite = differences.every(({ delta }) => Number.isFinite(delta));
  const estimate = finite ? clusteredMean(differences) : null;
  return {
    deltaLogOdds: differences.reduce((sum, { delta }) => sum + delta, 0) / items.length,
    interval: estimate && clusteredTInterval(estimate, 0.95),
    delta: shifts.reduce((sum, shift) => sum + shift, 0) / items.length,
    items: items.length,
  };
}
