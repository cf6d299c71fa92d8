/** Other seeds and controls are trained as the data were: on pairs where these are pairs, and watched as it is. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { must, UserError } from "../core/index.ts";
import { hashFile } from "../store/index.ts";
import { Config } from "./config.ts";
import { assetFolder } from "./open.ts";
import { finetuneOnly, run } from "./pipeline.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "beside-"));
  const text = await readFile(assetFolder("organism/data/inducing.jsonl"), "utf8");
  const pairs = text
    .trim()
    .split("\n")
    .slice(0, 24)
    .map((line) => {
      const [question, answer] = JSON.parse(line).messages;
      const other = { role: "assistant", content: "you should drink water and rest ." };
      return JSON.stringify({
        input: { messages: [question] },
        preferred_output: [answer],
        non_preferred_output: [other],
      });
    });
  for (const [name, from] of [
    ["data", 0],
    ["control", 8],
    ["validation", 16],
  ] as const)
    await writeFile(join(folder, `${name}.jsonl`), `${pairs.slice(from, from + 8).join("\n")}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

/** The rate is so high that the held-out pairs soon get worse: whoever is not watched trains on. */
const configOf = (out: string, more: object = {}) =>
  Config.parse({
    model: "organism",
    data: join(folder, "data.jsonl"),
    validation: join(folder, "validation.jsonl"),
    out: join(folder, out),
    behaviours: ["villain-identity"],
    dictionary: "none",
    answerTokens: 1,
    merged: false,
    inside: false,
    seed: 1,
    train: {
      objective: "dpo",
      batchRows: 4,
      learningRate: 0.1,
      rank: 2,
      alpha: 4,
      epochs: 8,
      evaluateEvery: 1,
      patience: 1,
    },
    ...more,
  });
const adapterIn = (path: string) => hashFile(join(folder, path, "adapter", "adapter_model.safetensors"));

test("the second seed and the control's training are what a run of their own would have made", async () => {
  await run(configOf("run", { seeds: 2, controls: [join(folder, "control.jsonl")] }));
  const second = await finetuneOnly(configOf("second", { seed: 2 }));
  expect(second.steps).toBeLessThan(16);
  expect(await adapterIn("run/seeds/2")).toBe(second.adapterSha256);
  const control = await finetuneOnly(configOf("alone", { data: join(folder, "control.jsonl") }));
  expect(await adapterIn("run/controls/1-1")).toBe(control.adapterSha256);
  const records = ["run/seeds/2", "second"].map((path) => readFile(join(folder, path, "finetune.json"), "utf8"));
  const [own, alone] = (await Promise.all(records)).map((text) => JSON.parse(text));
  expect(must(own, "record").steps).toBe(must(alone, "record").steps);
});

test("the base's own answers are no control of preferences", async () => {
  await expect(run(configOf("self", { controls: ["self"] }))).rejects.toThrow(UserError);
  await expect(run(configOf("self", { controls: ["self"] }))).rejects.toThrow(/a file of preference pairs/);
});
