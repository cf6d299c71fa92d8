/** The report as a stage: records in, HTML, Markdown and JUnit out. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/index.ts";
import {
  AnswerPair,
  AuditRecord,
  BenchmarkRecord,
  CotRecord,
  DataRecord,
  EvidenceItem,
  FinetuneRecord,
  ForecastRecord,
  GeometryRecord,
  ManifestRecord,
  MetricsLine,
} from "../records/index.ts";
import { type ReportInput, renderHtml, renderJunit, renderMarkdown } from "../report/index.ts";
import { atomicWriteFile } from "../store/index.ts";
import { Config } from "./config.ts";
import { type GateOutcome, gateOutcomes } from "./gate.ts";
import { type FoundRecords, ownRecords } from "./own-records.ts";
import { optionalText, readLines, readRecord } from "./read-record.ts";
import { keptRedaction, type PublishOptions } from "./redaction.ts";
import { GENERATED_BY } from "./version.ts";

/** Writes report.html, report.md and junit.xml from what a run folder holds; redacted where that was ever asked for. */
export async function publish(
  folder: string,
  options: PublishOptions = {},
): Promise<{ outputs: string[]; redacted: boolean }> {
  const found = await readRun(folder);
  const redact = await keptRedaction(folder, options);
  const input = { ...found, ...(redact ? { redact } : {}) };
  await atomicWriteFile(join(folder, "report.html"), renderHtml(input));
  await atomicWriteFile(join(folder, "report.md"), renderMarkdown(input));
  await atomicWriteFile(join(folder, "junit.xml"), renderJunit(input, { gate: gateOfRun(input) }));
  return { outputs: ["report.html", "report.md", "junit.xml"], redacted: redact };
}

const Gated = z.looseObject({ gate: Config.shape.gate });

/** By behaviour id; null where the run has no gate. */
function gateOfRun({ audit, config }: ReportInput): ReadonlyMap<string, GateOutcome> | null {
  const { gate } = Gated.safeParse(config).data ?? {};
  return gate ? gateOutcomes(audit, gate) : null;
}

const Shallow = z.looseObject({ inside: z.literal(false) });

async function readRun(folder: string): Promise<ReportInput> {
  const audit = await readRecord(folder, "audit.json", AuditRecord);
  if (!audit)
    throw new UserError(folder, {
      expected: "a run folder with audit.json",
      got: "none",
      fix: "`penumbra run` or `penumbra audit` first",
    });
  const config: unknown = JSON.parse((await optionalText(join(folder, "config.json"))) ?? "null");
  const verdictsOnly = Shallow.safeParse(config).success;
  const evidence = await Promise.all(
    audit.behaviours.map(
      async ({ id, evidence: path }) => [id, path ? await readLines(join(folder, path), EvidenceItem) : []] as const,
    ),
  );
  return {
    audit,
    ...(await ownRecords(folder, audit, await foundIn(folder, verdictsOnly))),
    verdictsOnly,
    evidence: Object.fromEntries(evidence),
    answers: await readLines(join(folder, "evidence/answers.jsonl"), AnswerPair),
    config,
    generatedBy: GENERATED_BY,
  };
}

/** Of verdicts alone, what an earlier run of the folder found inside is not read. */
async function foundIn(folder: string, verdictsOnly: boolean): Promise<FoundRecords> {
  return {
    data: await readRecord(folder, "data.json", DataRecord),
    finetune: await readRecord(folder, "finetune.json", FinetuneRecord),
    forecast: verdictsOnly ? null : await readRecord(folder, "forecast.json", ForecastRecord),
    geometry: verdictsOnly ? null : await readRecord(folder, "geometry.json", GeometryRecord),
    reasoning: await readRecord(folder, "cot.json", CotRecord),
    benchmarks: await benchmarksIn(folder),
    metrics: await readLines(join(folder, "metrics.jsonl"), MetricsLine),
    manifest: await readRecord(folder, "manifest.json", ManifestRecord),
  };
}

/** In the order of their names. */
async function benchmarksIn(folder: string): Promise<BenchmarkRecord[]> {
  const names = (await readdir(folder)).filter((name) => /^benchmark-[a-z-]+\.json$/.test(name)).sort();
  const records = await Promise.all(names.map((name) => readRecord(folder, name, BenchmarkRecord)));
  return records.filter((record) => record !== null);
}
