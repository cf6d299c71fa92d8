/**
 * The tangent forecast of all behaviours, for the data and for the control, and the rows that push. The same passes read
 * the residual stream at the answers: how data and control differ needs no passes of its own.
 */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { LoraShape, RowMeans, TrainingRow } from "../../training/index.ts";
import { type Directions, directionsBetween, partMeans, partShares, residualHooks, SLOTS } from "../directions.ts";
import type { PrepareOptions } from "../prepare.ts";
import { studentQuantile } from "../statistics/distributions.ts";
import { type PairedRows, responseOf } from "./control.ts";
import type { Tangents } from "./forecast.ts";
import { rowInfluences } from "./influence.ts";
import { jackknifeVariance, type Subsample } from "./subsample.ts";
import {
  dataGradient,
  type PassOptions,
  type ProbeGradient,
  probeGradients,
  tangent,
  tangentSpace,
} from "./tangent.ts";

export interface ProbesQuestion extends PrepareOptions {
  readonly base: LanguageModel;
  readonly behaviours: readonly Behaviour[];
  /** Of the adapter that the training makes. */
  readonly shape: LoraShape;
  readonly seed: number;
}

export interface TangentsRequest extends ProbesQuestion {
  readonly rows: readonly TrainingRow[];
  /** Of the quick forecast: `rows` are a part of the data, dealt to groups. */
  readonly subsample?: Pick<Subsample, "groups" | "share">;
  /** Of these rows, those that are compared with the base's own answers. */
  readonly paired: PairedRows | null;
  /** Of `behaviourGradients` with the same question, perhaps from a cache. */
  readonly probes: readonly ProbeGradient[];
}

/** Draws of A that a forecast is averaged over (SCIENCE §2.3). */
const DRAWS = 4;
const MICRO_BATCH_TOKENS = 1024;

/** ∇m_b of every behaviour, in the parameters that a forecast is made in. */
export function behaviourGradients(question: ProbesQuestion): Promise<ProbeGradient[]> {
  const { base, behaviours, onProgress } = question;
  const onDone = (step: number, total: number) => onProgress?.({ task: "forecast: behaviours", step, total });
  return probeGradients({ ...passOf(question), tokenizer: base.tokenizer, behaviours, onDone });
}

/** And data less control at every layer; null without a control. A quick forecast takes no gradient of the control. */
export async function tangents(
  request: TangentsRequest,
): Promise<Tangents & { readonly directions: readonly Directions[] | null }> {
  const { base, rows, paired, probes, onProgress } = request;
  const pass = passOf(request);
  const { space } = pass;
  const onDone = (step: number, total: number) => onProgress?.({ task: "forecast: tokens of the rows", step, total });
  const { subsample } = request;
  const found = await rowInfluences({
    ...pass,
    rows,
    probes,
    onDone,
    ...(subsample ?? {}),
    ...(paired ? { means: answerMeans(base, paired.data, paired.chosen) } : {}),
  });
  const { data, byBehaviour, without } = found;
  const control =
    paired && !subsample
      ? await dataGradient({ ...pass, rows: paired.control, means: answerMeans(base, paired.control) })
      : null;
  const ask = request.signal ? { signal: request.signal } : {};
  const own =
    control?.means ?? (paired && (await partMeans(base, paired.control.map(responseOf), residualHooks(base), ask)));
  const estimates = probes.map((probe) => {
    const { adam, adamRange, adamDraws, plain } = tangent(space, probe, data);
    const left = without.map((part) => tangent(space, probe, part).adam);
    const adamInterval = intervalOf(adam, adamDraws, jackknifeVariance(left, subsample?.share ?? 1));
    const usual = control && tangent(space, probe, control);
    const range: [number, number] = [must(adamRange[0], "draw"), must(adamRange[1], "draw")];
    const estimate = { adam, adamRange: range, adamInterval, plain };
    return [probe.id, { ...estimate, adamControl: usual?.adam ?? null, plainControl: usual?.plain ?? null }] as const;
  });
  return {
    estimates: new Map(estimates),
    influences: byBehaviour,
    lossOnData: data.lossPerToken,
    lossOnControl: control?.lossPerToken ?? null,
    draws: DRAWS,
    rank: space.rank,
    directions: paired && own && differences(base, { paired, data: found.means, control: own }),
  };
}

/** Means over the parts of each row's answer after every block; row i of `rows` is the `places[i]`-th of its pass. */
function answerMeans(
  base: LanguageModel,
  rows: readonly TrainingRow[],
  places: readonly number[] = [...rows.keys()],
): RowMeans {
  const byPlace = new Map(places.map((place, i) => [place, must(rows[i], "row")]));
  return {
    hooks: residualHooks(base),
    slots: SLOTS,
    sharesOf: (place) => {
      const row = byPlace.get(place);
      return row ? partShares(responseOf(row)) : null;
    },
  };
}

function differences(
  base: LanguageModel,
  means: {
    readonly paired: PairedRows;
    readonly data: readonly Float32Array[];
    readonly control: readonly Float32Array[];
  },
): Directions[] {
  const { dModel } = base.source.definition.dimensions;
  const size = SLOTS * dModel;
  const chosen = means.data.map((all) => {
    const some = new Float32Array(means.paired.chosen.length * size);
    for (const [i, row] of means.paired.chosen.entries())
      some.set(all.subarray(row * size, (row + 1) * size), i * size);
    return some;
  });
  return directionsBetween(residualHooks(base), dModel, chosen, means.control);
}

/** 95%: what the draws of A leave open, and, where rows were drawn too, what these do. */
function intervalOf(estimate: number, draws: readonly number[], ofRows: number): [number, number] | null {
  if (draws.length < 2) return null;
  const variance = draws.reduce((sum, value) => sum + (value - estimate) ** 2, 0) / (draws.length - 1);
  const half = studentQuantile(0.975, draws.length - 1) * Math.sqrt(variance / draws.length + ofRows);
  return [estimate - half, estimate + half];
}

function passOf({ base, shape, seed, signal }: ProbesQuestion): PassOptions {
  const { engine, source } = base;
  const space = tangentSpace(source.definition, { shape, draws: DRAWS, seed });
  return { engine, source, space, microBatchTokens: MICRO_BATCH_TOKENS, ...(signal ? { signal } : {}) };
}
