/**
 * The rehearsal (ours): the first steps of the very training that is forecast, on a part of its rows, thrown away
 * afterwards; read on some of the behaviours' own items. A gradient at the base knows only what the first step pushes:
 * real steps see a push fade once the rows are learnt, and one answer displace another.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Rehearsal, rehearsedShifts } from "../audit/index.ts";
import type { Behaviour, BehaviourScores } from "../behaviours/index.ts";
import { type OnProgress, rng } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { hashJson } from "../store/index.ts";
import { type Guard, stepsOf } from "../training/index.ts";
import type { Config } from "./config.ts";
import { asLanguageModel, type OpenedModel } from "./open.ts";
import { contentHash, someExamples, trainExamples } from "./train-examples.ts";
import { trainingBase } from "./training-base.ts";
import { loraOptions } from "./tune.ts";
import type { Examples } from "./validate.ts";

export interface RehearsalRequest extends Examples {
  readonly model: OpenedModel;
  /** The base, opened in any way. */
  readonly base: LanguageModel;
  readonly config: Pick<Config, "train" | "seed">;
  /** Of the training. */
  readonly guard?: Guard | null;
  readonly behaviours: readonly Behaviour[];
  /** Of all their items. */
  readonly baseScores: readonly BehaviourScores[];
  /** Holds what a training keeps while it runs; emptied. */
  readonly folder: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Of the training's steps. */
const SHARE = 1 / 5;
const [LEAST_STEPS, MOST_STEPS] = [2, 32];
/** Of each behaviour. */
const ITEMS = 40;

/** Null where the few steps already diverge. */
export async function rehearsal(request: RehearsalRequest): Promise<Rehearsal | null> {
  const { model, base, rows, config, guard = null, behaviours, baseScores, onProgress, signal } = request;
  const whole = loraOptions(config);
  const steps = Math.min(MOST_STEPS, Math.max(LEAST_STEPS, Math.round(SHARE * stepsOf(rows.length, whole))));
  const places = rng(config.seed, "rehearsal")
    .shuffle([...rows.keys()])
    .slice(0, steps * whole.batchRows);
  // At the height of its schedule: so few steps have no time for a warm-up.
  const epochs = steps / Math.ceil(places.length / whole.batchRows);
  const options = { ...whole, epochs, warmupShare: 0, schedule: "constant" as const, validation: null };
  const folder = join(request.folder, ".rehearsal");
  const examples = someExamples(request, places);
  const { adapter } = await trainExamples(examples, {
    engine: base.engine,
    source: await trainingBase(model, config.train.base),
    options,
    guard,
    folder,
    key: hashJson({ options, content: contentHash(examples, guard), base: model.identity.sha256 }),
    onStep: ({ step }) => onProgress?.({ task: "forecast: rehearsal", step, total: steps }),
    ...(signal ? { signal } : {}),
  });
  await rm(folder, { recursive: true, force: true });
  const tuned = await asLanguageModel(model, base.engine, adapter).withAdapter(adapter);
  const shifts = await rehearsedShifts({
    tuned,
    behaviours,
    baseScores,
    most: ITEMS,
    seed: config.seed,
    task: "forecast: rehearsed",
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
  return shifts && { steps, rows: places.length, shifts };
}
