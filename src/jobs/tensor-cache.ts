/** An entry of a cache that is tensors and a record of them: `<name>.safetensors`, and `<name>.json` written last. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type TensorToWrite, writeSafetensors } from "../data/index.ts";
import { atomicWriteFile, hashFile } from "../store/index.ts";

/** What every record says of its entry; `key` is the hash of everything that the entry depends on. */
export const entryFields = { schemaVersion: z.literal(1), key: z.string(), tensorsSha256: z.string() };

interface Entry {
  readonly key: string;
  readonly tensorsSha256: string;
}

export interface Place {
  readonly folder: string;
  readonly name: string;
}

/** Null where there is nothing, or something cut short, touched or of another program. */
export async function readEntry<R extends Entry>(
  { folder, name }: Place,
  schema: z.ZodType<R>,
  key: string,
): Promise<{ readonly record: R; readonly tensors: string } | null> {
  const text = await readFile(join(folder, `${name}.json`), "utf8").catch(() => null);
  if (text === null) return null;
  const parsed = schema.safeParse(JSON.parse(text));
  const tensors = join(folder, `${name}.safetensors`);
  if (!parsed.success || parsed.data.key !== key) return null;
  if ((await hashFile(tensors).catch(() => null)) !== parsed.data.tensorsSha256) return null;
  return { record: parsed.data, tensors };
}

/** Files appear whole and the record last, so that two who compute the same at once write the same. */
export async function writeEntry<R extends Entry>(
  { folder, name }: Place,
  tensors: readonly TensorToWrite[],
  record: Omit<R, "schemaVersion" | "tensorsSha256">,
): Promise<void> {
  const file = join(folder, `${name}.safetensors`);
  await writeSafetensors(file, tensors);
  const whole = { schemaVersion: 1, tensorsSha256: await hashFile(file), ...record };
  await atomicWriteFile(join(folder, `${name}.json`), `${JSON.stringify(whole)}\n`);
}
