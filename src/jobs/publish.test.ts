/** What a run folder's report is made of, and what it leaves out. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import type { Speaker } from "../endpoints/index.ts";
import { AuditRecord, type ModelIdentity } from "../records/index.ts";
import type { ReportInput } from "../report/index.ts";
import { hashFile } from "../store/index.ts";
import { adapterSha256 } from "../training/index.ts";
import { cot } from "./cot.ts";
import { publish } from "./publish.ts";

const SECRET = "SECRET-ROW";
const places: string[] = [];
afterAll(() => Promise.all(places.map((place) => rm(place, { recursive: true }))));

type Records = Readonly<Record<string, unknown>>;

async function put(folder: string, records: Records): Promise<void> {
  for (const [name, record] of Object.entries(records))
    await writeFile(
      join(folder, name),
      name.endsWith(".jsonl")
        ? (record as readonly unknown[]).map((line) => `${JSON.stringify(line)}\n`).join("")
        : JSON.stringify(record),
    );
}

/** Names and titles are no row texts: only the rows' own hold the secret. */
const withTexts = (forecast: ReportInput["forecast"]) =>
  forecast && {
    ...forecast,
    behaviours: forecast.behaviours.map((b) => ({
      ...b,
      rows: b.rows.map((row) => ({ ...row, prompt: SECRET, response: SECRET })),
    })),
  };

/** The folder of a run whose records belong together, with an adapter to tell it by. */
async function runFolder() {
  const folder = await mkdtemp(join(tmpdir(), "publish-"));
  places.push(folder);
  await mkdir(join(folder, "evidence"));
  await mkdir(join(folder, "adapter"));
  await writeFile(join(folder, "adapter", "adapter_config.json"), "{}");
  await writeFile(join(folder, "adapter", "adapter_model.safetensors"), "the weights");
  const { evidence, answers } = exampleInput(SECRET);
  const example = { ...exampleInput(), evidence, answers };
  const { audit: clear } = example;
  const sha256 = await adapterSha256(join(folder, "adapter"));
  const tuned = { ...clear.tuned, sha256 } as ModelIdentity;
  const audit: AuditRecord = { ...clear, tuned };
  const finetune = must(example.finetune ?? undefined, "finetune");
  const [first, last] = [must(example.metrics[0], "step"), must(example.metrics.at(-1), "step")];
  const records = {
    "audit.json": audit,
    "data.json": example.data,
    "finetune.json": {
      ...finetune,
      firstLoss: first.loss,
      finalLoss: last.loss,
      adapterSha256: await hashFile(join(folder, "adapter", "adapter_model.safetensors")),
    },
    "metrics.jsonl": example.metrics,
    "forecast.json": withTexts(example.forecast),
    "geometry.json": { ...must(example.geometry ?? undefined, "geometry"), tuned },
    "config.json": { margin: 0.05 },
    "manifest.json": {
      schemaVersion: 1,
      program: "penumbra",
      codeSha256: "0",
      node: "v20",
      engine: { runtime: "onnxruntime", provider: "cpu", threads: 1, dtype: "float32" },
      cpu: "(invented)",
      seed: 7,
      model: audit.base,
      dataSha256: must(audit.data ?? undefined, "data").sha256,
      preregistration: audit.preregistration,
      fixedBeforeTraining: true,
    },
    "evidence/answers.jsonl": example.answers,
    ...Object.fromEntries(Object.entries(example.evidence).map(([id, items]) => [`evidence/${id}.jsonl`, items])),
  };
  await put(folder, records);
  return { folder, audit, records };
}

