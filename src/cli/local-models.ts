/** The models that this machine has: bundled, in the Hugging Face cache, converted from GGUF. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { hubFolder } from "../data/index.ts";
import { assetFolder, BUNDLED } from "../jobs/index.ts";
import { listCache } from "../store/index.ts";

export interface LocalModel {
  /** What `--model` takes. */
  readonly name: string;
  readonly where: "bundled" | "hub" | "gguf";
  readonly path: string;
  readonly bytes: number;
}

export async function localModels(): Promise<LocalModel[]> {
  const bundled = assetFolder("organism/model");
  return [
    { name: BUNDLED, where: "bundled", path: bundled, bytes: await bytesBelow(bundled) },
    ...(await hubModels()),
    ...(await convertedModels()),
  ];
}

async function hubModels(): Promise<LocalModel[]> {
  const hub = hubFolder();
  const folders = (await readdir(hub).catch(() => [])).filter((name) => /^models--[^-].*--/.test(name)).sort();
  return Promise.all(
    folders.map(async (folder) => ({
      name: folder.slice("models--".length).replace("--", "/"),
      where: "hub" as const,
      path: join(hub, folder),
      bytes: await bytesBelow(join(hub, folder, "blobs")),
    })),
  );
}

async function convertedModels(): Promise<LocalModel[]> {
  const entries = (await listCache()).filter(({ name }) => name.startsWith("models/"));
  return entries.map(({ path, bytes }) => ({ name: path, where: "gguf", path, bytes }));
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
