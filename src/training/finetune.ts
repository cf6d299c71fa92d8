/** Fine-tuning of one model on one data set, LoRA or all weights: resumable, with a checkpoint folder. */
import { join } from "node:path";
import { z } from "zod";
import type { Engine, ModelSource } from "../engine/index.ts";
import {
  type Adapter,
  type AdapterLayout,
  flattenAdapter,
  layoutOfAdapter,
  loraScale,
  unflattenAdapter,
} from "../models/index.ts";
import { appendJsonl, readJsonl, writeJsonl } from "../store/index.ts";
import { rowsOfStep } from "./batches.ts";
import { type CheckpointFolder, latestCheckpoint, readBest, saveBest, saveCheckpoint } from "./checkpoint.ts";
import { type Guard, guardedAdapter } from "./guard.ts";
import { crossEntropy, type Objective, preference } from "./objective.ts";
import { adamWDefaults } from "./optimiser.ts";
import { writePeft } from "./peft.ts";
import type { PreferencePair } from "./preference.ts";
import type { ScheduleOptions } from "./schedule.ts";
import type { TrainingRow } from "./step.ts";
import { type LoraShape, layoutOf } from "./targets.ts";
import { freshState, type LoopRequest, type StepReport, type TrainingState, trainLoop } from "./train.ts";
import {
  fullTrainable,
  initialLora,
  initialMagnitudes,
  loraTrainable,
  readAllWeights,
  type Trainable,
} from "./trainable.ts";
import { divideRows, fullPatience, heard, isOver, type Patience, type PatienceOptions } from "./validation.ts";

export interface TrainingOptions {
  readonly epochs: number;
  readonly learningRate: number;
  readonly warmupShare: number;
  readonly schedule: ScheduleOptions["kind"];
  /** Rows of one optimiser step. */
  readonly batchRows: number;
  /** Tokens that run together; bounds memory, changes no result beyond rounding. */
  readonly microBatchTokens: number;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  readonly seed: number;
  /** Put short rows side by side in one sequence; the gradient is the same. */
  readonly packing?: boolean;
  /** Compute blocks again in the backward pass rather than keep what is inside them. */
  readonly recompute?: boolean;
  /** Rows held out, and when to stop because of them; null: all rows are trained on. */
  readonly validation?: ValidationOptions | null;
}

export interface ValidationOptions extends PatienceOptions {
  /** Of the rows. */
  readonly share: number;
  /** Steps between two evaluations; null: eight in all. */
  readonly everySteps: number | null;
}

export interface LoraOptions extends LoraShape, TrainingOptions {}

export interface PreferenceOptions extends LoraOptions {
  /** How strongly the model is held to its reference. */
  readonly beta: number;
}

/** One line of `validation.jsonl`. */
export const ValidationLine = z.strictObject({ step: z.number().int(), loss: z.number() });
export type ValidationLine = z.infer<typeof ValidationLine>;

export interface TuningRequest<Options extends TrainingOptions, Row> {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly rows: readonly Row[];
  /** Rows from elsewhere that are evaluated on; null or absent: a share of `rows`, where the options name one. */
  readonly heldOut?: readonly Row[] | null;
  readonly options: Options;
  /** Gets `checkpoints/step-<n>`, and `validation.jsonl` where rows are held out. */
  readonly folder: string;
  /** Hash of model, data and options. */
  readonly key: string;
  readonly onStart?: (plan: {
    readonly steps: number;
    readonly resumedAt: number;
    readonly parameters: number;
  }) => Promise<void> | void;
  readonly onStep?: (report: StepReport) => Promise<void> | void;
  /** Before the step is reported. */
  readonly onValidation?: (line: ValidationLine) => Promise<void> | void;
  readonly look?: Look | null;
  readonly signal?: AbortSignal;
}
export interface FinetuneRequest extends TuningRequest<LoraOptions, TrainingRow> {
  /** Keeps the training off directions that are not its task. */
  readonly guard?: Guard | null;
}

export interface FurtherRequest extends TuningRequest<TrainingOptions, TrainingRow> {
  /** A finished adapter, whose rank and modules stay. */
  readonly from: Adapter;
  readonly guard?: Guard | null;
}

/** Somebody who looks at the half-trained adapter. */
export interface Look {
  /** Steps between two looks; the last step is looked at too. */
  readonly every: number;
  /** Before the step is reported; true ends the training after it. */
  readonly look: (step: number, adapter: Adapter) => Promise<boolean>;
  /** Did a look of an interrupted training end it already? Asked when the training resumes. */
  readonly over?: () => boolean;
}

interface Outcome {
  /** Optimiser steps done: fewer than planned where held-out rows ended the training. */
  readonly steps: number;
  readonly trainableParameters: number;
  /** Held-out loss of the parameters that are handed back, and their step; null without held-out rows. */
  readonly validation: { readonly step: number; readonly loss: number; readonly rows: number } | null;
}

