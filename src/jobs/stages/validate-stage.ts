import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/index.ts";
import { DataRecord } from "../../records/index.ts";
import { atomicWriteFile, hashFile } from "../../store/index.ts";
import { type Part, stage } from "../part.ts";
import { refuseFaults, validate } from "../validate.ts";

/** Every fault of the training file, or `data.json`. */
export async function validateStage(part: Pick<Part, "config" | "model" | "stages" | "options">): Promise<DataRecord> {
  const { config, model } = part;
  const path = join(config.out, "data.json");
  const inputs = {
    data: await hashFile(await existing(config.data)),
    model: model.identity.sha256,
    maxLength: config.train.maxLength,
  };
  await stage(part, "validate", inputs, async () => {
    const record = await validate(config.data, model.tokenizer, config.train.maxLength);
    await atomicWriteFile(path, `${JSON.stringify(record, null, 2)}\n`);
    return { outputs: ["data.json"] };
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
