/** A study with a program that only pretends to train: what is planned, run, recorded and run again. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { exampleInput } from "../../../test/report/exampleRecords.ts";
import { yamlTexts } from "../../../test/yaml-texts.ts";
import { askedSha256, organismBehaviours } from "../../behaviours/index.ts";
import { CancelledError, must, rng, UserError } from "../../core/index.ts";
import { calibrationFor } from "../calibrations.ts";
import { Config } from "../config.ts";
import { type RunProgram, study } from "./study.ts";
import { parseStudy, readStudy, StudyConfig } from "./study-config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "study-"));
  vi.stubEnv("PENUMBRA_STATE", join(folder, "state"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const { audit, finetune: tuning, forecast: given } = exampleInput();
const forecast = must(given, "forecast");
const finetune = must(tuning, "finetune");

const config = (more: object = {}) =>
  StudyConfig.parse({
    out: folder,
    models: ["organism"],
    data: { sums: { world: "right-sums" }, python: { narrow: "python-functions", rows: 12 } },
    seeds: [1, 2],
    ...more,
  });

function ran(out: string, record: object): void {
  writeFileSync(join(out, "finetune.json"), JSON.stringify(finetune));
  writeFileSync(join(out, "audit.json"), JSON.stringify(record));
}

/** Leaves what a run would leave; `calls` are `[command, data set's name and seed]`. */
function pretender(spoil: (command: string, call: number) => "fail" | "touch" | null = () => null) {
  const calls: string[] = [];
  const program: RunProgram = async ([command = "", path = ""]) => {
    const { out, data, seed } = parse(readFileSync(path, "utf8"));
    calls.push(`${command} ${/([a-z]+)\.jsonl$/.exec(data)?.[1]} ${seed}`);
    const what = spoil(command, calls.length);
    if (what === "fail") return { code: 1, said: "no room" };
    mkdirSync(out, { recursive: true });
    if (command === "forecast" || what === "touch")
      writeFileSync(join(out, "forecast.json"), `${JSON.stringify(forecast)}${what ?? ""}`);
    if (command === "run") ran(out, audit);
    return { code: 0, said: "" };
  };
  return { calls, program };
}

