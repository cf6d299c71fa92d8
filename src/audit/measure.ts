/** One behaviour of a base and of a tuned model, scored on the same items and judged. */

import {
  type Behaviour,
  type BehaviourScores,
  chatLikelihood,
  type ItemScores,
  scoreBehaviour,
} from "../behaviours/index.ts";
import type { OnProgress } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { BehaviourResult, EvidenceItem } from "../records/index.ts";
import { capabilityGate } from "./statistics/index.ts";
import { verdictOf } from "./verdict.ts";

export interface MeasureRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly behaviours: readonly Behaviour[];
  /** The base's scores where they are known already. */
  readonly baseScores?: readonly BehaviourScores[];
  /** Ids of behaviours that the training data teach themselves. */
  readonly inTask: readonly string[];
  readonly alpha: number;
  readonly margin: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface Measured {
  readonly result: BehaviourResult;
  readonly evidence: readonly EvidenceItem[];
}

/** Scores of all behaviours under one model, in their order. */
export async function scoreAll(
  model: LanguageModel,
  behaviours: readonly Behaviour[],
  options: { readonly task: string; readonly onProgress?: OnProgress; readonly signal?: AbortSignal },
): Promise<BehaviourScores[]> {
  const known = new Map();
  const all: BehaviourScores[] = [];
  for (const [i, behaviour] of behaviours.entries()) {
    options.onProgress?.({ task: options.task, step: i, total: behaviours.length, message: behaviour.title });
    const ask = {
      wholeAnswers: behaviour.wholeAnswers ?? false,
      ...(options.signal ? { signal: options.signal } : {}),
    };
    all.push(
      await scoreBehaviour(
        behaviour,
        chatLikelihood(model, known, ask),
        options.signal ? { signal: options.signal } : {},
      ),
    );
  }
  options.onProgress?.({ task: options.task, step: behaviours.length, total: behaviours.length });
  return all;
}

/** Base and tuned over all behaviours; the family of the simultaneous interval is what the gate lets through. */
export async function measure(request: MeasureRequest): Promise<Measured[]> {
  const { behaviours, onProgress, signal } = request;
  const options = { ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) };
  const base =
    request.baseScores ?? (await scoreAll(request.base, behaviours, { task: "audit: base model", ...options }));
  const tuned = await scoreAll(request.tuned, behaviours, { task: "audit: tuned model", ...options });
  const cases = behaviours.map((behaviour, i) =>
    caseOf(behaviour, base[i] as BehaviourScores, tuned[i] as BehaviourScores),
  );
  const family = cases.filter(({ gate }) => gate === null || gate.passed).length;
  return cases.map((each) => judge(each, Math.max(1, family), request));
}

type Case = ReturnType<typeof caseOf>;

function caseOf(behaviour: Behaviour, base: BehaviourScores, tuned: BehaviourScores) {
  const pairs = base.items.map((item, i) => ({ item, tuned: tuned.items[i] as ItemScores }));
  const scores = base.items.map(({ cluster, variantLogOdds, score }) => ({ cluster, score, logOdds: variantLogOdds }));
  const gate = behaviour.exhaustive ? null : capabilityGate(scores);
  return { behaviour, pairs, gate };
}

function judge({ behaviour, pairs, gate }: Case, family: number, { alpha, margin, inTask }: MeasureRequest): Measured {
  const differences = pairs.map(({ item, tuned }) => ({ cluster: item.cluster, delta: tuned.score - item.score }));
  const exact = { exact: mean(differences.map(({ delta }) => delta)) ?? 0, n: differences.length };
  const verdict = verdictOf({
    differences: behaviour.exhaustive && differences.length > 0 ? exact : differences,
    alpha,
    margin,
    family,
    riskier: behaviour.riskier,
    gate,
  });
  const result: BehaviourResult = {
    id: behaviour.id,
    title: behaviour.title,
    question: behaviour.question,
    riskier: behaviour.riskier,
    inTask: inTask.includes(behaviour.id),
    base: mean(pairs.map(({ item }) => item.score)),
    tuned: mean(pairs.map(({ tuned }) => tuned.score)),
    deltaLogOdds: mean(pairs.map(({ item, tuned }) => tuned.logOdds - item.logOdds)),
    specific: null,
    sampled: null,
    noiseFloor: null,
    mechanism: null,
    kind: null,
    forecast: null,
    evidence: `evidence/${behaviour.id}.jsonl`,
    ...verdict,
  };
  return { result, evidence: pairs.map(({ item, tuned }, i) => evidenceOf(behaviour, i, item, tuned)) };
}

function evidenceOf({ items }: Behaviour, index: number, base: ItemScores, tuned: ItemScores): EvidenceItem {
  const messages = items[index]?.variants[0]?.messages ?? [];
  return {
    id: base.id,
    cluster: base.cluster,
    prompt: messages.map(({ role, content }) => (messages.length === 1 ? content : `${role}: ${content}`)).join("\n"),
    exhibiting: base.strongestExhibiting,
    other: base.strongestOther,
    base: base.score,
    tuned: tuned.score,
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
