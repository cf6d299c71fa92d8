/** Dictionaries in folders, and what identifies them. */
import { basename, join, resolve } from "node:path";
import { UserError } from "../core/index.ts";
import type { ModelDefinition } from "../models/index.ts";
import type { DictionaryIdentity } from "../records/index.ts";
import { hashFile, hashJson } from "../store/index.ts";
import type { Dictionary } from "./dictionary.ts";
import { CONFIG_FILE, readSaeLens, WEIGHTS_FILE } from "./formats/sae-lens.ts";

export interface OpenedDictionary {
  readonly dictionary: Dictionary;
  readonly identity: DictionaryIdentity;
  /** The model that it was made for, where its file says so. */
  readonly modelName: string | null;
}

export async function openDictionary(folder: string): Promise<OpenedDictionary> {
  const { dictionary, modelName } = await readSaeLens(folder);
  const { hook, nLatents, k } = dictionary;
  const files = [await hashFile(join(folder, CONFIG_FILE)), await hashFile(join(folder, WEIGHTS_FILE))];
  return {
    dictionary,
    identity: { name: basename(resolve(folder)), hook, nLatents, k, sha256: hashJson(files) },
    modelName,
  };
}

/** Refuses a dictionary of another width, or of a hook point that the model does not have. */
export function checkFits(
  { dictionary, identity }: Pick<OpenedDictionary, "dictionary" | "identity">,
  definition: ModelDefinition,
): void {
  const subject = `dictionary ${identity.name}`;
  const { dModel } = definition.dimensions;
  if (dictionary.dModel !== dModel)
    throw new UserError(subject, {
      expected: `the model's width ${dModel}`,
      got: String(dictionary.dModel),
      fix: "use a dictionary that was trained on this model",
    });
  if (!definition.hooks.includes(dictionary.hook))
    throw new UserError(subject, {
      expected: "a hook point of this model",
      got: dictionary.hook,
      fix: "use a dictionary that was trained on this model",
    });
}
