/** What a study says of forecasters whose worth is known beforehand. */
import { describe, expect, test } from "vitest";
import { must, rng } from "../../core/index.ts";
import type { StudyCell } from "../../records/index.ts";
import { analyseModel, findingsOf } from "./analyse.ts";

const SETS = ["a", "b", "c", "d", "e", "f"];
const BEHAVIOURS = ["v", "w", "x", "y", "z"];

/** Truth: set strength × behaviour looseness + an interaction; `adam` knows it, `plain` is noise. */
function cells(seeds: readonly number[], noise: number): StudyCell[] {
  return seeds.flatMap((seed) =>
    SETS.map(
      (dataSet, d): StudyCell => ({
        key: `${dataSet} ${seed}`,
        model: "m",
        dataSet,
        seed,
        status: "done",
        message: null,
        forecastSha256: "0",
        behaviours: BEHAVIOURS.map((id, b) => {
          const truth = Math.sin(7 * d + 3 * b) + (d - 2.5) / 3 + (b - 2) / 4;
          const random = rng(seed, dataSet, id);
          const measured = truth + noise * random.normal();
          const task = d === b;
          return {
            id,
            inTask: task,
            estimates: { adam: task ? 1e6 : 3 * truth, plain: random.normal(), lossOnData: d },
            delta: measured / 10,
            deltaLogOdds: measured,
            verdict: Math.abs(truth) > 1 ? "affected" : "unaffected",
          };
        }),
        finishedAt: "",
        durationMs: 1,
      }),
    ),
  );
}

const score = (found: ReturnType<typeof analyseModel>, name: string) =>
  must(
    found.forecasters.find((each) => each.name === name),
    name,
  );

describe("a study", () => {
  const found = analyseModel("m", cells([1, 2, 3], 0.05));

  test("finds the forecaster that knows the truth, off the task alone, double-centred too", () => {
    const adam = score(found, "adam");
    expect(adam.cells).toBe(SETS.length * BEHAVIOURS.length - BEHAVIOURS.length);
    expect(adam.spearman.value).toBeGreaterThan(0.98);
    expect(adam.doubleCentred.value).toBeGreaterThan(0.95);
    expect(adam.auroc.value).toBe(1);
    expect(score(found, "combined, without the data set").spearman.value).toBeGreaterThan(0.95);
    expect(Math.abs(score(found, "plain").spearman.value ?? 1)).toBeLessThan(0.6);
    expect(score(found, "injection").cells).toBe(0);
    expect(score(found, "injection").spearman.value).toBeNull();
  });

  test("knows what the seeds allow, and averages them", () => {
    expect(found.seeds).toBe(3);
    expect(found.ceiling.spearman).toBeGreaterThan(0.97);
    const noisy = analyseModel("m", cells([1, 2], 3));
    expect(noisy.ceiling.spearman ?? 0).toBeLessThan(0.8);
    expect(analyseModel("m", cells([1], 0.05)).ceiling.spearman).toBeNull();
    expect(analyseModel("m", cells([1], 0.05)).points.every(({ interval }) => interval === null)).toBe(true);
  });

  test("says in words where a baseline does as well", () => {
    expect(findingsOf(found).join(" ")).not.toMatch(/adds nothing/);
    const blind = cells([1, 2], 0.05).map((cell) => ({
      ...cell,
      behaviours: cell.behaviours.map((each, b) => ({
        ...each,
        estimates: { ...each.estimates, adam: 0 },
        deltaLogOdds: b,
      })),
    }));
    expect(findingsOf(analyseModel("m", blind)).join(" ")).toMatch(/adds nothing/);
  });

  test("says where the rehearsal alone does as well as all estimates together", () => {
    expect(findingsOf(found).join(" ")).not.toMatch(/rehearsal alone/);
    const rehearsed = cells([1, 2], 0.05).map((cell) => ({
      ...cell,
      behaviours: cell.behaviours.map((each) => ({
        ...each,
        estimates: { ...each.estimates, adam: 0, rehearsal: Math.cbrt(each.deltaLogOdds ?? 0) },
      })),
    }));
    expect(findingsOf(analyseModel("m", rehearsed)).join(" ")).toMatch(/the rehearsal alone ranks them with 1.00/);
  });

  test("what was not measured changes no score", () => {
    const unread = cells([1, 2, 3], 0.05).map((cell) => ({
      ...cell,
      behaviours: [
        ...cell.behaviours,
        ...cell.behaviours.map((each) => ({
          ...each,
          id: `unread ${each.id}`,
          deltaLogOdds: 9,
          verdict: "not-measured",
        })),
      ],
    }));
    const [own, more] = [found, analyseModel("m", unread)];
    expect(more.forecasters).toEqual(own.forecasters);
    expect([more.calibration, more.ceiling, more.curve]).toEqual([own.calibration, own.ceiling, own.curve]);
  });

  test("what the base reads is scored, also where a planted shift was not noticed", () => {
    const unnoticed = cells([1, 2, 3], 0.05).map((cell) => ({
      ...cell,
      behaviours: cell.behaviours.map((each) =>
        each.verdict === "affected" ? each : { ...each, verdict: "not-measured", capable: true },
      ),
    }));
    expect(analyseModel("m", unnoticed).forecasters).toEqual(found.forecasters);
  });

  test("data sets of one group are left out and drawn together", () => {
    const twin = cells([1, 2, 3], 0.05).map((cell) => ({ ...cell, dataSet: `${cell.dataSet}'` }));
    const all = [...cells([1, 2, 3], 0.05), ...twin];
    const groups = new Map(SETS.flatMap((set) => [[set, set] as const, [`${set}'`, set] as const]));
    const [grouped, alone] = [analyseModel("m", all, groups), analyseModel("m", all)];
    // A twin tells all of its sister: the behaviour's own mean elsewhere is of others' only where they stand together.
    const own = (of: ReturnType<typeof analyseModel>) => score(of, "the behaviour's own mean").spearman;
    expect(own(grouped).value).toBeCloseTo(own(found).value ?? Number.NaN, 12);
    expect(own(alone).value).not.toBeCloseTo(own(grouped).value ?? Number.NaN, 6);
    const width = (of: ReturnType<typeof analyseModel>) => {
      const [low, high] = score(of, "plain").spearman.interval ?? [0, 0];
      return high - low;
    };
    expect(width(grouped)).toBeGreaterThan(width(alone));
  });

  test("with no cells, or failed ones, says that it cannot say", () => {
    const failed = cells([1], 0).map((cell) => ({ ...cell, status: "failed" as const, behaviours: [] }));
    const few = cells([1, 2], 0.05).filter(({ dataSet }) => dataSet < "c");
    expect(findingsOf(analyseModel("m", few))).toEqual([expect.stringContaining("2 data sets are too few")]);
    for (const none of [analyseModel("m", []), analyseModel("m", failed)]) {
      expect(none.points).toEqual([]);
      expect(none.calibration.error).toBeNull();
      expect(findingsOf(none)).toHaveLength(1);
    }
  });
});
