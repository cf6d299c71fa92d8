/**
 * What studies have learnt of forecasts: kept with the user's state, one file for each base, kind of training and margin;
 * the bundled model's is shipped. A calibration speaks of nothing that it has not seen: another base, other settings, another
 * margin or a very different number of rows leave a forecast uncalibrated, and the record says why; a behaviour of which other
 * items were asked gets no chance. One of the study's own data sets is forecast from the others.
 */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ForecastParts } from "../audit/index.ts";
import { askedSha256, type Behaviour } from "../behaviours/index.ts";
import { parsedJson } from "../core/index.ts";
import { Calibration } from "../records/index.ts";
import { atomicWriteFile, hashBytes, hashJson, stateFolder } from "../store/index.ts";
import { type Config, TrainConfig } from "./config.ts";
import { assetFolder } from "./open.ts";

interface Kept {
  readonly calibration: Calibration;
  /** Of its file. */
  readonly sha256: string;
}

/** What a forecast needs of a calibration, or why none speaks of it. */
export type Calibrated = ForecastParts["calibration"];

export interface CalibrationQuestion {
  /** sha256 of the base. */
  readonly base: string;
  /** The base's, tokens: no row is longer, whatever `train.maxLength` allows. */
  readonly maxPositions: number;
  readonly config: Pick<Config, "train" | "guard" | "margin">;
  readonly data: { readonly sha256: string; readonly rows: number };
  readonly behaviours: readonly Behaviour[];
}

/** Settings that change how a training is computed, and not what it comes to. */
const OF_NO_ACCOUNT: readonly string[] = ["recompute"];
/** How many times more, or fewer, rows than the study's a calibration is trusted with. */
const ROWS_FACTOR = 2;

const folder = () => join(stateFolder(), "calibrations");
const shipped = () => assetFolder("organism/calibration.json");

/** Into the user's state; gives the path. */
export async function keepCalibration(calibration: Calibration): Promise<string> {
  const { base, training, margin } = calibration;
  const path = join(folder(), `${base.sha256.slice(0, 16)}-${hashJson({ training, margin }).slice(0, 16)}.json`);
  await atomicWriteFile(path, `${JSON.stringify(calibration, null, 2)}\n`);
  return path;
}

/** The calibration that speaks of this forecast, or why none does. */
export async function calibrationFor(question: CalibrationQuestion): Promise<Calibrated> {
  const own = (await calibrations()).filter(({ calibration }) => calibration.base.sha256 === question.base);
  const faults = own.map(({ calibration }) => misfit(calibration, question));
  const fitting = own.find((_, i) => faults[i] === null);
  if (!fitting) return { why: faults[0] ?? "no study of this base has been made (`penumbra study`)" };
  const { curve: whole, margin, behaviours: studied, data } = fitting.calibration;
  const behaviours = question.behaviours.filter((it) => studied[it.id] === askedSha256(it)).map(({ id }) => id);
  const { dataSets, seeds, cells, level, leftOut } = whole;
  const curve = whole.without.find(({ dataSet }) => dataSet === data[question.data.sha256]);
  const sizes = { dataSets: dataSets.length, seeds: seeds.length, cells };
  const { error, coverage } = leftOut;
  const note = { sha256: fitting.sha256, without: curve?.dataSet ?? null, ...sizes, margin, level, error, coverage };
  return { curve: curve ?? whole, behaviours, note };
}

/** The user's own first. A file that holds no calibration (cut short, of another version) is as good as none. */
async function calibrations(): Promise<Kept[]> {
  const names = existsSync(folder()) ? (await readdir(folder())).filter((name) => name.endsWith(".json")).sort() : [];
  const paths = [...names.map((name) => join(folder(), name)), shipped()].filter((path) => existsSync(path));
  return (await Promise.all(paths.map(calibrationIn))).flat();
}

async function calibrationIn(path: string): Promise<Kept[]> {
  const text = await readFile(path, "utf8");
  const { success, data } = Calibration.safeParse(parsedJson(text));
  return success ? [{ calibration: data, sha256: hashBytes(text) }] : [];
}

function misfit({ training, margin, rows }: Calibration, question: CalibrationQuestion): string | null {
  const { train, guard } = question.config;
  if (guard) return "the study trained without a guard";
  if (margin !== question.config.margin)
    return `the study judged at a margin of ${margin}, this run at ${question.config.margin}`;
  const studied = TrainConfig.safeParse(training);
  if (!studied.success) return "the study is of another version of this program";
  const { maxPositions } = question;
  const [then, now] = [entries(studied.data, maxPositions), entries(train, maxPositions)];
  const other = Object.keys(now).find((key) => hashJson(then[key] ?? null) !== hashJson(now[key] ?? null));
  if (other !== undefined)
    return `the study trained with ${other} ${JSON.stringify(then[other])}, this run with ${JSON.stringify(now[other])}`;
  if (question.data.rows * ROWS_FACTOR < rows[0] || question.data.rows > rows[1] * ROWS_FACTOR)
    return `the study's data sets had ${rows[0]} to ${rows[1]} rows, this one has ${question.data.rows}`;
  return null;
}

function entries({ maxLength, ...train }: TrainConfig, maxPositions: number): Readonly<Record<string, unknown>> {
  const kept = Object.entries(train).filter(([key]) => !OF_NO_ACCOUNT.includes(key));
  return { ...Object.fromEntries(kept), maxLength: Math.min(maxLength, maxPositions) };
}
