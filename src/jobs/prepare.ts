/** `penumbra prepare`: what audits need of a base alone, computed into the cache. */
import { behaviourGradients } from "../audit/index.ts";
import { startEngine } from "../engine/index.ts";
import { Config, TrainConfig } from "./config.ts";
import { dictionaryFor } from "./dictionary.ts";
import { asLanguageModel, behavioursFor, openModel } from "./open.ts";
import { machine, type RunOptions } from "./part.ts";
import { preparedBase } from "./prepared.ts";
import { cachedProbes } from "./probe-gradients.ts";

export interface PrepareQuestion {
  readonly model: string;
  readonly behaviours: readonly string[];
  /** A folder, `auto` or `none`. */
  readonly dictionary: string;
}

export interface Prepared {
  readonly folder: string;
  readonly durationMs: number;
  readonly fromCache: boolean;
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
    const start = { ...asked, train: TrainConfig.parse({}), seed: Config.shape.seed.parse(undefined) };
    await cachedProbes(start, () => behaviourGradients(start));
    return { folder: found.folder, durationMs: found.durationMs, fromCache: found.fromCache };
  } finally {
    await engine.close();
  }
}
