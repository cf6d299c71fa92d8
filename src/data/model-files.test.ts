import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { UserError } from "../core/index.ts";
import { floatsToBytes } from "./dtype.ts";
import { openModelFiles } from "./model-files.ts";
import { writeSafetensors } from "./safetensors-write.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

async function writeModel(at: string, weight = 1): Promise<string> {
  await mkdir(at, { recursive: true });
  await writeFile(join(at, "config.json"), '{"model_type":"llama"}');
  const data = floatsToBytes(Float32Array.of(weight), "F32");
  await writeSafetensors(join(at, "model.safetensors"), [{ name: "x", dtype: "F32", shape: [1], data }]);
  return at;
}

const open = (path: string) => openModelFiles(path, { cacheDir: join(folder, "cache") });

test("a folder", async () => {
  const model = await open(await writeModel(join(folder, "mine")));
  expect([model.name, model.config.model_type, [...model.tensors.keys()]]).toEqual(["mine", "llama", ["x"]]);
});

test("the hash is that of the contents: a copy has the same, other weights have another", async () => {
  const hash = async (name: string, weight: number) =>
    (await open(await writeModel(join(folder, name), weight))).sourceSha256();
  const first = await hash("first", 1);
  expect(await hash("copy", 1)).toBe(first);
  expect(await hash("other", 2)).not.toBe(first);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  await writeFile(join(folder, "copy", "chat_template.jinja"), "another");
  expect(await hash("copy", 1)).not.toBe(first);
});

test("a hub id is found in the hub cache by its main ref", async () => {
  vi.stubEnv("HF_HOME", join(folder, "hf"));
  const repository = join(folder, "hf", "hub", "models--org--name");
  await writeModel(join(repository, "snapshots", "abc"), 3);
  await writeModel(join(repository, "snapshots", "old"), 4);
  await mkdir(join(repository, "refs"));
  await writeFile(join(repository, "refs", "main"), "abc\n");
  const model = await open("org/name");
  expect([model.name, model.folder.endsWith(join("snapshots", "abc"))]).toEqual(["org/name", true]);
  await writeFile(join(repository, "refs", "main"), "../../../secret");
  await expect(open("org/name")).rejects.toThrow(UserError);
});

test.each([
  ["an absent hub id", "nobody/nothing", /no copy/],
  ["an absent path", "./no/such/folder", /nothing of that name/],
  ["a traversal", "../..", /config.json/],
])("%s is the user's mistake", async (_, path, message) => {
  vi.stubEnv("HF_HOME", join(folder, "empty"));
  await expect(open(path)).rejects.toThrow(UserError);
  await expect(open(path)).rejects.toThrow(message);
});

test("pickles are never read", async () => {
  const at = join(folder, "pickled");
  await mkdir(at);
  await writeFile(join(at, "config.json"), "{}");
  await writeFile(join(at, "pytorch_model.bin"), "x");
  await expect(open(at)).rejects.toThrow(/pickle/);
  await expect(open(join(at, "pytorch_model.bin"))).rejects.toThrow(/pickle/);
});

test("rubbish for a config", async () => {
  const at = await writeModel(join(folder, "rubbish"));
  for (const text of ["{", "[]", "3"]) {
    await writeFile(join(at, "config.json"), text);
    await expect(open(at)).rejects.toThrow(UserError);
  }
});
