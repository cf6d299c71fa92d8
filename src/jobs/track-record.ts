/**
 * What forecasts were worth: every run's forecast is hashed into one file before its training, and scored there
 * after its audit. The file lies with the user's state and outlives the caches. Lines are only ever added; a score names the hash of its forecast.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { auroc, isUnread, spearman } from "../audit/index.ts";
import { type AuditRecord, ForecastRecord } from "../records/index.ts";
import { appendJsonl, hashFile, readJsonl, stateFolder } from "../store/index.ts";

const Registered = z.strictObject({
  kind: z.literal("forecast"),
  /** sha256 of `forecast.json`, as it was when the line was written. */
  sha256: z.string(),
  at: z.string(),
  /** False where the folder held a finished training already: such a forecast proves nothing. */
  beforeTraining: z.boolean(),
  base: z.string(),
  data: z.string(),
});

const Scored = z.strictObject({
  kind: z.literal("score"),
  /** Of the forecast. */
  sha256: z.string(),
  at: z.string(),
  tuned: z.string(),
  /** Behaviours that are not the task and were measured. */
  cells: z.array(
    z.strictObject({
      id: z.string(),
      /** The Adam tangent. */
      forecast: z.number(),
      /** Null where nothing was rehearsed. */
      rehearsed: z.number().nullable().default(null),
      measured: z.number(),
      affected: z.boolean(),
    }),
  ),
  /** Adam tangent against log-odds shift; its size against `affected`. Null where they cannot be computed. */
  spearman: z.number().nullable(),
  auroc: z.number().nullable(),
});

export const TrackLine = z.discriminatedUnion("kind", [Registered, Scored]);
export type TrackLine = z.infer<typeof TrackLine>;

export interface Worth {
  readonly cells: number;
  readonly spearman: number | null;
  readonly auroc: number | null;
}

/** Of scored forecasts that were registered before their training: all cells, and those that were rehearsed. */
export interface TrackRecord extends Worth {
  readonly registered: number;
  readonly scored: number;
  readonly rehearsed: Worth;
}

const trackFile = () => join(stateFolder(), "track-record.jsonl");

/** Before the training: once per forecast. */
export async function registerForecast(folder: string): Promise<void> {
  const [sha256, lines] = [await hashFile(join(folder, "forecast.json")), await trackLines()];
  if (lines.some((line) => line.kind === "forecast" && line.sha256 === sha256)) return;
  const { base, data } = await readForecast(folder);
  const line: TrackLine = {
    kind: "forecast",
    sha256,
    at: new Date().toISOString(),
    beforeTraining: !existsSync(join(folder, ".stages", "finetune.json")),
    base: base.sha256,
    data: data.sha256,
  };
  await appendJsonl(trackFile(), line);
}

/** After the audit: once per forecast and tuned model. A forecast that was changed since is not found, and not scored. */
export async function scoreForecast(folder: string, audit: AuditRecord): Promise<void> {
  if (!existsSync(join(folder, "forecast.json"))) return;
  const [sha256, lines] = [await hashFile(join(folder, "forecast.json")), await trackLines()];
  const forecast = await readForecast(folder);
  if (forecast.base.sha256 !== audit.base.sha256 || forecast.data.sha256 !== audit.data?.sha256) return;
  const tuned = audit.tuned.sha256 ?? "";
  if (!lines.some((line) => line.kind === "forecast" && line.sha256 === sha256)) return;
  if (lines.some((line) => line.kind === "score" && line.sha256 === sha256 && line.tuned === tuned)) return;
  const cells = cellsOf(forecast, audit);
  const { spearman: order, auroc: area } = worth(cells, tangentOf);
  await appendJsonl(trackFile(), {
    kind: "score",
    sha256,
    at: new Date().toISOString(),
    tuned,
    cells,
    spearman: order,
    auroc: area,
  });
}

type Cells = z.infer<typeof Scored>["cells"];

export function cellsOf(forecast: Pick<ForecastRecord, "behaviours">, audit: Pick<AuditRecord, "behaviours">): Cells {
  const results = new Map(audit.behaviours.map((behaviour) => [behaviour.id, behaviour]));
  return forecast.behaviours.flatMap(({ id, inTask, tangent, rehearsal }) => {
    const found = results.get(id);
    if (inTask || !tangent || found?.deltaLogOdds == null || isUnread(found)) return [];
    const rehearsed = rehearsal?.deltaLogOdds ?? null;
    const { deltaLogOdds: measured, verdict } = found;
    return [{ id, forecast: tangent.adam, rehearsed, measured, affected: verdict === "affected" }];
  });
}

function worth(cells: Cells, of: (cell: Cells[number]) => number): Worth {
  const forecast = cells.map(of);
  return {
    cells: cells.length,
    spearman: spearman(
      forecast,
      cells.map(({ measured }) => measured),
    ),
    auroc: auroc(
      forecast.map(Math.abs),
      cells.map(({ affected }) => affected),
    ),
  };
}

export async function trackRecord(): Promise<TrackRecord> {
  const lines = await trackLines();
  const fair = new Set(lines.flatMap((line) => (line.kind === "forecast" && line.beforeTraining ? [line.sha256] : [])));
  const scores = lines.flatMap((line) => (line.kind === "score" && fair.has(line.sha256) ? [line] : []));
  const cells = scores.flatMap((score) => score.cells);
  const registered = lines.filter(({ kind }) => kind === "forecast").length;
  const rehearsed = cells.filter((cell) => cell.rehearsed !== null);
  return {
    registered,
    scored: scores.length,
    ...worth(cells, tangentOf),
    rehearsed: worth(rehearsed, (cell) => cell.rehearsed ?? 0),
  };
}

const tangentOf = ({ forecast }: Cells[number]) => forecast;

async function trackLines(): Promise<TrackLine[]> {
  const file = trackFile();
  const lines: TrackLine[] = [];
  if (existsSync(file)) for await (const line of readJsonl(file, TrackLine)) lines.push(line);
  return lines;
}

async function readForecast(folder: string): Promise<ForecastRecord> {
  return ForecastRecord.parse(JSON.parse(await readFile(join(folder, "forecast.json"), "utf8")));
}
