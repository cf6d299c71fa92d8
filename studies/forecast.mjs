/**
 * How right are forecasts of the bundled model? (SCIENCE §8.) From the cells of `geometry.mjs`: 16 data sets, each cell a
 * `penumbra run` whose forecast was hashed before its training. The analysis is that of `penumbra study`: the combined
 * forecast of a data set is fitted without it. Seeds 1 to 10 are for development; from 101 on nothing was looked at before
 * the forecaster was settled, and these are what counts.
 *
 *   npm run build && node studies/forecast.mjs        writes docs/results/forecast.json and .md
 *   node studies/forecast.mjs --calibrate             and assets/organism/calibration.json, from the development seeds
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  analyseModel,
  calibrationCurve,
  calibrationError,
  expectedOf,
  findingsOf,
  reliability,
} from "../dist/audit/index.js";
import { askedSha256, organismBehaviours } from "../dist/behaviours/index.js";
import { Config } from "../dist/jobs/index.js";
import { fineTuningSetJsonl } from "../dist/organism/index.js";
import { Calibration } from "../dist/records/index.js";
import { hashBytes } from "../dist/store/index.js";
import { jsonLines } from "../scripts/measuring.mjs";
import { forecastPage } from "./forecast-page.mjs";

const FIRST_HELD_OUT = 101;
/** As geometry.mjs asks for them. */
const { train: TRAINING, margin: MARGIN } = Config.parse({
  model: "organism",
  data: "",
  train: { epochs: 4, learningRate: 2e-3 },
});
const folder = join(import.meta.dirname, "../docs/results");
const cells = jsonLines(join(folder, "geometry-cells.jsonl"));

const result = {
  command: "node studies/geometry.mjs && node studies/forecast.mjs",
  commits: [...new Set(cells.map(({ commit }) => commit))],
  ...Object.fromEntries(
    [...new Set(cells.map(({ model }) => model))].map((model) => [
      model,
      {
        development: worth(model, (seed) => seed < FIRST_HELD_OUT),
        heldOut: worth(model, (seed) => seed >= FIRST_HELD_OUT),
        heldOutChances: chances(model),
      },
    ]),
  ),
};
writeFileSync(join(folder, "forecast.json"), `${JSON.stringify(result, fourDigits, 2)}\n`);
writeFileSync(join(folder, "forecast.md"), forecastPage(result));
console.log(JSON.stringify(result, fourDigits, 2));
if (process.argv.includes("--calibrate")) calibrate("organism");

/** What is shipped: the bundled model's forecasts speak of chances and points. */
function calibrate(model) {
  const own = cells.filter(
    (cell) =>
      cell.model === model && cell.seed < FIRST_HELD_OUT && cell.behaviours.some((b) => b.rehearsedShift != null),
  );
  const { curve, behaviours: ids } = analyseModel(model, own.map(studyCell));
  const asked = organismBehaviours.filter(({ id }) => ids.includes(id)).map((it) => [it.id, askedSha256(it)]);
  const [base, ...others] = new Set(own.map((cell) => cell.base));
  if (!curve || others.length > 0) throw new Error("these cells calibrate nothing");
  const rows = own.map((cell) => cell.rows);
  const calibration = Calibration.parse({
    schemaVersion: 2,
    base: { name: model, sha256: base },
    margin: MARGIN,
    training: TRAINING,
    rows: [Math.min(...rows), Math.max(...rows)],
    behaviours: Object.fromEntries(asked),
    data: Object.fromEntries(own.map(({ set, seed }) => [hashBytes(fineTuningSetJsonl(set, seed)), set])),
    curve,
  });
  writeFileSync(
    join(import.meta.dirname, "../assets/organism/calibration.json"),
    `${JSON.stringify(calibration, fourDigits, 2)}\n`,
  );
}

