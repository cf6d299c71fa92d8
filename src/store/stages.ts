import { readdir, readFile, rm, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { z } from "zod";
import { must } from "../core/index.ts";
import { codeVersion } from "./code-version.ts";
import { hashFile, hashJson } from "./hash.ts";
import { atomicWriteFile } from "./write.ts";

/** `.stages/<name>.json` of a run folder: what a stage was made of and what it left. */
export const StageRecord = z.strictObject({
  schemaVersion: z.literal(1),
  /** sha256 over the inputs and the code's version. */
  key: z.string(),
  /** Path relative to the run folder, with `/`, and sha256 of each file. */
  outputs: z.record(z.string(), z.string()),
  finishedAt: z.string(),
  durationMs: z.number(),
});
export type StageRecord = z.infer<typeof StageRecord>;

export interface Stage {
  /** Kebab case, one per run folder. */
  readonly name: string;
  /** All that the outputs depend on, as JSON: settings, seeds, hashes of files. The same inputs are never computed twice. */
  readonly inputs: unknown;
  /** Version of the code; this program's own where left out. */
  readonly version?: string;
}

/** What a stage's work is told. */
export interface StageContext {
  /** The run folder: the outputs are written below it. */
  readonly folder: string;
  /** The stage's key, for what the work itself keeps to resume from. */
  readonly key: string;
}

export interface StageResult {
  /** True where the record's key and every output's hash still matched, and nothing was computed. */
  readonly skipped: boolean;
  readonly record: StageRecord;
}

/**
 * Runs `compute` unless what it would make is there already, untouched. It gives the paths, relative to the run
 * folder, of the files and folders that it wrote; the record is written after them, so that an interrupted stage is
 * run again. Files that an earlier run of the stage left and this one did not are removed. For whoever holds the folder.
 */
export async function runStage(
  folder: string,
  stage: Stage,
  compute: (context: StageContext) => Promise<{ readonly outputs: readonly string[] }>,
): Promise<StageResult> {
  const recordPath = join(folder, ".stages", `${stage.name}.json`);
  const key = stageKey(stage);
  const before = await readRecord(recordPath);
  if (before?.key === key && (await areUntouched(folder, before))) return { skipped: true, record: before };
  const start = performance.now();
  const { outputs } = await compute({ folder, key });
  const record: StageRecord = {
    schemaVersion: 1,
    key,
    outputs: await hashOutputs(folder, outputs),
    finishedAt: new Date().toISOString(),
    durationMs: performance.now() - start,
  };
  await removeStale(folder, before, record);
  await atomicWriteFile(recordPath, `${JSON.stringify(record, null, 2)}\n`);
  return { skipped: false, record };
}

/** The key under which a stage's results are kept. */
export function stageKey({ name, inputs, version }: Stage): string {
  return hashJson({ name, inputs, version: version ?? codeVersion() });
}

/** A record that is missing, cut short or of another schema says nothing, and the stage is computed. */
async function readRecord(path: string): Promise<StageRecord | null> {
  const text = await readFile(path, "utf8").catch(absent);
  if (text === null) return null;
  try {
    return StageRecord.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}

async function areUntouched(folder: string, record: StageRecord): Promise<boolean> {
  for (const [path, hash] of Object.entries(record.outputs)) {
    if ((await hashFile(join(folder, path)).catch(absent)) !== hash) return false;
  }
  return true;
}

async function hashOutputs(folder: string, outputs: readonly string[]): Promise<Record<string, string>> {
  const files = (await Promise.all(outputs.map((path) => filesOf(folder, path)))).flat().sort();
  const hashes: Record<string, string> = {};
  for (const path of files) hashes[path] = await hashFile(join(folder, path));
  return hashes;
}

/** The file, or all files below the folder, at `path`; relative to `folder`, with `/`. */
async function filesOf(folder: string, path: string): Promise<string[]> {
  const inside = relative(folder, join(folder, path));
  if (isAbsolute(path) || inside === "" || inside.split(sep)[0] === "..") {
    throw new Error(`a stage's output must lie inside the run folder: ${path}`);
  }
  if (!(await stat(join(folder, path))).isDirectory()) return [inside.split(sep).join("/")];
  const entries = await readdir(join(folder, path), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

async function removeStale(folder: string, before: StageRecord | null, now: StageRecord): Promise<void> {
  for (const [path, hash] of Object.entries(before?.outputs ?? {})) {
    if (Object.hasOwn(now.outputs, path)) continue;
    // What somebody has changed since is not ours any more.
    if ((await hashFile(join(folder, path)).catch(absent)) === hash) await rm(join(folder, path));
  }
}

/** Hash of one output of a finished stage, for the inputs of the next one; ours to know that it is there. */
export function outputHash(record: StageRecord, path: string): string {
  return must(record.outputs[path], `output ${path} of the stage`);
}
