import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/index.ts";
import { DataRecord } from "../../records/index.ts";
import { atomicWriteFile, hashFile } from "../../store/index.ts";
import { type Part, stage } from "../part.ts";
import { refuseFaults, validate } from "../validate.ts";

type Asked = Pick<Part, "config" | "model" | "stages" | "options">;

/** Every fault of the training file, or `data.json`; then of the file that is evaluated on, `validation-data.json`. */
export async function validateStage(part: Asked): Promise<DataRecord> {
  const { data, validation } = part.config;
  const record = await validated(part, { name: "validate", file: data, output: "data.json" });
  if (validation !== null)
    await validated(part, { name: "validate-held-out", file: validation, output: "validation-data.json" });
  return record;
}

async function validated(
  part: Asked,
  { name, file, output }: { readonly name: string; readonly file: string; readonly output: string },
): Promise<DataRecord> {
  const { config, model } = part;
  const { maxLength, objective } = config.train;
  const path = join(config.out, output);
  const inputs = {
    data: await hashFile(await existing(file)),
    model: model.identity.sha256,
    maxLength,
    ...(objective === "dpo" ? { pairs: true } : {}),
  };
  await stage(part, name, inputs, async () => {
    const record = await validate(file, model.tokenizer, maxLength, objective);
    await atomicWriteFile(path, `${JSON.stringify(record, null, 2)}\n`);
    return { outputs: [output] };
  });
  const record = DataRecord.parse(JSON.parse(await readFile(path, "utf8")));
  refuseFaults(record);
  return record;
}

/** The path of a file that is there. */
export async function existing(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile()) return file;
  const got = found ? "a folder" : "no such file";
  throw new UserError(file, { expected: "a file of training rows", got, fix: "give the path of a .jsonl file" });
}
