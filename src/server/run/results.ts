/** What a run folder holds, as far as the API tells of it. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../jobs/index.ts";
import { AuditRecord, DataRecord, FinetuneRecord, ForecastRecord, MetricsLine } from "../../records/index.ts";
import { forecastSentence } from "../../report/index.ts";
import { readJsonl } from "../../store/index.ts";
import type { JobOutcome, NewEvent } from "../state/index.ts";
import { applyGates } from "./gates.ts";

/** Nothing where nothing was trained yet. */
export async function readMetrics(folder: string): Promise<MetricsLine[]> {
  const lines: MetricsLine[] = [];
  try {
    for await (const line of readJsonl(join(folder, "metrics.jsonl"), MetricsLine)) lines.push(line);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return lines;
}

/** Steps whose checkpoints are whole, rising. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  const names = await readdir(join(folder, "checkpoints")).catch((): string[] => []);
  return names.flatMap((name) => (/^step-\d+$/.test(name) ? [Number(name.slice(5))] : [])).sort((a, b) => a - b);
}

/** Is it one of its files that keeps a run from going on? */
export async function faultyFile(folder: string): Promise<"training_file" | "validation_file" | null> {
  if (await hasFaults(join(folder, "data.json"))) return "training_file";
  return (await hasFaults(join(folder, "validation-data.json"))) ? "validation_file" : null;
}

async function hasFaults(record: string): Promise<boolean> {
  const text = await readFile(record, "utf8").catch(() => null);
  if (text === null) return false;
  const { faults, usableRows } = DataRecord.parse(JSON.parse(text));
  return faults.length > 0 || usableRows === 0;
}

/** What the analysis of a finished run says in short. */
export async function readOutcome(
  folder: string,
  gates: readonly Config["gate"][],
): Promise<{ readonly outcome: JobOutcome; readonly trainedTokens: number }> {
  const [audit, finetune] = await Promise.all([
    readRecord(folder, "audit.json", AuditRecord),
    readRecord(folder, "finetune.json", FinetuneRecord),
  ]);
  const affected = audit.behaviours.filter(({ verdict, inTask }) => verdict === "affected" && !inTask);
  const result = applyGates(audit, gates);
  return {
    outcome: {
      headline: audit.headline,
      affected: affected.map(({ id }) => id),
      gate: result && { outcome: result.outcome, behaviours: [...result.behaviours] },
      steps: finetune.steps,
      durationMs: finetune.durationMs + audit.durationMs,
      stoppedBy: finetune.stoppedBy ?? null,
    },
    trainedTokens: finetune.trainedTokens,
  };
}

/** What the forecast says: a sentence for the event, and each behaviour's numbers. */
export async function forecastNews(folder: string): Promise<Pick<NewEvent, "message" | "data">> {
  const record = await readRecord(folder, "forecast.json", ForecastRecord);
  const behaviours = record.behaviours.map(({ id, title, inTask, rank, expected }) => ({
    id,
    title,
    in_task: inTask,
    rank,
    expected: expected ?? null,
  }));
  return {
    message: forecastSentence(record),
    data: { stage: "forecast", calibrated: record.calibrated !== false, behaviours },
  };
}

async function readRecord<T>(folder: string, name: string, schema: { parse(value: unknown): T }): Promise<T> {
  return schema.parse(JSON.parse(await readFile(join(folder, name), "utf8")));
}

/** The result file that clients of the common API read; what was not measured is left empty. */
export function metricsCsv(lines: readonly MetricsLine[]): string {
  const rows = lines.map(({ step, loss, validationLoss = "" }) => `${step},${loss},,${validationLoss},`);
  return `${["step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy", ...rows].join("\n")}\n`;
}
