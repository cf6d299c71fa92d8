/** `penumbra filter`: a cleaned data set, why each row went, and what that is worth. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  type ChosenRow,
  controlMeans,
  directShares,
  drivingRows,
  geometricRisks,
  judgedRows,
  projectionDifferences,
  type RowValues,
  randomRows,
  rowLatents,
  towardsRisk,
} from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { must, pick, UserError } from "../core/index.ts";
import type { Panel } from "../judges/index.ts";
import type { DroppedRow, FilterMethod, FilterRecord, JudgeRecord } from "../records/index.ts";
import { atomicWriteFile, hashFile } from "../store/index.ts";
import { layoutOf } from "../training/index.ts";
import type { Config } from "./config.ts";
import { dictionaryFor } from "./dictionary.ts";
import { filterReceipts } from "./filter-receipt.ts";
import { guardOf } from "./guard.ts";
import { loraShape } from "./lora-shape.ts";
import { asLanguageModel, checkNames, openModel } from "./open.ts";
import { overData } from "./over-data.ts";
import type { Part, RunOptions } from "./part.ts";
import { rowTexts } from "./row-texts.ts";
import { forecastStage, readInfluences } from "./stages/forecast-stage.ts";
import { existing } from "./stages/validate-stage.ts";
import { taskBehaviours } from "./task.ts";

export interface FilterOptions extends RunOptions {
  readonly method: FilterMethod;
  /** Of the rows, above 0 and below 1. */
  readonly share: number;
  /** Behaviours that rows are dropped for; empty: all that are not the task. */
  readonly protect: readonly string[];
  /** Shares to retrain at, with and without; empty: no receipt. */
  readonly receipts: readonly number[];
  readonly panel: Panel | null;
}

