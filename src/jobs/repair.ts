/** `penumbra repair`: a finished adapter without its part in protected directions, as far as the task's loss allows. */
import { join } from "node:path";
import {
  answersOf,
  chooseStrengths,
  type Probe,
  pairLogOdds,
  probeOf,
  protectedBases,
  type StrengthReading,
  shiftsAlong,
  withoutMagnitudes,
} from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { mean, must, pick, rng, UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { Adapter } from "../models/index.ts";
import type { RepairRecord } from "../records/index.ts";
import { atomicWriteFile, hashFile } from "../store/index.ts";
import { adapterFault, readPeft, type TrainingRow, writePeft } from "../training/index.ts";
import type { Config } from "./config.ts";
import { meanLoss } from "./filter-receipt.ts";
import { inFolder } from "./in-folder.ts";
import { asLanguageModel, behavioursFor, checkNames, openModel } from "./open.ts";
import type { RunOptions } from "./part.ts";
import { withinPositions } from "./positions.ts";
import { type RepairMethod, wayOf } from "./repair-ways.ts";
import { existing } from "./stages/validate-stage.ts";
import { refuseFaults, refuseNothingToLearn, trainingRows, validate } from "./validate.ts";

export interface RepairRequest extends RunOptions {
  /** PEFT folder. */
  readonly adapter: string;
  /** Behaviours whose directions, or whose unremarkable answers, are protected. */
  readonly protect: readonly string[];
  readonly method: RepairMethod;
  /** Share of the task's gain (base's loss less tuned one's) that must stay. */
  readonly keepGain: number;
}

/** Rows that γ is chosen on, and as many more that it is reported on; a quarter each where that is fewer. */
const ROWS = 64;
const PAIRS = 16;
/** Halvings of [0, 1]. By least squares γ weighs texts against texts, and what counts lies near 1. */
const HALVINGS = { directions: 5, "least-squares": 8, kl: 5 };

export async function repair(given: Config, request: RepairRequest): Promise<RepairRecord> {
  const startedAt = performance.now();
  const { keepGain, method, signal, onProgress } = request;
  const shiftDirections = method.by === "directions" ? method.shiftDirections : 0;
  const ask = signal ? { signal } : {};
  const model = await openModel(given.model);
  const config = withinPositions(given, model);
  await existing(config.data);
  checkNames(model, config);
  const behaviours = behavioursFor(model, config.behaviours);
  const protect = protectedOf(behaviours, request.protect);
  const finished = await readPeft(request.adapter, model.source.definition);
  refuseFault(request.adapter, finished);
  refuseFaults(await validate(config.data, model.tokenizer, config.train.maxLength));
  const rows = await trainingRows(config.data, model.tokenizer, config.train.maxLength);
  refuseNothingToLearn(config.data, rows);
  return inFolder(config, async (engine) => {
    const adapter = await withoutMagnitudes(model.source, finished);
    const base = asLanguageModel(model, engine, adapter);
    const tuned = await base.withAdapter(adapter);
    onProgress?.({ task: "repair: directions", step: 0, total: null });
    const shift = shiftDirections > 0 ? { tuned, directions: shiftDirections } : null;
    const bases = await protectedBases({ base, shift, behaviours: protect, ...ask });
    const { chosen, others, rest } = splitRows(rows, config.seed);
    // The rows that γ is chosen on are none that the modules were fitted on, where there are others.
    const seen = rest.length > 0 ? rest : chosen;
    const inputs = {
      baseSha256: model.identity.sha256,
      adapterSha256: await hashFile(join(request.adapter, "adapter_model.safetensors")),
      dataSha256: await hashFile(config.data),
    };
    const models = { engine, model, base, tuned, adapter };
    const way = await wayOf({ ...request, ...models, config, inputs, rows: seen, protect, bases }, method);
    const select = probesOf(base, protect, "select");
    const before = { base: await logOdds(base, select), tuned: await logOdds(tuned, select) };
    const losses = { base: await meanLoss(base, chosen), tuned: await meanLoss(tuned, chosen) };
    const cap = losses.tuned + (1 - keepGain) * Math.max(0, losses.base - losses.tuned);
    const adapterAt = (gammas: readonly number[]) => way.repaired((l) => must(gammas[l], "layer"));
    let asked = 0;
    const read = async (gammas: readonly number[]): Promise<StrengthReading> => {
      onProgress?.({ task: "repair: strengths", step: ++asked, total: null });
      const candidate = await base.withAdapter(adapterAt(gammas));
      return { loss: await meanLoss(candidate, chosen), spillover: leftOver(before, await logOdds(candidate, select)) };
    };
    // What leaves least of the protected behaviours' shift layer by layer is fitted to these behaviours.
    const perLayer = method.by === "directions";
    const steps = HALVINGS[method.by];
    const strengths = await chooseStrengths({ layers: bases.length, cap, steps, read, perLayer });
    const result = adapterAt(strengths.gammas);
    await writePeft(join(config.out, "adapter"), result, model.source);
    const after = await base.withAdapter(result);
    const sequences = answersOf(base, protect, "check");
    const along = (of: LanguageModel) => shiftsAlong(base, of, { sequences, bases }, ask);
    const [shiftsBefore, shiftsAfter] = [await along(tuned), await along(after)];
    const lossOn = async (rows: readonly TrainingRow[]) => ({
      rows: rows.length,
      base: await meanLoss(base, rows),
      tuned: await meanLoss(tuned, rows),
      repaired: await meanLoss(after, rows),
    });
    const record: RepairRecord = {
      schemaVersion: 1,
      base: model.identity,
      adapterSha256: inputs.adapterSha256,
      repairedSha256: await hashFile(join(config.out, "adapter", "adapter_model.safetensors")),
      protect: protect.map(({ id }) => id),
      shiftDirections,
      options: way.options,
      merged: adapter !== finished,
      layers: bases.map(({ rank }, layer) => ({
        layer,
        rank,
        gamma: must(strengths.gammas[layer], "layer"),
        shiftBefore: must(shiftsBefore[layer], "layer"),
        shiftAfter: must(shiftsAfter[layer], "layer"),
      })),
      perLayer: strengths.perLayer,
      modules: way.modules,
      taskLoss: { cap, chosen: await lossOn(chosen), others: others.length > 0 ? await lossOn(others) : null },
      behaviours: await reported({ base, tuned, after }, behaviours, protect),
      seed: config.seed,
      durationMs: performance.now() - startedAt,
    };
    await atomicWriteFile(join(config.out, "repair.json"), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  });
}

function protectedOf(behaviours: readonly Behaviour[], names: readonly string[]): Behaviour[] {
  const byId = Object.fromEntries(behaviours.map((behaviour) => [behaviour.id, behaviour]));
  const found = names.map((name) => pick(byId, name, "behaviour to protect"));
  const without = found.find(({ pairs }) => !pairs.some(({ half }) => half === "select"));
  if (found.length === 0 || without)
    throw new UserError("repair --protect", {
      expected: "behaviours with contrast pairs, whose directions can be found",
      got: without ? `${without.id}, which has none` : "no names",
      fix: `name some of ${behaviours
        .filter(({ pairs }) => pairs.length > 0)
        .map(({ id }) => id)
        .join(", ")}`,
    });
  return found;
}

function refuseFault(folder: string, adapter: Adapter): void {
  const fault = adapterFault(adapter);
  if (fault)
    throw new UserError(`adapter ${folder}`, {
      expected: "an adapter that changes the model",
      got: fault,
      fix: "give the adapter of a finished training",
    });
}

/** A single row chooses; then there are no others to report on. */
function splitRows(rows: readonly TrainingRow[], seed: number) {
  const order = rng(seed, "repair rows").shuffle(rows);
  const half = Math.min(ROWS, Math.ceil(order.length / 4));
  return { chosen: order.slice(0, half), others: order.slice(half, 2 * half), rest: order.slice(2 * half) };
}

function probesOf(model: LanguageModel, behaviours: readonly Behaviour[], half: "select" | "check"): Probe[] {
  return behaviours
    .map((behaviour) => probeOf(model, behaviour, { half, most: PAIRS }))
    .filter(({ pairs }) => pairs.length > 0);
}

/** Mean over pairs, one number a probe. */
async function logOdds(model: LanguageModel, probes: readonly Probe[]): Promise<number[]> {
  const values = await pairLogOdds(model, probes);
  return values.map((own) => mean(own));
}

/** Σ |shift| of the candidate over Σ |shift| of the tuned model. */
function leftOver(
  before: { readonly base: readonly number[]; readonly tuned: readonly number[] },
  now: readonly number[],
): number {
  const size = (values: readonly number[]) =>
    values.reduce((sum, value, i) => sum + Math.abs(value - must(before.base[i], "probe")), 0);
  const whole = size(before.tuned);
  return whole === 0 ? 0 : size(now) / whole;
}

interface Models {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly after: LanguageModel;
}

async function reported(
  { base, tuned, after }: Models,
  behaviours: readonly Behaviour[],
  protect: readonly Behaviour[],
) {
  const probes = probesOf(base, behaviours, "check");
  const [start, before, now] = [
    await logOdds(base, probes),
    await logOdds(tuned, probes),
    await logOdds(after, probes),
  ];
  return probes.map(({ behaviour, pairs }, p) => ({
    id: behaviour.id,
    protected: protect.includes(behaviour),
    pairs: pairs.length,
    tuned: must(before[p], "probe") - must(start[p], "probe"),
    repaired: must(now[p], "probe") - must(start[p], "probe"),
  }));
}
