/** Behaviours under one model. */
import { type Behaviour, type BehaviourScores, chatLikelihood, scoreBehaviour } from "../behaviours/index.ts";
import type { OnProgress } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";

export interface ScoreAllOptions {
  readonly task: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Scores behaviours under one model; what was asked before is remembered between calls: behaviours share prompts. */
export function scorer(model: LanguageModel, signal?: AbortSignal): (behaviour: Behaviour) => Promise<BehaviourScores> {
  const known = new Map();
  return (behaviour) => {
    const stop = signal ? { signal } : {};
    const ask = { wholeAnswers: behaviour.wholeAnswers ?? false, ...stop };
    return scoreBehaviour(behaviour, chatLikelihood(model, known, ask), stop);
  };
}

/** Scores of all behaviours under one model, in their order. */
export async function scoreAll(
  model: LanguageModel,
  behaviours: readonly Behaviour[],
  { task, onProgress, signal }: ScoreAllOptions,
): Promise<BehaviourScores[]> {
  const score = scorer(model, signal);
  const all: BehaviourScores[] = [];
  for (const [step, behaviour] of behaviours.entries()) {
    onProgress?.({ task, step, total: behaviours.length, message: behaviour.title });
    all.push(await score(behaviour));
  }
  onProgress?.({ task, step: behaviours.length, total: behaviours.length });
  return all;
}
