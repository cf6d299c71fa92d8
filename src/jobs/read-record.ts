/** Records and lines of a run folder, which may not be there. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { UserError } from "../core/index.ts";
import { readJsonl } from "../store/index.ts";

/** Null where the folder has no such record; one of another version is an error with its name. */
export async function readRecord<T extends z.ZodType>(
  folder: string,
  name: string,
  schema: T,
): Promise<z.infer<T> | null> {
  const text = await optionalText(join(folder, name));
  if (text === null) return null;
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(join(folder, name), {
    expected: "a record of this version",
    got: `${issue?.path.join(".")}: ${issue?.message}`,
    fix: "run the command again that wrote it",
  });
}

/** Empty where there is no such file. */
export async function readLines<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>[]> {
  if ((await optionalText(path)) === null) return [];
  const lines: z.infer<T>[] = [];
  for await (const line of readJsonl(path, schema)) lines.push(line);
  return lines;
}

export async function optionalText(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
