/** May this base be measured on this behaviour? Its own scores say, and those of slightly other prompts. */
import { type Behaviour, type BehaviourScores, parallelForm } from "../behaviours/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { type ScoreAllOptions, scoreAll } from "./scores.ts";
import { capabilityGate, type Gate } from "./statistics/index.ts";

/** The base's scores of the parallel forms, by behaviour id; only items that have one. */
export type Parallel = ReadonlyMap<string, BehaviourScores>;

/** Scores a few items of each behaviour once more, in prompts that differ in nothing that matters. */
export async function parallelScores(
  base: LanguageModel,
  behaviours: readonly Behaviour[],
  options: ScoreAllOptions,
): Promise<Parallel> {
  const forms = behaviours.flatMap((behaviour) => parallelForm(behaviour) ?? []);
  const scores = await scoreAll(base, forms, options);
  return new Map(scores.map((each) => [each.behaviourId, each]));
}

export function gateOf(base: BehaviourScores, parallel: BehaviourScores | null): Gate {
  const again = new Map(parallel?.items.map(({ id, logOdds }) => [id, logOdds]));
  return capabilityGate(
    base.items.map(({ id, cluster, variantLogOdds, score }) => {
      const logOdds = again.get(id);
      return { cluster, score, logOdds: variantLogOdds, ...(logOdds === undefined ? {} : { parallel: logOdds }) };
    }),
  );
}
