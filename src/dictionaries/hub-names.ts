/**
 * The names that people use for published dictionaries, as places on the hub: `repository`, `folder`.
 *
 * - SAELens: a release and an id. Gemma Scope 2's follow a rule (`gemma-scope-2-270m-pt-res-all` holds
 *   `resid_post_all/<id>` of google/gemma-scope-2-270m-pt), Gemma Scope 1's too (ids are folders).
 * - circuit-tracer: `owner/repository[/folder][@revision]`, `hf://owner/repository/folder?revision=…`, `gemma`, `llama`.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../core/index.ts";
import { hubFolder } from "../data/index.ts";
import { oneKind } from "./formats/index.ts";
import { snapshotOf } from "./hub-snapshot.ts";

export interface HubPlace {
  readonly repository: string;
  /** Within the repository; empty: all of it. */
  readonly folder: string;
  /** A branch, a tag or a commit; null: the main branch. */
  readonly revision: string | null;
}

const shortcuts: Readonly<Record<string, string>> = {
  gemma: "mwhanna/gemma-scope-transcoders",
  llama: "mntss/transcoder-Llama-3.2-1B",
};

const sites: Readonly<Record<string, string>> = {
  res: "resid_post",
  mlp: "mlp_out",
  att: "attn_out",
  transcoders: "transcoder",
  clt: "clt",
  crosscoders: "crosscoder",
};

/** Null where `name` has none of the known forms. */
export function hubPlace(name: string): HubPlace | null {
  const plain = name.startsWith("hf://") ? fromUri(name) : name;
  if (Object.hasOwn(shortcuts, plain)) return hubPlace(shortcuts[plain] as string);
  if (plain.split(/[/@]/).some((part) => part === ".." || part === "." || part === "")) return null;
  return gemmaScope2(plain) ?? gemmaScope(plain) ?? ownerAndRepository(plain);
}

function fromUri(uri: string): string {
  const [path = "", query = ""] = uri.slice("hf://".length).split("?");
  const revision = new URLSearchParams(query).get("revision");
  return revision === null ? path : `${path}@${revision}`;
}

function gemmaScope2(name: string): HubPlace | null {
  const found =
    /^gemma-scope-2-(270m|1b|4b|12b|27b)-(pt|it)-(res|mlp|att|transcoders|clt|crosscoders)(-all)?\/([\w./-]+)$/.exec(
      name,
    );
  if (!found) return null;
  const [, size, variant, site = "", all, id = ""] = found;
  // Some ids hold the folder already (`transcoder/layer_17_…`).
  const folder = id.includes("/") ? id : `${sites[site]}${all ? "_all" : ""}/${id}`;
  return { repository: `google/gemma-scope-2-${size}-${variant}`, folder, revision: null };
}

function gemmaScope(name: string): HubPlace | null {
  const found =
    /^(gemma-scope-(?:2b|9b|27b)-(?:pt|it)-(?:res|mlp|att|transcoders))\/((?:layer_\d+|embedding)\/[\w./-]+)$/.exec(
      name,
    );
  return found ? { repository: `google/${found[1]}`, folder: found[2] as string, revision: null } : null;
}

function ownerAndRepository(name: string): HubPlace | null {
  const [path = "", revision = null] = name.split("@");
  const found = /^([\w.-]+\/[\w.-]+)(?:\/([\w./-]+))?$/.exec(path);
  return found ? { repository: found[1] as string, folder: found[2] ?? "", revision } : null;
}

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