export interface Finetuned extends Outcome {
  readonly adapter: Adapter;
}

/** How many checkpoints a training leaves. */
const CHECKPOINTS = 8;

export function stepsOf(nRows: number, { batchRows, epochs }: TrainingOptions): number {
  return Math.max(1, Math.round(Math.ceil(nRows / batchRows) * epochs));
}

/** A and B (and magnitudes); the base stays as it is. */
export function finetune(request: FinetuneRequest): Promise<Finetuned> {
  return tuneAdapter(request, answersCourse(request, newAdapter(request)));
}

/** As `finetune`, from where a finished adapter stands. */
export function finetuneFurther(request: FurtherRequest): Promise<Finetuned> {
  return tuneAdapter(request, answersCourse(request, givenAdapter(request)));
}

/** As `finetune`, on pairs of answers. */
export function finetunePreferences(request: TuningRequest<PreferenceOptions, PreferencePair>): Promise<Finetuned> {
  const objectiveOf = (trainable: Trainable, scale: number) => preference(request, trainable, scale);
  const longest = longestOf(request.rows.flatMap(({ chosen, rejected }) => [chosen, rejected]));
  return tuneAdapter(request, { start: newAdapter(request), objectiveOf, guard: null, longest });
}

function answersCourse(
  request: TuningRequest<TrainingOptions, TrainingRow> & Pick<FinetuneRequest, "guard">,
  start: AdapterStart,
): AdapterCourse<TrainingRow> {
  const objectiveOf = (trainable: Trainable, scale: number) => crossEntropy(request, trainable, scale);
  return { start, objectiveOf, guard: request.guard ?? null, longest: longestOf(request.rows) };
}

function longestOf(rows: readonly TrainingRow[]): number {
  return rows.reduce((most, { ids }) => Math.max(most, ids.length), 0);
}

/** Where the training of an adapter begins. */
interface AdapterStart extends Pick<Adapter, "alpha" | "scale" | "rslora"> {
  readonly layout: AdapterLayout;
  readonly begin: () => Promise<Float32Array>;
}

/** B = 0: it changes nothing yet. */
function newAdapter({ source, options }: TuningRequest<LoraOptions, unknown>): AdapterStart {
  const { alpha, rslora = false, seed } = options;
  const layout = layoutOf(source.definition, options);
  const begin = async () => {
    const flat = initialLora(layout, seed);
    await initialMagnitudes(layout, source, flat);
    return flat;
  };
  return { layout, alpha, scale: loraScale(layout.rank, alpha, rslora), rslora, begin };
}

function givenAdapter({ source, from }: Pick<FurtherRequest, "source" | "from">): AdapterStart {
  const { alpha, scale, rslora = false } = from;
  const layout = layoutOfAdapter(from, source.definition.linears);
  return { layout, alpha, scale, rslora, begin: async () => flattenAdapter(from, layout) };
}

interface AdapterCourse<Row> {
  readonly start: AdapterStart;
  readonly objectiveOf: (trainable: Trainable, scale: number) => Objective<Row>;
  readonly guard: Guard | null;
  /** Tokens of the longest row. */
  readonly longest: number;
}

async function tuneAdapter<Row>(
  request: TuningRequest<TrainingOptions, Row>,
  { start, objectiveOf, guard, longest }: AdapterCourse<Row>,
): Promise<Finetuned> {
  const { source, options } = request;
  const { layout, begin } = start;
  const adapterOf = (parameters: Float32Array) => guardedAdapter(unflattenAdapter(parameters, layout, start), guard);
  const trainable = loraTrainable(layout, { recompute: options.recompute ?? false, longest });
  const { parameters, ...outcome } = await trainOn(request, {
    trainable,
    adapterOf,
    objective: objectiveOf(trainable, start.scale),
    publish: (folder, state) => writePeft(folder, adapterOf(state.parameters), source),
    begin,
  });
  return { adapter: adapterOf(parameters), ...outcome };
}

/** All weights, in float32; the vector is in the order of the definition's weights. */
export async function finetuneFull(
  request: TuningRequest<TrainingOptions, TrainingRow>,
): Promise<Outcome & { readonly parameters: Float32Array }> {
  const { source } = request;
  const trainable = fullTrainable(source.definition, { longest: longestOf(request.rows) });
  return trainOn(request, {
    trainable,
    objective: crossEntropy(request, trainable, 1),
    publish: async () => undefined,
    begin: () => readAllWeights(source),
  });
}

/** What is trained, from where, and towards what. */
interface Subject<Row> {
  readonly trainable: Trainable;
  /** Absent where all weights are trained. */
  readonly adapterOf?: (parameters: Float32Array) => Adapter;
  readonly publish: CheckpointFolder["publish"];
  readonly begin: () => Promise<Float32Array>;
  readonly objective: Objective<Row>;
}

