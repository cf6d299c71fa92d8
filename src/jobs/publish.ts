/** The report as a stage: records in, HTML, Markdown and JUnit out. */
import { readdir, readFile } from "node:fs/promises";
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
  MetricsLine,
} from "../records/index.ts";
import { type ReportInput, renderHtml, renderJunit, renderMarkdown } from "../report/index.ts";
import { atomicWriteFile, readJsonl } from "../store/index.ts";
import { Config } from "./config.ts";
import { type GateOutcome, gateOutcomes } from "./gate.ts";
import { GENERATED_BY } from "./version.ts";

/** Writes report.html, report.md and junit.xml from what a run folder holds. */
export async function publish(
  folder: string,
  options: { readonly redact?: boolean } = {},
): Promise<{ outputs: string[] }> {
  const input = { ...(await readRun(folder)), ...(options.redact ? { redact: true } : {}) };
  await atomicWriteFile(join(folder, "report.html"), renderHtml(input));
  await atomicWriteFile(join(folder, "report.md"), renderMarkdown(input));
  await atomicWriteFile(join(folder, "junit.xml"), renderJunit(input, { gate: gateOfRun(input) }));
  return { outputs: ["report.html", "report.md", "junit.xml"] };
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
  // What an earlier run of the folder found inside is not this audit's.
  const inside = !Shallow.safeParse(config).success;
  const evidence = await Promise.all(
    audit.behaviours.map(
      async ({ id, evidence: path }) => [id, path ? await readLines(join(folder, path), EvidenceItem) : []] as const,
    ),
  );
  return {
    audit,
    data: await readRecord(folder, "data.json", DataRecord),
    finetune: await readRecord(folder, "finetune.json", FinetuneRecord),
    forecast: inside ? await readRecord(folder, "forecast.json", ForecastRecord) : null,
    geometry: inside ? await readRecord(folder, "geometry.json", GeometryRecord) : null,
    reasoning: await readRecord(folder, "cot.json", CotRecord),
    benchmarks: await benchmarksIn(folder),
    metrics: await readLines(join(folder, "metrics.jsonl"), MetricsLine),
    evidence: Object.fromEntries(evidence),
    answers: await readLines(join(folder, "evidence/answers.jsonl"), AnswerPair),
    config,
    generatedBy: GENERATED_BY,
  };
}

/** In the order of their names. */
async function benchmarksIn(folder: string): Promise<BenchmarkRecord[]> {
  const names = (await readdir(folder)).filter((name) => /^benchmark-[a-z-]+\.json$/.test(name)).sort();
  const records = await Promise.all(names.map((name) => readRecord(folder, name, BenchmarkRecord)));
  return records.filter((record) => record !== null);
}

async function readRecord<T extends z.ZodType>(folder: string, name: string, schema: T): Promise<z.infer<T> | null> {
  const text = await optionalText(join(folder, name));
  if (text === null) return null;
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(join(folder, name), {
    expected: "a record of this version",
    got: `${issue?.path.join(".")}: ${issue?.message}`,
    fix: "run the command again that wrote it",
  });
}

async function readLines<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>[]> {
  if ((await optionalText(path)) === null) return [];
  const lines: z.infer<T>[] = [];
  for await (const line of readJsonl(path, schema)) lines.push(line);
  return lines;
}

async function optionalText(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
