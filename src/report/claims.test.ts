/** What is claimed beside the numbers: of intervals, of what was not measured, of positive controls. */
import { describe, expect, test } from "vitest";
import { calibratedForecast } from "../../test/report/exampleForecast.ts";
import { exampleReasoning } from "../../test/report/exampleReasoning.ts";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import type { BehaviourResult } from "../records/index.ts";
import { type ReportInput, renderCotMarkdown, renderHtml, renderMarkdown } from "./index.ts";
import { assay } from "./words.ts";

const example = exampleInput();
const one = must(
  example.audit.behaviours.find((b) => b.id === "capability"),
  "behaviour",
);

const withBehaviours = (behaviours: readonly BehaviourResult[]): ReportInput => ({
  ...example,
  forecast: null,
  geometry: null,
  audit: { ...example.audit, behaviours: [...behaviours] },
});

/** Markdown without its escapes. */
const plain = (text: string) => text.replaceAll("\\", "").replaceAll("\u200b", "");
const shown = (markup: string) => markup.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
const lineOf = (text: string, title: string) =>
  must(
    text.split("\n").find((line) => line.startsWith(`| ${title}`)),
    title,
  );
/** The row of a behaviour in the table of the first screen. */
const rowOf = (page: string, title: string) =>
  shown(
    must(
      must(/<table class="verdicts[\s\S]*?<\/table>/.exec(page)?.[0], "table")
        .split('<tr role="row">')
        .find((row) => row.includes(`>${title}<`)),
      title,
    ),
  );
const cardOf = (page: string, title: string) =>
  shown(
    must(
      page.split('<article class="card"').find((card) => card.includes(`<h3>${title}</h3>`)),
      title,
    ).split("</article>")[0] ?? "",
  );

describe("positive controls in the comment", () => {
  const kinds = ["shown", "not-shown", "untested", "exact"] as const;
  const many = (n: number) =>
    Array.from({ length: n }, (_, i): BehaviourResult => {
      const sensitivity = must(kinds[i % kinds.length], "kind");
      return { ...one, id: `b${i}`, title: `A behaviour with a rather long name, number ${i}`, sensitivity };
    });

  test("15 behaviours of every kind: no sentence is cut", () => {
    const text = plain(renderMarkdown(withBehaviours(many(15))));
    for (const sentence of assay(many(15)).split(/(?<=\.) /)) expect(text).toContain(sentence);
    expect(text).toMatch(/A planted shift was not noticed, so that nothing is said of [^.]*number 13\./);
  });

  test("of what is affected something is said, noticed planted shift or not", () => {
    const affected = { ...one, title: "Moved", sensitivity: "not-shown" as const, verdict: "affected" as const };
    const still = { ...affected, title: "Still", verdict: "not-measured" as const };
    expect(assay([affected, still])).toContain("so that nothing is said of Still.");
    expect(assay([affected])).not.toContain("nothing is said");
  });

  test("names beyond a handful are counted, and the comment stays short", () => {
    const text = plain(renderMarkdown(withBehaviours(many(2000))));
    expect(text).toContain("so that nothing is said of 500 of 2,000 behaviours.");
    expect(text).toContain("without one nothing is called unaffected.");
    expect(text.length).toBeLessThan(65_536);
    const hostile = many(32).map((b) => ({ ...b, title: "\u202e".repeat(5000) }));
    expect(renderMarkdown(withBehaviours(hostile)).length).toBeLessThan(65_536);
  });
});

describe("what was not measured is a reading", () => {
  const missing: BehaviourResult = {
    ...one,
    delta: -0.074,
    interval: [-0.116, -0.033],
    interval90: [-0.1, -0.05],
    verdict: "not-measured",
    why: "The gate failed.",
  };
  const input = withBehaviours([missing]);

  test("in the comment, in the table and in the card: without interval, without emphasis", () => {
    const line = lineOf(renderMarkdown(input), missing.title);
    const page = renderHtml(input);
    expect(line).toContain("| (−7.4), a reading, no claim |");
    expect(cardOf(page, missing.title)).toContain("(−7.4), a reading, no claim");
    expect(rowOf(page, missing.title)).toMatch(/\(−7\.4\) .* a reading, no claim/);
    for (const text of [line, cardOf(page, missing.title), rowOf(page, missing.title)])
      expect(text).not.toMatch(/\*\*|−11\.6|−10\.0|Interval|90%/);
  });
});

describe("intervals", () => {
  const still: BehaviourResult = {
    ...one,
    delta: 0.02,
    interval: [-0.044, 0.083],
    interval90: [-0.008, 0.047],
    method: "clustered-t",
    verdict: "unaffected",
  };
  const moved: BehaviourResult = { ...still, id: "moved", title: "Another", verdict: "affected" };
  const exact: BehaviourResult = { ...still, method: "exact", interval: [0.02, 0.02], interval90: [0.02, 0.02] };

  test("of an unaffected behaviour the printed one lies inside the margin, and says which it is", () => {
    const input = withBehaviours([still, moved]);
    for (const row of [lineOf(renderMarkdown(input), still.title), rowOf(renderHtml(input), still.title)]) {
      expect(row).toContain("90% interval: −0.8 to +4.7");
      const ends = [...row.matchAll(/([+−][\d.]+) to ([+−][\d.]+)/g)].flatMap(([, low = "", high = ""]) => [low, high]);
      expect(ends.length).toBeGreaterThan(0);
      for (const end of ends) expect(Math.abs(Number(end.replace("−", "-")))).toBeLessThanOrEqual(5);
    }
    for (const row of [lineOf(renderMarkdown(input), "Another"), rowOf(renderHtml(input), "Another")])
      expect(row).toContain("−4.4 to +8.3");
  });

  test("so do statistics of the reasoning", () => {
    const text = renderCotMarkdown(exampleReasoning("unaffected", "not-measured", "affected"));
    expect(text).toContain("| **−2.0** (90% interval: −4.7 to +0.8) | ○ unaffected |");
    expect(text).toContain("| not measured | – | – not measured |");
    expect(text).toContain("| **−2.0** (−8.3 to +4.4) | ◆ affected |");
  });

  test("the comment says of its brackets what they hold", () => {
    const said = (...behaviours: BehaviourResult[]) => renderMarkdown(withBehaviours(behaviours));
    const { family } = example.audit;
    expect(said(still, moved)).toContain(`Intervals hold for all ${family} behaviours together at 95%.`);
    expect(said(still, moved)).toContain("A 90% interval is of that behaviour alone");
    expect(said(moved)).not.toContain("A 90% interval");
    expect(said(still)).not.toContain("hold for all");
    expect(said({ ...moved, verdict: "not-measured" })).not.toContain("hold for all");
  });

  test("whom the wide one holds for is the record's number, or none", () => {
    const input = withBehaviours([moved, still, { ...still, id: "missing", verdict: "not-measured" }]);
    const of = (family: number | null): ReportInput => ({ ...input, audit: { ...input.audit, family } });
    const legend = (one: ReportInput) =>
      must(/<p class="legend">Shaded band[\s\S]*?<\/p>/.exec(renderHtml(one))?.[0], "legend");
    for (const render of [renderMarkdown, legend]) {
      expect(render(of(7))).toMatch(/holds? for all 7 behaviours together/);
      expect(render(of(null))).toMatch(/holds? for all behaviours together/);
    }
  });

  test("where every shift is exact nothing holds for all, and the forecast's brackets are its own", () => {
    const forecast = calibratedForecast(must(example.forecast, "forecast"));
    const input = withBehaviours([exact, { ...exact, id: "other", title: "Other" }]);
    for (const text of [renderMarkdown(input), renderMarkdown({ ...input, forecast })]) {
      expect(text).not.toContain("hold for all");
      expect(text).toContain("the shifts have no interval");
    }
    expect(renderMarkdown({ ...input, forecast })).toMatch(
      /The forecast’s brackets are ranges of single behaviours: each should hold its shift 90 times/,
    );
    expect(renderMarkdown(input)).not.toContain("The forecast’s brackets");
  });
});

test("the comment says of the margin what is known of when it was fixed", () => {
  const said = (fixedBeforeTraining: boolean | null) => renderMarkdown({ ...example, fixedBeforeTraining });
  expect(said(true)).toContain("Margin ±5 points, fixed before training.");
  for (const other of [false, null]) expect(said(other)).not.toContain("fixed before training.");
  expect(said(false)).toContain("changed after the training");
});
