/**
 * The main job: validate → forecast → fine-tune (further seeds and controls too) → audit → look inside → report, each a
 * stage that is never computed twice.
 */
import { join } from "node:path";
import { UserError } from "../core/index.ts";
import type { AuditRecord, FinetuneRecord, ForecastRecord } from "../records/index.ts";
import { preregistration } from "./audit.ts";
import type { Config } from "./config.ts";
import { dictionaryFor } from "./dictionary.ts";
import { applyGate, type GateResult } from "./gate.ts";
import { checkGuard } from "./guard.ts";
import { inFolder } from "./in-folder.ts";
import { refuseLoraKeys } from "./lora-keys.ts";
import { writeManifest } from "./manifest.ts";
import { checkNames, openModel } from "./open.ts";
import { overData } from "./over-data.ts";
import { openAdapterPair, openWholePair } from "./pair.ts";
import { type Part, partOf, type RunOptions, type StageOutcome } from "./part.ts";
import { auditStage } from "./stages/audit-stage.ts";
import { controlStages, existingControls } from "./stages/control-stages.ts";
import { forecastStage } from "./stages/forecast-stage.ts";
import { insideStage } from "./stages/inside-stage.ts";
import { reportStage } from "./stages/report-stage.ts";
import { seedStages } from "./stages/seed-stages.ts";
import { tuneStage } from "./stages/tune-stage.ts";
import { existing } from "./stages/validate-stage.ts";
import { registerForecast, scoreForecast } from "./track-record.ts";
import { checkTrainingBase } from "./training-base.ts";

export interface RunResult {
  readonly folder: string;
  readonly audit: AuditRecord;
  readonly gate: GateResult | null;
  /** In their order; `skipped` where an earlier run of the folder had made the same. */
  readonly stages: readonly StageOutcome[];
}

/** Training data in; a tuned model and its audit out. Resumes where an earlier run of the same folder stopped. */
export async function run(config: Config, options: RunOptions = {}): Promise<RunResult> {
  refuseFull(config);
  checkTrainingBase(config);
  const model = await openModel(config.model);
  await existing(config.data);
  await existingControls(config);
  checkNames(model, config);
  checkGuard(model, config);
  const dictionary = await dictionaryFor(model, config.dictionary);
  return overData({ config, model, dictionary, options }, async (part) => {
    await manifestOf(part);
    const { forecast = config.inside, inside = config.inside } = options;
    if (forecast) {
      await forecastStage(part);
      await registerForecast(config.out);
    }
    await tuneStage(part);
    const pair = await openAdapterPair(part, join(config.out, "adapter"));
    const otherSeeds = await seedStages(part);
    const controls = await controlStages(part);
    const record = await auditStage(part, pair, { otherSeeds, controls });
    await scoreForecast(config.out, record);
    if (forecast && inside) await insideStage(part, pair, record);
    await reportStage(part);
    return { folder: config.out, audit: record, gate: applyGate(record, config.gate), stages: part.stages };
  });
}

/** A run compares base and base + adapter; a whole model is audited beside its base. */
function refuseFull({ train, model, out }: Config): void {
  if (train.method !== "full") return;
  throw new UserError("train.method", {
    expected: "lora in a run",
    got: "full",
    fix: `\`penumbra finetune\`, then \`penumbra audit --base ${model} --tuned ${join(out, "model")}\``,
  });
}

/** Preference training holds the model to its base, which LoRA keeps beside it. */
function refuseFullPreference({ train }: Config): void {
  if (train.method !== "full" || train.objective !== "dpo") return;
  throw new UserError("train.objective", {
    expected: "sft where train.method is full",
    got: "dpo",
    fix: "set train.method: lora",
  });
}

/** The forecast alone: nothing is trained. */
export async function forecastOnly(config: Config, options: RunOptions = {}): Promise<ForecastRecord> {
  const model = await openModel(config.model);
  await existing(config.data);
  checkNames(model, config);
  const dictionary = await dictionaryFor(model, config.dictionary);
  return overData({ config, model, dictionary, options }, async (part) => {
    const record = await forecastStage(part);
    await registerForecast(config.out);
    return record;
  });
}

/** Fine-tuning alone: adapter and merged model. */
export async function finetuneOnly(config: Config, options: RunOptions = {}): Promise<FinetuneRecord> {
  refuseFullPreference(config);
  refuseLoraKeys(config);
  checkTrainingBase(config);
  const model = await openModel(config.model);
  await existing(config.data);
  checkGuard(model, config);
  return overData({ config, model, dictionary: null, options }, tuneStage);
}

/** What a fine-tune from anywhere moved: a PEFT adapter of the base, or a whole tuned model. */
export async function auditOnly(
  config: Config,
  tuned: { readonly adapter: string } | { readonly model: string },
  options: RunOptions = {},
): Promise<RunResult> {
  const model = await openModel(config.model);
  checkNames(model, config);
  const dictionary = await dictionaryFor(model, config.dictionary);
  return inFolder(config, async (engine) => {
    const stages: StageOutcome[] = [];
    const part = await partOf({ config, model, dictionary, data: null, engine, options, stages });
    await manifestOf(part);
    const pair =
      "adapter" in tuned ? await openAdapterPair(part, tuned.adapter) : await openWholePair(part, tuned.model);
    const record = await auditStage(part, pair);
    if (config.inside) await insideStage(part, pair, record);
    await reportStage(part);
    return { folder: config.out, audit: record, gate: applyGate(record, config.gate), stages };
  });
}

/** Written before training: what the verdicts will be judged by cannot follow from the result. */
function manifestOf({ config, model, data, engine, behaviours }: Part) {
  const hash = preregistration(behaviours, config);
  return writeManifest({
    folder: config.out,
    engine,
    model: model.identity,
    dataSha256: data?.sha256 ?? null,
    preregistration: hash,
    seed: config.seed,
  });
}
