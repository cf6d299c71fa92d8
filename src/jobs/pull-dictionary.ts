/** A published dictionary by the name that people use for it, into the Hugging Face cache. */
import type { OnProgress } from "../core/index.ts";
import { UserError } from "../core/index.ts";
import { type HubClient, hubFolder, type Pulled, pullModel } from "../data/index.ts";
import { coderWords, hubPlace, openCoders, resolveDictionary } from "../dictionaries/index.ts";

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
  const { format, coders } = await openCoders(folder);
  return { pulled, folder, format, dictionaries: coders.map(coderWords) };
}
