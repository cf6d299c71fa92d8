/** What a report says of its own making: when things were fixed, how many intervals hold together, what it lacks. */
import { describe, expect, it } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import { type ReportInput, renderHtml, renderMarkdown } from "./index.ts";

const example = exampleInput();
const plain = (markup: string) => markup.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
const section = (input: ReportInput, id: string) =>
  plain(must(new RegExp(`<section id="${id}">[\\s\\S]*?</section>`).exec(renderHtml(input))?.[0], id));

describe("when margin, alpha and behaviours were fixed", () => {
  it.each([
    [true, "hashed together with alpha and the behaviours, before training.", "Fixed before training"],
    [false, "were set or changed after the training", "Set or changed after the training"],
    [null, "Nothing was trained in this run", "nothing was trained here"],
    [undefined, "No manifest of this run says", "no manifest says"],
  ] as const)("%s", (fixedBeforeTraining, sentence, label) => {
    const input = { ...example, fixedBeforeTraining };
    expect(section(input, "method")).toContain(sentence);
    expect(section(input, "reproduction")).toContain(label);
    const said = `${section(input, "method")} ${section(input, "reproduction")}`;
    expect(renderMarkdown(input).includes("points, fixed before training")).toBe(fixedBeforeTraining === true);
    expect(/Fixed before training|behaviours, before training/.test(said)).toBe(fixedBeforeTraining === true);
  });
});

describe("how many behaviours the wide interval holds for", () => {
  const family = must(example.audit.family ?? undefined, "family");
  // What was blind to a planted shift is not measured, and yet one of the family.
  const blind = example.audit.behaviours.map((b, i) => (i < 2 ? b : { ...b, verdict: "not-measured" as const }));
  const audit = { ...example.audit, behaviours: blind };

  it("is one number on the whole page", () => {
    expect(blind.filter((b) => b.verdict !== "not-measured").length).not.toBe(family);
    const input = { ...example, audit };
    const page = plain(renderHtml(input));
    const named = [...page.matchAll(/(?:all|over|of) (\d+) behaviours(?! forecast)/g)].map(([, n]) => Number(n));
    expect(new Set(named)).toEqual(new Set([family]));
    expect(section(input, "evidence")).toContain(`Interval over ${family} behaviours`);
    expect(section(input, "evidence")).toContain(`all ${family} behaviours together`);
    expect(page).toContain(`the interval that holds for all ${family} behaviours together`);
    expect(renderMarkdown(input)).toContain(`all ${family} behaviours together`);
    expect(section(input, "method")).toContain(`it holds for all ${family} behaviours together`);
  });

  it("is not made up where an older record does not say it", () => {
    const input = { ...example, audit: { ...audit, family: null } };
    expect(section(input, "method")).toContain("it holds for all behaviours together");
    expect(section(input, "evidence")).toContain("Interval over all behaviours");
  });
});

describe("what a report lacks", () => {
  const PARTS = [
    "Forecast",
    "Why it moved",
    "Rows that did it",
    "Features",
    "Over training",
    "Unrelated text",
    "Weights",
    "Dictionary",
  ];
  const line = (input: ReportInput) => /Not looked at in this run: .*?\./.exec(section(input, "limits"))?.[0] ?? "";

  it("names every part that was not looked at, and why", () => {
    const bare = { ...example, forecast: null, geometry: null };
    for (const name of PARTS) expect(line(bare), name).toContain(`“${name}”`);
    expect(line({ ...bare, verdictsOnly: true })).toContain("the verdicts alone were asked for (inside: false)");
    const untold = { ...bare, audit: { ...bare.audit, data: null } };
    expect(line(untold)).toContain("“Forecast”, “Rows that did it”, because this audit was given no training data");
    const leftOut = [{ file: "forecast.json", why: "of other data" }];
    expect(line({ ...bare, leftOut })).toContain("because the forecast in the folder is not this audit’s");
  });

  it("names the parts of a look inside that are missing", () => {
    const geometry = must(example.geometry ?? undefined, "geometry");
    const nothing = { dictionary: null, fidelity: null, latents: [], map: null, dynamics: null, weights: null };
    const said = line({ ...example, geometry: { ...geometry, ...nothing } });
    expect(said).toContain("“Features”, “Dictionary”, because no dictionary of this model was given");
    expect(said).toContain("“Over training”, because no checkpoints");
    expect(said).not.toContain("Forecast");
  });

  it("says nothing of it where all was looked at", () => {
    expect(line(example)).toBe("");
  });

  it("names what lies in the folder and is not this audit's, and what nobody has seen", () => {
    const leftOut = [{ file: "finetune.json", why: "of another training" }];
    const limits = section({ ...example, leftOut, unseen: ["cot.json"] }, "limits");
    expect(limits).toContain("finetune.json (of another training)");
    expect(limits).toContain("nobody sees whether the models are those audited: cot.json");
  });
});

describe("how it grew over training", () => {
  const dynamics = (input: ReportInput) =>
    must(/<section id="dynamics">[\s\S]*?<\/section>/.exec(renderHtml(input))?.[0], "dynamics");

  it("has its unit, what it was read on, its seed and a link to its record", () => {
    const words = plain(dynamics(example));
    for (const said of [
      "in the stream’s own units",
      "contrast pairs of each of 11 behaviours",
      "seed 7",
      "No interval",
    ])
      expect(words).toContain(said);
    expect(dynamics(example)).toContain('href="geometry.json"');
  });

  it("does not link the record from a redacted page, which goes about alone", () => {
    expect(renderHtml({ ...example, redact: true })).not.toMatch(/href="[^"]*json/);
  });
});
