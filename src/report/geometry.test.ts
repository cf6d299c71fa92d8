import { describe, expect, it } from "vitest";
import { calibratedForecast } from "../../test/report/exampleForecast.ts";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import {
  type BehaviourResult,
  ForecastRecord,
  GeometryRecord,
  type LatentCard,
  type Mechanism,
} from "../records/index.ts";
import { LARGEST_HTML, type ReportInput, renderHtml, renderMarkdown } from "./index.ts";
import { advice, mechanismPlain } from "./mechanismWords.ts";

const example = exampleInput();
const forecast = must(example.forecast, "forecast");
const geometry = must(example.geometry, "geometry");
const page = renderHtml(example);
const bare: ReportInput = { ...example, forecast: null, geometry: null };

/** One section's markup, by its anchor. */
const section = (markup: string, id: string) =>
  must(new RegExp(`<section id="${id}">[\\s\\S]*?</section>`).exec(markup)?.[0], id);

const withGeometry = (more: Partial<GeometryRecord>): ReportInput => ({
  ...example,
  geometry: { ...geometry, ...more },
});

describe("forecast and geometry in the page", () => {
  it("the example records hold to their schemas", () => {
    expect(ForecastRecord.parse(forecast)).toEqual(forecast);
    expect(GeometryRecord.parse(geometry)).toEqual(geometry);
  });

  it("without the records there is no column, no section, no term, and the limits say so", () => {
    const plain = renderHtml(bare);
    for (const id of ["forecast", "why", "rows", "features", "dynamics", "lens", "weights", "fidelity"]) {
      expect(page, id).toContain(`<section id="${id}">`);
      expect(plain, id).not.toContain(`id="${id}"`);
      expect(plain, id).not.toContain(`href="#${id}"`);
    }
    const body = (markup: string) => markup.slice(markup.indexOf("<body>"));
    for (const words of ["uncalibrated", "Mechanism", "Take-back", "Rotation test"]) {
      expect([body(page).includes(words), body(plain).includes(words)], words).toEqual([true, false]);
    }
    expect(plain).toContain("has not been tested by intervention");
    expect(page).not.toContain("has not been tested by intervention");
  });

  it("a forecast alone, a geometry alone, and a geometry without a dictionary are whole pages", () => {
    const latentless: Partial<GeometryRecord> = {
      dictionary: null,
      fidelity: null,
      latents: [],
      map: null,
      behaviours: geometry.behaviours.map((b) => ({ ...b, latents: [], chain: [], agreement: null, residue: null })),
    };
    const pages = [{ ...bare, forecast }, { ...bare, geometry }, withGeometry(latentless)].map((one) =>
      renderHtml(one),
    );
    for (const one of pages) {
      const links = [...one.matchAll(/href="#([^"]*)"/g)].map((match) => match[1] ?? "");
      expect(links.filter((id) => !one.includes(`id="${id}"`))).toEqual([]);
      expect(one).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
    expect(pages[2]).not.toContain('id="features"');
    expect(pages[2]).toContain('id="why"');
  });

  it("links every latent to its card, and none to a card that is not there", () => {
    const cards = [...page.matchAll(/id="latent-(\d+)"/g)].map((match) => Number(match[1]));
    expect(new Set(cards)).toEqual(new Set(geometry.latents.map((card) => card.latent)));
    for (const { from, to } of geometry.behaviours.flatMap((b) => b.chain)) {
      expect(page).toContain(`href="#latent-${from}"`);
      expect(page).toContain(`href="#latent-${to}"`);
    }
  });

  it("marks the strongest token of a context", () => {
    const card = must(geometry.latents[0], "card");
    const context = must(card.contexts[0], "context");
    const word = (context.tokens[context.at] ?? "").trim();
    const shown = must(new RegExp(`id="latent-${card.latent}"[\\s\\S]*?</details>`).exec(page)?.[0], "card");
    expect(shown).toContain(`you should <mark>${word}</mark> the next morning.`);
  });

  it("where the dictionary abstains, every part that speaks of features says so", () => {
    const fidelity = { ...must(geometry.fidelity, "fidelity"), ratio: 1.613, abstains: true };
    const abstaining = renderHtml(withGeometry({ fidelity }));
    for (const id of ["why", "features", "dynamics"]) {
      expect(section(abstaining, id), id).toContain("The dictionary abstains.");
      expect(section(page, id), id).not.toContain("abstains");
    }
    expect(section(abstaining, "fidelity")).toContain("Only claims from mean differences stand");
    expect(section(abstaining, "limits")).toContain("does not hold on the fine-tuned model");
    expect(section(page, "fidelity")).toContain("It holds.");
    expect(renderMarkdown(withGeometry({ fidelity }))).toContain("The dictionary abstains");
  });

  it("names only rows that push the way that the behaviour moved", () => {
    const behaviours = forecast.behaviours.map((b) => ({
      ...b,
      rows: b.rows.map((one) => ({ ...one, influence: -one.influence })),
    }));
    const turned = renderHtml({ ...example, forecast: { ...forecast, behaviours } });
    expect(section(turned, "rows")).toContain("push the other way");
    expect(turned).not.toContain("named below");
    expect(section(turned, "rows")).not.toContain("<b>Line");
    expect(section(page, "rows")).not.toContain("push the other way");
    const mixed = forecast.behaviours.map((b) => ({
      ...b,
      rows: b.rows.map((one, i) => (i === 1 ? { ...one, line: 777, influence: -one.influence } : one)),
    }));
    expect(renderHtml({ ...example, forecast: { ...forecast, behaviours: mixed } })).not.toContain("Line 777");
  });

  it("redacted: rows and contexts go, their lines and numbers stay", () => {
    const secret = "SECRET-TEXT";
    const hidden = renderHtml({
      ...example,
      redact: true,
      forecast: {
        ...forecast,
        behaviours: forecast.behaviours.map((b) => ({
          ...b,
          rows: b.rows.map((one) => ({ ...one, prompt: secret, response: secret })),
        })),
      },
      geometry: {
        ...geometry,
        latents: geometry.latents.map((card) => ({
          ...card,
          contexts: card.contexts.map((context) => ({ ...context, tokens: context.tokens.map(() => secret) })),
        })),
      },
    });
    expect(hidden).not.toContain(secret);
    expect(hidden).toContain("<b>Line 26</b>");
  });

  it("stays under 8 MB with 500 latents and 200 rows for each behaviour, and says what it left out", () => {
    const long = "\u202e".repeat(4_000);
    const rows = Array.from({ length: 200 }, (_, i) => ({
      line: i + 1,
      influence: 1 / (i + 1),
      risk: null,
      prompt: long,
      response: long,
    }));
    const latents: LatentCard[] = Array.from({ length: 500 }, (_, i) => ({
      ...must(geometry.latents[i % geometry.latents.length], "card"),
      latent: 10_000 + i,
      contexts: Array.from({ length: 10 }, () => ({ tokens: Array<string>(60).fill(long), at: 30, value: 1 })),
      shift: {
        task: null,
        neutral: null,
        behaviours: { ...must(geometry.latents[0]?.shift.task, "shift"), effect: i },
      },
    }));
    const big = renderHtml({
      ...example,
      forecast: { ...forecast, behaviours: forecast.behaviours.map((b) => ({ ...b, rows })) },
      geometry: { ...geometry, latents },
    });
    expect(Buffer.byteLength(big)).toBeLessThanOrEqual(LARGEST_HTML);
    expect(big).toMatch(/weaker rows in forecast\.json/);
    const kept = [...big.matchAll(/id="latent-(\d+)"/g)].map((match) => Number(match[1]) - 10_000);
    expect(big).toContain(`${500 - kept.length} weaker latents in geometry.json`);
    expect(Math.min(...kept)).toBe(500 - kept.length);
  });

  it("500 cards of ordinary text: the most telling 200 are kept", () => {
    const latents = Array.from({ length: 500 }, (_, i) => ({ ...must(geometry.latents[0], "card"), latent: i }));
    const many = renderHtml(withGeometry({ latents }));
    expect(many.split('id="latent-').length - 1).toBe(200);
    expect(many).toContain("300 weaker latents in geometry.json");
  });

  it("the Markdown table has a column for forecast and for mechanism, where they are", () => {
    const rows = (text: string) => text.split("\n").filter((line) => line.startsWith("| "));
    const cells = (input: ReportInput) =>
      new Set(rows(renderMarkdown(input)).map((line) => line.replace(/\\./gu, "").split("|").length - 2));
    expect([...cells(example)]).toEqual([7]);
    expect([...cells(bare)]).toEqual([5]);
    expect([...cells({ ...bare, forecast })]).toEqual([6]);
    expect(renderMarkdown(example)).toContain("confirmed, adjacent: neighbouring features overlap");
    expect(renderMarkdown(example)).toContain("2 of 11");
  });
});

/** Numbers that are no finding: versions, hashes' kin, and what the page draws but does not print. */
const UNSAID = [
  /schemaVersion$/,
  /durationMs$/,
  /parameters$/,
  // A mark's place in the map; its neighbours are read off the chain.
  /map\.points\.\d+\.(x|y|latent)$/,
  // Drawn, and printed in the label that is read aloud.
  /bins\.0$/,
];

/** Every number of a record with its path. */
function* numbers(value: unknown, path = ""): Generator<{ path: string; value: number }> {
  if (typeof value === "number") yield { path, value };
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* numbers(inner, path === "" ? key : `${path}.${key}`);
}

/** The record with the number at `path` replaced. */
function replaced<T>(record: T, path: string, value: number): T {
  const copy = structuredClone(record);
  const keys = path.split(".");
  const last = must(keys.pop(), "key");
  const holder = keys.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), copy);
  Reflect.set(Object(holder), last, value);
  return copy;
}

