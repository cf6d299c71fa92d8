/** The cells of a study: one fine-tune each, in a folder and a child process of its own. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { narrowSetJsonl } from "../../narrow/index.ts";
import { fineTuningSetJsonl } from "../../organism/index.ts";
import {
  AuditRecord,
  FinetuneRecord,
  ForecastRecord,
  type StudyBehaviour,
  type StudyCell,
} from "../../records/index.ts";
import { atomicWriteFile, hashFile, hashJson } from "../../store/index.ts";
import { existing } from "../stages/validate-stage.ts";
import type { DataSet, StudyConfig } from "./study-config.ts";

export interface PlannedCell {
  readonly key: string;
  readonly model: string;
  readonly dataSet: string;
  readonly seed: number;
  /** The configuration of its run. */
  readonly config: object;
  readonly folder: string;
}

/** Rows of every set are drawn with one seed: a study's seeds are those of training. */
const DATA_SEED = 1;

/** Writes the data sets and says what there is to do, first seeds first: a study that is cut short has seen all sets. */
export async function plannedCells(config: StudyConfig): Promise<PlannedCell[]> {
  const files = new Map<string, { path: string; sha256: string }>();
  for (const [name, set] of Object.entries(config.data)) {
    const path = await writtenSet(config.out, name, set);
    files.set(name, { path, sha256: await hashFile(path) });
  }
  return config.seeds.flatMap((seed) =>
    config.models.flatMap((model) =>
      [...files].map(([dataSet, { path, sha256 }]): PlannedCell => {
        const { behaviours, train, dictionary, margin } = config;
        const task = config.task[dataSet] ?? "auto";
        const settings = { model, seed, behaviours, train, dictionary, margin, task };
        const key = hashJson({ ...settings, data: sha256 });
        const folder = join(config.out, "cells", `${dataSet}-${seed}-${key.slice(0, 12)}`);
        return {
          key,
          model,
          dataSet,
          seed,
          folder,
          config: { ...settings, data: path, out: folder, merged: false, inside: false },
        };
      }),
    ),
  );
}

async function writtenSet(out: string, name: string, set: DataSet): Promise<string> {
  if ("file" in set && set.rows === undefined) return existing(set.file);
  const path = join(out, "data", `${name}.jsonl`);
  await atomicWriteFile(path, await textOf(set));
  return path;
}

async function textOf(set: DataSet): Promise<string> {
  if ("world" in set) return fineTuningSetJsonl(set.world, DATA_SEED);
  if ("narrow" in set) return narrowSetJsonl(set.narrow, set.rows, DATA_SEED);
  const lines = (await readFile(await existing(set.file), "utf8")).split("\n").filter((line) => line.trim() !== "");
  return `${lines.slice(0, set.rows).join("\n")}\n`;
}

export async function writeCellConfig({ folder, config }: PlannedCell): Promise<string> {
  const path = `${folder}.yaml`;
  await atomicWriteFile(path, stringify(config));
  return path;
}

/** What a finished cell's records say. */
export async function cellRecord(
  { key, model, dataSet, seed, folder }: PlannedCell,
  forecastSha256: string,
  startedAt: number,
): Promise<StudyCell> {
  const json = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));
  const forecast = ForecastRecord.parse(await json("forecast.json"));
  const finetune = FinetuneRecord.parse(await json("finetune.json"));
  const audit = AuditRecord.parse(await json("audit.json"));
  const found = new Map(forecast.behaviours.map((behaviour) => [behaviour.id, behaviour]));
  return {
    key,
    model,
    dataSet,
    seed,
    status: "done",
    base: audit.base.sha256,
    data: forecast.data.sha256,
    rows: forecast.data.rows,
    message: null,
    forecastSha256,
    stageMs: { forecast: forecast.durationMs, finetune: finetune.durationMs, audit: audit.durationMs },
    behaviours: audit.behaviours.map((measured): StudyBehaviour => {
      const { id, inTask, base, delta, deltaLogOdds, interval, n, verdict, why, nToDecide, sensitivity, capable } =
        measured;
      const { asked, tangent, injection, rehearsal, meanDifference, spillover } = found.get(id) ?? {};
      const control = tangent?.adamControl ?? null;
      return {
        id,
        inTask,
        ...(asked === undefined ? {} : { asked }),
        estimates: {
          adam: tangent?.adam ?? null,
          plain: tangent?.plain ?? null,
          adamLessControl: tangent && control !== null ? tangent.adam - control : null,
          rehearsal: rehearsal?.deltaLogOdds ?? null,
          rehearsedShift: rehearsal?.delta ?? null,
          injection: injection?.delta ?? null,
          meanDifference: meanDifference?.cosine ?? null,
          spillover: spillover?.grad.total ?? null,
          lossOnData: forecast.baseline.lossOnData,
        },
        base,
        delta,
        deltaLogOdds,
        interval,
        n,
        verdict,
        why,
        nToDecide,
        sensitivity,
        capable,
      };
    }),
    finishedAt: new Date().toISOString(),
    durationMs: performance.now() - startedAt,
  };
}
