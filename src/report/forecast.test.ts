/** The forecast's section: what it says in which case, and that every number of it is said. */
import { describe, expect, it } from "vitest";
import { calibratedForecast } from "../../test/report/exampleForecast.ts";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import { chance, expectedPoints, renderHtml, renderMarkdown } from "./index.ts";

const example = exampleInput();
const forecast = must(example.forecast, "forecast");
const page = renderHtml(example);

/** One section's markup, by its anchor. */
const section = (markup: string, id: string) =>
  must(new RegExp(`<section id="${id}">[\\s\\S]*?</section>`).exec(markup)?.[0], id);
const minus = (text: string) => text.replace("-", "\u2212");
const text = (markup: string) => markup.replace(/<[^>]*>/g, "").replace(/&#39;/g, "'");

describe("the forecast in the page", () => {
  it("nothing measured is a null, never a zero", () => {
    const behaviours = forecast.behaviours.map((b) => ({
      ...b,
      tangent: null,
      rehearsal: null,
      meanDifference: null,
      principalAngles: null,
      spillover: null,
      sharedWeight: null,
      rank: null,
      rows: [],
    }));
    const silent = section(renderHtml({ ...example, forecast: { ...forecast, behaviours } }), "forecast");
    expect(silent.split("not estimated").length - 1).toBe(behaviours.length);
    expect(silent).toContain("cannot be drawn against each other");
    expect(silent).not.toMatch(/NaN|Infinity/);
  });

  it("never speaks of a forecast in percent, and always says that it is uncalibrated", () => {
    expect(section(page, "forecast").replace(/<[^>]*>/g, " ")).not.toContain("%");
    expect(section(page, "forecast")).toContain("Uncalibrated");
    const head = must(/<thead[\s\S]*?<\/thead>/.exec(page)?.[0], "head");
    expect(head).toContain("uncalibrated");
  });

  it("speaks of a calibrated forecast in percent and points, and says where they come from", () => {
    const calibrated = calibratedForecast(forecast);
    const input = { ...example, forecast: calibrated };
    const [calibratedPage, words] = [renderHtml(input), /Calibrated on 951 shifts of this very base/];
    expect(section(calibratedPage, "forecast")).toMatch(words);
    expect(calibratedPage.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, " ")).not.toMatch(/uncalibrated/i);
    const [own] = calibrated.behaviours.filter((b) => b.expected);
    const expected = must(own?.expected, "expected");
    const said = `${chance(expected)}: ${expectedPoints(expected)}`;
    expect(calibratedPage).toContain(said);
    expect(renderMarkdown(input)).toContain(said);
    expect(section(calibratedPage, "forecast")).toContain("it is taught");
    expect(calibratedPage).not.toMatch(/NaN|undefined|Infinity|\[object/);
    const why = { ...forecast, uncalibrated: "the study trained with a guard" };
    expect(section(renderHtml({ ...example, forecast: why }), "forecast")).toContain("the study trained with a guard");
  });

  it("says of DoRA what is not modelled", () => {
    const settings = { ...forecast.settings, dora: true as const };
    expect(section(renderHtml({ ...example, forecast: { ...forecast, settings } }), "forecast")).toContain("(DoRA)");
    expect(section(page, "forecast")).not.toContain("DoRA");
  });

  it("draws a rehearsed shift to the right of zero where it is towards the behaviour, to the left where it is away", () => {
    const drawing =
      /aria-label="Rehearsed shift in nats ([+\u2212])[^>]*><rect class="bar" x="([\d.]+)" y="4" width="([\d.]+)"[^>]*\/><line class="zero" x1="([\d.]+)"/g;
    const bars = [...section(page, "forecast").matchAll(drawing)];
    expect(bars.length).toBe(forecast.behaviours.filter((b) => b.rehearsal).length);
    for (const [, sign, ...drawn] of bars) {
      const [x = 0, width = 0, zero = 0] = drawn.map(Number);
      expect(sign === "+" ? x : x + width).toBeCloseTo(zero, 0);
    }
  });

  it("each behaviour's rank and rehearsed shift stand in its row, in the order of the ranks", () => {
    const rows = [...section(page, "forecast").matchAll(/<tr><td class="num">([\d–]+)<\/td>[\s\S]*?<\/tr>/g)];
    expect(rows.length).toBe(forecast.behaviours.length);
    const ranks = rows.map((row) => row[1]);
    expect(ranks).toEqual([...forecast.behaviours.flatMap((_, i) => (i < 11 ? [`${i + 1}`] : [])), "–"]);
    for (const b of forecast.behaviours.filter((one) => one.tangent)) {
      const row = text(must(rows.find((one) => one[1] === `${b.rank}`)?.[0], b.id));
      const shift = must(b.rehearsal, "rehearsal").deltaLogOdds;
      expect(row).toContain(b.title);
      expect(row).toContain(`${shift > 0 ? "+" : ""}${minus(shift.toFixed(2))}`);
    }
  });
});
