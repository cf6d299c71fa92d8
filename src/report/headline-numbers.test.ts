import { describe, expect, it } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must, rng } from "../core/index.ts";
import type { BehaviourResult } from "../records/index.ts";
import { type ReportInput, renderHtml, renderJunit, renderMarkdown } from "./index.ts";

/** Every number of the first screen, of the comment and of the test report is its record's, written out here anew. */
const example = exampleInput();

const text = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");
const rounded = (value: number) => (Math.round(1000 * Math.abs(value) + 1e-9) / 10).toFixed(1);
/** ±0.1 points: `toFixed` and rounding may part at a half. */
const near = (shown: string, value: number) => Math.abs(Number(shown.replace("\u2212", "-")) - 100 * value) <= 0.0501;

/** The row of a behaviour in the table of the first screen. */
function rowOf(page: string, title: string): string {
  const table = must(/<table class="verdicts[\s\S]*?<\/table>/.exec(page)?.[0], "table");
  return text(
    must(
      table.split('<tr role="row">').find((row) => row.includes(`>${title}<`)),
      `row of ${title}`,
    ),
  );
}

/** The same records with other numbers, so that no constant can pass. */
function shaken(seed: number): ReportInput {
  const random = rng("shaken", seed);
  const behaviours = example.audit.behaviours.map((b): BehaviourResult => {
    if (b.delta === null || b.base === null || b.interval === null || b.interval90 === null) return b;
    const delta = b.delta * (0.5 + random.next());
    const half = 0.01 + 0.1 * random.next();
    const exact = b.method === "exact";
    return {
      ...b,
      delta,
      tuned: Math.min(1, Math.max(0, b.base + delta)),
      interval: exact ? [delta, delta] : [delta - half, delta + half],
      n: exact ? b.n : b.n + random.int(50),
      clusters: b.clusters,
    };
  });
  return { ...example, audit: { ...example.audit, behaviours } };
}

describe.each([0, 1, 2, 3])("headline numbers, records %i", (seed) => {
  const input = seed === 0 ? example : shaken(seed);
  const { behaviours } = input.audit;
  const page = renderHtml(input);
  const measured = behaviours.filter((b) => b.verdict !== "not-measured" && b.delta !== null);

  it("the sentence is the record's, at the top of page and comment", () => {
    expect(text(page)).toContain(input.audit.headline);
    expect(renderMarkdown(input).replaceAll("\\", "")).toContain(input.audit.headline);
  });

  it("the table: score before and after, shift, interval, items, verdict, and the control's", () => {
    expect(measured.length).toBeGreaterThan(5);
    for (const b of measured) {
      const row = rowOf(page, b.title);
      const [, before = "", after = ""] = /([<>]?[\d.]+)% \u2192 ([<>]?[\d.]+)%/.exec(row) ?? [];
      for (const [shown, value] of [
        [before, b.base],
        [after, b.tuned],
      ] as const)
        if (!/[<>]/.test(shown)) expect(near(shown, value ?? -9), `${b.id} ${shown} ${value}`).toBe(true);
      const sign = (b.delta ?? 0) < 0 ? "\u2212" : "+";
      const shift = rounded(b.delta ?? 0);
      const shown = /[+\u2212]?\d+\.\d/.exec(row)?.[0] ?? "";
      expect(near(shown, b.delta ?? 9), `${b.id}: ${shown}`).toBe(true);
      if (shift !== "0.0") expect(shown.startsWith(sign), `${b.id}: ${shown}`).toBe(true);
      const spans = [...row.matchAll(/([+\u2212]?[\d.]+) to ([+\u2212]?[\d.]+)/g)];
      if (b.method === "exact") expect(row).toContain("exact");
      else {
        // “Unaffected” is decided by the 90% interval, and that is the one to be read.
        const printed = b.verdict === "unaffected" ? b.interval90 : b.interval;
        const matches = spans.some(
          ([, low = "", high = ""]) => near(low, printed?.[0] ?? 9) && near(high, printed?.[1] ?? 9),
        );
        expect(matches, `${b.id}: ${spans.map(([span]) => span)}`).toBe(true);
      }
      expect(row).toContain(b.n.toLocaleString("en-US"));
      expect(row.includes(b.verdict), `${b.id}: ${row}`).toBe(true);
      if (b.specific) expect(row).toContain(b.specific.label);
    }
  });

  it("the tally counts the groups, and adds up to all behaviours", () => {
    const tally = must(/<ul class="tally">[\s\S]*?<\/ul>/.exec(page)?.[0], "tally");
    const counts = [...tally.matchAll(/<b>(\d+)<\/b>/g)].map(([, count]) => Number(count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(behaviours.length);
    const moved = behaviours.filter((b) => !b.inTask && b.verdict === "affected").length;
    expect(text(tally)).toContain(`${moved} moved`);
  });

  it("the comment has the same shifts, and the test report one case for each behaviour", () => {
    const comment = renderMarkdown(input);
    for (const b of measured) {
      const line = must(
        comment.split("\n").find((each) => each.startsWith("|") && each.replaceAll("\\", "").includes(b.title)),
        b.title,
      );
      const shown = /\*\*([+\u2212]?[\d.]+)\*\*/.exec(line)?.[1] ?? "";
      expect(near(shown, b.delta ?? 9), `${b.id}: ${shown}`).toBe(true);
      expect(line).toContain(b.verdict);
    }
    expect(renderJunit(input).match(/<testcase /g)?.length).toBe(behaviours.length);
  });
});
