/** The tangent forecast of all behaviours, for the data and for the control, and the rows that push. */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import type { PrepareOptions } from "../prepare.ts";
import type { DataSide } from "./data-side.ts";
import type { Tangents } from "./forecast.ts";
import { rowInfluences } from "./influence.ts";
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
  readonly train: {
    readonly rank: number;
    readonly alpha: number;
    readonly targetModules: readonly string[] | string | null;
  };
  readonly seed: number;
}

export interface TangentsRequest extends ProbesQuestion {
  readonly rows: readonly TrainingRow[];
  readonly side: DataSide | null;
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

export async function tangents(request: TangentsRequest): Promise<Tangents> {
  const { rows, side, probes, onProgress } = request;
  const pass = passOf(request);
  const { space } = pass;
  const onDone = (step: number, total: number) => onProgress?.({ task: "forecast: rows", step, total });
  const { data, byBehaviour } = await rowInfluences({ ...pass, rows, probes, onDone });
  const control = side && (await dataGradient({ ...pass, rows: side.rows.control }));
  const estimates = probes.map((probe) => {
    const { adam, adamRange, plain } = tangent(space, probe, data);
    const usual = control && tangent(space, probe, control);
    const range: [number, number] = [must(adamRange[0], "draw"), must(adamRange[1], "draw")];
    const estimate = { adam, adamRange: range, plain };
    return [probe.id, { ...estimate, adamControl: usual?.adam ?? null, plainControl: usual?.plain ?? null }] as const;
  });
  return {
    estimates: new Map(estimates),
    influences: byBehaviour,
    lossOnData: data.lossPerToken,
    lossOnControl: control?.lossPerToken ?? null,
    draws: DRAWS,
    rank: space.rank,
  };
}

function passOf({ base, train, seed, signal }: ProbesQuestion): PassOptions {
  const { engine, source } = base;
  const { rank, alpha, targetModules: targets } = train;
  const space = tangentSpace(source.definition, { rank, scale: alpha / rank, targets, draws: DRAWS, seed });
  return { engine, source, space, microBatchTokens: MICRO_BATCH_TOKENS, ...(signal ? { signal } : {}) };
}
