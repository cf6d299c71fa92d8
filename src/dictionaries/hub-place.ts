/**
 * The names that people use for published dictionaries, as places on the hub: `repository`, `folder`.
 *
 * - SAELens: a release and an id. Gemma Scope 2's follow a rule (`gemma-scope-2-270m-pt-res-all` holds
 *   `resid_post_all/<id>` of google/gemma-scope-2-270m-pt), Gemma Scope 1's too (ids are folders).
 * - circuit-tracer: `owner/repository[/folder][@revision]`, `hf://owner/repository/folder?revision=…`, `gemma`, `llama`.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hubFolder } from "../data/index.ts";

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
  if (plain.split(/[/@]/).some((part) => /^\.*$/.test(part))) return null;
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

/** The place of an address `hf://owner/name/path/of/a.file?revision=main`; null where it is no such address. */
export function hubFileOf(uri: string): HubPlace | null {
  const place = uri.startsWith("hf://") ? hubPlace(uri) : null;
  return place === null || place.folder === "" ? null : place;
}

/** The folder of a copy of the repository; null where there is none. */
export async function snapshotOf({ repository, revision }: HubPlace): Promise<string | null> {
  const root = join(hubFolder(), `models--${repository.replace("/", "--")}`);
  const named = await readFile(join(root, "refs", revision ?? "main"), "utf8").catch(() => revision);
  const known = await readdir(join(root, "snapshots")).catch((): string[] => []);
  const chosen = named?.trim() ?? (known.length === 1 ? known[0] : undefined);
  return chosen !== undefined && known.includes(chosen) ? join(root, "snapshots", chosen) : null;
}
