import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FinetuneRecord } from "../../records/index.ts";
import { hashFile } from "../../store/index.ts";
import { guardFiles } from "../guard-files.ts";
import { machine, type Part, stage } from "../part.ts";
import { tune } from "../tune.ts";
import { tuneFull } from "../tune-full.ts";
import { heldOutOf, refuseNothingToLearn } from "../validate.ts";

/** Adapter, checkpoints, merged model, metrics and `finetune.json`. */
export async function tuneStage(part: Part): Promise<FinetuneRecord> {
  const { config, model, data, engine, options } = part;
  if (!data) throw new Error("fine-tuning without data");
  const { train, seed, merged, guard, monitor } = config;
  const trained = { model: model.identity.sha256, data: data.sha256, train, seed, merged };
  // Absent where there is none, as before there were any.
  const validation = config.validation === null ? {} : { validation: await hashFile(config.validation) };
  const named = { ...(guard ? { guard } : {}), ...(monitor ? { monitor } : {}), ...(await guardFiles(model, config)) };
  const kept = { ...named, ...validation };
  const inputs = { ...trained, ...kept, machine: machine(engine) };
  await stage(part, "finetune", inputs, async ({ folder, key }) => {
    const examples = await part.examples();
    refuseNothingToLearn(config.data, examples.rows);
    const heldOut = await heldOutOf(config, model.tokenizer);
    const request = { engine, model, ...examples, heldOut, dataSha256: data.sha256, config, folder, key, ...options };
    return { outputs: (await (train.method === "full" ? tuneFull : tune)(request)).outputs };
  });
  return JSON.parse(await readFile(join(config.out, "finetune.json"), "utf8"));
}