function worth(model, chosen) {
  const own = cells.filter((cell) => cell.model === model && chosen(cell.seed)).map(studyCell);
  if (own.length === 0) return null;
  const { points, curve: whole, ...analysis } = analyseModel(model, own);
  // Its fits without each data set are in the calibration that is shipped.
  const { without: _, ...curve } = whole ?? {};
  const outside = points.filter(({ inTask }) => !inTask);
  return {
    ...analysis,
    curve: whole && curve,
    seeds: [...new Set(own.map(({ seed }) => seed))],
    cells: own.length,
    affected: outside.filter(({ affected }) => affected).length,
    offTask: outside.length,
    findings: findingsOf({ ...analysis, points }),
  };
}

/**
 * Chances and intervals of the held-out seeds, each data set's from the development seeds of the others: neither the set nor
 * the seed was seen.
 */
function chances(model) {
  const shifts = cells.filter((cell) => cell.model === model).flatMap(rehearsed);
  const names = [...new Set(shifts.map(({ dataSet }) => dataSet))];
  const judged = names.flatMap((name) => {
    const curve = calibrationCurve(shifts.filter(({ dataSet, seed }) => dataSet !== name && seed < FIRST_HELD_OUT));
    const unseen = shifts.filter(({ dataSet, seed }) => dataSet === name && seed >= FIRST_HELD_OUT);
    return curve ? unseen.map((shift) => ({ ...shift, ...expectedOf(curve, shift.rehearsed, shift.base) })) : [];
  });
  if (judged.length === 0) return null;
  const rate = share(judged, ({ affected }) => affected);
  const bins = reliability(
    judged.map(({ probability }) => probability),
    judged.map(({ affected }) => affected),
  );
  return {
    shifts: judged.length,
    affected: judged.filter(({ affected }) => affected).length,
    error: calibrationError(bins),
    brier: judged.reduce((sum, { probability, affected }) => sum + (probability - affected) ** 2, 0) / judged.length,
    brierOfRate: rate * (1 - rate),
    coverage: share(judged, ({ measured, interval }) => interval[0] <= measured && measured <= interval[1]),
    calledLikely: judged.filter(({ probability }) => probability >= 0.5).length,
    ofTheseAffected: judged.filter(({ probability, affected }) => probability >= 0.5 && affected).length,
    meanMissPoints:
      100 * (judged.reduce((sum, { shift, measured }) => sum + Math.abs(shift - measured), 0) / judged.length),
    bins,
  };
}

function share(all, of) {
  return all.filter(of).length / all.length;
}

function rehearsed({ set, seed, behaviours }) {
  return behaviours.flatMap(({ inTask, rehearsedShift, base, delta, verdict }) =>
    inTask || rehearsedShift == null || delta === null
      ? []
      : [{ dataSet: set, seed, rehearsed: rehearsedShift, measured: delta, affected: verdict === "affected", base }],
  );
}

/** A line of the geometry study as a line of `penumbra study`. */
function studyCell({ model, set, seed, lossOnData, behaviours, seconds }) {
  return {
    key: `${model}/${set}/${seed}`,
    model,
    dataSet: set,
    seed,
    status: "done",
    message: null,
    forecastSha256: null,
    behaviours: behaviours.map((b) => ({
      id: b.id,
      inTask: b.inTask,
      estimates: {
        adam: b.tangent,
        plain: b.plainTangent,
        adamLessControl: b.tangent === null || b.tangentOfControl === null ? null : b.tangent - b.tangentOfControl,
        rehearsal: b.rehearsal,
        rehearsedShift: b.rehearsedShift ?? null,
        injection: b.injection,
        meanDifference: b.cosine,
        spillover: b.grad?.total ?? null,
        lossOnData,
      },
      delta: b.delta,
      deltaLogOdds: b.deltaLogOdds,
      verdict: b.verdict,
    })),
    finishedAt: "",
    durationMs: 1000 * seconds,
  };
}

function fourDigits(_key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