async function trainOn<Row>(
  request: TuningRequest<TrainingOptions, Row>,
  subject: Subject<Row>,
): Promise<Outcome & { parameters: Float32Array }> {
  const { options } = request;
  const { train: rows, validation: held } = divideRows(request);
  const place = { folder: join(request.folder, "checkpoints"), key: request.key, publish: subject.publish };
  const steps = stepsOf(rows.length, options);
  const start = (await latestCheckpoint(place)) ?? freshState(await subject.begin());
  const trainableParameters = subject.trainable.size;
  await request.onStart?.({ steps, resumedAt: start.step, parameters: trainableParameters });
  const watch = held.length > 0 ? await watchOf(request, { subject, held, steps, place, from: start.step }) : null;
  const ended = watch?.over() || (start.step > 0 && request.look?.over?.());
  const end = ended ? start : await trainLoop(loopOf(request, { subject, rows, steps, start, place, watch }));
  // A loss that was never a number leaves no best.
  const best = watch && options.validation?.patience !== null && watch.best().step > 0 ? watch.best() : null;
  const parameters = best ? await readBest(place) : end.parameters;
  const validation = watch && { ...(best ?? watch.last()), rows: held.length };
  return { steps: end.step, trainableParameters, parameters, validation };
}

interface Course<Row> {
  readonly subject: Subject<Row>;
  readonly rows: readonly Row[];
  readonly steps: number;
  readonly start: TrainingState;
  readonly place: CheckpointFolder;
  readonly watch: Watch | null;
}

function loopOf<Row>(
  { engine, options, onStep, look, signal }: TuningRequest<TrainingOptions, Row>,
  { subject, rows, steps, start, place, watch }: Course<Row>,
): LoopRequest {
  const { adapterOf } = subject;
  let over = false;
  const inspect = async (step: number) => {
    if (look && adapterOf && (step % look.every === 0 || step === steps))
      over = (await look.look(step, adapterOf(await engine.read("parameters")))) || over;
    if (watch) over = (await watch.review(step)) || over;
  };
  const { batchRows, seed, weightDecay, maxGradNorm } = options;
  const { size, undecayed = [] } = subject.trainable;
  const batch = (step: number) => rowsOfStep(rows.length, batchRows, step, seed).map((row) => rows[row] as Row);
  return {
    engine,
    size,
    undecayed,
    gradientOfStep: (step) => subject.objective.gradient(batch(step), step),
    steps,
    start,
    optimiser: { ...adamWDefaults, weightDecay, maxGradNorm },
    schedule: {
      learningRate: options.learningRate,
      warmupSteps: Math.ceil(steps * options.warmupShare),
      kind: options.schedule,
      floor: 0,
    },
    checkpoint: { every: Math.max(1, Math.ceil(steps / CHECKPOINTS)), save: (state) => saveCheckpoint(place, state) },
    ...(watch || look ? { inspect, isOver: () => over } : {}),
    ...(onStep ? { onStep } : {}),
    ...(signal ? { signal } : {}),
  };
}

/** The held-out rows' side of a training. */
interface Watch {
  readonly review: (step: number) => Promise<boolean>;
  readonly over: () => boolean;
  readonly best: () => ValidationLine;
  readonly last: () => ValidationLine;
}

interface Watched<Row> {
  readonly subject: Subject<Row>;
  readonly held: readonly Row[];
  readonly steps: number;
  readonly place: CheckpointFolder;
  /** Evaluations after this step are done again. */
  readonly from: number;
}

async function watchOf<Row>(request: TuningRequest<TrainingOptions, Row>, watched: Watched<Row>): Promise<Watch> {
  const { engine, options, folder, onValidation } = request;
  const { subject, held, steps, place, from } = watched;
  const rules = options.validation ?? { patience: null, minDelta: 0, everySteps: null };
  const every = rules.everySteps ?? Math.max(1, Math.ceil(steps / CHECKPOINTS));
  const path = join(folder, "validation.jsonl");
  const lines = await keptLines(path, from);
  let patience = lines.reduce((state: Patience, { step, loss }) => heard(state, step, loss, rules), fullPatience);
  const review = async (step: number) => {
    if (step % every !== 0 && step !== steps) return false;
    const line = { step, loss: await subject.objective.evaluate(held) };
    patience = heard(patience, step, line.loss, rules);
    if (patience.bestStep === step) await saveBest(place, await engine.read("parameters"));
    lines.push(line);
    await appendJsonl(path, line);
    await onValidation?.(line);
    return isOver(patience, rules);
  };
  return {
    review,
    over: () => isOver(patience, rules),
    best: () => ({ step: patience.bestStep, loss: patience.best }),
    last: () => lines.at(-1) ?? { step: 0, loss: Number.NaN },
  };
}

async function keptLines(path: string, from: number): Promise<ValidationLine[]> {
  const kept: ValidationLine[] = [];
  if (from > 0) for await (const line of readJsonl(path, ValidationLine)) if (line.step <= from) kept.push(line);
  await writeJsonl(path, kept);
  return kept;
}
