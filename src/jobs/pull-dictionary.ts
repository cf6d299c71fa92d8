/** A published dictionary by the name that people use for it, into the Hugging Face cache. */
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { OnProgress } from "../core/index.ts";
import { UserError } from "../core/index.ts";
import { type HubClient, hubFolder, type Pulled, pullModel } from "../data/index.ts";
import {
  coderWords,
  hubFileOf,
  hubPlace,
  openCoders,
  resolveDictionary,
  transcoderList,
} from "../dictionaries/index.ts";

export interface DictionaryPullRequest {
  readonly client: HubClient;
  readonly name: string;
  readonly onProgress?: OnProgress;
}

export interface PulledDictionary {
  readonly pulled: Pulled;
  readonly folder: string;
  readonly format: string;
  /** What lies there now, in words. */
  readonly dictionaries: readonly string[];
}

export async function pullDictionary({ client, name, onProgress }: DictionaryPullRequest): Promise<PulledDictionary> {
  const place = hubPlace(name);
  if (!place)
    throw new UserError(`dictionary ${name}`, {
      expected: "owner/repository[/folder][@revision], or a release and id",
      got: "neither",
      fix: "for example gemma-scope-2-270m-pt-res-all/layer_5_width_16k_l0_small",
    });
  const { repository: id, folder: dictionary, revision } = place;
  const asked = { client, id, revision: revision ?? "main", hub: hubFolder(), files: null, dictionary };
  const pulled = await pullModel({ ...asked, ...(onProgress ? { onProgress } : {}) });
  const folder = await resolveDictionary(name);
  await pullListed(folder, { client, name, ...(onProgress ? { onProgress } : {}) });
  const { format, coders } = await openCoders(folder);
  return { pulled, folder, format, dictionaries: coders.map(coderWords) };
}

/** Of a set that lists files of the hub: the folders that they lie in. */
async function pullListed(folder: string, { client, onProgress }: DictionaryPullRequest): Promise<void> {
  const list = (await transcoderList(folder, await readdir(folder))) ?? [];
  for (const entry of list) {
    const place = hubFileOf(entry);
    if (!place) continue;
    const { repository: id, folder: path, revision } = place;
    const dictionary = dirname(path) === "." ? "" : dirname(path);
    const asked = { client, id, revision: revision ?? "main", hub: hubFolder(), files: null, dictionary };
    await pullModel({ ...asked, ...(onProgress ? { onProgress } : {}) });
  }
}
