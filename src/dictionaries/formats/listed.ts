/**
 * circuit-tracer's sets that only list their parts: `config.yaml` with `transcoders`, one file a layer, here or on the hub
 * (`hf://owner/name/layer_0/…/params.npz`). Parts are files of circuit-tracer's own form, or of Gemma Scope 1 and 2.
 */
import { stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { hubFileOf, snapshotOf } from "../hub-place.ts";
import { fault } from "./folder.ts";

export interface ListedPart {
  readonly file: string;
  /** Does it lie in a folder of its own, in another format? */
  readonly ownFolder: boolean;
}

/** The files of the list, by layer, as they lie on this disk. */
export async function listedParts(folder: string, list: readonly string[]): Promise<ListedPart[]> {
  const parts: ListedPart[] = [];
  for (const entry of list) {
    const file = entry.startsWith("hf://")
      ? await onTheHub(folder, entry)
      : isAbsolute(entry)
        ? entry
        : join(folder, entry);
    if (!(await stat(file).catch(() => null))?.isFile())
      throw fault(
        folder,
        `the file ${JSON.stringify(entry)} of its list of transcoders`,
        "no such file",
        pullWords(entry),
      );
    parts.push({ file, ownFolder: /^params\.(npz|safetensors)$/.test(basename(file)) });
  }
  return parts;
}

async function onTheHub(folder: string, uri: string): Promise<string> {
  const place = hubFileOf(uri);
  if (!place) throw fault(folder, "hf://owner/name/path in its list of transcoders", JSON.stringify(uri));
  const snapshot = await snapshotOf(place);
  if (snapshot === null)
    throw fault(folder, `${place.repository} in the hub's cache`, "no copy of the repository", pullWords(uri));
  return join(snapshot, place.folder);
}

function pullWords(entry: string): string {
  const place = hubFileOf(entry);
  if (!place) return "copy it there";
  const at = place.revision === null ? "" : `@${place.revision}`;
  return `penumbra dictionary pull ${place.repository}/${dirname(place.folder)}${at}`;
}
