/** The tangent forecast of all behaviours, for the data and for the control, and the rows that push. */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import type { PrepareOptions } from "../prepare.ts";
import type { DataSide } from "./data-side.ts";
import type { Tangents } from "./forecast.ts";
import { rowInfluences } from "./influence.ts";
import { dataGradient, type PassOptions, probeGradients, tangent, tangentSpace } from "./tangent.ts";

export interface TangentsRequest extends PrepareOptions {
  readonly base: LanguageModel;
  readonly rows: readonly TrainingRow[];
  readonly side: DataSide | null;
  readonly behaviours: readonly Behaviour[];
  readonly train: {
    readonly rank: number;
    readonly alpha: number;
    readonly targetModules: readonly string[] | null;
  };
  readonly seed: number;
}

/** Draws of A that a forecast is averaged over (SCIENCE §2.3). */
const DRAWS = 4;
const MICRO_BATCH_TOKENS = 1024;

export async function tangents(request: TangentsRequest): Promise<Tangents> {
  const { base, rows, side, behaviours, train, seed, onProgress, signal } = request;
  const { engine, source, tokenizer } = base;
  const { rank, alpha, targetModules: targets } = train;
  const space = tangentSpace(source.definition, { rank, scale: alpha / rank, targets, draws: DRAWS, seed });
  const pass: PassOptions = {
    engine,
    source,
    space,
    microBatchTokens: MICRO_BATCH_TOKENS,
    ...(signal ? { signal } : {}),
  };
  const heard = (task: string) => (step: number, total: number) => onProgress?.({ task, step, total });
  const probes = await probeGradients({ ...pass, tokenizer, behaviours, onDone: heard("forecast: behaviours") });
  const { data, byBehaviour } = await rowInfluences({ ...pass, rows, probes, onDone: heard("forecast: rows") });
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
    rank,
  };
}
