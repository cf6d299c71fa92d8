/** What a run compared, put together from its records. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { parsedJson, UserError } from "../../core/index.ts";
import {
  type AttestedComparison,
  AuditRecord,
  BenchmarkRecord,
  CotRecord,
  EvalRecord,
  type JudgeRecord,
  ManifestRecord,
} from "../../records/index.ts";

type Identity = AuditRecord["base"];

export async function comparedIn(folder: string): Promise<AttestedComparison> {
  const audit = await read(folder, "audit.json", AuditRecord);
  const evaluated = await read(folder, "eval.json", EvalRecord);
  const cot = await read(folder, "cot.json", CotRecord);
  const manifest = await read(folder, "manifest.json", ManifestRecord);
  const benchmarks = await benchmarksOf(folder);
  const sides = [audit, cot, ...benchmarks.map(sidesOf)].filter((each) => each !== null);
  const base = sides[0] ? identityOf(sides[0].base) : (evaluated?.model ?? null);
  const tuned = sides.map((each) => each.tuned && identityOf(each.tuned)).find((each) => each) ?? null;
  if (!base)
    throw new UserError(folder, {
      expected: "the records of a run",
      got: "none",
      fix: "`penumbra run`, `audit`, `cot`, `benchmark` or `eval` first",
    });
  return {
    base: named(base),
    tuned: tuned && named(tuned),
    data: audit?.data ? { name: audit.data.name, sha256: audit.data.sha256 } : null,
    preregistration: audit?.preregistration ?? null,
    fixedBeforeTraining: manifest?.fixedBeforeTraining ?? null,
    items: once([
      ...(audit?.itemFiles ?? []),
      ...(evaluated?.itemFiles ?? []),
      ...(cot?.settings.items.file ? [cot.settings.items.file] : []),
      ...benchmarks.map(({ source }) => ({ name: source.file, sha256: source.sha256 })),
    ]),
    judges: judgesOf(cot, benchmarks),
    settings: settingsOf(audit, cot, benchmarks),
  };
}

function sidesOf({ base, tuned, emergentMisalignment: em }: BenchmarkRecord) {
  if (em) return { base: em.base, tuned: em.tuned[0] ?? null };
  return base && { base, tuned };
}

const identityOf = (side: Identity | { readonly model: Identity }): Identity =>
  "model" in side && typeof side.model === "object" ? side.model : (side as Identity);

function named(identity: Identity): NonNullable<AttestedComparison["base"]> {
  return { name: identity.name, sha256: identity.sha256, where: "where" in identity ? identity.where : null };
}

function judgesOf(cot: CotRecord | null, benchmarks: readonly BenchmarkRecord[]): AttestedComparison["judges"] {
  const all: readonly JudgeRecord[] = [
    ...(cot ? [...cot.base.judges, ...(cot.tuned?.judges ?? [])] : []),
    ...benchmarks.flatMap(
      ({ base, tuned, emergentMisalignment: em }) => em?.judges ?? [...(base?.judges ?? []), ...(tuned?.judges ?? [])],
    ),
  ];
  const flat = all.flatMap(({ rubric, promptSha256, model, where, second }) => [
    { model, where, rubric, promptSha256 },
    ...(second ? [{ model: second.model, where: second.where, rubric, promptSha256 }] : []),
  ]);
  return once(flat);
}

/** Each of what is alike, the first time. */
function once<T>(all: readonly T[]): T[] {
  const keys = all.map((each) => JSON.stringify(each));
  return all.filter((_, i) => keys.indexOf(keys[i] ?? "") === i);
}

function settingsOf(
  audit: AuditRecord | null,
  cot: CotRecord | null,
  benchmarks: readonly BenchmarkRecord[],
): AttestedComparison["settings"] {
  const of = audit && {
    claim: audit.claim,
    seeds: audit.seeds,
    seed: audit.seed,
    alpha: audit.alpha,
    margin: audit.margin,
  };
  const reasoning = cot && (({ items: questions, ...settings }) => ({ ...settings, questions }))(cot.settings);
  const models = ({ emergentMisalignment: em }: BenchmarkRecord) =>
    em && em.tuned.length > 1 ? { tunedSha256: em.tuned.map(({ model }) => model.sha256) } : {};
  return {
    ...(of ? { audit: of } : {}),
    ...(reasoning ? { cot: reasoning } : {}),
    ...Object.fromEntries(benchmarks.map((each) => [`benchmark ${each.id}`, { ...each.settings, ...models(each) }])),
  };
}

async function benchmarksOf(folder: string): Promise<BenchmarkRecord[]> {
  const names = (await readdir(folder)).filter((name) => /^benchmark-[a-z-]+\.json$/.test(name)).sort();
  const records = await Promise.all(names.map((name) => read(folder, name, BenchmarkRecord)));
  return records.filter((record) => record !== null);
}

/** Null where the folder has no such record; a damaged one is an error with its name. */
async function read<T extends z.ZodType>(folder: string, name: string, schema: T): Promise<z.infer<T> | null> {
  const text = await readFile(join(folder, name), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  const parsed = schema.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(join(folder, name), {
    expected: "a record of this version",
    got: parsed.error.issues[0]?.message ?? "something else",
    fix: "run the command again that wrote it",
  });
}
