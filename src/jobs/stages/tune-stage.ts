import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FinetuneRecord } from "../../records/index.ts";
import { machine, type Part, stage } from "../part.ts";
import { tune } from "../tune.ts";
import { tuneFull } from "../tune-full.ts";
import { preferencePairs, refuseNothingToLearn, trainingRows } from "../validate.ts";

/** Adapter, checkpoints, merged model, metrics and `finetune.json`. */
export async function tuneStage(part: Part): Promise<FinetuneRecord> {
  const { config, model, data, engine, options } = part;
  if (!data) throw new Error("fine-tuning without data");
  const { train, seed, merged, guard, monitor } = config;
  const trained = { model: model.identity.sha256, data: data.sha256, train, seed, merged };
  // Absent where there is none, as before there were any.
  const kept = { ...(guard ? { guard } : {}), ...(monitor ? { monitor } : {}) };
  const inputs = { ...trained, ...kept, machine: machine(engine) };
  await stage(part, "finetune", inputs, async ({ folder, key }) => {
    const rows = await trainingRows(config.data, model.tokenizer, train.maxLength);
    refuseNothingToLearn(config.data, rows);
    const request = { engine, model, rows, dataSha256: data.sha256, config, folder, key, ...options };
    if (train.method === "full") return { outputs: (await tuneFull(request)).outputs };
    const pairs =
      train.objective === "dpo" ? await preferencePairs(config.data, model.tokenizer, train.maxLength) : undefined;
    return { outputs: (await tune({ ...request, ...(pairs ? { pairs } : {}) })).outputs };
  });
  return JSON.parse(await readFile(join(config.out, "finetune.json"), "utf8"));
}
