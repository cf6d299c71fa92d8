/** The report of a job for its owner, who knows names of bases and files and must not learn of places of this machine. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { publish } from "../../jobs/index.ts";
import { DataRecord } from "../../records/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import type { Names } from "./messages.ts";

/**
 * Puts the names in place of the paths in `config.json` and `data.json` of a run that has ended, and publishes it again. A
 * run that goes on from there finds them changed and makes these records again.
 */
export async function publishNamed(folder: string, names: Names): Promise<void> {
  await rewrite(join(folder, "config.json"), z.looseObject({}), (config) => ({ ...config, ...names }));
  await rewrite(join(folder, "data.json"), DataRecord, (data) => ({ ...data, file: names.data }));
  await publish(folder);
}

async function rewrite<T>(path: string, schema: z.ZodType<T>, named: (value: T) => T): Promise<void> {
  const value = named(schema.parse(JSON.parse(await readFile(path, "utf8"))));
  await atomicWriteFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
