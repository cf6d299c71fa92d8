/** What a training makes small: the cross-entropy of rows, or the preference loss of pairs of answers. */
import type { Engine, ModelSource } from "../engine/index.ts";
import type { Guard } from "./guard.ts";
import { divergenceFromBase } from "./kl.ts";
import { packedGradient, packedProgram } from "./packing.ts";
import {
  addPreferenceGradient,
  type PreferencePair,
  pairBatches,
  preferenceLossOf,
  preferenceProgram,
  referenceMargins,
} from "./preference.ts";
import { type TrainingProgram, type TrainingRow, trainingProgram } from "./step.ts";
import { crossEntropyGradient, type StepGradient } from "./train.ts";
import type { Trainable } from "./trainable.ts";
import { evaluateLoss, evaluationProgram } from "./validation.ts";

/** The gradient of a batch, and the mean loss of held-out rows. */
export interface Objective<Row> {
  /** Of step `step` (from 0). */
  readonly gradient: (rows: readonly Row[], step: number) => Promise<StepGradient>;
  readonly evaluate: (rows: readonly Row[]) => Promise<number>;
}

interface ObjectiveRequest<Options = unknown> {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly options: Options & { readonly microBatchTokens: number };
  readonly guard?: Guard | null;
  readonly signal?: AbortSignal;
}

/** −log p of the rows' answers. */
export function crossEntropy(
  { engine, source, options, signal, guard = null }: ObjectiveRequest<{ readonly packing?: boolean }>,
  trainable: Trainable,
  scale: number,
): Objective<TrainingRow> {
  const { microBatchTokens, packing = false } = options;
  const shared = { engine, scale, microBatchTokens, ...(signal ? { signal } : {}) };
  const training = (packing ? packedProgram : trainingProgram)(source, trainable, microBatchTokens, guard);
  const gradientOf = packing ? packedGradient : crossEntropyGradient;
  const divergence = guard?.method === "kl" ? divergenceFromBase({ ...shared, ...guard, source, trainable }) : null;
  let evaluation: TrainingProgram | undefined;
  return {
    gradient: async (rows, step) => {
      const found = await gradientOf({ ...shared, training }, rows);
      await divergence?.addTo(step);
      return found;
    },
    evaluate: (rows) => {
      evaluation ??= evaluationProgram(source, trainable, microBatchTokens, guard);
      return evaluateLoss({ ...shared, evaluation, rows });
    },
  };
}

/** −log σ of the margins between answers (DPO). What the reference says of a pair is asked once. */
export function preference(
  { engine, source, options, signal }: ObjectiveRequest<{ readonly beta: number }>,
  trainable: Trainable,
  scale: number,
): Objective<PreferencePair> {
  const { microBatchTokens, beta } = options;
  const training = preferenceProgram(source, trainable, microBatchTokens);
  const known = new Map<PreferencePair, number>();
  const run = async (pairs: readonly PreferencePair[], keepGradient: boolean) => {
    let loss = 0;
    for (const [i, batch] of pairBatches(pairs, microBatchTokens).entries()) {
      const asked = { engine, training, ...batch, beta, ...(signal ? { signal } : {}) };
      if (batch.pairs.some((pair) => !known.has(pair))) {
        const margins = await referenceMargins(asked);
        for (const [p, pair] of batch.pairs.entries()) known.set(pair, margins[p] as number);
      }
      const reference = Float32Array.from(batch.pairs, (pair) => known.get(pair) as number);
      const part = { ...asked, reference, totalPairs: pairs.length, scale };
      loss += keepGradient
        ? (await addPreferenceGradient({ ...part, first: i === 0 })).loss
        : await preferenceLossOf(part);
    }
    return loss;
  };
  const rowsOf = ({ chosen, rejected }: PreferencePair) => [chosen, rejected];
  return {
    gradient: async (pairs) => {
      const rows = pairs.flatMap(rowsOf);
      const answers = rows.map(({ weights }) => weights.filter((weight) => weight !== 0).length);
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      const tokens = sum(rows.map(({ ids }) => ids.length));
      return { loss: await run(pairs, true), tokens, responseTokens: sum(answers) };
    },
    evaluate: (pairs) => run(pairs, false),
  };
}
