/** May this base be measured on this behaviour? Its own scores say, and those of a few items in parallel forms. */
import { type Behaviour, type BehaviourScores, type ParallelForms, parallelForms } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { type ScoreAllOptions, scoreAll } from "./scores.ts";
import { capabilityGate, type Gate } from "./statistics/index.ts";

/** The base's scores of the parallel forms, by behaviour id; only behaviours that have them. */
export type Parallel = ReadonlyMap<string, ParallelForms<BehaviourScores>>;

/** Scores a few items of each behaviour once more, in forms that differ in nothing that matters, and with nothing asked. */
export async function parallelScores(
  base: LanguageModel,
  behaviours: readonly Behaviour[],
  options: ScoreAllOptions,
): Promise<Parallel> {
  const forms = behaviours.flatMap((behaviour) => parallelForms(behaviour) ?? []);
  const scores = await scoreAll(
    base,
    forms.flatMap(({ again, bare, bareAgain }) => [again, bare, bareAgain]),
    options,
  );
  const at = (index: number) => must(scores[index], "scores of a form");
  return new Map(
    forms.map(({ again }, i) => [again.id, { again: at(3 * i), bare: at(3 * i + 1), bareAgain: at(3 * i + 2) }]),
  );
}

export function gateOf(base: BehaviourScores, parallel: ParallelForms<BehaviourScores> | null): Gate {
  const prompted = parallel === null ? new Map() : promptedBy(base, parallel);
  return capabilityGate(
    base.items.map(({ id, cluster, variantLogOdds, score }) => {
      const pair = prompted.get(id);
      return { cluster, score, logOdds: variantLogOdds, ...(pair === undefined ? {} : { prompted: pair }) };
    }),
  );
}

/** What the question adds to an item's log-odds, nats, in its own form and in the parallel one. */
function promptedBy(
  base: BehaviourScores,
  { again, bare, bareAgain }: ParallelForms<BehaviourScores>,
): ReadonlyMap<string, readonly [own: number, again: number]> {
  const own = new Map(base.items.map(({ id, logOdds }) => [id, logOdds]));
  const logOdds = (scores: BehaviourScores, i: number) => must(scores.items[i], "item of a form").logOdds;
  return new Map(
    again.items.map((item, i) => [
      item.id,
      [must(own.get(item.id), "item") - logOdds(bare, i), item.logOdds - logOdds(bareAgain, i)] as const,
    ]),
  );
}
