/** What the readers of all formats share: files of a folder, configurations by schema, tensors by name and shape. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { must, UserError } from "../../core/index.ts";
import { openSafetensors, type TensorView, viewOf } from "../../data/index.ts";

const COPY_AGAIN = "copy or download it again";
const MAX_CONFIG_BYTES = 2 ** 22;

export function fault(folder: string, expected: string, got: string, fix = COPY_AGAIN): UserError {
  return new UserError(`dictionary ${folder}`, { expected, got, fix });
}

export async function filesOf(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    throw fault(folder, "a folder", error.code === "ENOENT" ? "nothing there" : "a file", "check the path");
  });
}

/** The text of a small file of the folder. */
export async function readSmall(folder: string, file: string): Promise<string> {
  const path = join(folder, file);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw fault(folder, file, "no such file there");
  if (found.size > MAX_CONFIG_BYTES) throw fault(folder, `${file} of at most 4 MiB`, `${found.size} bytes`);
  return readFile(path, "utf8");
}

export async function readJson(folder: string, file: string): Promise<unknown> {
  const text = await readSmall(folder, file);
  try {
    return JSON.parse(text);
  } catch {
    throw fault(folder, `JSON in ${file}`, "something else");
  }
}

/** `value` as the schema has it; the first of its faults, with its place, otherwise. */
export function parsed<T>(folder: string, schema: z.ZodType<T>, value: unknown, what: string, fix?: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = must(result.error.issues[0], "an issue");
  const where = issue.path.length > 0 ? issue.path.join(".") : "the file";
  throw fault(folder, what, `${where}: ${issue.message}`, fix);
}

export type Tensors = ReadonlyMap<string, TensorView>;

export async function safetensorsOf(folder: string, file: string): Promise<Tensors> {
  const store = await openSafetensors(join(folder, file));
  return new Map([...store].map(([name, location]) => [name, viewOf(location)]));
}

/** Hands out tensors by name and shape; at the end, `done` refuses those that nobody asked for. */
export interface TensorTaker {
  /** A size that is null may be anything. */
  readonly take: (name: string, shape: readonly (number | null)[]) => TensorView;
  readonly takeIfAny: (name: string, shape: readonly (number | null)[]) => TensorView | null;
  readonly done: (ignored?: readonly string[]) => void;
}

export function tensorTaker(folder: string, tensors: Tensors): TensorTaker {
  const taken = new Set<string>();
  const takeIfAny = (name: string, shape: readonly (number | null)[]) => {
    const view = tensors.get(name);
    if (!view) return null;
    taken.add(name);
    const fits = view.shape.length === shape.length && shape.every((dim, i) => dim === null || dim === view.shape[i]);
    const sizes = (dims: readonly (number | null)[]) => `[${dims.map((dim) => dim ?? "·").join(", ")}]`;
    if (!fits)
      throw fault(
        folder,
        `${name} of shape ${sizes(shape)}`,
        sizes(view.shape),
        "use the configuration that belongs to the weights",
      );
    if (view.shape.some((dim) => dim === 0)) throw fault(folder, `${name} with elements`, sizes(view.shape));
    return view;
  };
  return {
    takeIfAny,
    take: (name, shape) => {
      const view = takeIfAny(name, shape);
      if (!view) throw fault(folder, `the tensor ${name}`, `none among ${[...tensors.keys()].slice(0, 8).join(", ")}`);
      return view;
    },
    done: (ignored = []) => {
      const stray = [...tensors.keys()].find((name) => !taken.has(name) && !ignored.includes(name));
      if (stray !== undefined)
        throw fault(folder, `the tensors ${[...taken].join(", ")}`, `${JSON.stringify(stray)} too`);
    },
  };
}
