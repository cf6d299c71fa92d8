/** The main job: validate → fine-tune → audit → report, each a stage that is never computed twice. */
import { mkdir, readFile, stat } from "node:fs/promises";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { type OnProgress, UserError } from "../core/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../engine/index.ts";
import { AuditRecord, DataRecord, type FinetuneRecord } from "../records/index.ts";
import {
  atomicWriteFile,
  codeVersion,
  diskFault,
  hashFile,
  lockFolder,
  removeLeftovers,
  runStage,
} from "../store/index.ts";
import { adapterFault, readPeft } from "../training/index.ts";
import { audit, preregistration } from "./audit.ts";
import type { Config } from "./config.ts";
import { applyGate, type GateResult } from "./gate.ts";
import { writeManifest } from "./manifest.ts";
import { asLanguageModel, behavioursFor, checkNames, type OpenedModel, openModel } from "./open.ts";
import { publish } from "./publish.ts";
import { taskBehaviours } from "./task.ts";
import { tune } from "./tune.ts";
import { refuseFaults, trainingRows, validate } from "./validate.ts";

export interface RunOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  readonly redact?: boolean;
}

export interface RunResult {
  readonly folder: string;
  readonly audit: AuditRecord;
  readonly gate: GateResult | null;
  /** In their order; `skipped` where an earlier run of the folder had made the same. */
  readonly stages: readonly StageOutcome[];
}

export interface StageOutcome {
  readonly name: string;
  readonly skipped: boolean;
}

/** Training data in; a tuned model and its audit out. Resumes where an earlier run of the same folder stopped. */
export async function run(config: Config, options: RunOptions = {}): Promise<RunResult> {
  const model = await openModel(config.model);
  await existing(config.data);
  checkNames(model, config);
  return inFolder(config, async (engine) => {
    const stages: StageOutcome[] = [];
    const data = await validateStage({ config, model, stages });
    const part = { config, model, data, engine, options, stages };
    await manifestOf(part);
    await tuneStage(part);
    const record = await auditStage(part, join(config.out, "adapter"));
    await reportStage(part);
    return { folder: config.out, audit: record, gate: applyGate(record, config.gate), stages };
  });
}

/** Fine-tuning alone: adapter and merged model. */
export async function finetuneOnly(config: Config, options: RunOptions = {}): Promise<FinetuneRecord> {
  const model = await openModel(config.model);
  await existing(config.data);
  return inFolder(config, async (engine) => {
    const stages: StageOutcome[] = [];
    const data = await validateStage({ config, model, stages });
    return tuneStage({ config, model, data, engine, options, stages });
  });
}

/** What a fine-tune from anywhere moved: a PEFT adapter of the base, or a whole tuned model. */
export async function auditOnly(
  config: Config,
  tuned: { readonly adapter: string } | { readonly model: string },
  options: RunOptions = {},
): Promise<RunResult> {
  const model = await openModel(config.model);
  checkNames(model, config);
  return inFolder(config, async (engine) => {
    const stages: StageOutcome[] = [];
    const part = { config, model, data: null, engine, options, stages };
    await manifestOf(part);
    const record = "adapter" in tuned ? await auditStage(part, tuned.adapter) : await auditWhole(part, tuned.model);
    await reportStage(part);
    return { folder: config.out, audit: record, gate: applyGate(record, config.gate), stages };
  });
}

