/**
 * What lies outside a run folder, where it is at hand: weights, data, the user's files of items; and what this program
 * brings itself, its behaviours and its questions.
 */
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { parsedJson, UserError } from "../../core/index.ts";
import { openModelFiles, readDataset } from "../../data/index.ts";
import { choiceItems } from "../../reasoning/index.ts";
import type { AttestedComparison, VerificationRecord } from "../../records/index.ts";
import { cacheSubfolder, hashContents, hashJson } from "../../store/index.ts";
import { adapterSha256 } from "../../training/index.ts";
import { preregistration } from "../audit.ts";
import { Config, isBehaviourFile } from "../config.ts";
import { assetFolder, behavioursFor, bundledModels } from "../open.ts";

export type Check = VerificationRecord["checks"][number];
export const check = (what: string, matches: boolean, detail: string): Check => ({
  what,
  result: matches ? "matches" : "differs",
  detail,
});
const unchecked = (what: string, detail: string): Check => ({ what, result: "not-checked", detail });

export interface Outside {
  /** The base's weights, by the name that users give models; null: not checked. */
  readonly model: string | null;
  /** The tuned model's: a PEFT folder or a whole model. */
  readonly tuned: string | null;
  /** Files outside the folder: the data, behaviours, controls, questions, published benchmarks. */
  readonly files: readonly string[];
}

interface Given {
  readonly path: string;
  readonly sha256: string;
}

export async function outsideChecks(folder: string, compared: AttestedComparison, options: Outside): Promise<Check[]> {
  const { base, tuned, data, items } = compared;
  const given = await Promise.all(options.files.map(async (path) => ({ path, sha256: await hashOf(path) })));
  return [
    ...(base ? [await weightsCheck("base", base, options.model, "--model")] : []),
    ...(tuned ? [await tunedCheck(folder, tuned, options.tuned)] : []),
    ...fileChecks([...(data ? [data] : []), ...items], given),
    ...(await behavioursCheck(folder, compared, given)),
    ...questionsCheck(compared),
  ];
}

function fileChecks(expected: AttestedComparison["items"], given: readonly Given[]): Check[] {
  const of = ({ name, sha256 }: { readonly name: string; readonly sha256: string }): Check => {
    const match = given.find((file) => file.sha256 === sha256);
    if (match) return check(name, true, `${match.path} is the very file`);
    const namesake = given.find(({ path }) => basename(path) === basename(name));
    if (namesake) return check(name, false, `${namesake.path} holds other bytes`);
    return unchecked(name, `give the file itself to check it (sha256 ${sha256})`);
  };
  const known = new Set(expected.map(({ sha256 }) => sha256));
  const names = new Set(expected.map(({ name }) => basename(name)));
  const strangers = given
    .filter(({ path, sha256 }) => !known.has(sha256) && !names.has(basename(path)))
    .map(({ path }) => check(path, false, "no file that was compared"));
  return [...expected.map(of), ...strangers];
}

type Weights = NonNullable<AttestedComparison["base"]>;

async function weightsCheck(
  who: string,
  { name, sha256, where }: Weights,
  given: string | null,
  flag: string,
): Promise<Check> {
  const what = `${who} ${name}`;
  if (sha256 === null) return unchecked(what, `asked at ${where}; nobody saw its weights`);
  if (given === null) return unchecked(what, `name it with ${flag} to check it (sha256 ${sha256})`);
  const matches = (await sha256Of(given)) === sha256;
  const [same, other] = (await isAdapter(given))
    ? ["the very adapter", `${given} is another adapter, or has changed`]
    : ["the very weights, tokenizer and configuration", `${given} is another model, or has changed`];
  return check(what, matches, matches ? same : other);
}

/** The adapter of a run lies in its folder: then the records' own word about it can be checked without being asked. */
async function tunedCheck(folder: string, tuned: Weights, given: string | null): Promise<Check> {
  const own = join(folder, "adapter");
  const here = given === null && (await isAdapter(own)) && (await adapterSha256(own)) === tuned.sha256;
  return here
    ? check(`tuned ${tuned.name}`, true, "the adapter of this folder")
    : weightsCheck("tuned", tuned, given, "--tuned");
}

const isAdapter = (path: string) =>
  stat(join(path, "adapter_config.json")).then(
    () => true,
    () => false,
  );

async function sha256Of(reference: string): Promise<string> {
  if (await isAdapter(reference)) return adapterSha256(reference);
  const shipped = Object.hasOwn(bundledModels, reference) ? bundledModels[reference] : undefined;
  const files = await openModelFiles(shipped ? assetFolder(shipped) : reference, {
    cacheDir: await cacheSubfolder("models"),
  });
  return files.sourceSha256();
}

/** Every item of every behaviour, margin, alpha, looks and seeds: made again from the configuration and the files given. */
async function behavioursCheck(
  folder: string,
  { preregistration: attested, data, items }: AttestedComparison,
  given: readonly Given[],
): Promise<Check[]> {
  if (attested === null) return [];
  const what = "items of the behaviours";
  const config = Config.safeParse(parsedJson(await readFile(join(folder, "config.json"), "utf8").catch(() => "")));
  if (!config.success) return [unchecked(what, "the folder says nothing of its configuration")];
  const at = (sha256: string | undefined) => given.find((file) => file.sha256 === sha256)?.path;
  const names = config.data.behaviours.map((name) =>
    isBehaviourFile(name) ? at(items.find((item) => item.name === basename(name))?.sha256) : name,
  );
  if (!names.every((name) => name !== undefined))
    return [unchecked(what, "give the files of the behaviours to check them")];
  const rows = data && at(data.sha256);
  const from = rows ? { rows: (await readDataset(rows)).rows, seed: config.data.seed } : null;
  const same = [true, false].some((bundled) => {
    try {
      return preregistration(behavioursFor({ bundled }, names, from), config.data) === attested;
    } catch (error) {
      // Names that the one battery lacks, or behaviours made from rows that were not given.
      if (error instanceof UserError) return false;
      throw error;
    }
  });
  return [
    same
      ? check(what, true, "those of this program, each of them, with margin, alpha, looks and seeds")
      : unchecked(what, "not made again: another version of the program, the data not given, or drawn for an endpoint"),
  ];
}

const Own = z.object({
  seed: z.number(),
  questions: z.object({ sha256: z.string(), n: z.number().int().min(1).max(100_000), file: z.null() }),
});

/** Penumbra's own questions are drawn again from their seed. */
function questionsCheck({ settings }: AttestedComparison): Check[] {
  const own = Own.safeParse(settings.cot);
  if (!own.success) return [];
  const { seed, questions } = own.data;
  const what = `${questions.n} questions of Penumbra's own`;
  return hashJson(choiceItems(questions.n, seed)) === questions.sha256
    ? [check(what, true, `drawn again from seed ${seed}, the very same`)]
    : [unchecked(what, "this version of the program draws others")];
}

function hashOf(path: string): Promise<string> {
  return hashContents(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "EISDIR") throw error;
    throw new UserError(path, {
      expected: "a file",
      got: error.code === "ENOENT" ? "no such file" : "a folder",
      fix: "give its path",
    });
  });
}
