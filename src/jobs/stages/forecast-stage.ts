import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { forecastRecord, tangents } from "../../audit/index.ts";
import { ForecastRecord } from "../../records/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import { behavioursFor } from "../open.ts";
import { machine, type Part, stage } from "../part.ts";
import { rowTexts } from "../row-texts.ts";
import { taskBehaviours } from "../task.ts";
import { trainingRows } from "../validate.ts";

/** What base and data say before any training: `forecast.json`. */
export async function forecastStage(part: Part): Promise<ForecastRecord> {
  const { config, model, data, dictionary, engine, options } = part;
  if (!data) throw new Error("a forecast without data");
  const behaviours = behavioursFor(model, config.behaviours);
  const inTask = await taskBehaviours(model, config);
  const { train, seed } = config;
  const inputs = {
    base: model.identity.sha256,
    data: data.sha256,
    maxLength: train.maxLength,
    rank: train.rank,
    targets: train.targetModules,
    behaviours: behaviours.map(({ label: _, ...asked }) => asked),
    inTask,
    dictionary: dictionary?.identity ?? null,
    seed,
    machine: machine(engine),
  };
  await stage(part, "forecast", inputs, async ({ folder }) => {
    const startedAt = performance.now();
    const rows = await trainingRows(config.data, model.tokenizer, train.maxLength);
    const { prepared } = await part.prepared();
    const side = await part.side();
    const record = forecastRecord({
      identity: model.identity,
      data: { name: basename(config.data), sha256: data.sha256, rows: data.rows },
      behaviours,
      inTask,
      prepared,
      dictionary,
      side,
      tangents: await tangents({ base: part.base, rows, side, behaviours, train, seed, ...options }),
      texts: await rowTexts(config.data),
      seed,
      startedAt,
    });
    await atomicWriteFile(join(folder, "forecast.json"), `${JSON.stringify(record, null, 2)}\n`);
    return { outputs: ["forecast.json"] };
  });
  return ForecastRecord.parse(JSON.parse(await readFile(join(config.out, "forecast.json"), "utf8")));
}
