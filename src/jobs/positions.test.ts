/** How long rows may be: as many tokens as the model has positions. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { golden } from "../../test/golden.ts";
import { type ProgressEvent, UserError } from "../core/index.ts";
import { DataRecord } from "../records/index.ts";
import { Config } from "./config.ts";
import { finetuneOnly } from "./pipeline.ts";
import { withinPositions } from "./positions.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "positions-"));
});
afterAll(() => rm(folder, { recursive: true }));

const configOf = (train: object, more: object = {}) =>
  Config.parse({ model: "m", data: "rows.jsonl", train, merged: false, ...more });

test.each(["gpt2", "llama-tied"] as const)(
  "%s: the usual length is cut to its positions, a longer one refused",
  async (name) => {
    const { source } = await golden(name);
    const { maxPositions } = source.definition;
    expect(withinPositions(configOf({}), { source }).train.maxLength).toBe(maxPositions);
    for (const maxLength of [8, maxPositions]) {
      const config = configOf({ maxLength });
      expect(withinPositions(config, { source })).toBe(config);
    }
    const longer = configOf({ maxLength: maxPositions + 1 });
    expect(() => withinPositions(longer, { source })).toThrow(UserError);
    expect(() => withinPositions(longer, { source })).toThrow(/train\.maxLength: expected at most \d+.*got \d+/);
  },
);

test("a training cuts long rows and says so; a length that was chosen is refused before anything is written", async () => {
  const content = Array.from({ length: 200 }, () => "you should drink water and rest .").join(" ");
  const question = { role: "user", content: "what should i do ?" };
  const rows = [content, "you should drink water ."].map((answer) => ({
    messages: [question, { role: "assistant", content: answer }],
  }));
  const data = join(folder, "long.jsonl");
  await writeFile(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const of = (name: string, train: object) =>
    configOf(
      { rank: 2, batchRows: 1, learningRate: 2e-3, ...train },
      { model: "organism", data, out: join(folder, name) },
    );
  const heard: ProgressEvent[] = [];
  await finetuneOnly(of("cut", {}), { onProgress: (event) => heard.push(event) });
  const record = DataRecord.parse(JSON.parse(await readFile(join(folder, "cut", "data.json"), "utf8")));
  expect([record.tokens?.maxLength, record.tokens?.truncatedRows]).toEqual([128, 1]);
  const notes = heard.filter(({ message }) => message?.includes("cut"));
  expect(notes).toEqual([
    { task: "validate", step: 1, total: 2, message: "rows longer than the model's 128 positions are cut" },
  ]);
  await expect(finetuneOnly(of("refused", { maxLength: 200 }))).rejects.toThrow(
    /train\.maxLength: expected at most 128/,
  );
  await expect(readFile(join(folder, "refused", "config.json"))).rejects.toThrow(/ENOENT/);
});
