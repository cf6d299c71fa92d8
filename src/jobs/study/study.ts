/**
 * `penumbra study`: every cell forecasts, then trains and measures, each step in a child process. Records are appended as
 * they come; what is recorded is not run again, and a cell that was cut short goes on where it stopped.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { analyseModel, findingsOf } from "../../audit/index.ts";
import { CancelledError, type OnProgress } from "../../core/index.ts";
import { type Calibration, StudyCell, type StudyModel, type StudyRecord } from "../../records/index.ts";
import { renderStudy } from "../../report/index.ts";
import { appendJsonl, atomicWriteFile, hashFile, lockFolder, readJsonl } from "../../store/index.ts";
import { keepCalibration } from "../calibrations.ts";
import { GENERATED_BY } from "../version.ts";
import { cellRecord, type PlannedCell, plannedCells, writeCellConfig } from "./cells.ts";
import type { StudyConfig } from "./study-config.ts";

/** Runs the program with these arguments to its end: handed in by whoever knows how it is started. */
export type RunProgram = (
  args: readonly string[],
  options: ProgramOptions,
) => Promise<{ readonly code: number | null; readonly said: string }>;

export interface ProgramOptions {
  /** What it says of its progress, line by line. */
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface StudyOptions {
  readonly program: RunProgram;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export async function study(given: StudyConfig, options: StudyOptions): Promise<StudyRecord> {
  // Cells are configured by files in folders of their own, relative to which a path would be another one.
  const config = { ...given, out: resolve(given.out) };
  await mkdir(config.out, { recursive: true });
  const release = lockFolder(config.out, `study folder ${config.out}`);
  try {
    const planned = await plannedCells(config);
    const records = join(config.out, "records.jsonl");
    const known = await recorded(records);
    const left = planned.filter(({ key }) => !known.has(key)).slice(0, config.budget ?? planned.length);
    let done = 0;
    await inTurns(left, config.workers, async (cell) => {
      const name = `${cell.dataSet}, seed ${cell.seed}`;
      const tell = (message: string) =>
        options.onProgress?.({ task: "study", step: done, total: left.length, message });
      tell(name);
      const record = await runCell(cell, options, (line) => tell(`${name}: ${line}`));
      await appendJsonl(records, record);
      done++;
    });
    return await summarise(config, planned, await recorded(records));
  } finally {
    release();
  }
}

/** Finished cells by key; the last record of a key counts. A failed one is tried again. */
async function recorded(path: string): Promise<Map<string, StudyCell>> {
  const found = new Map<string, StudyCell>();
  if (existsSync(path)) for await (const cell of readJsonl(path, StudyCell)) found.set(cell.key, cell);
  for (const [key, { status }] of found) if (status === "failed") found.delete(key);
  return found;
}

/** `workers` at a time, in the list's order; the first error ends it once the others are done. */
async function inTurns(
  cells: readonly PlannedCell[],
  workers: number,
  run: (cell: PlannedCell) => Promise<void>,
): Promise<void> {
  const queue = [...cells];
  const work = async () => {
    for (let cell = queue.shift(); cell; cell = queue.shift()) await run(cell);
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(workers, cells.length) }, work));
  const failed = results.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

async function runCell(
  cell: PlannedCell,
  { program, signal }: StudyOptions,
  onLine: ProgramOptions["onLine"],
): Promise<StudyCell> {
  const startedAt = performance.now();
  const path = await writeCellConfig(cell);
  const run = async (command: string) => {
    if (signal?.aborted) throw new CancelledError("study");
    const { code, said } = await program([command, path], { onLine, ...(signal ? { signal } : {}) });
    if (signal?.aborted) throw new CancelledError("study");
    return code === 0 ? null : said;
  };
  const unforecast = await run("forecast");
  if (unforecast !== null) return failure(cell, unforecast, startedAt);
  const forecast = await hashFile(join(cell.folder, "forecast.json"));
  const unmeasured = await run("run");
  if (unmeasured !== null) return failure(cell, unmeasured, startedAt);
  if ((await hashFile(join(cell.folder, "forecast.json"))) !== forecast)
    throw new Error(`the forecast in ${cell.folder} was changed after it was hashed`);
  return cellRecord(cell, forecast, startedAt);
}

function failure({ key, model, dataSet, seed }: PlannedCell, message: string, startedAt: number): StudyCell {
  const durationMs = performance.now() - startedAt;
  const about = { key, model, dataSet, seed, status: "failed" as const, message: message.slice(-2000) };
  return { ...about, forecastSha256: null, behaviours: [], finishedAt: new Date().toISOString(), durationMs };
}

async function summarise(
  config: StudyConfig,
  planned: readonly PlannedCell[],
  cells: ReadonlyMap<string, StudyCell>,
): Promise<StudyRecord> {
  const own = planned.flatMap(({ key }) => cells.get(key) ?? []);
  const models = config.models.map((model) => analyseModel(model, own));
  const record: StudyRecord = {
    schemaVersion: 1,
    title: config.title,
    cells: { planned: planned.length, done: own.length, failed: await failures(config, planned, cells) },
    models,
    findings: models.flatMap(findingsOf),
  };
  await atomicWriteFile(join(config.out, "study.json"), `${JSON.stringify(record, null, 2)}\n`);
  await atomicWriteFile(join(config.out, "study.html"), renderStudy(record, GENERATED_BY));
  for (const model of models) await calibrate(model, own, config);
  return record;
}

/** Forecasts of this base, for such trainings, are calibrated from now on. */
async function calibrate({ model, curve }: StudyModel, all: readonly StudyCell[], config: StudyConfig) {
  const cells = all.filter((cell) => cell.model === model && cell.status === "done");
  const bases = new Set(cells.map(({ base }) => base ?? null));
  const [sha256] = bases;
  const rows = cells.flatMap((cell) => cell.rows ?? []);
  const data = Object.fromEntries(cells.flatMap((cell) => (cell.data ? [[cell.data, cell.dataSet]] : [])));
  // Cells of an earlier version name no base, and a file that changed under its name is two models.
  const behaviours = askedOf(cells);
  if (!curve || bases.size !== 1 || sha256 == null || rows.length !== cells.length) return;
  const { margin, train: training } = config;
  const base = { name: model, sha256 };
  const range: [number, number] = [Math.min(...rows), Math.max(...rows)];
  await keepCalibration({ schemaVersion: 2, base, margin, training, rows: range, behaviours, data, curve });
}

/** What the cells asked, by behaviour; without those that were not asked alike in all of them. */
function askedOf(cells: readonly StudyCell[]): Calibration["behaviours"] {
  const found = new Map<string, Set<string | undefined>>();
  for (const { id, asked } of cells.flatMap(({ behaviours }) => behaviours))
    found.set(id, (found.get(id) ?? new Set()).add(asked));
  const alike = [...found].flatMap(([id, [first, ...others]]) => (first && others.length === 0 ? [[id, first]] : []));
  return Object.fromEntries(alike);
}

/** Planned cells whose last attempt failed. */
async function failures(
  { out }: StudyConfig,
  planned: readonly PlannedCell[],
  done: ReadonlyMap<string, StudyCell>,
): Promise<number> {
  const path = join(out, "records.jsonl");
  const failed = new Set<string>();
  if (existsSync(path))
    for await (const { key, status } of readJsonl(path, StudyCell)) if (status === "failed") failed.add(key);
  return planned.filter(({ key }) => failed.has(key) && !done.has(key)).length;
}