/** One run at a time in a folder; its configuration and manifest are written first. */
async function inFolder<T>(config: Config, work: (engine: Engine) => Promise<T>): Promise<T> {
  await mkdir(config.out, { recursive: true }).catch((error: unknown) => {
    throw diskFault(error, config.out, 0);
  });
  const release = lockFolder(config.out, `output folder ${config.out}`);
  const engine = startEngine();
  try {
    await removeLeftovers(config.out);
    await keepHandwritten(join(config.out, "penumbra.yaml"));
    await atomicWriteFile(join(config.out, "penumbra.yaml"), stringify(config));
    await atomicWriteFile(join(config.out, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
    return await work(engine);
  } finally {
    await engine.close();
    release();
  }
}

/** A configuration with comments is somebody's own; the resolved one must not take its place. */
async function keepHandwritten(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (!/^\s*#/m.test(text)) return;
  throw new UserError(path, {
    expected: "a run folder without a configuration of your own",
    got: "one with comments, which is left as it is",
    fix: "choose another folder with --out",
  });
}

interface Part {
  readonly config: Config;
  readonly model: OpenedModel;
  readonly data: DataRecord | null;
  readonly engine: Engine;
  readonly options: RunOptions;
  /** Filled as the stages end. */
  readonly stages: StageOutcome[];
}

type Compute = Parameters<typeof runStage>[2];

async function stage(
  { config, stages }: Pick<Part, "config" | "stages">,
  name: string,
  inputs: unknown,
  compute: Compute,
): Promise<void> {
  const { skipped } = await runStage(config.out, { name, inputs }, compute);
  stages.push({ name, skipped });
}

/** Written before training: what the verdicts will be judged by cannot follow from the result. */
function manifestOf({ config, model, data, engine }: Part) {
  const hash = preregistration(behavioursFor(model, config.behaviours), config);
  return writeManifest({
    folder: config.out,
    engine,
    model: model.identity,
    dataSha256: data?.sha256 ?? null,
    preregistration: hash,
    seed: config.seed,
  });
}

/** What the bits of a result depend on besides its inputs. */
function machine(engine: Engine) {
  return { code: codeVersion(), threads: engine.threads, cpu: cpus()[0]?.model ?? "", node: process.version };
}

async function validateStage(part: Pick<Part, "config" | "model" | "stages">): Promise<DataRecord> {
  const { config, model } = part;
  const path = join(config.out, "data.json");
  const inputs = {
    data: await hashFile(await existing(config.data)),
    model: model.identity.sha256,
    maxLength: config.train.maxLength,
  };
  await stage(part, "validate", inputs, async () => {
    const record = await validate(config.data, model.tokenizer, config.train.maxLength);
    await atomicWriteFile(path, `${JSON.stringify(record, null, 2)}\n`);
    return { outputs: ["data.json"] };
  });
  const record = DataRecord.parse(JSON.parse(await readFile(path, "utf8")));
  refuseFaults(record);
  return record;
}

async function existing(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile()) return file;
  const got = found ? "a folder" : "no such file";
  throw new UserError(file, { expected: "a file of training rows", got, fix: "give the path of a .jsonl file" });
}

async function tuneStage(part: Part): Promise<FinetuneRecord> {
  const { config, model, data, engine, options } = part;
  if (!data) throw new Error("fine-tuning without data");
  const { train, seed, merged } = config;
  const inputs = { model: model.identity.sha256, data: data.sha256, train, seed, merged, machine: machine(engine) };
  await stage(part, "finetune", inputs, async ({ folder, key }) => {
    const rows = await trainingRows(config.data, model.tokenizer, train.maxLength);
    const { outputs } = await tune({ engine, model, rows, dataSha256: data.sha256, config, folder, key, ...options });
    return { outputs };
  });
  return JSON.parse(await readFile(join(config.out, "finetune.json"), "utf8"));
}

async function auditStage(part: Part, adapterFolder: string): Promise<AuditRecord> {
  const { model, engine } = part;
  const adapter = await readPeft(adapterFolder, model.source.definition);
  const fault = adapterFault(adapter);
  if (fault)
    throw new UserError(`adapter ${adapterFolder}`, {
      expected: "an adapter that changes the model",
      got: fault,
      fix: "give the adapter of a finished training",
    });
  const base = asLanguageModel(model, engine, adapter.rank);
  const sha256 = await hashFile(join(adapterFolder, "adapter_model.safetensors"));
  const identity = { ...model.identity, name: `${model.identity.name} + ${basename(adapterFolder)}`, sha256 };
  return auditModels(part, base, await base.withAdapter(adapter), identity);
}

async function auditWhole(part: Part, reference: string): Promise<AuditRecord> {
  const tuned = await openModel(reference);
  const base = part.model.identity;
  if (tuned.source.definition.dimensions.dVocab !== part.model.source.definition.dimensions.dVocab) {
    throw new UserError(`model ${reference}`, {
      expected: `the vocabulary of ${base.name}`,
      got: "another one",
      fix: "give the base that it was tuned from",
    });
  }
  if (tuned.identity.sha256 === base.sha256) {
    throw new UserError(`model ${reference}`, {
      expected: "a tuned model",
      got: "the base itself",
      fix: "give the tuned model's folder",
    });
  }
  return auditModels(
    part,
    asLanguageModel(part.model, part.engine, null),
    asLanguageModel(tuned, part.engine, null),
    tuned.identity,
  );
}

async function auditModels(
  part: Part,
  base: LanguageModel,
  tuned: LanguageModel,
  identity: AuditRecord["tuned"],
): Promise<AuditRecord> {
  const { config, model, data, engine, options } = part;
  const behaviours = behavioursFor(model, config.behaviours);
  const inTask = data ? await taskBehaviours(model, config) : config.task === "auto" ? [] : config.task;
  const { margin, alpha, seed, answerTokens } = config;
  const inputs = {
    base: model.identity.sha256,
    tuned: identity.sha256,
    behaviours: behaviours.map(({ label: _, ...data }) => data),
    inTask,
    margin,
    alpha,
    seed,
    answerTokens,
    machine: machine(engine),
  };
  await stage(part, "audit", inputs, async ({ folder }) => {
    const about = data ? { name: basename(config.data), sha256: data.sha256, rows: data.rows } : null;
    const { outputs } = await audit({
      engine,
      base,
      tuned,
      identities: { base: model.identity, tuned: identity },
      behaviours,
      inTask,
      data: about,
      config,
      folder,
      ...options,
    });
    return { outputs };
  });
  return AuditRecord.parse(JSON.parse(await readFile(join(config.out, "audit.json"), "utf8")));
}

async function reportStage(part: Pick<Part, "config" | "options" | "stages">): Promise<void> {
  const { config, options } = part;
  const audit = await hashFile(join(config.out, "audit.json"));
  const inputs = { audit, redact: options.redact ?? false, config };
  await stage(part, "report", inputs, ({ folder }) => publish(folder, options));
}
