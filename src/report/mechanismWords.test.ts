/** What is said of a label says no more than the figures under it. */
import { describe, expect, test } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import type { GeometryRecord, Mechanism, TakeBack } from "../records/index.ts";
import { type ReportInput, renderHtml, renderMarkdown } from "./index.ts";
import { advice, mechanismBrief, mechanismPlain, type Shown, shownBy } from "./mechanismWords.ts";

const example = exampleInput();
const geometry = must(example.geometry, "geometry");
const moved = must(
  example.audit.behaviours.find((b) => b.id === "other-advice"),
  "moved",
);

/** The example with one mechanism changed, and its card in the page. */
function withMechanism(change: Partial<Mechanism>): { input: ReportInput; record: GeometryRecord } {
  const behaviours = geometry.behaviours.map((b) =>
    b.id === moved.id && b.mechanism ? { ...b, mechanism: { ...b.mechanism, ...change } } : b,
  );
  const record = { ...geometry, behaviours };
  return { input: { ...example, geometry: record }, record };
}

const takeBack = (share: number, nulls = 0.28): TakeBack => ({
  rank: 4,
  share,
  interval: [share - 0.1, share + 0.1],
  random: { largest: nulls, draws: 5 },
  covarianceMatched: { largest: nulls, draws: 5 },
});

function said(change: Partial<Mechanism>) {
  const { input, record } = withMechanism(change);
  const shown: Shown = must(shownBy(moved, record), "shown");
  const todo = advice(moved, shown, { rowsNamed: true, margin: 0.05 });
  const text = [mechanismBrief(shown), mechanismPlain(shown), todo].join("\n");
  const line = must(
    renderMarkdown(input)
      .split("\n")
      .find((one) => one.includes(moved.title) && one.startsWith("|")),
    "row",
  );
  const page = renderHtml(input);
  const row = must(
    page.split('<tr role="row">').find((one) => one.includes(`>${moved.title}<`)),
    "row of the table",
  );
  const place = record.behaviours.findIndex((b) => b.id === moved.id);
  const card = must(new RegExp(`id="why-${place + 1}"[\\s\\S]*?</article>`).exec(page)?.[0], "card");
  return { todo, text, line, row, card, all: [text, line, row, card].join("\n").replaceAll("&#39;", "'") };
}

const why = "Because.";

describe("mediated", () => {
  const own = takeBack(0.83);

  test("where directions from the data undo the shift too, nothing says that they did not", () => {
    const both = said({ label: "mediated", kind: null, why, own, data: takeBack(0.78) });
    expect(both.all).not.toContain("did not foretell");
    expect(both.todo).toContain("what your data change carries 78% of it too");
    expect(both.card).toContain("Directions from the data alone undo 78.0% too");
    expect(both.line).toContain("carries 78% of it too");
    expect(both.row).toContain("carries 78% of it too");
  });

  test("where they undo little, or no more than chance, it was not shown", () => {
    for (const data of [takeBack(0.36), takeBack(0.6, 0.6), null]) {
      const { all, todo } = said({ label: "mediated", kind: null, why, own, data });
      expect(todo).toContain("that your data alone foretell it was not shown");
      expect(all).not.toContain("did not foretell");
    }
  });
});

describe("unexplained", () => {
  const unexplained = { label: "unexplained", kind: null, why } as const;

  test("where the pairs show no shift nothing was tried, and nothing says that it was", () => {
    const { all, todo, line, row } = said({ ...unexplained, own: null, data: null });
    expect(all).not.toMatch(/nothing tried|nor any intervention/);
    for (const text of [todo, line, row]) expect(text).toContain("could not be tested on the contrast pairs");
  });

  test("where the pairs moved the other way", () => {
    const { all, todo, line } = said({ ...unexplained, delta: -0.4, own: takeBack(0.9), data: takeBack(0.8) });
    expect(all).not.toMatch(/nothing tried explains|nor any intervention/);
    for (const text of [todo, line]) expect(text).toMatch(/contrast pairs moved the other way/);
  });

  test("where the data's directions undo it and nothing ties them to it", () => {
    const { all, todo } = said({ ...unexplained, own: takeBack(0.2), data: takeBack(0.7) });
    expect(all).not.toMatch(/nothing tried explains|nor any intervention/);
    expect(todo).toContain("What your data change carries it, but the link is not shown");
  });

  test("where what was tried undid too little", () => {
    const { line, todo } = said({ ...unexplained, own: takeBack(0.3), data: takeBack(0.2) });
    expect(line).toContain("nothing tried explains it");
    expect(todo).toMatch(/^Cause unknown/);
  });
});

describe("shared", () => {
  const shared = { label: "confirmed", kind: "shared", why, data: takeBack(0.9), cosine: 0.62 } as const;

  test("by a cosine alone: two directions that overlap, and not the behaviour's own feature", () => {
    const { all, line, card } = said({ ...shared, sharedWeight: 0.043 });
    expect(line).toContain("the two directions overlap (cosine .62)");
    expect(card).toContain("That one feature serves both is not shown.");
    expect(all).not.toMatch(/own features?\b|feature that the data amplify is|(?<!That )one feature serves both/);
  });

  test("by the data's weight on the behaviour's own latents: the same", () => {
    for (const sharedWeight of [0.5, 0.57]) {
      const { line, card } = said({ ...shared, sharedWeight });
      expect(line).toContain("the data amplify its own features");
      expect(card).toContain(`${(100 * sharedWeight).toFixed(1)}% of what the data amplify`);
    }
    expect(said({ ...shared, sharedWeight: 0.49 }).line).toContain("the two directions overlap");
  });

  test("where only the label is known, the words hold of either", () => {
    const label = { label: "confirmed", kind: "shared" } as const;
    expect(mechanismBrief(label)).toBe("what you teach and this overlap");
    expect(mechanismPlain(label)).not.toMatch(/own feature|one feature/);
  });
});