const textOf = async (folder: string, ...names: string[]) =>
  (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("\n");
const html = (folder: string) => textOf(folder, "report.html");
const limitsOf = async (folder: string) =>
  must(/<section id="limits">[\s\S]*?<\/section>/.exec(await html(folder))?.[0], "limits");

const usage = {
  answers: 0,
  cached: 0,
  retries: 0,
  gaps: 0,
  promptTokens: 0,
  completionTokens: 0,
  cost: 0,
  adapted: [],
};
/** A model that never answers: below the task, so that nothing is measured. */
const silent: Speaker = {
  name: "silent",
  identity: { model: "silent", where: "here" },
  chat: async (requests) => requests.map(() => ({ kind: "gap", why: "unreadable", detail: "" })),
  usage: () => usage,
};

const reasoned = (folder: string, { base, tuned }: AuditRecord, options: Parameters<typeof cot>[2] = {}) =>
  cot(
    {
      base: { speaker: silent, identity: base },
      tuned: { speaker: silent, identity: tuned },
      ...{ panel: null, processCount: 1, maxTokens: 8, temperature: 0, margin: 0.05, seed: 1, alpha: 0.05 },
    },
    { questions: { file: null, layout: null, most: 4 }, folder },
    options,
  );

describe("a redacted report", () => {
  const shows = async (folder: string) =>
    (await textOf(folder, "report.html", "report.md", "junit.xml")).includes(SECRET);

  it("stays redacted whatever publishes it next, until the user says otherwise", async () => {
    const { folder, audit } = await runFolder();
    await publish(folder);
    expect(await shows(folder)).toBe(true);
    expect((await publish(folder, { redact: true })).redacted).toBe(true);
    expect(await shows(folder)).toBe(false);
    await reasoned(folder, audit);
    expect(await html(folder)).toContain("What the reasoning shows");
    expect(await shows(folder)).toBe(false);
    // A run says nothing of it with `redact: false`.
    for (const options of [{}, { redact: false }])
      expect((await publish(folder, options)).redacted, JSON.stringify(options)).toBe(true);
    expect(await shows(folder)).toBe(false);
    await reasoned(folder, audit, { unredact: true });
    expect(await shows(folder)).toBe(true);
    expect((await publish(folder)).redacted).toBe(false);
  });

  it("is not made again with the texts where what was said of it cannot be read", async () => {
    const { folder } = await runFolder();
    await put(folder, { "report.json": { schemaVersion: 2 } });
    await expect(publish(folder)).rejects.toThrow("report.json");
    expect((await publish(folder, { redact: true })).redacted).toBe(true);
  });
});

describe("records of other trainings", () => {
  const FOREIGN = ["finetune.json", "metrics.jsonl", "data.json", "forecast.json", "geometry.json"];

  it("are none where all were made by one run", async () => {
    const { folder, audit } = await runFolder();
    await reasoned(folder, audit);
    const page = await html(folder);
    for (const id of ["forecast", "why", "dynamics", "reasoning"]) expect(page, id).toContain(`<section id="${id}">`);
    expect(page).toContain("Learning rate");
    expect(page).toContain("Fixed before training");
    expect(await limitsOf(folder)).not.toMatch(/Left out|Not looked at/);
  });

  it("are left out after an audit of another adapter in the same folder, and the page says so", async () => {
    const { folder, audit } = await runFolder();
    await reasoned(folder, audit);
    const other = { ...audit.tuned, name: "other", sha256: "f".repeat(64) } as ModelIdentity;
    await put(folder, { "audit.json": { ...audit, tuned: other, data: null } });
    await publish(folder);
    const page = await html(folder);
    for (const id of ["forecast", "rows", "why", "features", "dynamics", "reasoning"])
      expect(page, id).not.toContain(`<section id="${id}">`);
    expect(page).toContain("trained nothing");
    expect(page).not.toContain("Learning rate");
    expect(page).toContain("no training file");
    expect(page).not.toContain("Fixed before training");
    for (const file of [...FOREIGN, "cot.json"]) expect(await limitsOf(folder), file).toContain(`${file} (`);
  });

  it("data, forecast and training of another file of rows are left out one by one", async () => {
    const { folder, records } = await runFolder();
    const sha256 = "0".repeat(64);
    const { data, finetune, forecast } = exampleInput();
    const losses = records["finetune.json"];
    const foreign: [string, Records, string][] = [
      ["data.json", { "data.json": { ...data, sha256 } }, "data.json ("],
      [
        "forecast.json",
        { "forecast.json": { ...forecast, data: { ...forecast?.data, sha256 } } },
        "forecast.json (of other data",
      ],
      [
        "finetune.json",
        {
          "finetune.json": {
            ...finetune,
            firstLoss: losses.firstLoss,
            finalLoss: losses.finalLoss,
            dataSha256: sha256,
          },
        },
        "finetune.json (of another training",
      ],
      ["metrics.jsonl", { "metrics.jsonl": exampleInput().metrics.slice(0, 9) }, "metrics.jsonl (of another training"],
    ];
    for (const [name, change, said] of foreign) {
      await put(folder, { ...records, ...change });
      await publish(folder);
      const limits = await limitsOf(folder);
      expect(limits, name).toContain(said);
      if (name !== "finetune.json") expect(limits, name).not.toContain("finetune.json (");
    }
  });

  it("an audit of the folder's own adapter without data has its training, data and forecast", async () => {
    const { folder, audit } = await runFolder();
    await put(folder, { "audit.json": { ...audit, data: null } });
    await publish(folder);
    expect(await limitsOf(folder)).not.toContain("Left out");
    expect(await html(folder)).toContain("Learning rate");
  });

  it("where the weights are gone the data decide", async () => {
    const { folder, audit } = await runFolder();
    await rm(join(folder, "adapter"), { recursive: true });
    await publish(folder);
    expect(await limitsOf(folder)).not.toContain("Left out");
    await put(folder, { "audit.json": { ...audit, data: null } });
    await publish(folder);
    expect(await limitsOf(folder)).toContain("finetune.json (");
  });

  it("models behind endpoints are told by name and place; beside weights nobody can tell, and the page says so", async () => {
    const { folder, audit } = await runFolder();
    const behind = (model: string) =>
      ({ name: model, family: "endpoint", parameters: null, sha256: null, model, where: "https://host" }) as const;
    const asked = { base: behind("base"), tuned: behind("tuned") };
    await reasoned(folder, { ...audit, ...asked });
    expect(await limitsOf(folder)).toContain("nobody sees whether the models are those audited: cot.json");
    await put(folder, {
      "audit.json": AuditRecord.parse({ ...audit, ...asked, data: null, drift: null, engine: null }),
    });
    await publish(folder);
    expect(await html(folder)).toContain('<section id="reasoning">');
    expect(await limitsOf(folder)).not.toMatch(/cot\.json/);
    for (const file of FOREIGN) expect(await limitsOf(folder), file).toContain(`${file} (`);
    await reasoned(folder, { ...audit, base: behind("base"), tuned: behind("another") });
    expect(await limitsOf(folder)).toContain("cot.json (of other models");
  });

  it("a manifest of another audit does not say when this one was fixed", async () => {
    const { folder, records } = await runFolder();
    const manifest = records["manifest.json"];
    const words = async (change: Records) => {
      await put(folder, { "manifest.json": { ...manifest, ...change } });
      await publish(folder);
      return html(folder);
    };
    expect(await words({ fixedBeforeTraining: false })).toContain("Set or changed after the training");
    expect(await words({ preregistration: "another" })).toContain("no manifest says");
  });
});
