/** `penumbra prepare`: what audits need of a base alone, computed into the cache. */
import { behaviourGradients } from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { startEngine } from "../engine/index.ts";
import { Config, TrainConfig } from "./config.ts";
import { dictionaryFor } from "./dictionary.ts";
import { loraShape } from "./lora-shape.ts";
import { asLanguageModel, behavioursFor, openModel } from "./open.ts";
import { machine, type RunOptions } from "./part.ts";
import { isNoticed, type PositiveControl, positiveControls } from "./positive-control.ts";
import { preparedBase } from "./prepared.ts";
import { cachedProbes } from "./probe-gradients.ts";

/** Of a run without a margin of its own. */
const MARGIN = 0.05;

export interface PrepareQuestion {
  readonly model: string;
  readonly behaviours: readonly string[];
  /** A folder, `auto` or `none`. */
  readonly dictionary: string;
  /** Train a positive control for each behaviour that the cache has none of. */
  readonly positiveControls: boolean;
}

export interface Prepared {
  readonly folder: string;
  readonly durationMs: number;
  readonly fromCache: boolean;
  /** Empty where none were asked for, or none are needed. */
  readonly positiveControls: readonly (PositiveControl & { readonly noticed: boolean })[];
}

export async function prepare(question: PrepareQuestion, options: RunOptions = {}): Promise<Prepared> {
  const model = await openModel(question.model);
  const behaviours = behavioursFor(model, question.behaviours);
  const dictionary = await dictionaryFor(model, question.dictionary);
  const engine = startEngine();
  try {
    const base = asLanguageModel(model, engine, null);
    const { sha256 } = model.identity;
    const asked = { base, sha256, behaviours, machine: machine(engine), ...options };
    const found = await preparedBase({ ...asked, dictionary });
    // Where a training with all settings left alone starts.
    const shape = loraShape({ train: TrainConfig.parse({}) });
    const start = { ...asked, shape, seed: Config.shape.seed.parse(undefined) };
    await cachedProbes(start, () => behaviourGradients(start));
    const baseScores = found.prepared.scores;
    const planted = question.positiveControls
      ? await positiveControls({ engine, model, behaviours, baseScores, ...options })
      : [];
    return {
      folder: found.folder,
      durationMs: found.durationMs,
      fromCache: found.fromCache,
      positiveControls: planted.map((control) => ({ ...control, noticed: noticedBy(control, behaviours) })),
    };
  } finally {
    await engine.close();
  }
}

function noticedBy(control: PositiveControl, behaviours: readonly Behaviour[]): boolean {
  const behaviour = behaviours.find(({ id }) => id === control.behaviour);
  return behaviour !== undefined && isNoticed(control, behaviour, MARGIN);
}
