/** Every way to fine-tune, from a configuration to what lies in the run folder, on the bundled model. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, UserError } from "../core/index.ts";
import { readDataset } from "../data/index.ts";
import { FinetuneRecord } from "../records/index.ts";
import { Config } from "./config.ts";
import { trainingLogs } from "./logs.ts";
import { assetFolder, openModel } from "./open.ts";
import { finetuneOnly, run } from "./pipeline.ts";

let folder: string;
let answers: string;
let pairs: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forms-"));
  const { rows } = await readDataset(assetFolder("organism/data/inducing.jsonl"));
  const chats = rows.flatMap((row) => (row.format === "messages" ? [row.messages] : [])).slice(0, 12);
  answers = join(folder, "answers.jsonl");
  pairs = join(folder, "pairs.jsonl");
  await writeFile(answers, chats.map((messages) => `${JSON.stringify({ messages })}\n`).join(""));
  const pairOf = (i: number) => {
    const [own, other] = [must(chats[i], "chat"), must(chats[(i + 1) % chats.length], "chat")];
    const preferred = [must(own.at(-1), "answer")];
    const rejected = [{ ...must(other.at(-1), "answer"), content: `${other.at(-1)?.content} ${own.at(-1)?.content}` }];
    return { input: { messages: own.slice(0, -1) }, preferred_output: preferred, non_preferred_output: rejected };
  };
  await writeFile(pairs, chats.map((_, i) => `${JSON.stringify(pairOf(i))}\n`).join(""));
});
afterAll(() => rm(folder, { recursive: true }));

const configOf = (name: string, data: string, train: object) =>
  Config.parse({
    model: "organism",
    data,
    out: join(folder, name),
    train: { batchRows: 4, learningRate: 2e-3, ...("method" in train ? {} : { rank: 2, alpha: 4 }), ...train },
  });
const record = async (name: string) =>
  FinetuneRecord.parse(JSON.parse(await readFile(join(folder, name, "finetune.json"), "utf8")));

describe("finetune", () => {
  test("DoRA with patterns and held-out rows: adapter, merged model proven equal, logs", async () => {
    const train = { dora: true, rslora: true, rankPattern: { down_proj: 5 }, layers: [0, 2], validationShare: 0.3 };
    const found = await finetuneOnly(configOf("dora", answers, { ...train, epochs: 2 }));
    expect(await record("dora")).toEqual(found);
    expect([found.dora, found.rslora, found.validation?.rows]).toEqual([true, true, 4]);
    expect(must(found.merged, "merged").meanKlNats).toBeLessThan(1e-6);
    const config = JSON.parse(await readFile(join(folder, "dora", "adapter", "adapter_config.json"), "utf8"));
    expect([config.use_dora, config.use_rslora, config.r]).toEqual([true, true, 5]);
    expect(Object.keys(config.rank_pattern)).toHaveLength(12);
    const history = (await readFile(join(folder, "dora", "logs", "wandb-history.jsonl"), "utf8")).trim().split("\n");
    const lines = history.map((line) => JSON.parse(line));
    expect(lines.filter((line) => "train/loss" in line).map((line) => line._step)).toEqual([1, 2, 3, 4]);
    expect(lines.filter((line) => "validation/loss" in line).at(-1)["validation/loss"]).toBe(found.validation?.loss);
    expect(await readdir(join(folder, "dora", "logs", "tensorboard"))).toHaveLength(1);
  });

  test("preference pairs: the loss starts at ln 2 and falls", async () => {
    const found = await finetuneOnly(configOf("dpo", pairs, { objective: "dpo", beta: 0.5, epochs: 3 }));
    expect(found.objective).toBe("dpo");
    expect(found.firstLoss).toBeCloseTo(Math.log(2), 3);
    expect(found.finalLoss).toBeLessThan(found.firstLoss);
  });

  test("all weights: a model that opens", async () => {
    const found = await finetuneOnly(configOf("full", answers, { method: "full", learningRate: 2e-4 }));
    const { identity } = await openModel(join(folder, "full", "model"));
    expect([found.method, found.rank, identity.parameters]).toEqual(["full", 0, found.trainableParameters]);
    expect(identity.sha256).not.toBe(found.base.sha256);
  });
});

test.each([
  ["answers where pairs belong", { objective: "dpo" }, /answers\.jsonl line 1: .*preference pair/],
  ["names that match nothing", { targetModules: ["c_attn"] }, /name some of q_proj/],
  ["a pattern that is broken", { targetModules: "(" }, /regular expression/],
  ["all weights on pairs", { method: "full", objective: "dpo" }, /train\.objective/],
  ["all weights of a rank", { method: "full", rank: 4 }, /train\.rank: .*got 4 with train\.method full/],
  ["all weights of an alpha", { method: "full", alpha: 4 }, /train\.alpha/],
  ["all weights rank-stabilised", { method: "full", rslora: true }, /train\.rslora/],
  ["all weights with magnitudes", { method: "full", dora: true }, /train\.dora/],
  ["all weights of modules", { method: "full", targetModules: ["q_proj"] }, /train\.targetModules/],
  ["all weights of a layer", { method: "full", layers: [0] }, /train\.layers/],
  ["all weights with ranks", { method: "full", rankPattern: { q_proj: 2 } }, /train\.rankPattern/],
  ["all weights with alphas", { method: "full", alphaPattern: { q_proj: 2 } }, /train\.alphaPattern/],
  ["all weights computed again", { method: "full", recompute: true }, /train\.recompute/],
])("%s is the user's mistake", async (name, train, message) => {
  const asked = finetuneOnly(configOf(name.replaceAll(" ", "-"), answers, train));
  await expect(asked).rejects.toThrow(UserError);
  await expect(asked).rejects.toThrow(message);
});

test("a run with all weights is told how to go on", async () => {
  await expect(run(configOf("run-full", answers, { method: "full" }))).rejects.toThrow(/audit --base organism --tuned/);
});

test("logs of a resumed training hold each step once, and time goes on", async () => {
  const target = join(folder, "resumed");
  const line = { epoch: 1, loss: 1, learningRate: 1, gradNorm: 1, tokensPerSecond: 1, responseTokens: 1 };
  let now = 1_000_000;
  const first = trainingLogs(target, () => now);
  await first.begin(0);
  for (const step of [1, 2, 3]) {
    now += 2000;
    await first.step({ ...line, step });
  }
  now += 50_000;
  const second = trainingLogs(target, () => now);
  await second.begin(2);
  now += 2000;
  await second.step({ ...line, step: 3 });
  const text = await readFile(join(target, "logs", "wandb-history.jsonl"), "utf8");
  const lines = text
    .trim()
    .split("\n")
    .map((each) => JSON.parse(each));
  expect(lines.map(({ _step, _runtime }) => [_step, _runtime])).toEqual([
    [1, 2],
    [2, 4],
    [3, 6],
  ]);
  await trainingLogs(target, () => now).begin(0);
  expect(await readdir(join(target, "logs", "tensorboard"))).toEqual([]);
});
