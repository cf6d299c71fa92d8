import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { behaviourGradients, forecastRecord, tangents } from "../../audit/index.ts";
import { ForecastRecord } from "../../records/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import { behavioursFor } from "../open.ts";
import { machine, type Part, stage } from "../part.ts";
import { cachedProbes } from "../probe-gradients.ts";
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
    const question = { base: part.base, behaviours, train, seed, ...options };
    const asked = { ...question, sha256: model.identity.sha256, machine: machine(engine) };
    const probes = await cachedProbes(asked, () => behaviourGradients(question));
    const found = await tangents({ ...question, rows, side, probes });
    const record = forecastRecord({
      identity: model.identity,
      data: { name: basename(config.data), sha256: data.sha256, rows: data.rows },
      behaviours,
      inTask,
      prepared,
      dictionary,
      side,
      tangents: found,
      texts: await rowTexts(config.data),
      seed,
      startedAt,
    });
    await atomicWriteFile(join(folder, "forecast.json"), `${JSON.stringify(record, null, 2)}\n`);
    await atomicWriteFile(join(folder, INFLUENCES), `${JSON.stringify(asObject(found.influences))}\n`);
    return { outputs: ["forecast.json", INFLUENCES] };
  });
  return ForecastRecord.parse(JSON.parse(await readFile(join(config.out, "forecast.json"), "utf8")));
}

/** Every row's influence, by behaviour id; the record names the strongest. */
const INFLUENCES = "influences.json";

const Influences = z.record(z.string(), z.array(z.number()));

function asObject(influences: ReadonlyMap<string, Float64Array>): z.infer<typeof Influences> {
  return Object.fromEntries([...influences].map(([id, values]) => [id, [...values]]));
}

export async function readInfluences(folder: string): Promise<ReadonlyMap<string, Float64Array>> {
  const found = Influences.parse(JSON.parse(await readFile(join(folder, INFLUENCES), "utf8")));
  return new Map(Object.entries(found).map(([id, values]) => [id, Float64Array.from(values)]));
}
