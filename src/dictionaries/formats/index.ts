/** The formats by name. Adding one is one file and one line here; the conformance suite finds a forgotten line. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pick } from "../../core/index.ts";
import type { FiledCoder, LoadedCoder } from "../coders/sparse-coder.ts";
import { circuitTracer, openListedLayer, transcoderList } from "./circuit-tracer.ts";
import { crosscoder } from "./crosscoder.ts";
import { dictionaryLearning } from "./dictionary-learning.ts";
import { fault, filesOf } from "./folder.ts";
import type { CoderFormat, OpenHints, WriteCoderOptions } from "./format.ts";
import { gemmaScope } from "./gemma-scope.ts";
import { gemmaScope2 } from "./gemma-scope-2.ts";
import { listedParts } from "./listed.ts";
import { saeLens } from "./sae-lens.ts";
import { sparsify } from "./sparsify.ts";

/** In the order in which they are asked whether a folder is theirs. */
export const coderFormats: readonly CoderFormat[] = [
  saeLens,
  gemmaScope2,
  gemmaScope,
  sparsify,
  dictionaryLearning,
  circuitTracer,
  crosscoder,
];

export { transcoderList } from "./circuit-tracer.ts";

export interface OpenedCoders {
  readonly format: string;
  /** One, or one per layer. */
  readonly coders: readonly FiledCoder[];
}

/** Subfolders that are looked at for a set. */
const MAX_PARTS = 512;

/**
 * Whatever dictionary lies in `path`: a folder, a file of one, a folder of folders with one each, or one kind of them
 * (`oneKind`).
 */
export async function openCoders(path: string, hints: OpenHints = {}): Promise<OpenedCoders> {
  const kind = await oneKind(path);
  if (kind.length > 0) return openParts(dirname(path), kind, hints);
  const folder = (await stat(path).catch(() => null))?.isFile() ? dirname(path) : path;
  const names = await filesOf(folder);
  const format = coderFormats.find(({ recognises }) => recognises(names));
  if (format) return { format: format.name, coders: await format.open(folder, names, hints) };
  const list = await transcoderList(folder, names);
  return list ? openListed(folder, list) : openParts(folder, names, hints);
}

/** A set that lists its files: each as what it is, in the order of the list. */
async function openListed(folder: string, list: readonly string[]): Promise<OpenedCoders> {
  const coders: FiledCoder[] = [];
  for (const [layer, { file, ownFolder }] of (await listedParts(folder, list)).entries()) {
    if (!ownFolder) coders.push(await openListedLayer(folder, file, layer));
    else if (await transcoderList(dirname(file), await filesOf(dirname(file))))
      throw fault(folder, "files in its list of transcoders", "another list");
    else coders.push(...(await openCoders(dirname(file))).coders);
  }
  if (coders.length === 0) throw fault(folder, "files in its list of transcoders", "an empty list");
  return { format: circuitTracer.name, coders };
}

/**
 * Published sets hold several dictionaries of each layer side by side, `layer_0_width_16k_l0_small`, …_big, …: a path that
 * ends in `width_16k_l0_small` and is no folder itself names one kind of them.
 */
export async function oneKind(path: string): Promise<string[]> {
  if (await stat(path).catch(() => null)) return [];
  const names = await readdir(dirname(path)).catch((): string[] => []);
  return names.filter((name) => /^layer_\d+_(.+)$/.exec(name)?.[1] === basename(path));
}

async function openParts(folder: string, names: readonly string[], hints: OpenHints): Promise<OpenedCoders> {
  const coders: FiledCoder[] = [];
  const found = new Set<string>();
  for (const name of [...names].sort(byNumbers).slice(0, MAX_PARTS)) {
    const part = join(folder, name);
    if (!(await stat(part)).isDirectory()) continue;
    const files = await filesOf(part);
    const format = coderFormats.find(({ recognises }) => recognises(files));
    if (!format) continue;
    found.add(format.name);
    coders.push(...(await format.open(part, files, hints)));
  }
  const [format] = [...found];
  if (format === undefined) {
    const expected = coderFormats.map(({ name, files }) => `${name} (${files})`).join("; ");
    throw fault(folder, `one of these formats: ${expected}`, "none of these files", "check the path");
  }
  return { format, coders };
}

/** `layers.2` before `layers.10`. */
function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/**
 * Writes coders in the format called `name`, or says why that cannot be. Several that the format keeps one to a folder go
 * into folders `layer_0`, … by the layer that they write.
 */
export async function writeCoders(
  name: string,
  folder: string,
  coders: readonly LoadedCoder[],
  options: WriteCoderOptions = {},
): Promise<void> {
  const format = checkHeld(name, coders, folder);
  if (format.cannotHold(coders) === null) return format.write(folder, coders, options);
  for (const [i, coder] of coders.entries()) await format.write(join(folder, partName(coder, i)), [coder], options);
}

/** The format called `name`; a `UserError` that names those that could where it cannot hold the coders. */
export function checkHeld(name: string, coders: readonly LoadedCoder[], folder: string): CoderFormat {
  const format = pick(formatTable, name, `format ${name}`);
  const held = refusalOf(format, coders);
  if (held === null) return format;
  const could = coderFormats.filter((other) => refusalOf(other, coders) === null).map((other) => other.name);
  const got = `${coders.length > 1 ? `${coders.length} × ` : ""}${coders[0]?.groups[0]?.activation.type} ${coders[0]?.kind}`;
  const fix = could.length > 0 ? `choose ${could.join(" or ")}` : "no format here holds it";
  throw fault(basename(folder), `what ${name} holds: ${held}`, got, fix);
}

const formatTable = Object.fromEntries(coderFormats.map((format) => [format.name, format]));

function refusalOf(format: CoderFormat, coders: readonly LoadedCoder[]): string | null {
  const together = format.cannotHold(coders);
  if (together === null || coders.length === 1) return together;
  const names = new Set(coders.map(partName));
  if (names.size < coders.length) return together;
  for (const coder of coders) {
    const alone = format.cannotHold([coder]);
    if (alone !== null) return alone;
  }
  return null;
}

function partName({ outputs }: LoadedCoder, index: number): string {
  return `layer_${/^blocks\.(\d+)\./.exec(outputs[0]?.hook ?? "")?.[1] ?? index}`;
}