describe("the cells of a study", () => {
  test("tell what they are doing, beside how many are done", async () => {
    const { program } = pretender();
    const told: string[] = [];
    await study(config({ budget: 2 }), {
      program: (args, options) => {
        options.onLine("fine-tune 3/19");
        return program(args, options);
      },
      onProgress: ({ step, total, message }) => told.push(`${step}/${total} ${message}`),
    });
    expect(told[1]).toMatch(/^0\/2 \w+, seed \d: fine-tune 3\/19$/);
    expect(told.at(-1)).toMatch(/^1\/2 .*fine-tune/);
  });

  test("are forecast before they are run, first seeds first, and never twice", async () => {
    const { calls, program } = pretender();
    const first = await study(config(), { program });
    expect(calls).toEqual([
      "forecast sums 1",
      "run sums 1",
      "forecast python 1",
      "run python 1",
      "forecast sums 2",
      "run sums 2",
      "forecast python 2",
      "run python 2",
    ]);
    expect(first.cells).toEqual({ planned: 4, done: 4, failed: 0 });
    await study(config(), { program });
    expect(calls).toHaveLength(8);
    await study(config({ margin: 0.1 }), { program });
    expect(calls).toHaveLength(16);
  });

  test("take the first rows of a file, or all, and record what each stage took and what was measured", async () => {
    const file = join(folder, "rows.jsonl");
    const rows = ["a", "b", "c"].map((text) => JSON.stringify({ prompt: text, completion: text }));
    writeFileSync(file, `${rows.join("\n")}\n\n`);
    await study(config({ seeds: [1], data: { few: { file, rows: 2 }, all: { file } } }), pretender());
    expect(readFileSync(join(folder, "data/few.jsonl"), "utf8")).toBe(`${rows.slice(0, 2).join("\n")}\n`);
    const [cell] = readFileSync(join(folder, "records.jsonl"), "utf8").split("\n");
    const { stageMs, behaviours } = JSON.parse(cell ?? "");
    const { durationMs } = finetune;
    expect(stageMs).toEqual({ forecast: forecast.durationMs, finetune: durationMs, audit: audit.durationMs });
    const { n, interval, why, nToDecide, sensitivity } = must(audit.behaviours[0], "behaviour");
    expect(behaviours[0]).toMatchObject({ n, interval, why, nToDecide, sensitivity });
  });

  test("stop at the budget and go on from there", async () => {
    const { calls, program } = pretender();
    expect((await study(config({ budget: 1 }), { program })).cells.done).toBe(1);
    expect((await study(config({ budget: 2, workers: 2 }), { program })).cells.done).toBe(3);
    expect(new Set(calls).size).toBe(6);
  });

  test("that fail are recorded with why, and tried again", async () => {
    const broken = pretender((command) => (command === "run" ? "fail" : null));
    expect((await study(config({ seeds: [1] }), broken)).cells).toEqual({ planned: 2, done: 0, failed: 2 });
    expect(readFileSync(join(folder, "records.jsonl"), "utf8")).toContain("no room");
    expect((await study(config({ seeds: [1] }), pretender())).cells).toEqual({ planned: 2, done: 2, failed: 0 });
  });

  test("whose forecast is changed by its own run are no evidence", async () => {
    const cheat = pretender((command) => (command === "run" ? "touch" : null));
    await expect(study(config({ seeds: [1] }), cheat)).rejects.toThrow(/changed after it was hashed/);
  });

  test("are left when somebody wants to stop", async () => {
    const stopped = new AbortController();
    const { calls, program } = pretender((_command, call) => {
      if (call === 2) stopped.abort();
      return null;
    });
    await expect(study(config(), { program, signal: stopped.signal })).rejects.toThrow(CancelledError);
    expect(calls).toHaveLength(2);
    expect((await study(config(), { program })).cells.done).toBe(4);
  });

  test("of enough kinds calibrate the forecasts that come after", async () => {
    const names = ["sums", "python", "a", "b", "c", "d"];
    const data = Object.fromEntries(names.map((name, i) => [name, { narrow: "python-functions", rows: 12 + i }]));
    const seeds = Array.from({ length: 8 }, (_, i) => i);
    const [steady, changed] = forecast.behaviours.map(({ id }) => ({
      ...must(organismBehaviours[0], "behaviour"),
      id,
    }));
    const behaviours = [must(steady, "behaviour"), must(changed, "another")];
    const program: RunProgram = async ([command = "", path = ""]) => {
      const { out, data: file, seed } = parse(readFileSync(path, "utf8"));
      const random = rng(file, seed);
      const shifts = forecast.behaviours.map(({ inTask }) => (inTask ? 0.6 : random.next() / 5));
      const foretold = forecast.behaviours.map((b, i) => ({
        ...b,
        // The second behaviour's items were changed while the study went on.
        asked: b.id === changed?.id ? `${seed}` : askedSha256(must(steady, "behaviour")),
        rehearsal: { deltaLogOdds: 1, interval: null, delta: shifts[i], items: 8 },
      }));
      const measured = audit.behaviours.map((b) => {
        const delta = shifts[forecast.behaviours.findIndex(({ id }) => id === b.id)] ?? 0;
        return { ...b, delta, deltaLogOdds: 1, verdict: delta > 0.1 ? "affected" : "unaffected" };
      });
      mkdirSync(out, { recursive: true });
      if (command === "run") ran(out, { ...audit, behaviours: measured });
      else writeFileSync(join(out, "forecast.json"), JSON.stringify({ ...forecast, behaviours: foretold }));
      return { code: 0, said: "" };
    };
    const asked = {
      base: must(audit.base.sha256, "sha256"),
      maxPositions: 128,
      config: Config.parse({ model: "organism", data: "x" }),
      data: forecast.data,
      behaviours,
    };
    expect(await calibrationFor(asked)).toHaveProperty("why");
    const record = await study(config({ data, seeds }), { program });
    expect(record.models[0]?.curve?.leftOut.error).toBeLessThan(0.1);
    expect(await calibrationFor(asked)).toMatchObject({
      note: { dataSets: 6, seeds: 8, margin: 0.05 },
      behaviours: [steady?.id],
    });
    const more = { ...forecast.data, rows: 10 * forecast.data.rows };
    expect(await calibrationFor({ ...asked, data: more })).toHaveProperty("why");
    expect(readFileSync(join(folder, "study.html"), "utf8")).toContain("say percentages from now on");
  });

  test("leave a page without scripts or requests", async () => {
    await study(config(), pretender());
    const page = readFileSync(join(folder, "study.html"), "utf8");
    expect(page).toContain("Forecast against measured");
    expect(page).not.toMatch(/<script|https?:/);
  });
});

describe("study.yaml", () => {
  const file = (text: string) => {
    const path = join(folder, "study.yaml");
    writeFileSync(path, text);
    return path;
  };

  test("names files relative to itself", async () => {
    const read = await readStudy(file("models: [organism, ./m]\ndata: { own: { file: rows.jsonl } }\nout: results\n"));
    expect(read.models).toEqual(["organism", join(folder, "m")]);
    expect(read.data).toEqual({ own: { file: join(folder, "rows.jsonl") } });
    expect(read.out).toBe(join(folder, "results"));
  });

  test.each([
    "",
    "models: []",
    "a: [",
    "models: [m]\ndata: {}",
    "models: [m]\ndata: { '../x': { file: y } }",
    "models: [m]\ndata: { x: { worlds: y } }",
  ])("refuses %j in one line", async (text) => {
    await expect(readStudy(file(text))).rejects.toThrow(UserError);
  });

  test("no text at all is a fault of ours", () => {
    fc.assert(
      fc.property(yamlTexts("models", "data", "x", "'", '"', "file"), (text) => {
        try {
          parseStudy(text, "study.yaml");
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 300 },
    );
    expect(() => parseStudy("models: [*nobody]", "study.yaml")).toThrow(UserError);
  });

  test("an unknown set is the user's mistake", async () => {
    await expect(study(config({ data: { x: { narrow: "nothing" } } }), pretender())).rejects.toThrow(UserError);
    await expect(study(config({ data: { x: { world: "nothing" } } }), pretender())).rejects.toThrow(UserError);
  });
});
