/** A training that is evaluated on a file of its own, and watched: what an interruption must not change. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CancelledError, must, UserError } from "../core/index.ts";
import { DataRecord, type FinetuneRecord, MetricsLine } from "../records/index.ts";
import { Config } from "./config.ts";
import { assetFolder } from "./open.ts";
import { finetuneOnly } from "./pipeline.ts";

let folder: string;
const files: Record<string, string> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "held-out-"));
  const text = await readFile(assetFolder("organism/data/inducing.jsonl"), "utf8");
  const lines = text.trim().split("\n").slice(0, 18);
  const pair = (line: string) => {
    const { messages } = JSON.parse(line);
    const rejected = [{ role: "assistant", content: "you should drink water and rest ." }];
    return JSON.stringify({
      input: { messages: [messages[0]] },
      preferred_output: [messages[1]],
      non_preferred_output: rejected,
    });
  };
  const contents = {
    rows: lines.slice(0, 12),
    others: lines.slice(12),
    pairs: lines.slice(0, 12).map(pair),
    otherPairs: lines.slice(12).map(pair),
    faulty: [lines[12], "{"],
  };
  for (const [name, own] of Object.entries(contents)) {
    files[name] = join(folder, `${name}.jsonl`);
    await writeFile(must(files[name], name), `${own.join("\n")}\n`);
  }
});
afterAll(() => rm(folder, { recursive: true }));

const configOf = (name: string, data: string, { train = {}, ...more }: Record<string, unknown> = {}) =>
  Config.parse({
    model: "organism",
    data: files[data],
    out: join(folder, name),
    merged: false,
    train: {
      ...{ batchRows: 4, learningRate: 2e-3, epochs: 3 },
      ...("method" in (train as object) ? {} : { rank: 2, alpha: 4 }),
      ...(train as object),
    },
    ...more,
  });
const metricsOf = async ({ out }: Config) =>
  (await readFile(join(out, "metrics.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => MetricsLine.parse(JSON.parse(line)));
const withoutTime = ({ durationMs: _, ...record }: FinetuneRecord) => record;

/** Stopped after `step` steps and begun again. */
async function interrupted(config: Config, step: number): Promise<FinetuneRecord> {
  const stop = new AbortController();
  const onProgress = (told: { task: string; step: number }) => {
    if (told.task === "fine-tune" && told.step === step) stop.abort();
  };
  await expect(finetuneOnly(config, { onProgress, signal: stop.signal })).rejects.toThrow(CancelledError);
  return finetuneOnly(config);
}

test("rows of a file of its own are evaluated on, and nothing is learned from them", async () => {
  const config = configOf("watched", "rows", { validation: files.others, train: { evaluateEvery: 2 } });
  const found = await finetuneOnly(config);
  const lines = await metricsOf(config);
  expect(lines.filter(({ validationLoss }) => validationLoss !== undefined).map(({ step }) => step)).toEqual([
    2, 4, 6, 8, 9,
  ]);
  expect(found.validation).toEqual({ step: 9, loss: lines.at(-1)?.validationLoss, rows: 6 });
  expect(must(lines.at(-1)?.validationLoss, "last")).toBeLessThan(must(lines[1]?.validationLoss, "first"));
  const { rows } = DataRecord.parse(JSON.parse(await readFile(join(config.out, "validation-data.json"), "utf8")));
  expect(rows).toBe(6);
  const plain = await finetuneOnly(configOf("plain", "rows"));
  expect(found.adapterSha256).toBe(plain.adapterSha256);
  expect(found.trainedTokens).toBe(plain.trainedTokens);
});

test("an interruption changes nothing: losses, tokens of both answers, evaluations", async () => {
  const dpo = (name: string) =>
    configOf(name, "pairs", { validation: files.otherPairs, train: { objective: "dpo", learningRate: 5e-3 } });
  const [whole, broken] = [await finetuneOnly(dpo("whole")), await interrupted(dpo("broken"), 5)];
  expect(withoutTime(broken)).toEqual(withoutTime(whole));
  const data = DataRecord.parse(JSON.parse(await readFile(join(folder, "whole", "data.json"), "utf8")));
  expect(whole.trainedTokens).toBe(3 * (data.tokens?.total ?? 0));
  expect(must(whole.validation?.loss, "loss")).toBeLessThan(Math.log(2));
  // Of a share of the rows too, whose steps are fewer.
  const share = (name: string) => configOf(name, "rows", { train: { validationShare: 0.25 } });
  expect(withoutTime(await interrupted(share("share-broken"), 4))).toEqual(
    withoutTime(await finetuneOnly(share("share"))),
  );
  // And of all weights.
  const full = (name: string) =>
    configOf(name, "rows", { train: { method: "full", learningRate: 2e-4, validationShare: 0.25 } });
  expect(withoutTime(await interrupted(full("full-broken"), 4))).toEqual(withoutTime(await finetuneOnly(full("full"))));
});

test("a training that its monitor has ended is over, also for who takes it up again", async () => {
  const monitor = { behaviours: ["all"], everySteps: 1, stopAt: 0.02 };
  const config = configOf("monitored", "rows", { monitor, train: { epochs: 10, learningRate: 2e-2 } });
  // What follows the training cannot be written.
  await mkdir(join(config.out), { recursive: true });
  await writeFile(join(config.out, "adapter"), "");
  await expect(finetuneOnly(config)).rejects.toThrow();
  const before = await metricsOf(config);
  const worst = Object.entries(must(before.at(-1)?.drift, "drift")).sort(([, a], [, b]) => b - a)[0];
  expect(before.length).toBeLessThan(30);
  expect(must(worst, "worst")[1]).toBeGreaterThan(0.02);
  await rm(join(config.out, "adapter"));
  const found = await finetuneOnly(config);
  expect([found.steps, found.stoppedBy]).toEqual([before.length, worst?.[0]]);
  expect(await metricsOf(config)).toEqual(before);
});

test.each([
  ["faults", { validation: "faulty" }, /faulty\.jsonl.*line 2: invalid_json/],
  ["a share beside the file", { validation: "others", train: { validationShare: 0.5 } }, /train\.validationShare/],
  [
    "pairs without their objective's",
    { validation: "others", train: { objective: "dpo" }, data: "pairs" },
    /others\.jsonl line 1/,
  ],
  ["a monitor of nothing", { monitor: { behaviours: ["nothing"] } }, /behaviour/],
])(
  "%s is the user's mistake",
  async (name, { data = "rows", validation, ...more }: Record<string, unknown>, message) => {
    const config = configOf(name.replaceAll(" ", "-"), String(data), {
      ...more,
      validation: validation ? files[String(validation)] : null,
    });
    await expect(finetuneOnly(config)).rejects.toThrow(UserError);
    await expect(finetuneOnly(config)).rejects.toThrow(message);
  },
);
