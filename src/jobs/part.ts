/** What the stages of one run share. */
import { cpus } from "node:os";
import { type DataSide, dataSide } from "../audit/index.ts";
import type { OnProgress } from "../core/index.ts";
import type { OpenedDictionary } from "../dictionaries/index.ts";
import type { Engine, LanguageModel } from "../engine/index.ts";
import type { DataRecord } from "../records/index.ts";
import { codeVersion, runStage } from "../store/index.ts";
import type { Config } from "./config.ts";
import { asLanguageModel, behavioursFor, type OpenedModel } from "./open.ts";
import { type PreparedResult, preparedBase } from "./prepared.ts";
import { trainingRows } from "./validate.ts";

export interface RunOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  readonly redact?: boolean;
}

export interface StageOutcome {
  readonly name: string;
  readonly skipped: boolean;
}

export interface Part {
  /** What is known of the base alone; computed, or read from the cache, when first asked for. */
  readonly prepared: () => Promise<PreparedResult>;
  /** What the training data do in the base; null where the rows have no prompts. */
  readonly side: () => Promise<DataSide | null>;
  /** The base as graphs without adapter inputs. */
  readonly base: LanguageModel;
  readonly config: Config;
  readonly model: OpenedModel;
  readonly dictionary: OpenedDictionary | null;
  readonly data: DataRecord | null;
  readonly engine: Engine;
  readonly options: RunOptions;
  /** Filled as the stages end. */
  readonly stages: StageOutcome[];
}

type Compute = Parameters<typeof runStage>[2];

/** Runs one stage unless its results are there, and notes which it was. */
export async function stage(
  { config, stages }: Pick<Part, "config" | "stages">,
  name: string,
  inputs: unknown,
  compute: Compute,
): Promise<void> {
  const { skipped } = await runStage(config.out, { name, inputs }, compute);
  stages.push({ name, skipped });
}

/** What the bits of a result depend on besides its inputs. */
export function machine(engine: Engine) {
  return {
    code: codeVersion(),
    device: engine.device,
    threads: engine.threads,
    cpu: cpus()[0]?.model ?? "",
    node: process.version,
  };
}

/** What several stages ask for is computed once. */
export function partOf(parts: Omit<Part, "prepared" | "side" | "base">): Part {
  const { model, engine, config, options, dictionary } = parts;
  // Without adapter inputs, whatever the run's rank is: what is cached of a base serves every adapter.
  const base = asLanguageModel(model, engine, null);
  const prepared = once(() =>
    preparedBase({
      base,
      sha256: model.identity.sha256,
      behaviours: behavioursFor(model, config.behaviours),
      dictionary,
      machine: machine(engine),
      ...options,
    }),
  );
  const side = once(async () => {
    const rows = await trainingRows(config.data, model.tokenizer, config.train.maxLength);
    return dataSide({ base, rows, dictionary: dictionary?.dictionary ?? null, seed: config.seed, ...options });
  });
  return { ...parts, base, prepared, side };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
