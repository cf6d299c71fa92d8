/** A dictionary from one library's form into another's. */
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../core/index.ts";
import type { FloatDtype } from "../data/index.ts";
import {
  checkHeld,
  coderWords,
  type LoadedCoder,
  loadCoder,
  openCoders,
  resolveDictionary,
  writeCoders,
} from "../dictionaries/index.ts";
import type { HookName } from "../models/index.ts";
import { lockFolder } from "../store/index.ts";

export interface ConvertRequest {
  readonly source: string;
  readonly target: string;
  /** Name of the format to write. */
  readonly format: string;
  readonly dtype?: FloatDtype;
  /** Where it reads, for files that do not say it. */
  readonly hook?: HookName;
}

export interface Converted {
  readonly from: string;
  readonly to: string;
  /** One line each. */
  readonly dictionaries: readonly string[];
}

export async function convertDictionary(request: ConvertRequest): Promise<Converted> {
  const { target, format, dtype = "F32", hook } = request;
  const source = await resolveDictionary(request.source);
  if (resolve(source) === resolve(target))
    throw new UserError(`folder ${target}`, { expected: "another folder", got: "the source", fix: "name a new one" });
  const opened = await openCoders(source, hook ? { hook } : {});
  const coders: LoadedCoder[] = [];
  for (const coder of opened.coders) coders.push(await loadCoder(coder));
  checkHeld(format, coders, target);
  await writeLocked(format, target, coders, dtype);
  return { from: opened.format, to: format, dictionaries: coders.map(coderWords) };
}

async function writeLocked(
  format: string,
  target: string,
  coders: readonly LoadedCoder[],
  dtype: FloatDtype,
): Promise<void> {
  await mkdir(target, { recursive: true });
  const release = lockFolder(target, `output folder ${target}`);
  try {
    await writeCoders(format, target, coders, { dtype });
  } finally {
    release();
  }
}
