/** Dictionaries by the names that people use, as they lie on this disk. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../core/index.ts";
import { hubFolder } from "../data/index.ts";
import { oneKind } from "./formats/index.ts";
import { hubPlace, snapshotOf } from "./hub-place.ts";

/** The folder that `name` means: one of this disk, or a copy in the cache that the Python libraries keep. */
export async function resolveDictionary(name: string): Promise<string> {
  if (await isThere(name)) return name;
  const place = hubPlace(name);
  if (!place)
    throw new UserError(`dictionary ${name}`, {
      expected:
        "a folder, owner/repository[/folder], or a release and id such as gemma-scope-2-270m-pt-res-all/layer_5_width_16k_l0_small",
      got: "nothing of that name on the disk",
      fix: "check the path",
    });
  const snapshot = await snapshotOf(place);
  const folder = snapshot === null ? null : join(snapshot, place.folder);
  if (folder !== null && (await isThere(folder))) return folder;
  const what = place.folder === "" ? place.repository : `${place.folder} of ${place.repository}`;
  throw new UserError(`dictionary ${name}`, {
    expected: `${what} in ${hubFolder()}`,
    got: snapshot === null ? "no copy of the repository" : "a copy without that folder",
    fix: `penumbra dictionary pull ${name}`,
  });
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null || (await oneKind(path)).length > 0;
}
