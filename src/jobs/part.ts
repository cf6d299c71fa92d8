/** What the stages of one run share. */
import { cpus } from "node:os";
import {
  type DataSide,
  type Directions,
  dataSide,
  type PairedRows,
  type PreparedBase,
  pairedRows,
  type Subsample,
  stratifiedSubsample,
} from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { must, type OnProgress } from "../core/index.ts";
import { readDataset } from "../data/index.ts";
import type { OpenedDictionary } from "../dictionaries/index.ts";
import type { Engine, LanguageModel } from "../engine/index.ts";
import type { DataRecord } from "../records/index.ts";
import { codeVersion, runStage } from "../store/index.ts";
import type { TrainingRow } from "../training/index.ts";
import type { Config } from "./config.ts";
import { mergePrepared } from "./merge-prepared.ts";
import { asLanguageModel, behavioursFor, fixedBehaviours, type OpenedModel } from "./open.ts";
import { preparedBase } from "./prepared.ts";
import { type Examples, examplesOf } from "./validate.ts";

export interface RunOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  readonly redact?: boolean;
  /** Hears of each stage as it ends. */
  readonly onStage?: (outcome: StageOutcome) => void;
  /** False leaves the forecast out, and with it the look inside that builds on it. */
  readonly forecast?: boolean;
  /** A part of the rows, fewer answers of the control, a wider interval. */
  readonly quick?: boolean;
  /** False leaves the look inside out. */
  readonly inside?: boolean;
}

export interface StageOutcome {
  readonly name: string;
  readonly skipped: boolean;
}

export interface RowsRead {
  /** Indices into the file's rows, rising. */
  readonly chosen: readonly number[];
  readonly rows: readonly TrainingRow[];
  /** Null: all are read. */
  readonly subsample: Subsample | null;
}

export interface Part {
  /** What is known of the base alone; computed, or read from the cache, when first asked for. */
  readonly prepared: () => Promise<PreparedBase>;
  /** What the training takes of the data, encoded. */
  readonly examples: () => Promise<Examples>;
  /** The training rows, or of a quick forecast the part of them that is read. */
  readonly rows: () => Promise<RowsRead>;
  /** Some of these beside the base's own answers; null where the rows have no prompts. */
  readonly paired: () => Promise<PairedRows | null>;
  /** What these do in the base. Directions that another pass has read are not read again. */
  readonly side: (directions?: readonly Directions[] | null) => Promise<DataSide | null>;
  /** The base as graphs without adapter inputs. */
  readonly base: LanguageModel;
  /** What is measured, those made from the training rows included. */
  readonly behaviours: readonly Behaviour[];
  readonly config: Config;
  readonly model: OpenedModel;
  readonly dictionary: OpenedDictionary | null;
  readonly data: DataRecord | null;
  readonly engine: Engine;
  readonly options: RunOptions;
  /** Filled as the stages end. */
  readonly stages: StageOutcome[];
}

/** Of a quick forecast: share of the rows that is read, and how many of these are compared with the base's own answers. */
const QUICK_SHARE = 0.2;
const QUICK_CONTROL = 16;

type Compute = Parameters<typeof runStage>[2];

/** Runs one stage unless its results are there, and notes which it was. */
export async function stage(
  { config, stages, options }: Pick<Part, "config" | "stages" | "options">,
  name: string,
  inputs: unknown,
  compute: Compute,
): Promise<void> {
  const { skipped } = await runStage(config.out, { name, inputs }, compute);
  stages.push({ name, skipped });
  options.onStage?.({ name, skipped });
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
export async function partOf(
  parts: Omit<Part, "prepared" | "examples" | "rows" | "paired" | "side" | "base" | "behaviours">,
): Promise<Part> {
  const { model, engine, config, options, dictionary } = parts;
  // Without adapter inputs, whatever the run's rank is: what is cached of a base serves every adapter.
  const base = asLanguageModel(model, engine, null);
  const rows = config.data === "" ? null : (await readDataset(config.data)).rows;
  const behaviours = behavioursFor(model, config.behaviours, rows && { rows, seed: config.seed });
  const fixed = fixedBehaviours(model, config.behaviours);
  const shared = { base, sha256: model.identity.sha256, dictionary, machine: machine(engine), ...options };
  // What is known of the behaviours that no rows have made serves every data set.
  const prepared = once(async () => {
    const parts = [];
    for (const some of [fixed, behaviours.filter((each) => !fixed.some(({ id }) => id === each.id))])
      if (some.length > 0) parts.push((await preparedBase({ ...shared, behaviours: some })).prepared);
    return mergePrepared(parts);
  });
  const examples = once(() => examplesOf(config.data, model.tokenizer, config.train));
  const read = once(async () => {
    const { rows: all } = await examples();
    const subsample = options.quick ? stratifiedSubsample(all, QUICK_SHARE, config.seed) : null;
    const chosen = subsample?.chosen ?? [...all.keys()];
    return { chosen, rows: chosen.map((row) => must(all[row], "row")), subsample };
  });
  const paired = once(async () => {
    const { rows } = await read();
    return pairedRows({ base, rows, ...(options.quick ? { most: QUICK_CONTROL } : {}), seed: config.seed, ...options });
  });
  const side = once(async (directions: readonly Directions[] | null = null) => {
    const rows = await paired();
    return rows && dataSide({ base, paired: rows, directions, dictionary: dictionary?.dictionary ?? null, ...options });
  });
  return { ...parts, base, behaviours, prepared, examples, rows: read, paired, side };
}

/** What the first call asked for answers all. */
function once<Args extends readonly unknown[], T>(make: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  let made: Promise<T> | undefined;
  return (...args) => {
    made ??= make(...args);
    return made;
  };
}
