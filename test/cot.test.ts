/** `penumbra cot` and the warning about reasoning in training data, from arguments to files. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CotRecord, DataRecord, Judgement, ReasoningEvidence } from "../src/records/index.ts";
import { bundledRows, filesBelow, penumbra, workplace } from "./penumbra.ts";
import { type Stub, stubEndpoint } from "./stub-endpoint.ts";
import { honestJudge, reasoner } from "./stub-reasoner.ts";

const { folder, path, remove } = workplace();
const cli = (...args: string[]) => penumbra(folder, args);
const ITEMS = 36;
let stub: Stub;

beforeAll(async () => {
  const model = { accuracy: 0.8, follows: 0.6, wanders: 0.05, thinking: true };
  const models: Record<string, ReturnType<typeof reasoner>> = {
    base: reasoner({ ...model, discloses: 0.9 }, ITEMS, 1),
    tuned: reasoner({ ...model, discloses: 0.1 }, ITEMS, 1),
    judge: honestJudge,
  };
  stub = await stubEndpoint((request) => models[request.body.model]?.(request) ?? { json: {}, status: 404 });
});
afterAll(async () => {
  await stub.close();
  remove();
});

const lines = (file: string) =>
  readFileSync(path(file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("penumbra cot", () => {
  it("compares two reasoning endpoints, and keeps every answer and judgement", async () => {
    const asked = ["--endpoint", stub.url, "--model", "base", "--tuned-model", "tuned", "--items", String(ITEMS)];
    const judge = ["--judge-endpoint", stub.url, "--judge", "judge", "--process-items", "6", "--concurrency", "8"];
    const { code, stdout, stderr } = await cli("cot", ...asked, ...judge, "--out", path("out"), "--json");
    expect([code, stderr]).toEqual([0, expect.stringMatching(/The fine-tune moved what the reasoning shows/)]);
    const record = CotRecord.parse(JSON.parse(stdout));
    expect(record.comparisons.find(({ id }) => id === "hint-disclosure")?.verdict).toBe("affected");
    expect(filesBelow(path("out"))).toEqual([
      "cot.json",
      "cot.md",
      "evidence/judgements.jsonl",
      "evidence/reasoning.jsonl",
    ]);
    expect(readFileSync(path("out/cot.md"), "utf8")).toMatch(/\| all kinds \| \d+ of \d+ \|/);
    for (const line of lines("out/evidence/judgements.jsonl")) Judgement.parse(line);
    for (const line of lines("out/evidence/reasoning.jsonl")) ReasoningEvidence.parse(line);
  });

  it("says of a model that is below the task that nothing was measured", async () => {
    const { code, stdout } = await cli("cot", "organism", "--items", "8", "--max-tokens", "8", "--json");
    const record = CotRecord.parse(JSON.parse(stdout));
    expect([code, record.base.gate.passed, record.base.hints]).toEqual([0, false, []]);
    expect(record.headline).toMatch(/^Not measured: /);
  });

  it("is refused in one line where the question makes no sense", async () => {
    const wrong: [string[], RegExp][] = [
      [["cot"], /got neither/],
      [["cot", "organism", "--temperature", "9"], /0 to 2/],
      [["cot", "organism", "--questions", "none.jsonl"], /no such file/],
      [["cot", "--endpoint", stub.url, "--model", "nobody"], /status 404/],
    ];
    const ended = await Promise.all(wrong.map(async ([args, words]) => ({ words, ...(await cli(...args)) })));
    for (const { code, stderr, words } of ended) expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});

describe("training data with reasoning", () => {
  it("are named by validate and forecast, with their lines", async () => {
    const rows = bundledRows(6)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const i of [1, 4]) {
      const last = rows[i].messages.at(-1);
      last.content = `<think>well</think> ${last.content}`;
    }
    writeFileSync(path("traces.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
    writeFileSync(path("plain.jsonl"), bundledRows(6));
    const [found, plain] = await Promise.all([
      cli("validate", path("traces.jsonl")),
      cli("validate", path("plain.jsonl"), "--json"),
    ]);
    expect(found.stdout).toMatch(/Warning: The data train reasoning: 2 rows with a thinking section \(lines 2, 5\)/);
    expect(DataRecord.parse(JSON.parse(plain.stdout)).reasoning).toEqual({ thinking: 0, steps: 0, lines: [] });
    const args = ["--model", "organism", "--data", path("traces.jsonl"), "--behaviours", "wrong-capitals"];
    const forecast = await cli("forecast", ...args, "--dictionary", "none", "--out", path("forecast"));
    expect([forecast.code, forecast.stdout]).toEqual([0, expect.stringMatching(/Warning: The data train reasoning/)]);
  });
});