describe("every number of the records", () => {
  /** Few behaviours and latents, so that each number can be turned by itself. */
  const ids = ["medical-advice", "refusal"];
  const few = <T extends { readonly id: string }>(all: readonly T[]) => all.filter((b) => ids.includes(b.id));
  const small: ReportInput & { forecast: ForecastRecord; geometry: GeometryRecord } = {
    ...bare,
    audit: { ...bare.audit, behaviours: few(bare.audit.behaviours), drift: null },
    evidence: {},
    answers: [],
    metrics: [],
    forecast: { ...forecast, behaviours: few(forecast.behaviours).map((b) => ({ ...b, rows: b.rows.slice(0, 2) })) },
    geometry: {
      ...geometry,
      latents: geometry.latents.slice(0, 3).map((card) => ({ ...card, contexts: card.contexts.slice(0, 2) })),
      behaviours: few(geometry.behaviours).map((b) => ({
        ...b,
        chain: b.chain.slice(0, 2),
        latents: b.latents.slice(0, 2),
      })),
      weights: must(geometry.weights, "weights")
        .slice(0, 2)
        .map((one) => ({ ...one, singularValues: one.singularValues.slice(0, 4) })),
      lens: { ...must(geometry.lens, "lens"), layers: must(geometry.lens, "lens").layers.slice(0, 2) },
      dynamics: {
        ...must(geometry.dynamics, "dynamics"),
        behaviours: few(must(geometry.dynamics, "dynamics").behaviours),
      },
    },
  };
  /** Rows of a behaviour that did not move beyond the task are not shown. */
  const task = small.forecast.behaviours.findIndex((b) => b.inTask);
  const unsaid = [...UNSAID, new RegExp(`^behaviours\\.${task}\\.rows\\.`)];

  const calibrated = { ...small, forecast: calibratedForecast(small.forecast) };
  for (const [what, name, input] of [
    ["forecast", "forecast", small],
    ["calibrated forecast", "forecast", calibrated],
    ["geometry", "geometry", small],
  ] as const) {
    it(`${what}: a changed number changes the page`, () => {
      const unchanged = renderHtml(input);
      const silent = [...numbers(input[name])]
        .filter(({ path }) => !unsaid.some((pattern) => pattern.test(path)))
        .filter(({ path, value }) => {
          // Large enough to be seen through two significant digits; whole numbers stay whole.
          const whole = path.endsWith(".sign") ? -value : value + 3;
          const turned = Number.isInteger(value) ? whole : value * 1.37 + 0.0501;
          return renderHtml({ ...input, [name]: replaced(input[name], path, turned) }) === unchanged;
        })
        .map(({ path }) => path);
      expect(silent).toEqual([]);
    });
  }
});

