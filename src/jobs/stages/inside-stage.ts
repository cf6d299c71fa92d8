import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { lookInside } from "../../audit/index.ts";
import { type AuditRecord, ForecastRecord, type GeometryRecord } from "../../records/index.ts";
import { atomicWriteFile, hashFile } from "../../store/index.ts";
import { guardOf } from "../guard.ts";
import { neutralSequences } from "../neutral.ts";
import type { Pair } from "../pair.ts";
import { machine, type Part, stage } from "../part.ts";
import { receipt } from "../receipt.ts";
import { consistentBehaviours } from "./consistent.ts";
import { readInfluences } from "./forecast-stage.ts";

/** What moved inside, through which latents, and whether that is how it happened: `geometry.json`. */
export async function insideStage(part: Part, pair: Pair, audit: AuditRecord): Promise<void> {
  const { config, model, data, dictionary, engine, options, behaviours } = part;
  const forecast = data ? await readForecast(config.out) : null;
  const inputs = {
    base: model.identity.sha256,
    tuned: pair.identity.sha256,
    audit: await hashFile(join(config.out, "audit.json")),
    forecast: forecast && (await hashFile(join(config.out, "forecast.json"))),
    dictionary: dictionary?.identity ?? null,
    receipt: config.receipt,
    seed: config.seed,
    machine: machine(engine),
  };
  await stage(part, "inside", inputs, async ({ folder }) => {
    const startedAt = performance.now();
    const prepared = await part.prepared();
    const side = data ? await part.side() : null;
    const measured = new Map(
      audit.behaviours.flatMap(({ id, delta }) => (delta === null ? [] : [[id, delta] as const])),
    );
    const found = await lookInside({
      base: pair.base,
      tuned: pair.tuned,
      audit,
      behaviours,
      prepared,
      dictionary,
      side,
      sharedWeights: new Map(forecast?.behaviours.map(({ id, sharedWeight }) => [id, sharedWeight])),
      consistent: consistentBehaviours(forecast?.behaviours ?? [], measured),
      measured,
      adapter: pair.adapter,
      checkpoints: data ? join(config.out, "checkpoints") : null,
      neutral: neutralSequences(model),
      seed: config.seed,
      ...options,
    });
    const record: GeometryRecord = {
      ...found,
      receipt: data && config.receipt ? await receiptOf(part, pair, audit) : null,
      durationMs: performance.now() - startedAt,
    };
    await atomicWriteFile(join(folder, "geometry.json"), `${JSON.stringify(record, null, 2)}\n`);
    return { outputs: ["geometry.json"] };
  });
}

async function receiptOf(part: Part, { base, tuned }: Pair, audit: AuditRecord): Promise<GeometryRecord["receipt"]> {
  const { config, model, engine, options } = part;
  return receipt({
    engine,
    base,
    tuned,
    audit,
    behaviours: part.behaviours,
    ...(await part.examples()),
    influences: await readInfluences(config.out),
    config,
    guard: await guardOf({ engine, model, config }),
    folder: config.out,
    ...options,
  });
}

async function readForecast(folder: string): Promise<ForecastRecord> {
  return ForecastRecord.parse(JSON.parse(await readFile(join(folder, "forecast.json"), "utf8")));
}
