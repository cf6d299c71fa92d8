/** A model with a PEFT adapter of a form that no graph takes: the two folded into one checkpoint, kept in a cache. */
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheSubfolder, hashFile, hashJson } from "../store/index.ts";
import { foldPeft } from "../training/index.ts";
import { type OpenedModel, openModel } from "./open.ts";

/** Part of the cache's key: raise it where the same adapter is folded in another way. */
const VERSION = 2;

export async function foldedModel({ source, files, identity }: OpenedModel, adapter: string): Promise<OpenedModel> {
  const parts = ["adapter_config.json", "adapter_model.safetensors"].map((name) => hashFile(join(adapter, name)));
  const sha256 = hashJson({ base: identity.sha256, adapter: await Promise.all(parts), VERSION });
  const folder = join(await cacheSubfolder("folded"), sha256);
  if (!existsSync(folder)) {
    const building = `${folder}.${process.pid}.tmp`;
    try {
      await mkdir(building, { recursive: true });
      await foldPeft({ base: source, baseFolder: files.folder, adapter, folder: building });
      // Another process may have been faster; its folder is the same.
      if (!existsSync(folder)) await rename(building, folder);
    } finally {
      await rm(building, { recursive: true, force: true });
    }
  }
  const opened = await openModel(folder);
  const name = `${identity.name} + ${basename(adapter)}`;
  return { ...opened, identity: { ...opened.identity, name } };
}