export async function filter(config: Config, options: FilterOptions): Promise<FilterRecord> {
  refuseOptions(options);
  const startedAt = performance.now();
  const model = await openModel(config.model);
  await existing(config.data);
  checkNames(model, config);
  const dictionary = await dictionaryFor(model, config.dictionary);
  return overData({ config, model, dictionary, options }, async (part, data) => {
    const protect = await protectedBehaviours(part, options.protect);
    const scored = await valuesOf(part, options, protect);
    const chosen =
      scored === null
        ? randomRows(data.rows, options.share, config.seed)
        : drivingRows(scored.values, data.rows, options.share);
    const filteredSha256 = await writeRows(part, chosen, scored);
    const record: FilterRecord = {
      schemaVersion: 1,
      base: model.identity,
      data: { name: basename(config.data), sha256: data.sha256, rows: data.rows },
      method: options.method,
      what: scored?.what ?? "drawn at random",
      behaviours: protect.map(({ id }) => id),
      share: options.share,
      dropped: chosen.length,
      kept: data.rows - chosen.length,
      filteredSha256,
      judge: scored?.judge ?? null,
      receipts: options.receipts.length > 0 ? await receiptsOf(part, options, protect, scored) : [],
      seed: config.seed,
      durationMs: performance.now() - startedAt,
    };
    await atomicWriteFile(join(config.out, "filter.json"), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  });
}

function refuseOptions({ method, share, receipts, panel }: FilterOptions): void {
  const wrong = [share, ...receipts].find((each) => !(each > 0 && each < 1));
  if (wrong !== undefined)
    throw new UserError("share", {
      expected: "a share of the rows above 0 and below 1",
      got: String(wrong),
      fix: "--share 0.1 drops a tenth",
    });
  if (method === "judge" && !panel)
    throw new UserError("filter --by judge", { expected: "a judge", got: "none", fix: "name one with --judge" });
}

/** Those named, or all that the data do not teach themselves. */
async function protectedBehaviours(
  { model, config, behaviours }: Part,
  names: readonly string[],
): Promise<Behaviour[]> {
  const byId = Object.fromEntries(behaviours.map((behaviour) => [behaviour.id, behaviour]));
  if (names.length > 0) return names.map((name) => pick(byId, name, "behaviour to protect"));
  const task = await taskBehaviours(model, config);
  return behaviours.filter(({ id }) => !task.includes(id));
}

interface Scored {
  readonly values: readonly RowValues[];
  readonly what: string;
  readonly judge: JudgeRecord | null;
}

type Measure = (part: Part, options: FilterOptions, protect: readonly Behaviour[]) => Promise<Found | null>;
interface Found {
  /** `[rows]`, more = riskier. */
  readonly byId: ReadonlyMap<string, Float64Array>;
  readonly what: string;
  readonly judge?: JudgeRecord;
}

const measures: Record<FilterMethod, Measure> = {
  random: async () => null,
  influence: async (part, _, protect) => {
    await forecastStage(part);
    return {
      byId: turned(await readInfluences(part.config.out), protect),
      what: "influence of the row on the behaviour's log-odds towards its riskier side, first order, at the start of the training",
    };
  },
  geometric: async (part, options, protect) => {
    const { dictionary } = part;
    if (!dictionary)
      throw new UserError("filter --by geometric", {
        expected: "a dictionary of the model's features",
        got: "none",
        fix: "name one with --dictionary, or use --by influence or --by direct",
      });
    const what =
      "geometric risk: nearness of what the answer activates beyond the control's to the latents of the behaviour's riskier side";
    return { byId: geometricRisks(await latentQuestion(part, dictionary.dictionary, options, protect)), what };
  },
  direct: async (part, options, protect) => {
    const { dictionary } = part;
    if (dictionary)
      return {
        byId: directShares(await latentQuestion(part, dictionary.dictionary, options, protect)),
        what: "share of what the answer activates beyond the control's that lies on the latents of the behaviour's riskier side",
      };
    const control = await controlOf(part);
    const rows = await rowsOf(part);
    const { directions } = await part.prepared();
    const found = await projectionDifferences({ base: part.base, rows, control, directions, ...askOf(options) });
    return {
      byId: turned(found, protect),
      what: "projection difference along the behaviour's mean difference towards its riskier side at the middle layer (no dictionary)",
    };
  },
  judge: async ({ config }, { panel, ...options }, protect) => {
    const texts = await rowTexts(config.data);
    const { values, record } = await judgedRows(must(panel, "a judge"), protect, texts, askOf(options));
    return {
      byId: values,
      what: "a judge's rating of the row, 0 to 100: how strongly it shows the behaviour's riskier side",
      judge: record,
    };
  },
};

/** Of measures that rise with the behaviours; those that are not protected are left out. */
function turned(rising: ReadonlyMap<string, Float64Array>, protect: readonly Behaviour[]): Map<string, Float64Array> {
  return new Map(
    protect.flatMap((behaviour): [string, Float64Array][] => {
      const values = rising.get(behaviour.id);
      return values ? [[behaviour.id, towardsRisk(values, behaviour)]] : [];
    }),
  );
}

/** Null where chance chooses. Behaviours that the method cannot speak of are left out. */
async function valuesOf(part: Part, options: FilterOptions, protect: readonly Behaviour[]): Promise<Scored | null> {
  const found = await measures[options.method](part, options, protect);
  if (!found) return null;
  const values = protect.flatMap((behaviour) => {
    const own = found.byId.get(behaviour.id);
    return own ? [{ behaviour, values: own }] : [];
  });
  if (values.length > 0) return { values, what: found.what, judge: found.judge ?? null };
  throw new UserError(`filter --by ${options.method}`, {
    expected: "a behaviour with contrast pairs",
    got: protect.map(({ id }) => id).join(", ") || "none beyond the task",
    fix: "protect another behaviour with --protect, or use --by judge",
  });
}

const rowsOf = async (part: Part) => (await part.rows()).rows;
const askOf = ({ signal }: RunOptions) => (signal ? { signal } : {});

async function controlOf(part: Part) {
  const paired = await part.paired();
  if (paired) return paired.control;
  throw new UserError(part.config.data, {
    expected: "rows with prompts that the base can answer, for comparison",
    got: "text without prompts",
    fix: "use --by influence or --by judge",
  });
}

async function latentQuestion(
  part: Part,
  dictionary: NonNullable<Part["dictionary"]>["dictionary"],
  options: FilterOptions,
  behaviours: readonly Behaviour[],
) {
  const { base, config } = part;
  const control = await controlMeans(base, dictionary, await controlOf(part), askOf(options));
  const rows = await rowLatents({ base, dictionary, rows: await rowsOf(part), ...askOf(options) });
  const prepared = must((await part.prepared()).latents, "latents of the behaviours");
  return { dictionary, rows, control, prepared, behaviours, seed: config.seed };
}

/** `filtered.jsonl` with the kept lines as they were, `dropped.jsonl` with why the others went. */
async function writeRows({ config }: Part, chosen: readonly ChosenRow[], scored: Scored | null): Promise<string> {
  const lines = (await readFile(config.data, "utf8")).split("\n").filter((line) => line.trim() !== "");
  const gone = new Set(chosen.map(({ row }) => row));
  const kept = lines.filter((_, row) => !gone.has(row));
  const path = join(config.out, "filtered.jsonl");
  await atomicWriteFile(path, kept.map((line) => `${line.replace(/\r$/, "")}\n`).join(""));
  const dropped = chosen.map((each) => `${JSON.stringify(reasonOf(each, scored))}\n`);
  await atomicWriteFile(join(config.out, "dropped.jsonl"), dropped.join(""));
  return hashFile(path);
}

function reasonOf({ row, behaviour, score }: ChosenRow, scored: Scored | null): DroppedRow {
  const values = (scored?.values ?? []).map(({ behaviour: { id }, values: own }) => {
    const value = must(own[row], "row");
    return [id, Number.isNaN(value) ? null : value] as const;
  });
  const why =
    behaviour === null || score === null
      ? "drawn at random"
      : `drives ${behaviour} the riskier way, ${score.toFixed(1)} times as strongly as rows usually push it either way`;
  return { line: row + 1, behaviour, score, values: Object.fromEntries(values), why };
}

async function receiptsOf(part: Part, options: FilterOptions, protect: readonly Behaviour[], scored: Scored | null) {
  const { config, model, engine } = part;
  const { rank, magnitudes } = layoutOf(model.source.definition, loraShape(config));
  const examples = await part.examples();
  const { rows } = examples;
  const most = Math.max(...options.receipts);
  const chosen = scored ? drivingRows(scored.values, rows.length, most) : randomRows(rows.length, most, config.seed);
  return filterReceipts({
    engine,
    base: asLanguageModel(model, engine, { rank, magnitudes }),
    ...examples,
    config,
    guard: await guardOf({ engine, model, config }),
    folder: config.out,
    behaviours: protect,
    order: chosen.map(({ row }) => row),
    shares: options.receipts,
    ...options,
  });
}
