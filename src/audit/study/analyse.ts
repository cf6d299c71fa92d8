/**
 * Is the forecast right? (SCIENCE §8.) From the records of a study's cells, one model at a time:
 *
 * 1. Seeds are averaged: a cell is data set × behaviour. Cells of the task itself forecast nothing that matters, and where the
 *    base does not read a behaviour's items no forecast can be held against their shift.
 * 2. Forecasters: each estimate alone; all combined, fitted without the data set that is forecast; the behaviour's own mean
 *    in the other data sets.
 * 3. Spearman of log-odds shifts, the same double-centred, AUROC for `affected`; intervals over data sets.
 * 4. The ceiling from halves of the seeds. Calibration of the combined forecast's probability of `affected`: neither the
 *    curve nor the fits whose forecasts it is drawn through have seen the data set.
 */
import { meanOrNull, must } from "../../core/index.ts";
import {
  ESTIMATES,
  type EstimateName,
  type ForecasterScore,
  type StudyCell,
  type StudyModel,
} from "../../records/index.ts";
import { auroc } from "../calibration/auroc.ts";
import { calibrationError, reliability } from "../calibration/calibration-error.ts";
import { ceiling, halves } from "../calibration/ceiling.ts";
import { calibrationCurve, LEAST_DATA_SETS, type RehearsedCell } from "../calibration/curve.ts";
import { doubleCentred } from "../calibration/double-centred.ts";
import { behaviourMeans, leaveOneDataSetOut, leftOutProbabilities } from "../calibration/leave-one-out.ts";
import { intervalOverDataSets } from "../calibration/over-data-sets.ts";
import { spearman } from "../calibration/rank-correlation.ts";
import { studentQuantile } from "../statistics/distributions.ts";
import { isUnread } from "./unread.ts";

/** Seeds of one data set and behaviour. */
interface Averaged {
  readonly dataSet: string;
  readonly group: string;
  readonly behaviour: string;
  readonly inTask: boolean;
  readonly estimates: readonly (number | null)[];
  /** Mean log-odds shift. */
  readonly measured: number;
  readonly seeds: readonly number[];
  readonly deltas: readonly number[];
  /** By most of the seeds. */
  readonly affected: boolean;
}

const ESTIMATE_NAMES: readonly EstimateName[] = ESTIMATES;
const SEED = 1;

/** `groups`: which data sets are nearly one; by data set, what they share. */
export function analyseModel(
  model: string,
  all: readonly StudyCell[],
  groups: ReadonlyMap<string, string> = new Map(),
): StudyModel {
  const done = all.filter((cell) => cell.model === model && cell.status === "done");
  const cells = averaged(done, groups);
  const off = cells.filter(({ inTask }) => !inTask);
  const combined = leaveOneDataSetOut(off).forecasts;
  const probabilities = leftOutProbabilities(off);
  const affected = off.map((cell) => cell.affected);
  const bins = reliability(probabilities, affected);
  const forecastOf = new Map(off.map((cell, i) => [cell, must(combined[i], "forecast")]));
  return {
    model,
    dataSets: unique(cells.map(({ dataSet }) => dataSet)),
    behaviours: unique(cells.map(({ behaviour }) => behaviour)),
    seeds: new Set(done.map(({ seed }) => seed)).size,
    forecasters: forecasters(off, combined),
    ceiling: ceilings(off),
    calibration: { error: calibrationError(bins), bins },
    curve: calibrationCurve(done.flatMap(rehearsedCells)),
    points: cells.map((cell) => ({
      dataSet: cell.dataSet,
      behaviour: cell.behaviour,
      inTask: cell.inTask,
      forecast: forecastOf.get(cell) ?? null,
      measured: cell.measured,
      ...shiftOf(cell.deltas),
      affected: cell.affected,
    })),
  };
}

/** One by one, not averaged over seeds: a forecast is of one training too. */
function rehearsedCells({ dataSet, seed, behaviours }: StudyCell): RehearsedCell[] {
  return behaviours.flatMap((own) => {
    const rehearsed = own.estimates.rehearsedShift ?? null;
    if (own.inTask || rehearsed === null || own.delta === null || isUnread(own)) return [];
    return [{ dataSet, seed, rehearsed, measured: own.delta, affected: own.verdict === "affected" }];
  });
}

/** Over the seeds that measured it; cells that none did are left out. */
function averaged(cells: readonly StudyCell[], kin: ReadonlyMap<string, string>): Averaged[] {
  const groups = new Map<string, { cell: StudyCell; own: StudyCell["behaviours"][number] }[]>();
  for (const cell of cells)
    for (const own of cell.behaviours) {
      if (own.deltaLogOdds === null || isUnread(own)) continue;
      const key = JSON.stringify([cell.dataSet, own.id]);
      groups.set(key, [...(groups.get(key) ?? []), { cell, own }]);
    }
  return [...groups.values()].map((members) => {
    const first = must(members[0], "cell");
    const seeds = [...members].sort((a, b) => a.cell.seed - b.cell.seed).map(({ own }) => own.deltaLogOdds ?? 0);
    return {
      dataSet: first.cell.dataSet,
      group: kin.get(first.cell.dataSet) ?? first.cell.dataSet,
      behaviour: first.own.id,
      inTask: members.some(({ own }) => own.inTask),
      estimates: ESTIMATE_NAMES.map((name) => meanOrNull(members.flatMap(({ own }) => own.estimates[name] ?? []))),
      measured: meanOrNull(seeds) ?? 0,
      seeds,
      deltas: members.flatMap(({ own }) => own.delta ?? []),
      affected: members.filter(({ own }) => own.verdict === "affected").length * 2 > members.length,
    };
  });
}

