import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { HOSTILE } from "../../test/report/hostile.ts";
import { must } from "../core/index.ts";
import { AuditRecord } from "../records/index.ts";
import { LARGEST_HTML, type ReportInput, renderHtml, renderJunit, renderMarkdown } from "./index.ts";
import { direction, grouped } from "./words.ts";

/** The tags of a page without their attributes' values: hostile text must not change a single one. */
const skeleton = (markup: string) =>
  (markup.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""').replace(/\s+/g, " "));
const example = exampleInput();

function withAudit(more: Partial<AuditRecord>): ReportInput {
  return { ...example, audit: { ...example.audit, ...more } };
}

describe("the HTML report", () => {
  const page = renderHtml(example);

  it("is made of records that hold to their schema", () => {
    expect(AuditRecord.safeParse(example.audit).success).toBe(true);
  });

  it("opens with the headline and has every behaviour in the table and among the evidence", () => {
    expect(page.indexOf("Besides its task")).toBeLessThan(page.indexOf("<table"));
    for (const b of example.audit.behaviours) {
      expect(page.split(`>${b.title}<`).length, b.title).toBeGreaterThanOrEqual(3);
    }
  });

  it("says how to take back what moved the riskier way, in commands that a shell takes as they are", () => {
    const riskier = example.audit.behaviours.filter(
      (b) => b.verdict === "affected" && !b.inTask && direction(b) === "riskier",
    );
    expect(riskier.length).toBeGreaterThan(0);
    expect(page).toContain(`--protect ${riskier.map(({ id }) => id).join()} --by kl`);
    const hostile = exampleInput("$(x); y");
    const ids = {
      ...hostile,
      audit: { ...hostile.audit, behaviours: hostile.audit.behaviours.map((b) => ({ ...b, id: "$(x)" })) },
    };
    expect(renderHtml(ids)).toMatch(/--protect NAME[NAME,]* --by kl/);
    const still = example.audit.behaviours.map((b) => ({ ...b, verdict: "unaffected" as const }));
    for (const other of [withAudit({ behaviours: still }), { ...example, finetune: null }])
      expect(renderHtml(other)).not.toContain("How to take it back");
  });

  it("shows the numbers of the record", () => {
    const b = must(
      example.audit.behaviours.find((one) => one.id === "other-advice"),
      "other-advice",
    );
    expect(page).toContain(`${(100 * (b.tuned ?? 0)).toFixed(1)}%`);
    expect(page).toContain(`+${(100 * (b.delta ?? 0)).toFixed(1)}`);
    expect(page).toContain("0.6% to 7.3%"); // Wilson's interval of 2 in 96
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it("loads nothing: the policy admits its one style by hash, every link stays in the page or in its folder", () => {
    const style = must(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1], "style");
    const digest = createHash("sha256").update(style).digest("base64");
    expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;`);
    expect(page).not.toMatch(/<script|<link|<iframe|<img|\ssrc=|\sstyle=|url\(|@import|\son\w+=/i);
    const links = [...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1] ?? "");
    expect(links.filter((link) => !/^(#[\w-]+|evidence\/[\w.-]+|geometry\.json)$/.test(link))).toEqual([]);
    const anchors = links.filter((link) => link.startsWith("#")).map((link) => link.slice(1));
    expect(anchors.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("keeps its skeleton whatever the texts hold", () => {
    const hostile = renderHtml(exampleInput(HOSTILE));
    expect(skeleton(hostile)).toEqual(skeleton(renderHtml(exampleInput("x".repeat(HOSTILE.length)))));
    expect(hostile).toContain("&lt;script&gt;");
    expect(hostile).toContain("\u27e8U+202E\u27e9");
  });

  it("no text runs on: names are shortened, prompts and answers clipped", () => {
    const page = renderHtml({ ...exampleInput("y".repeat(5000)), config: null });
    expect(page.includes("y".repeat(2000))).toBe(true);
    expect(page.includes("y".repeat(2001))).toBe(false);
  });

  it("an evidence path that leads elsewhere becomes text", () => {
    const paths = ["../../etc/passwd", "javascript:alert(1)", "https://example.org/", "evidence/../x", "evidence//x"];
    for (const evidence of paths) {
      const behaviours = example.audit.behaviours.map((b) => ({ ...b, evidence }));
      expect(renderHtml(withAudit({ behaviours }))).not.toContain(`href="${evidence}"`);
    }
  });

  it("stays under 8 MB with answers of a megabyte, and says how much it left out", () => {
    const long = `start ${"\u0001".repeat(1_000_000)}`;
    const answers = Array.from({ length: 60 }, () => ({
      ...must(example.answers[0], "pair"),
      base: long,
      tuned: long,
    }));
    const evidence = Object.fromEntries(
      Object.entries(example.evidence).map(([id, items]) => [id, items.map((item) => ({ ...item, prompt: long }))]),
    );
    const big = renderHtml({ ...example, answers, evidence });
    expect(Buffer.byteLength(big)).toBeLessThanOrEqual(LARGEST_HTML);
    expect(big).toContain("998,006 more characters in evidence/answers.jsonl");
  });

  it("drops evidence before it grows past 8 MB", () => {
    const behaviours = Array.from({ length: 150 }, (_, i) => ({
      ...must(example.audit.behaviours[0], "behaviour"),
      id: `copy-${i}`,
    }));
    const items = must(example.evidence["other-advice"], "items").map((item) => ({
      ...item,
      prompt: "\u202e".repeat(5000),
    }));
    const evidence = Object.fromEntries(behaviours.map((b) => [b.id, items]));
    const big = renderHtml({ ...withAudit({ behaviours }), evidence });
    expect(Buffer.byteLength(big)).toBeLessThanOrEqual(LARGEST_HTML);
    expect(big.split('class="name"').length - 1).toBe(150);
  });

  it("redacted: verdicts stay, prompts, answers and fault texts go", () => {
    const page = renderHtml({
      ...exampleInput("SECRET-TEXT"),
      audit: example.audit,
      forecast: example.forecast,
      geometry: example.geometry,
      redact: true,
      config: null,
      data: null,
    });
    expect(page).not.toContain("SECRET-TEXT");
    expect(page).toContain("Harmful advice elsewhere");
    const faults = renderHtml({ ...example, redact: true });
    expect(faults).toContain("unknown-role");
    expect(faults).not.toContain("is not one of system");
  });

  it("says what is missing where parts are missing", () => {
    const bare = renderHtml({
      ...withAudit({ drift: null, data: null, behaviours: [], headline: "Nothing was measured." }),
      data: null,
      finetune: null,
      metrics: [],
      evidence: {},
      answers: [],
      config: undefined,
    });
    for (const words of [
      "No behaviour was audited",
      "sampled no answers",
      "Drift was not measured",
      "trained nothing",
      "no training file",
    ]) {
      expect(bare).toContain(words);
    }
    expect(bare).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("draws one step, one layer, and a shift without an interval", () => {
    const drift = must(example.audit.drift, "drift");
    const behaviours = example.audit.behaviours.map((b) => ({
      ...b,
      interval: null,
      interval90: null,
      method: null,
      clusters: 1,
    }));
    const thin = renderHtml({
      ...withAudit({ drift: { ...drift, layers: drift.layers.slice(0, 1) }, behaviours }),
      metrics: example.metrics.slice(0, 1),
    });
    expect(thin).toContain("no interval");
    expect(thin).not.toMatch(/NaN|Infinity/);
  });
});

describe("groups", () => {
  it("every behaviour in exactly one, the task apart, the strongest first", () => {
    const groups = grouped(example.audit.behaviours);
    expect(groups.flatMap((group) => group.behaviours).length).toBe(example.audit.behaviours.length);
    expect(groups.find((group) => group.id === "task")?.behaviours.map((b) => b.id)).toEqual(["medical-advice"]);
    expect(groups[0]?.behaviours.map((b) => b.id)).toEqual([
      "other-advice",
      "refusal",
      "hostile-persona",
      "over-refusal",
    ]);
  });
});

describe("the Markdown report", () => {
  it("has one row for each behaviour, with a cell for each column", () => {
    const rows = (text: string) => text.split("\n").filter((line) => line.startsWith("| "));
    for (const text of [renderMarkdown(example), renderMarkdown(exampleInput(HOSTILE))]) {
      expect(rows(text).length).toBe(example.audit.behaviours.length + 1);
      for (const line of rows(text)) expect(line.replace(/\\./gu, "").split("|").length, line).toBe(9);
    }
  });

  it("lets nothing of a hostile text act", () => {
    const text = renderMarkdown(exampleInput(HOSTILE)).replace(/<\/?sub>/g, "");
    expect(text).not.toMatch(/<|@(?!\u200b)|:\/\/|(?<!\\)!\[/);
  });

  it("fits a comment, whatever the number of behaviours", () => {
    const one = must(example.audit.behaviours[1], "behaviour");
    const behaviours = Array.from({ length: 2000 }, (_, i) => ({ ...one, id: `b${i}` }));
    const text = renderMarkdown(withAudit({ behaviours }));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("1980 more");
  });
});

describe("the JUnit report", () => {
  const count = (xml: string, tag: string) => xml.split(`<${tag} `).length - 1;

  it("affected fails, the task passes, the undecided are skipped", () => {
    const xml = renderJunit(example);
    expect([count(xml, "testcase"), count(xml, "failure"), count(xml, "skipped")]).toEqual([12, 4, 4]);
    expect(xml).toContain('tests="12" failures="4" errors="0" skipped="4"');
    expect(xml).toMatch(/name="medical-advice"[^>]*><system-out>/);
  });

  it("under a gate fails what the gate breaches or cannot decide, and nothing else", () => {
    const ids = example.audit.behaviours.filter(({ inTask }) => !inTask).map(({ id }) => id);
    const passed = new Map(ids.map((id) => [id, "passed"] as const));
    expect(count(renderJunit(example, { gate: passed }), "failure")).toBe(0);
    const open = example.audit.behaviours.flatMap(({ id, verdict, inTask }) =>
      verdict === "inconclusive" && !inTask ? [[id, "undecided"] as const] : [],
    );
    const gate = new Map([...passed, ...open, [must(ids[0], "id"), "ignored"], ["elsewhere", "undecided"]] as const);
    const xml = renderJunit(example, { gate });
    expect([count(xml, "testcase"), count(xml, "failure"), count(xml, "skipped")]).toEqual([13, open.length + 1, 1]);
    expect(xml.split('type="inconclusive"').length - 1).toBe(open.length);
    expect(xml).toMatch(/name="elsewhere"[^>]*><failure type="not-measured"/);
  });

  it("keeps its skeleton whatever the texts hold", () => {
    expect(skeleton(renderJunit(exampleInput(HOSTILE)))).toEqual(skeleton(renderJunit(exampleInput("x"))));
  });
});
