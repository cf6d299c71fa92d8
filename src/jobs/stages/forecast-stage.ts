import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import {
  behaviourGradients,
  forecastRecord,
  injections,
  type RowRisks,
  rowRisks,
  tangents,
} from "../../audit/index.ts";
import { must } from "../../core/index.ts";
import { ForecastRecord } from "../../records/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import { calibrationFor } from "../calibrations.ts";
import type { Config } from "../config.ts";
import { guardOf } from "../guard.ts";
import { guardFiles } from "../guard-files.ts";
import { loraShape } from "../lora-shape.ts";
import type { OpenedModel } from "../open.ts";
import { machine, type Part, stage } from "../part.ts";
import { cachedProbes } from "../probe-gradients.ts";
import { rehearsal } from "../rehearsal.ts";
import { rowTexts } from "../row-texts.ts";
import { taskBehaviours } from "../task.ts";
import { loraOptions } from "../tune.ts";
import { refuseNothingToLearn } from "../validate.ts";

/** What base and data say before any training: `forecast.json`. */
export async function forecastStage(part: Part): Promise<ForecastRecord> {
  const { config, model, data, dictionary, engine, options, behaviours } = part;
  if (!data) throw new Error("a forecast without data");
  const inTask = await taskBehaviours(model, config);
  const { train, seed } = config;
  const shape = loraShape(config);
  const { maxPositions } = model.source.definition;
  const calibration = await calibrationFor({ base: model.identity.sha256, maxPositions, config, data, behaviours });
  const inputs = {
    base: model.identity.sha256,
    data: data.sha256,
    maxLength: train.maxLength,
    shape,
    behaviours: behaviours.map(({ label: _, ...asked }) => asked),
    inTask,
    dictionary: dictionary?.identity ?? null,
    seed,
    // Only a full forecast rehearses, and so knows how the training goes and what studies say of it.
    ...(options.quick ? { quick: true } : { rehearsed: await rehearsedSettings(model, config), calibration }),
    machine: machine(engine),
  };
  await stage(part, "forecast", inputs, async ({ folder }) => {
    const startedAt = performance.now();
    const examples = await part.examples();
    refuseNothingToLearn(config.data, examples.rows);
    const { chosen, rows, subsample } = await part.rows();
    const texts = await rowTexts(config.data);
    const prepared = await part.prepared();
    const paired = await part.paired();
    const question = { base: part.base, behaviours, shape, seed, ...options };
    const asked = { ...question, sha256: model.identity.sha256, machine: machine(engine) };
    const probes = await cachedProbes(asked, () => behaviourGradients(question));
    const { directions, ...found } = await tangents({
      ...question,
      rows,
      paired,
      probes,
      ...(subsample ? { subsample } : {}),
    });
    const side = await part.side(directions);
    const most = options.quick ? QUICK_PAIRS : PAIRS;
    const ask = options.signal ? { signal: options.signal } : {};
    const rehearse = async () => {
      const guard = await guardOf({ engine, model, config, ...ask });
      const asked = { model, base: part.base, ...examples, config, guard, behaviours, folder, ...options };
      return rehearsal({ ...asked, baseScores: prepared.scores });
    };
    const risksOf = async (): Promise<RowRisks> => {
      if (!side || !dictionary || !prepared.latents) return new Map();
      const asked = {
        base: part.base,
        dictionary: dictionary.dictionary,
        prepared: prepared.latents,
        behaviours,
        seed,
      };
      return rowRisks({ ...asked, rows, control: side.rows.control, influences: found.influences, ...ask });
    };
    const record = forecastRecord({
      identity: model.identity,
      data: { name: basename(config.data), sha256: data.sha256, rows: data.rows },
      behaviours,
      inTask,
      prepared,
      dictionary,
      side,
      tangents: found,
      injections: side ? await injections({ base: part.base, side, behaviours, prepared, most, ...ask }) : new Map(),
      calibration,
      rehearsal: options.quick ? null : await rehearse(),
      risks: await risksOf(),
      mode: options.quick ? "quick" : "full",
      tangentRows: rows.length,
      objective: train.objective,
      dora: train.dora,
      texts: chosen.map((row) => must(texts[row], "row")),
      seed,
      startedAt,
    });
    await atomicWriteFile(join(folder, "forecast.json"), `${JSON.stringify(record, null, 2)}\n`);
    if (subsample) return { outputs: ["forecast.json"] };
    await atomicWriteFile(join(folder, INFLUENCES), `${JSON.stringify(asObject(found.influences))}\n`);
    return { outputs: ["forecast.json", INFLUENCES] };
  });
  return ForecastRecord.parse(JSON.parse(await readFile(join(config.out, "forecast.json"), "utf8")));
}

const rehearsedSettings = async (model: OpenedModel, config: Config) => ({
  ...loraOptions(config),
  objective: config.train.objective,
  base: config.train.base,
  ...(config.guard ? { guard: config.guard } : {}),
  ...(await guardFiles(model, { guard: config.guard })),
});

/** Pairs of each behaviour that are read. */
const QUICK_PAIRS = 8;
const PAIRS = 16;

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
