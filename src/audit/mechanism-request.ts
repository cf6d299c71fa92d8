/** From what is known of a run to what its interventions ask for. */
import type { Behaviour } from "../behaviours/index.ts";
import { must, type OnProgress } from "../core/index.ts";
import type { Dictionary } from "../dictionaries/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import { residualHooks } from "./directions.ts";
import type { DataSide } from "./forecast/data-side.ts";
import type { BehaviourLatent } from "./latents.ts";
import type { MechanismCase, MechanismData, MechanismRequest } from "./mechanism/index.ts";
import type { PreparedBase, PreparedLatents } from "./prepare.ts";

export interface Known {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly prepared: PreparedBase;
  /** Null where the training data are not at hand. */
  readonly side: DataSide | null;
  /** Share of the data's weight on T_b, by behaviour id, as the forecast found it. */
  readonly sharedWeights: ReadonlyMap<string, number | null>;
  /** Behaviours whose shift the geometry of the data speaks for. */
  readonly consistent: ReadonlySet<string>;
  /** Shifts that the audit measured, by behaviour id. */
  readonly measured: ReadonlyMap<string, number>;
  /** Token sequences that have nothing to do with task or behaviours. */
  readonly neutral: readonly (readonly number[])[];
  readonly seed: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export function mechanismRequest(
  request: Known,
  reading: Dictionary | null,
  moved: readonly Behaviour[],
): MechanismRequest {
  const { base, tuned, prepared, side, sharedWeights, consistent, measured, neutral, seed } = request;
  const sets = reading ? prepared.latents : null;
  const cases = moved.map((behaviour): MechanismCase => {
    const set = sets?.sets.get(behaviour.id);
    return {
      behaviour,
      directions: must(prepared.directions.get(behaviour.id), behaviour.id),
      latentDirections: reading && set ? weighted(reading, set) : null,
      sharedWeight: (reading && sharedWeights.get(behaviour.id)) ?? null,
      consistent: consistent.has(behaviour.id),
      measured: measured.get(behaviour.id) ?? null,
    };
  });
  return {
    base,
    tuned,
    cases,
    data: side && dataOf(side, reading, sets, moved),
    steeringHook: reading?.hook ?? middleHook(base),
    neutral,
    seed,
    ...(request.onProgress ? { onProgress: request.onProgress } : {}),
    ...(request.signal ? { signal: request.signal } : {}),
  };
}

/** Where there is no dictionary to say where. */
export function middleHook(base: LanguageModel): HookName {
  const hooks = residualHooks(base);
  return must(hooks[Math.floor(hooks.length / 2)], "hook");
}

/** `[|T_b|, dModel]`: decoder rows, each as long as its attribution is large. */
function weighted({ decoder, dModel }: Dictionary, set: readonly BehaviourLatent[]): Float64Array {
  const rows = new Float64Array(set.length * dModel);
  for (const [i, { latent, attribution }] of set.entries()) {
    for (let j = 0; j < dModel; j++) rows[i * dModel + j] = attribution * (decoder[latent * dModel + j] as number);
  }
  return rows;
}

/** For each behaviour what the data amplify outside its own latents: Σ_{i∉T_b} w_i d_i. */
function dataOf(
  side: DataSide,
  reading: Dictionary | null,
  sets: PreparedLatents | null,
  moved: readonly Behaviour[],
): MechanismData {
  const adjacent = new Map<string, Float64Array>();
  if (reading && sets && side.latents) {
    const { contrast } = side.latents;
    for (const { id } of moved) {
      const own = new Set((sets.sets.get(id) ?? []).map(({ latent }) => latent));
      adjacent.set(
        id,
        weightedRows(reading, (latent) => (own.has(latent) ? 0 : (contrast[latent] ?? 0))),
      );
    }
  }
  return { directions: side.directions, adjacent };
}

function weightedRows({ decoder, dModel, nLatents }: Dictionary, weight: (latent: number) => number): Float64Array {
  const sum = new Float64Array(dModel);
  for (let latent = 0; latent < nLatents; latent++) {
    const w = weight(latent);
    if (w === 0) continue;
    for (let i = 0; i < dModel; i++) sum[i] = (sum[i] as number) + w * (decoder[latent * dModel + i] as number);
  }
  return sum;
}