function forecasters(off: readonly Averaged[], combined: readonly number[]): ForecasterScore[] {
  const named: [string, readonly (number | null)[]][] = [
    ["combined, without the data set", combined],
    ...ESTIMATE_NAMES.map((name, k): [string, (number | null)[]] => [
      name,
      off.map(({ estimates }) => estimates[k] ?? null),
    ]),
    ["the behaviour's own mean", behaviourMeans(off)],
  ];
  return named.map(([name, values]) => scoreOf(name, off, values));
}

interface Scored extends Averaged {
  readonly forecast: number;
}

function scoreOf(name: string, off: readonly Averaged[], values: readonly (number | null)[]): ForecasterScore {
  const cells = off.flatMap((cell, i): Scored[] => {
    const forecast = values[i] ?? null;
    return forecast === null ? [] : [{ ...cell, forecast }];
  });
  const both = (statistic: (drawn: readonly Scored[]) => number | null) => {
    const found = cells.length === 0 ? null : intervalOverDataSets(cells, statistic, { seed: SEED, draws: 500 });
    const interval: [number, number] | null = found && [found[0], found[1]];
    return { value: cells.length === 0 ? null : statistic(cells), interval };
  };
  return {
    name,
    cells: cells.length,
    spearman: both((drawn) =>
      spearman(
        drawn.map(({ forecast }) => forecast),
        drawn.map(({ measured }) => measured),
      ),
    ),
    doubleCentred: both((drawn) =>
      spearman(
        interaction(drawn, ({ forecast }) => forecast),
        interaction(drawn, ({ measured }) => measured),
      ),
    ),
    auroc: both((drawn) =>
      auroc(
        drawn.map(({ forecast }) => Math.abs(forecast)),
        drawn.map((cell) => cell.affected),
      ),
    ),
  };
}

const interaction = (cells: readonly Scored[], of: (cell: Scored) => number) =>
  doubleCentred(cells.map((cell) => ({ dataSet: cell.dataSet, behaviour: cell.behaviour, value: of(cell) })));

function ceilings(off: readonly Averaged[]): StudyModel["ceiling"] {
  const cells = off.flatMap((cell) => {
    const cut = halves(cell.seeds);
    return cut ? [{ ...cell, one: cut[0], other: cut[1] }] : [];
  });
  const centred = (of: (cell: (typeof cells)[number]) => number) =>
    doubleCentred(cells.map((cell) => ({ dataSet: cell.dataSet, behaviour: cell.behaviour, value: of(cell) })));
  return {
    spearman: ceiling(
      spearman(
        cells.map(({ one }) => one),
        cells.map(({ other }) => other),
      ),
    ),
    doubleCentred: ceiling(
      spearman(
        centred(({ one }) => one),
        centred(({ other }) => other),
      ),
    ),
  };
}

/** Mean over seeds with its 95% t interval; none from one seed. */
function shiftOf(deltas: readonly number[]): { delta: number | null; interval: [number, number] | null } {
  const delta = meanOrNull(deltas);
  if (delta === null || deltas.length < 2) return { delta, interval: null };
  const variance = deltas.reduce((sum, value) => sum + (value - delta) ** 2, 0) / (deltas.length - 1);
  const half = studentQuantile(0.975, deltas.length - 1) * Math.sqrt(variance / deltas.length);
  return { delta, interval: [delta - half, delta + half] };
}

const unique = (values: readonly string[]) => [...new Set(values)];

/** In a user's words: what the best forecaster adds to the trivial ones, or that it adds nothing. */
export function findingsOf({ model, dataSets, forecasters: all, ceiling: most, seeds }: StudyModel): string[] {
  const scoreNamed = (name: string) => all.find((each) => each.name === name)?.spearman.value ?? null;
  const combined = scoreNamed("combined, without the data set");
  if (combined === null || dataSets.length < LEAST_DATA_SETS)
    return [
      `${model}: ${dataSets.length === 1 ? "1 data set is" : `${dataSets.length} data sets are`} too few to say how good the forecast is (${LEAST_DATA_SETS} at least).`,
    ];
  const trivial: [string, number | null][] = [
    ["how surprising the data are to the model", scoreNamed("lossOnData")],
    ["what the behaviour usually does", scoreNamed("the behaviour's own mean")],
  ];
  const share = most.spearman ? `, ${Math.round((100 * combined) / most.spearman)}% of what the seeds allow` : "";
  const found = [
    `${model}: over ${seeds} seed${seeds === 1 ? "" : "s"}, the combined forecast ranks shifts with ${combined.toFixed(2)}${share}.`,
  ];
  for (const [what, value] of trivial)
    if (value !== null && value >= combined)
      found.push(
        `${model}: knowing only ${what} ranks them as well as that (${value.toFixed(2)}): the combined forecast adds nothing to it.`,
      );
  const rehearsed = scoreNamed("rehearsal");
  if (rehearsed !== null && rehearsed >= combined)
    found.push(
      `${model}: the rehearsal alone ranks them with ${rehearsed.toFixed(2)}: the other estimates add nothing to how much moves.`,
    );
  for (const name of ["meanDifference", "spillover"]) {
    const value = scoreNamed(name);
    const adam = scoreNamed("adam");
    if (value !== null && adam !== null && value <= adam)
      found.push(
        `${model}: geometry alone (${name}, ${value.toFixed(2)}) says less of how much moves than the tangent (${adam.toFixed(2)}).`,
      );
  }
  return found;
}
