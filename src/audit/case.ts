/** One behaviour on its way through an audit: what is known before the tuned model is asked, and what came of it. */
import type { Behaviour, BehaviourScores, ItemScores } from "../behaviours/index.ts";
import { meanOrNull, must, type OnProgress } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { BehaviourResult } from "../records/index.ts";
import { gateOf, type Parallel } from "./gate.ts";
import type { ControlScores } from "./specific.ts";
import { type Gate, LEAST_SEEDS } from "./statistics/index.ts";
import type { Differences, Errors, Sensitivity, VerdictAnswer } from "./verdict/index.ts";

export interface MeasureRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly behaviours: readonly Behaviour[];
  /** The base's scores where they are known already. */
  readonly baseScores?: readonly BehaviourScores[];
  /** The base's scores of slightly other prompts, by behaviour id, for the capability gate. */
  readonly parallel?: Parallel;
  /** Ids of behaviours that the training data teach themselves. */
  readonly inTask: readonly string[];
  readonly alpha: number;
  readonly margin: number;
  /** Batches of items at most; 1: all items at once, which is also how several seeds are asked. */
  readonly looks?: number;
  readonly seed?: number;
  /** By behaviour id; `untested` where a behaviour is not there. */
  readonly sensitivity?: ReadonlyMap<string, Sensitivity>;
  /** Scores of the other adapters of this data set, one list for each further seed. */
  readonly otherSeeds?: readonly (readonly BehaviourScores[])[];
  readonly controls?: readonly ControlScores[];
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** One behaviour with what is known before the tuned model is asked. */
export interface Case {
  readonly behaviour: Behaviour;
  readonly riskier: Behaviour["riskier"];
  readonly base: BehaviourScores;
  readonly gate: Gate | null;
  readonly sensitivity: Sensitivity;
  /** Scores of the further seeds' adapters. */
  readonly otherSeeds: readonly BehaviourScores[];
  readonly controls: readonly CaseControl[];
}

/** A control's scores of this behaviour, one for each seed. */
export interface CaseControl {
  readonly name: string;
  readonly kind: ControlScores["kind"];
  readonly bySeed: readonly BehaviourScores[];
}

/** The behaviour at `index` of the request, whose scores stand there in every list. */
export function caseOf(behaviour: Behaviour, index: number, base: BehaviourScores, request: MeasureRequest): Case {
  const of = (scores: readonly BehaviourScores[]) => must(scores[index], "scores");
  return {
    behaviour,
    riskier: behaviour.riskier,
    base,
    gate: behaviour.exhaustive ? null : gateOf(behaviour, base, request.parallel?.get(behaviour.id) ?? null),
    sensitivity: behaviour.exhaustive ? "exact" : (request.sensitivity?.get(behaviour.id) ?? "untested"),
    otherSeeds: (request.otherSeeds ?? []).map(of),
    controls: (request.controls ?? []).map(({ name, kind, bySeed }) => ({ name, kind, bySeed: bySeed.map(of) })),
  };
}

/** The same after it was asked: which items, what came of them. */
export interface Asked extends Case {
  /** Indices of the items that were asked. */
  readonly items: readonly number[];
  /** `[seeds][items]`: of those items, the tuned model first, then the further seeds' adapters. */
  readonly seeds: readonly (readonly ItemScores[])[];
  readonly differences: Differences;
  readonly errors: Errors;
  readonly looks: BehaviourResult["looks"];
  readonly answer: VerdictAnswer;
}

/** `[seeds][items]`: the chosen items of each adapter's scores. */
export function rowsOf(
  scores: readonly BehaviourScores[],
  items: readonly number[],
): readonly (readonly ItemScores[])[] {
  return scores.map((each) => items.map((i) => must(each.items[i], "score")));
}

/**
 * After − before, item by item; `[seeds][items]` both, before with one row for all seeds or one for each. From
 * `LEAST_SEEDS` seeds on the claim is about the data set, below it about the first adapter alone.
 */
export function differencesOf(
  { exhaustive }: Pick<Behaviour, "exhaustive">,
  after: readonly (readonly ItemScores[])[],
  before: readonly (readonly ItemScores[])[],
): Differences {
  const claimed = after.length >= LEAST_SEEDS ? after : after.slice(0, 1);
  const deltas = claimed.map((row, s) => {
    const from = must(before[s] ?? before[0], "scores before");
    return row.map((item, n) => item.score - must(from[n], "score before").score);
  });
  const clusters = must(before[0], "scores before").map(({ cluster }) => cluster);
  const [first = []] = deltas;
  if (exhaustive && first.length > 0) {
    const means = deltas.map((row) => must(meanOrNull(row), "mean"));
    return means.length > 1
      ? { exactBySeed: means, n: first.length }
      : { exact: must(means[0], "mean"), n: first.length };
  }
  if (deltas.length > 1) return { deltas, clusters };
  return first.map((delta, n) => ({ cluster: must(clusters[n], "cluster"), delta }));
}
