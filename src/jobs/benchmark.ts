/** A published benchmark from the user's copy of its file: record, evidence, and the run's report if there is one. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import {
  checkRows,
  EM_FORMATS,
  type EmFormat,
  emergentMisalignment,
  importers,
  licenceBeside,
  nameOf,
  parseEmQuestions,
  protocolQuestions,
  readSource,
  type Subject,
} from "../benchmarks/index.ts";
import { pick, UserError } from "../core/index.ts";
import type { Panel } from "../judges/index.ts";
import type { BenchmarkEvidence, BenchmarkRecord, Judgement } from "../records/index.ts";
import { atomicWriteFile, writeJsonl } from "../store/index.ts";
import { inRunFolder } from "./black-box.ts";
import type { RunOptions } from "./part.ts";
import { publish } from "./publish.ts";
import type { PublishOptions } from "./redaction.ts";

export const EMERGENT_MISALIGNMENT = "emergent-misalignment";
export const benchmarkNames: readonly string[] = [...Object.keys(importers), EMERGENT_MISALIGNMENT];

export interface BenchmarkRequest {
  readonly name: string;
  readonly path: string;
  readonly base: Subject;
  /** One, or one for each seed (emergent misalignment alone takes several). */
  readonly tuned: readonly Subject[];
  readonly panel: Panel | null;
  /** Rows at most. */
  readonly rows: number;
  /** The file is a part of the published one on purpose. */
  readonly partial: boolean;
  /** Emergent misalignment: answers of each question, and which formats. */
  readonly samples: number;
  readonly formats: readonly string[];
  readonly maxTokens: number;
  readonly seed: number;
  readonly margin: number;
  readonly alpha: number;
  /** Gets benchmark-<id>.json and the evidence; null: nothing is written. */
  readonly folder: string | null;
}

interface Outcome {
  readonly record: Omit<BenchmarkRecord, "durationMs">;
  readonly evidence: readonly BenchmarkEvidence[];
  readonly judgements: readonly Judgement[];
}

export async function benchmark(
  request: BenchmarkRequest,
  options: RunOptions & PublishOptions = {},
): Promise<BenchmarkRecord> {
  const startedAt = performance.now();
  const work = async () => {
    const outcome = await (request.name === EMERGENT_MISALIGNMENT ? protocol : imported)(request, options);
    const record = { ...outcome.record, durationMs: performance.now() - startedAt };
    if (request.folder !== null) await write(request.folder, record, outcome, options);
    return record;
  };
  return request.folder === null ? work() : inRunFolder(request.folder, work);
}

export interface BenchmarkCheck extends Pick<BenchmarkRequest, "name" | "path" | "partial" | "formats"> {
  /** Is a judge named? */
  readonly judged: boolean;
}

/** Reads and checks the file alone: a wrong one, or a judge that is missing, is found before any model is opened. */
export async function checkBenchmark({ name, path, partial, formats, judged }: BenchmarkCheck): Promise<void> {
  const { text } = await readSource(path);
  if (name === EMERGENT_MISALIGNMENT) {
    protocolQuestions(parseEmQuestions(text, path), formatsOf(formats), path);
    if (!judged) throw judgeNeeded("the protocol");
    return;
  }
  const set = pick(importers, name, "benchmark")(text, path);
  checkRows(path, set.rows, set.about.published, partial);
  if (set.kind === "open" && !judged) throw judgeNeeded(set.about.title);
}

function judgeNeeded(what: string): UserError {
  return new UserError("penumbra benchmark", {
    expected: `a judge, for ${what} scores free answers`,
    got: "none",
    fix: "name one with --judge",
  });
}

async function imported(request: BenchmarkRequest, options: RunOptions): Promise<Outcome> {
  const { name, path, partial, rows, base, panel } = request;
  const { text, ...file } = await readSource(path);
  const set = pick(importers, name, "benchmark")(text, path);
  checkRows(path, set.rows, set.about.published, partial);
  const [tuned = null, ...more] = request.tuned;
  if (more.length > 0)
    throw new UserError("penumbra benchmark", {
      expected: "one tuned model",
      got: `${1 + more.length}`,
      fix: `only ${EMERGENT_MISALIGNMENT} takes one for each seed`,
    });
  const found = await set.run({ base, tuned, panel, ...settingsOf(request), ...options }, rows);
  const { id, title, cite, licence, published } = set.about;
  const source = {
    file: nameOf(path),
    ...file,
    licence: { stated: licence, beside: await licenceBeside(path) },
    rows: set.rows,
    published: published && [...published],
    asked: Math.min(rows, set.rows),
  };
  const record = {
    schemaVersion: 1 as const,
    id,
    title,
    cite,
    source,
    settings: { ...settingsOf(request), temperature: 0 },
  };
  return {
    record: {
      ...record,
      base: found.base,
      tuned: found.tuned,
      comparisons: found.comparisons,
      emergentMisalignment: null,
    },
    evidence: found.evidence,
    judgements: found.judgements,
  };
}

async function protocol(request: BenchmarkRequest, options: RunOptions): Promise<Outcome> {
  const { path, base, tuned, panel, samples } = request;
  if (panel === null) throw judgeNeeded("the protocol");
  const { text, ...file } = await readSource(path);
  const formats = formatsOf(request.formats);
  const all = parseEmQuestions(text, path);
  const questions = protocolQuestions(all, formats, path);
  const found = await emergentMisalignment({
    questions,
    formats,
    base,
    tuned,
    panel,
    samples,
    ...settingsOf(request),
    ...options,
  });
  const source = {
    file: nameOf(path),
    ...file,
    licence: { stated: "MIT, as its authors state", beside: await licenceBeside(path) },
    rows: all.length,
    published: null,
    asked: questions.length,
  };
  return {
    record: {
      schemaVersion: 1,
      id: EMERGENT_MISALIGNMENT,
      title: "Emergent misalignment",
      cite: "Betley et al. 2025, arXiv 2502.17424",
      source,
      settings: { ...settingsOf(request), temperature: 1 },
      base: null,
      tuned: null,
      comparisons: found.record.comparison ? [found.record.comparison] : [],
      emergentMisalignment: found.record,
    },
    evidence: found.evidence,
    judgements: found.judgements,
  };
}

const settingsOf = ({ maxTokens, seed, margin, alpha }: BenchmarkRequest) => ({ maxTokens, seed, margin, alpha });

function formatsOf(names: readonly string[]): readonly EmFormat[] {
  const known = Object.fromEntries(EM_FORMATS.map((format) => [format, format]));
  return names.map((name) => pick(known, name, "format"));
}

async function write(
  folder: string,
  record: BenchmarkRecord,
  { evidence, judgements }: Outcome,
  options: PublishOptions,
): Promise<void> {
  await writeJsonl(join(folder, "evidence", `benchmark-${record.id}.jsonl`), evidence);
  await writeJsonl(join(folder, "evidence", `judgements-${record.id}.jsonl`), judgements);
  await atomicWriteFile(join(folder, `benchmark-${record.id}.json`), `${JSON.stringify(record, null, 2)}\n`);
  const audited = await access(join(folder, "audit.json")).then(
    () => true,
    () => false,
  );
  if (audited) await publish(folder, options);
}
