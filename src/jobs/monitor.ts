/**
 * Drift while a training runs: how far the half-trained model has moved along behaviours' directions, on answers that show
 * nothing of them. Unit: the distance between answers that exhibit the behaviour and answers that do not; positive is the
 * riskier side. Read at the middle layer. A warning light, no verdict.
 */
import { answersOf, behaviourDirections, residualHooks } from "../audit/index.ts";
import { must } from "../core/index.ts";
import type { AskOptions, Engine, LanguageModel, ReadSequence } from "../engine/index.ts";
import { dot } from "../geometry/index.ts";
import type { Adapter, HookName } from "../models/index.ts";
import type { Look } from "../training/index.ts";
import type { Config } from "./config.ts";
import { watchedBehaviours } from "./guard.ts";
import { asLanguageModel, type OpenedModel } from "./open.ts";

export interface MonitorRequest extends AskOptions {
  readonly engine: Engine;
  readonly model: OpenedModel;
  readonly config: Pick<Config, "monitor">;
  /** Of the adapter that is trained. */
  readonly shape: Pick<Adapter, "rank" | "magnitudes">;
  readonly steps: number;
}

export interface Monitor extends Look {
  /** The last look's, by behaviour id; null before the first. */
  readonly last: () => { readonly step: number; readonly drift: Readonly<Record<string, number>> } | null;
  /** Takes up what an interrupted training's last look saw. */
  readonly recall: (seen: { readonly step: number; readonly drift: Readonly<Record<string, number>> }) => void;
  /** Who ended the training; null: nobody. */
  readonly stoppedBy: () => string | null;
}

/** Answers of each behaviour that are read; of many behaviours fewer each, so that a look costs no more than a step. */
const PROBES = 8;
const MOST_PROBES = 48;
const LOOKS = 16;

export async function monitorOf(request: MonitorRequest): Promise<Monitor | null> {
  const { engine, model, config, shape, steps, signal } = request;
  const { monitor } = config;
  if (!monitor) return null;
  const ask = signal ? { signal } : {};
  const base = asLanguageModel(model, engine, shape);
  const hook = must(residualHooks(base)[Math.floor(residualHooks(base).length / 2)], "layer");
  const behaviours = watchedBehaviours(model, monitor.behaviours);
  const directions = new Map<string, Float64Array>();
  for (const behaviour of behaviours) {
    const [found] = await behaviourDirections(base, behaviour, "select", [hook], ask);
    const { mean } = must(found, "direction");
    const sign = behaviour.riskier === "up" ? 1 : -1;
    directions.set(
      behaviour.id,
      mean.map((value) => (sign * value) / (dot(mean, mean) || 1)),
    );
  }
  const each = Math.min(PROBES, Math.ceil(MOST_PROBES / behaviours.length));
  const sequences = behaviours.flatMap((behaviour) => answersOf(base, [behaviour], "check").slice(0, each));
  const before = await meanActivation(base, sequences, hook, ask);
  let last: ReturnType<Monitor["last"]> = null;
  let stoppedBy: string | null = null;
  const hear = (seen: NonNullable<ReturnType<Monitor["last"]>>) => {
    last = seen;
    const worst = Object.entries(seen.drift).sort(([, a], [, b]) => b - a)[0];
    if (monitor.stopAt !== null && worst && worst[1] > monitor.stopAt) stoppedBy = worst[0];
    return stoppedBy !== null;
  };
  return {
    every: monitor.everySteps ?? Math.max(1, Math.ceil(steps / LOOKS)),
    last: () => last,
    recall: hear,
    over: () => stoppedBy !== null,
    stoppedBy: () => stoppedBy,
    look: async (step, adapter) => {
      const tuned = await base.withAdapter(adapter);
      const after = await meanActivation(tuned, sequences, hook, ask);
      await release(engine, tuned);
      const moved = after.map((value, i) => value - (before[i] as number));
      return hear({ step, drift: Object.fromEntries([...directions].map(([id, unit]) => [id, dot(moved, unit)])) });
    },
  };
}

/** A half-trained adapter is looked at once: its buffer would stay for good. */
async function release(engine: Engine, { binding }: LanguageModel): Promise<void> {
  const feed = binding.feeds.adapter;
  if (feed && "buffer" in feed) await engine.free(feed.buffer);
}

async function meanActivation(
  model: LanguageModel,
  sequences: readonly ReadSequence[],
  hook: HookName,
  ask: AskOptions,
): Promise<Float64Array> {
  const { dModel } = model.source.definition.dimensions;
  const sum = new Float64Array(dModel);
  const tokens = sequences.reduce((count, { positions }) => count + positions.length, 0);
  await model.activations(
    sequences,
    [hook],
    ({ rows: [h] }) => {
      for (const [i, value] of must(h, "activations").entries())
        sum[i % dModel] = (sum[i % dModel] as number) + value / tokens;
    },
    ask,
  );
  return sum;
}
