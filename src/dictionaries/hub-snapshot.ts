/** Where files of the hub lie on this disk: the cache that the Python libraries keep. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hubFolder } from "../data/index.ts";

export interface HubFile {
  /** `owner/name` */
  readonly repository: string;
  /** Within the repository. */
  readonly path: string;
  /** A branch, a tag or a commit; null: the main branch. */
  readonly revision: string | null;
}

/** `hf://owner/name/path/of/a.file?revision=main`; null where it is no such address, or leads out of its repository. */
export function hubFileOf(uri: string): HubFile | null {
  if (!uri.startsWith("hf://")) return null;
  const [path = "", query = ""] = uri.slice("hf://".length).split("?");
  const [owner, name, ...parts] = path.split("/");
  const plain = [owner, name, ...parts].every((part) => part && /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
  if (!plain || parts.length === 0) return null;
  return {
    repository: `${owner}/${name}`,
    path: parts.join("/"),
    revision: new URLSearchParams(query).get("revision"),
  };
}

/** The folder of a copy of the repository; null where there is none. */
export async function snapshotOf({ repository, revision }: Omit<HubFile, "path">): Promise<string | null> {
  const root = join(hubFolder(), `models--${repository.replace("/", "--")}`);
  const named = await readFile(join(root, "refs", revision ?? "main"), "utf8").catch(() => revision);
  const known = await readdir(join(root, "snapshots")).catch((): string[] => []);
  const chosen = named?.trim() ?? (known.length === 1 ? known[0] : undefined);
  return chosen !== undefined && known.includes(chosen) ? join(root, "snapshots", chosen) : null;
}