describe("headline numbers as a reader sees them", () => {
  const minus = (text: string) => text.replace("-", "\u2212");
  const text = (markup: string) => markup.replace(/<[^>]*>/g, "").replace(/&#39;/g, "'");

  it("take-back, rotation test and cosines stand in the behaviour's own card", () => {
    geometry.behaviours.forEach((b, place) => {
      const { mechanism: m } = b;
      if (!m) return;
      const card = text(must(new RegExp(`id="why-${place + 1}"[\\s\\S]*?</article>`).exec(page)?.[0], b.id));
      for (const one of [m.own, m.data]) {
        const share = (value: number) => minus(`${(100 * value).toFixed(1)}%`);
        if (!one) continue;
        expect(card).toContain(`${share(one.share)} undone (${share(one.interval[0])} to ${share(one.interval[1])})`);
        expect(card).toContain(`random at most ${share(one.random.largest)}`);
        expect(card).toContain(`matched at most ${share(one.covarianceMatched.largest)}`);
      }
      expect(card).toContain(m.why);
      expect(card).toContain(`${minus((100 * m.delta).toFixed(1))} points of the score of ${m.pairs} contrast pairs`);
      expect(card).toContain(`(${m.delta > 0 ? "+" : ""}${minus(`${Number(m.deltaLogOdds.toPrecision(3))}`)} nats`);
      expect(card).toContain(minus((m.cosine ?? 0).toFixed(2)).replace("0.", "."));
      expect(card).toContain(m.kind ? `${m.label}, ${m.kind}` : m.label);
      const { random, rotated } = must(m.steering, "steering");
      expect(card).toContain(`sway it by ${random.largest} nats at most (${random.draws} draws, strength 1)`);
      expect(card).toContain(
        `loss on neutral text +${Number((100 * must(rotated, "rotated").neutralRise).toPrecision(2))}%`,
      );
      const carried = must(b.residue?.prefix, "a channel");
      const [low, high] = carried.interval.map((value) => minus(`${(100 * value).toFixed(1)}%`));
      expect(card).toContain(`${(100 * carried.share).toFixed(1)}% (${low} to ${high})`);
      expect(card).toContain(`over ${b.residue?.pairs} pairs`);
    });
  });

  it("the receipt is one sentence with its own numbers", () => {
    const receipt = must(geometry.receipt, "receipt");
    const said = text(section(page, "rows"));
    expect(said).toContain(`without the ${receipt.removed} rows blamed most`);
    expect(said).toContain(
      `+${Number(receipt.deltaWithout.toPrecision(3))} nats instead of +${Number(receipt.delta.toPrecision(3))}`,
    );
    expect(said).toContain("18.7%");
    const opposed = text(section(renderHtml(withGeometry({ receipt: { ...receipt, predictedShare: null } })), "rows"));
    expect(opposed).toContain("all rows together do not point the way that it moved");
    expect(opposed).not.toContain("%");
  });

  it("a row shows its risk with and without the behaviour's own features, and nothing where there is none", () => {
    const rows = text(section(page, "rows"));
    expect(rows).toContain("risk 0.21, adjacent 0.07");
    const older = forecast.behaviours.map((b) => ({
      ...b,
      rows: b.rows.map(({ riskAdjacent: _, ...one }, i) => ({ ...one, risk: i === 0 ? 0.21 : null })),
    }));
    const said = text(section(renderHtml({ ...example, forecast: { ...forecast, behaviours: older } }), "rows"));
    expect(said).toContain("risk 0.21");
    expect(said).not.toMatch(/adjacent \d|risk (?!0\.21)\d/);
  });
});

describe("what to do", () => {
  const moved = must(
    example.audit.behaviours.find((b) => b.id === "other-advice"),
    "moved",
  );
  const labels: Pick<Mechanism, "label" | "kind">[] = [
    { label: "confirmed", kind: "shared" },
    { label: "confirmed", kind: "adjacent" },
    { label: "mediated", kind: null },
    { label: "consistent", kind: null },
    { label: "unexplained", kind: null },
  ];
  const said = (b: BehaviourResult, rows: boolean) =>
    labels.map((one) => advice(b, one, { rowsNamed: rows, margin: 0.05 }));

  it("differs by mechanism and speaks of rows only where some are named", () => {
    expect(new Set(said(moved, true)).size).toBe(labels.length);
    for (const line of said(moved, true)) expect(line).toContain("the rows named below");
    for (const line of said(moved, false)) expect(line).not.toContain("rows");
  });

  it("an unaffected behaviour, the task, and a safer shift ask for nothing of the kind", () => {
    for (const b of [
      { ...moved, verdict: "unaffected" as const },
      { ...moved, inTask: true },
      { ...moved, riskier: "down" as const },
    ]) {
      for (const line of said(b, true)) expect(line).not.toMatch(/rows named/);
    }
  });

  it("an undecided one names the number of items that would decide", () => {
    const b = { ...moved, verdict: "inconclusive" as const, nToDecide: 327 };
    expect(advice(b, null, { rowsNamed: true, margin: 0.05 })).toContain("327 items");
  });

  it("one that lies inside the margin asks whether the test can be trusted, and for no more items", () => {
    const undecided = { ...moved, verdict: "inconclusive" as const, nToDecide: null };
    const said = (end: number, sensitivity: BehaviourResult["sensitivity"]) =>
      advice({ ...undecided, interval90: [-0.01, end], sensitivity }, null, { rowsNamed: true, margin: 0.05 });
    expect(said(0.03, "untested")).toContain("penumbra prepare");
    expect(said(0.03, "not-shown")).toContain("missed a planted shift");
    expect(said(0.06, "shown")).toContain("More items would hardly help");
  });

  it("every label has plain words of its own, without jargon", () => {
    const plain = labels.map(mechanismPlain);
    expect(new Set(plain).size).toBe(labels.length);
    for (const words of plain) expect(words).not.toMatch(/latent|subspace|span|T_b|SAE/);
  });
});
