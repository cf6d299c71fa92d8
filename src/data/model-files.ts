import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { UserError } from "../core/index.ts";
import { hashFile, hashJson } from "../store/index.ts";
import { ggufToCheckpoint } from "./gguf/convert.ts";
import { openCheckpoint, type TensorStore } from "./safetensors.ts";
import { tokenizerFileNames } from "./tokenizer.ts";

/** A model on disk, ready to be built. */
export interface ModelFiles {
  /** Holds `config.json`, the weights and, where the model has one, the tokenizer. */
  readonly folder: string;
  /** The parsed `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: TensorStore;
  /** Of the GGUF file; of a folder: of its config, weights, tokenizer and template. Reads the files once a process. */
  sourceSha256(): Promise<string>;
  /** What a reader calls the model: the hub id, the folder's or the file's name. */
  readonly name: string;
}

/**
 * Opens a model: a folder, a `.gguf` file (converted once, under `cacheDir`), or the hub id of a model that the Hugging
 * Face cache of this machine holds. Nothing is downloaded.
 */
export async function openModelFiles(path: string, { cacheDir }: { cacheDir: string }): Promise<ModelFiles> {
  const kind = await kindOf(path);
  if (kind === "file" && path.endsWith(".gguf")) {
    const { folder } = await ggufToCheckpoint(path, cacheDir);
    return openFolder(folder, basename(path, ".gguf"), () => hashFile(path));
  }
  if (kind === "file") throw notAModel(path);
  if (kind === "folder") return openFolder(path, basename(resolve(path)));
  return openFolder(await hubSnapshot(path), path);
}

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

function notAModel(path: string): UserError {
  const pickle = /\.(bin|pt|pth|ckpt|pkl)$/.test(path);
  return new UserError(`model ${path}`, {
    expected: "a folder with config.json and safetensors, a .gguf file or a hub id",
    got: pickle ? "a pickle file, which may run code and is never read" : "another kind of file",
    fix: "give the model's folder, or convert it to safetensors",
  });
}

async function openFolder(path: string, name: string, sourceSha256?: () => Promise<string>): Promise<ModelFiles> {
  const folder = await realpath(path);
  const config = await readConfig(folder);
  const tensors = await openCheckpoint(folder);
  return {
    folder,
    config,
    tensors,
    name,
    sourceSha256: sourceSha256 ?? (() => hashCheckpoint(folder, config, tensors)),
  };
}

async function readConfig(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const file = join(folder, "config.json");
  const fault = (got: string) =>
    new UserError(`model folder ${folder}`, {
      expected: "config.json with a JSON object",
      got,
      fix: "give the folder that holds config.json and the safetensors files",
    });
  let config: unknown;
  try {
    config = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw fault(error.message);
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw fault("no such file");
    throw error;
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) throw fault("another value");
  return config as Readonly<Record<string, unknown>>;
}

/** Of all that changes what the model answers; the names of the weight files do not count. */
async function hashCheckpoint(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  tensors: TensorStore,
): Promise<string> {
  const weights: string[] = [];
  for (const file of new Set([...tensors.values()].map((location) => location.file)))
    weights.push(await hashFile(file));
  const present = await readdir(folder);
  const text: Record<string, string> = {};
  for (const name of tokenizerFileNames) if (present.includes(name)) text[name] = await hashFile(join(folder, name));
  return hashJson({ config, weights: weights.sort(), text });
}

/** Where the Python libraries keep what they download. */
export function hubFolder(): string {
  const home = process.env.HF_HOME ?? join(homedir(), ".cache", "huggingface");
  return process.env.HF_HUB_CACHE ?? join(home, "hub");
}

/** The folder of a hub id in the cache that the Python libraries keep. */
async function hubSnapshot(id: string): Promise<string> {
  const hub = hubFolder();
  const fault = (got: string) =>
    new UserError(`model ${id}`, {
      expected: "a folder, a .gguf file, or a hub id whose files are on this machine",
      got,
      fix: `\`penumbra models pull ${/^[\w.-]+\/[\w.-]+$/.test(id) ? id : "org/name"}\`, or give a folder's path`,
    });
  if (!/^[\w.-]+\/[\w.-]+$/.test(id) || id.includes("..")) throw fault("nothing of that name on the disk");
  const repository = join(hub, `models--${id.replace("/", "--")}`);
  const revision = await readFile(join(repository, "refs", "main"), "utf8").catch(() => null);
  const snapshots = join(repository, "snapshots");
  const known = await readdir(snapshots).catch((): string[] => []);
  const chosen = revision?.trim() ?? (known.length === 1 ? known[0] : undefined);
  if (chosen !== undefined && known.includes(chosen)) return join(snapshots, chosen);
  throw fault(known.length > 0 ? `snapshots without a ref main in ${snapshots}` : `no copy in ${hub}`);
}
