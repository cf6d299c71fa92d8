import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { yamlTexts } from "../../test/yaml-texts.ts";
import { UserError } from "../core/index.ts";
import { resolveConfig } from "./config.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string) => {
  const path = join(folder, "penumbra.yaml");
  writeFileSync(path, text);
  return resolveConfig(path, {});
};

test("files are named relative to the configuration", async () => {
  const { data, model } = await read("model: organism\ndata: ./rows.jsonl\n");
  expect([model, data]).toEqual(["organism", join(folder, "rows.jsonl")]);
});

test.each(["model: *nobody", "a: [", "- 1", "text", "model: 3", "train: { epochs: -1 }\nmodel: m\ndata: d"])(
  "%j is refused as the user's mistake",
  async (text) => {
    await expect(read(text)).rejects.toThrow(UserError);
  },
);

test("no text at all is a fault of ours", async () => {
  await fc.assert(
    fc.asyncProperty(yamlTexts("model", "data", "train"), async (given) => {
      await read(given).catch((error: unknown) => expect(error).toBeInstanceOf(UserError));
    }),
    { numRuns: 200 },
  );
});
