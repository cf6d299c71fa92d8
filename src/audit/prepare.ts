/**
 * What an audit needs of the base alone: its own scores and its behaviours' directions. Computed once per base and
 * battery, kept by whoever calls (`penumbra prepare`).
 */
import type { Behaviour, BehaviourScores } from "../behaviours/index.ts";
import { must, type OnProgress } from "../core/index.ts";
import { type Dictionary, firingRates, measureFidelity } from "../dictionaries/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { behaviourDirections, type Directions, residualHooks, responseSequence } from "./directions.ts";
import { type Parallel, parallelScores } from "./gate.ts";
import { type BehaviourLatent, behaviourLatents } from "./latents.ts";
import { pairLogOdds, probeOf } from "./pair-log-odds.ts";
import { scoreAll } from "./scores.ts";

export interface PreparedBase {
  /** In the order of the behaviours. */
  readonly scores: readonly BehaviourScores[];
  /** In slightly other prompts and with nothing asked, for the capability gate. */
  readonly parallel: Parallel;
  /** By behaviour id, one per layer, from the `select` half; behaviours without pairs have none. */
  readonly directions: ReadonlyMap<string, readonly Directions[]>;
  /** By behaviour id: log-odds of the `check` half's pairs, in their order, nats (`pairLogOdds`). */
  readonly pairLogOdds: ReadonlyMap<string, readonly number[]>;
  /** Null without a dictionary. */
  readonly latents: PreparedLatents | null;
}

export interface PreparedLatents {
  /** T_b by behaviour id, strongest first. */
  readonly sets: ReadonlyMap<string, readonly BehaviourLatent[]>;
  /** `[nLatents]`: share of the contrast pairs' answer tokens on which a latent is active. */
  readonly firingRates: Float64Array;
}

export interface PrepareOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export async function prepareBase(
  base: LanguageModel,
  behaviours: readonly Behaviour[],
  dictionary: Dictionary | null,
  options: PrepareOptions = {},
): Promise<PreparedBase> {
  const scores = await scoreAll(base, behaviours, { task: "prepare: scores of the base", ...options });
  const parallel = await parallelScores(base, behaviours, { task: "prepare: parallel forms", ...options });
  const directions = new Map<string, readonly Directions[]>();
  const ask = options.signal ? { signal: options.signal } : {};
  for (const [i, behaviour] of behaviours.entries()) {
    options.onProgress?.({ task: "prepare: directions", step: i, total: behaviours.length, message: behaviour.title });
    if (behaviour.pairs.some(({ half }) => half === "select"))
      directions.set(behaviour.id, await behaviourDirections(base, behaviour, "select", residualHooks(base), ask));
  }
  const pairs = new Map<string, readonly number[]>();
  for (const [i, behaviour] of behaviours.entries()) {
    options.onProgress?.({ task: "prepare: pairs", step: i, total: behaviours.length, message: behaviour.title });
    const probe = probeOf(base, behaviour, { half: "check", most: Number.POSITIVE_INFINITY });
    if (probe.pairs.length > 0) pairs.set(behaviour.id, must((await pairLogOdds(base, [probe], ask))[0], "pairs"));
  }
  return {
    scores,
    parallel,
    directions,
    pairLogOdds: pairs,
    latents: dictionary && (await prepareLatents(base, behaviours, dictionary, options)),
  };
}

async function prepareLatents(
  base: LanguageModel,
  behaviours: readonly Behaviour[],
  dictionary: Dictionary,
  { onProgress, signal }: PrepareOptions,
): Promise<PreparedLatents> {
  const ask = signal ? { signal } : {};
  const sets = new Map<string, readonly BehaviourLatent[]>();
  for (const [i, behaviour] of behaviours.entries()) {
    onProgress?.({ task: "prepare: latents", step: i, total: behaviours.length, message: behaviour.title });
    if (behaviour.pairs.some(({ half }) => half === "select"))
      sets.set(behaviour.id, await behaviourLatents(base, dictionary, behaviour, ask));
  }
  const answers = behaviours.flatMap((behaviour) =>
    behaviour.pairs.flatMap((pair) => [
      responseSequence(base, behaviour, pair, "exhibiting"),
      responseSequence(base, behaviour, pair, "other"),
    ]),
  );
  const [measured] = await measureFidelity({ model: base, dictionaries: [dictionary], sequences: answers, ...ask });
  return { sets, firingRates: firingRates(must(measured, "fidelity").sums) };
}
