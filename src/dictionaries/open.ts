/** Dictionaries in folders, and what identifies them. */
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../core/index.ts";
import type { FloatDtype } from "../data/index.ts";
import type { ModelDefinition } from "../models/index.ts";
import type { DictionaryIdentity } from "../records/index.ts";
import { hashFile, hashJson } from "../store/index.ts";
import { coderOf, dictionaryOf } from "./as-dictionary.ts";
import { checkCoderFits } from "./coder-fits.ts";
import { loadCoder } from "./coders/load.ts";
import type { FiledCoder } from "./coders/sparse-coder.ts";
import type { Dictionary } from "./dictionary.ts";
import type { OpenHints } from "./formats/format.ts";
import { openCoders, writeCoders } from "./formats/index.ts";

export interface OpenedDictionary {
  readonly dictionary: Dictionary;
  readonly identity: DictionaryIdentity;
  /** The model that it was made for, where its file says so. */
  readonly modelName: string | null;
}

/** The one autoencoder in `folder`, in whichever format. */
export async function openDictionary(folder: string, hints: OpenHints = {}): Promise<OpenedDictionary> {
  const { coders } = await openCoders(folder, hints);
  const [coder] = coders;
  if (!coder || coders.length > 1)
    throw new UserError(`dictionary ${folder}`, {
      expected: "one dictionary",
      got: `${coders.length}`,
      fix: "name the folder of one of them",
    });
  const dictionary = dictionaryOf(await loadCoder(coder), `dictionary ${folder}`);
  const { hook, nLatents, k } = dictionary;
  const sha256 = await identityHash(folder, coder);
  return {
    dictionary,
    identity: { name: basename(resolve(folder)), hook, nLatents, k, sha256 },
    modelName: coder.modelName,
  };
}

/** Configurations first, then the files that hold its weights. */
async function identityHash(folder: string, { groups, outputs }: FiledCoder): Promise<string> {
  const names = await readdir(folder);
  const configs = names.filter((name) => /^(cfg|config)\.(json|yaml)$/.test(name)).map((name) => join(folder, name));
  const views = [...groups.flatMap(({ encoder, decoder }) => [encoder, decoder]), ...outputs.map(({ bias }) => bias)];
  const weights = views.flatMap((view) => (typeof view?.source === "string" ? [view.source] : []));
  const npz = names.filter((name) => name.endsWith(".npz")).map((name) => resolve(folder, name));
  const files = [...new Set([...configs.sort(), ...weights, ...npz])];
  return hashJson(await Promise.all(files.map((file) => hashFile(file))));
}

/** Refuses a dictionary of another width, or of a hook point that the model does not have, with what would fit. */
export function checkFits(
  {
    dictionary,
    identity,
    modelName = null,
  }: Pick<OpenedDictionary, "dictionary" | "identity"> & { modelName?: string | null },
  definition: ModelDefinition,
): void {
  checkCoderFits(coderOf(dictionary, modelName), definition, `dictionary ${identity.name}`);
}

export interface WriteOptions {
  readonly dtype?: FloatDtype;
  readonly modelName: string;
}

/** A dictionary in SAELens' form. */
export async function writeSaeLens(
  folder: string,
  dictionary: Dictionary,
  { dtype = "F32", modelName }: WriteOptions,
): Promise<void> {
  await writeCoders("sae-lens", folder, [coderOf(dictionary, modelName)], { dtype });
}
