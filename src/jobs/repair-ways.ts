/** The ways of a repair: each gives the adapter at every strength γ by layer, 0 as it was, 1 repaired as far as that way goes. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  answersOf,
  interpolated,
  type ModulePlan,
  type RepairOptions,
  refitPlan,
  refittedAdapter,
  refuseWhole,
  repaired,
  repairPlan,
} from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import type { OnProgress } from "../core/index.ts";
import type { AskOptions, Engine, LanguageModel } from "../engine/index.ts";
import type { Basis } from "../geometry/index.ts";
import type { Adapter } from "../models/index.ts";
import type { RepairRecord } from "../records/index.ts";
import { hashJson } from "../store/index.ts";
import { finetuneFurther, stepsOf, type TrainingRow } from "../training/index.ts";
import { type Config, KlConfig } from "./config.ts";
import { klGuard } from "./guard.ts";
import type { OpenedModel } from "./open.ts";
import { loraOptions } from "./tune.ts";

export type RepairMethod =
  | ({
      readonly by: "directions";
      /** Principal directions of the adapter's own measured shift that are protected too. */
      readonly shiftDirections: number;
    } & RepairOptions)
  | { readonly by: "least-squares" }
  /** With the configured training and, where it is `kl`, the configured guard. */
  | { readonly by: "kl" };

export interface Repairable extends AskOptions {
  readonly engine: Engine;
  readonly model: OpenedModel;
  readonly config: Pick<Config, "train" | "seed" | "guard" | "out">;
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly adapter: Adapter;
  /** What base, adapter and data are. */
  readonly inputs: { readonly baseSha256: string; readonly adapterSha256: string; readonly dataSha256: string };
  /** That a way may see. */
  readonly rows: readonly TrainingRow[];
  readonly protect: readonly Behaviour[];
  /** Of the protected behaviours' directions, by layer. */
  readonly bases: readonly Basis[];
  readonly keepGain: number;
  readonly onProgress?: OnProgress;
}

export interface Way {
  readonly repaired: (gammaOf: (layer: number) => number) => Adapter;
  readonly modules: RepairRecord["modules"];
  readonly options: RepairRecord["options"];
}

/** Of the divergence, where the configuration says none; chosen on the bundled model (docs/results/acting.md). */
const WEIGHT = 100;

export function wayOf(repairable: Repairable, method: RepairMethod): Promise<Way> {
  switch (method.by) {
    case "directions":
      return offDirections(repairable, method);
    case "least-squares":
      return byLeastSquares(repairable);
    case "kl":
      return byTraining(repairable);
  }
}

async function offDirections(
  { base, adapter, bases, keepGain }: Repairable,
  { shiftDirections: _, ...options }: RepairMethod & { by: "directions" },
): Promise<Way> {
  refuseWhole(bases, base.source.definition);
  const plan = await repairPlan(base.source, adapter, bases, options);
  return {
    repaired: (gammaOf) => repaired(adapter, plan, gammaOf),
    modules: counts([...plan.values()].map(({ kind }) => kind)),
    options: { ...options, keepGain },
  };
}

async function byLeastSquares({ base, tuned, adapter, rows, protect, keepGain, signal }: Repairable): Promise<Way> {
  const plan = await refitPlan({
    ...{ base, tuned, adapter },
    rows: rows.map(({ ids }) => ({ ids: [...ids], positions: [] })),
    others: answersOf(base, protect, "select"),
    ...(signal ? { signal } : {}),
  });
  return {
    repaired: (gammaOf) => refittedAdapter(adapter, plan, gammaOf),
    modules: { ...counts([]), refitted: plan.inputs.size },
    options: { by: "least-squares", tokens: plan.tokens, keepGain },
  };
}

/** The adapter is trained on from where it stands, held to the base on text from elsewhere and on unremarkable answers. */
async function byTraining(repairable: Repairable): Promise<Way> {
  const { engine, model, config, base, adapter, rows, protect, keepGain, onProgress, signal } = repairable;
  const { definition } = base.source;
  const configured = config.guard?.method === "kl" ? config.guard : KlConfig.parse({ method: "kl", weight: WEIGHT });
  const { maxLength } = config.train;
  const guard = await klGuard({ base, model, guard: configured, behaviours: protect, maxLength });
  const options = loraOptions(config);
  const total = stepsOf(rows.length, options);
  const folder = join(config.out, ".repair");
  const trained = await finetuneFurther({
    ...{ engine, source: base.source, rows, options, folder, guard, from: adapter },
    key: hashJson({ ...repairable.inputs, options, ...guard, rows: guard.rows.map((ids) => [...ids]) }),
    onStep: ({ step, loss }) => onProgress?.({ task: "repair: training", step, total, readings: { loss } }),
    ...(signal ? { signal } : {}),
  });
  await rm(folder, { recursive: true, force: true });
  return {
    repaired: (gammaOf) => interpolated(adapter, trained.adapter, definition.linears, gammaOf),
    modules: { ...counts([]), refitted: adapter.modules.size },
    options: {
      by: "kl",
      weight: guard.weight,
      rowsPerStep: guard.rowsPerStep,
      texts: guard.rows.length,
      rows: rows.length,
      steps: trained.steps,
      learningRate: options.learningRate,
      keepGain,
    },
  };
}

function counts(kinds: readonly ModulePlan["kind"][]): RepairRecord["modules"] {
  const found = { writes: 0, values: 0, kept: 0, dropped: 0, refitted: 0 };
  for (const kind of kinds) found[kind]++;
  return found;
}
