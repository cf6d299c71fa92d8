import { mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, UserError } from "../core/index.ts";
import { floatsToBytes } from "./dtype.ts";
import { openCheckpoint, openSafetensors, readTensor, readTensorRaw } from "./safetensors.ts";
import { type TensorToWrite, writeSafetensors } from "./safetensors-write.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-"));
});
afterAll(() => rm(folder, { recursive: true }));

function raw(header: string | Buffer, data: Uint8Array = new Uint8Array(0), headerBytes?: bigint): Buffer {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerBytes ?? BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

async function fileOf(bytes: Uint8Array): Promise<string> {
  const file = join(folder, "made.safetensors");
  await writeFile(file, bytes);
  return file;
}

const two: TensorToWrite[] = [
  { name: "b", dtype: "F32", shape: [2, 2], data: floatsToBytes(Float32Array.of(1, 2, 3, 4), "F32") },
  { name: "a", dtype: "BF16", shape: [3], data: async () => floatsToBytes(Float32Array.of(0.5, -1, 8), "BF16") },
  { name: "1", dtype: "I64", shape: [], data: new Uint8Array(8) },
];

describe("write, then read", () => {
  test("gives the tensors, aligned, with links resolved", async () => {
    const file = join(folder, "two.safetensors");
    await writeSafetensors(file, two, { format: "pt" });
    await symlink(file, join(folder, "link.safetensors"));
    const store = await openSafetensors(join(folder, "link.safetensors"));
    expect([...store.keys()]).toEqual(["1", "b", "a"]);
    for (const location of store.values()) expect(location.file).toBe(file);
    expect(must(store.get("1"), "1").offset % 8).toBe(0);
    expect(await readTensor(must(store.get("b"), "b"))).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(await readTensor(must(store.get("a"), "a"))).toEqual(Float32Array.of(0.5, -1, 8));
    await expect(readTensor(must(store.get("1"), "1"))).rejects.toThrow(UserError);
  });

  test("and write again: the same bytes, whatever the order", async () => {
    const [first, second] = [join(folder, "first.safetensors"), join(folder, "second.safetensors")];
    await writeSafetensors(first, two);
    const read = [...(await openSafetensors(first)).values()];
    await writeSafetensors(
      second,
      read.reverse().map((location) => ({ ...location, data: () => readTensorRaw(location) })),
    );
    expect(await readFile(second)).toEqual(await readFile(first));
  });

  test("an error while writing leaves the old file and nothing beside it", async () => {
    const target = await mkdtemp(join(folder, "atomic-"));
    const file = join(target, "model.safetensors");
    await writeSafetensors(file, two);
    const before = await readFile(file);
    const broken: TensorToWrite = { name: "x", dtype: "F32", shape: [1], data: () => Promise.reject(new Error("no")) };
    await expect(writeSafetensors(file, [...two, broken])).rejects.toThrow("no");
    await expect(writeSafetensors(file, [{ ...broken, data: new Uint8Array(3) }])).rejects.toThrow("4 bytes expected");
    expect(await readFile(file)).toEqual(before);
    expect(await readdir(target)).toEqual(["model.safetensors"]);
  });

  test("beyond 4 GiB: a sparse file", async () => {
    const big = 5 * 2 ** 30;
    const header = JSON.stringify({
      big: { dtype: "U8", shape: [big], data_offsets: [0, big] },
      end: { dtype: "F32", shape: [2], data_offsets: [big, big + 8] },
    });
    const start = raw(header);
    const file = join(folder, "sparse.safetensors");
    const handle = await open(file, "w");
    await handle.write(start);
    await handle.write(floatsToBytes(Float32Array.of(7, -7), "F32"), 0, 8, start.length + big);
    await handle.close();
    const end = must((await openSafetensors(file)).get("end"), "end");
    expect(end.offset).toBe(start.length + big);
    expect(await readTensor(end)).toEqual(Float32Array.of(7, -7));
    await rm(file);
  });
});

describe("a damaged file", () => {
  const entry = (dtype: string, shape: unknown, offsets: unknown) =>
    JSON.stringify({ x: { dtype, shape, data_offsets: offsets } });
  const cases: [string, Buffer, string][] = [
    ["shorter than 8 bytes", Buffer.from([1, 2]), "at least 8 bytes"],
    ["a giant header", raw("{}", undefined, 2n ** 63n), "a header of at most"],
    ["a header beyond the end", raw("{}", undefined, 1000n), "truncated"],
    ["rubbish as JSON", raw("{rubbish"), "a JSON header"],
    ["no UTF-8", raw(Buffer.from([0x22, 0xff, 0x22])), "a JSON header"],
    ["no object", raw("[1]"), "a JSON object"],
    ["an entry that is no object", raw('{"x":3}'), "as an object"],
    ["an unknown key", raw('{"x":{"dtype":"F32","evil":1}}'), "the key evil"],
    ["an unknown dtype", raw(entry("F7", [1], [0, 4]), new Uint8Array(4)), "known dtype"],
    ["a dtype of Object's", raw(entry("toString", [1], [0, 4]), new Uint8Array(4)), "known dtype"],
    ["a negative shape", raw(entry("F32", [-1], [0, 4]), new Uint8Array(4)), "whole numbers"],
    ["a shape beyond 2^53", raw(entry("F32", [2 ** 52, 2 ** 52], [0, 4]), new Uint8Array(4)), "4 bytes"],
    ["offsets that run backwards", raw(entry("F32", [1], [4, 0]), new Uint8Array(4)), "-4 bytes"],
    ["a size of another shape", raw(entry("F32", [2], [0, 4]), new Uint8Array(4)), "in 8 bytes"],
    ["offsets beyond the end", raw(entry("F32", [2], [0, 8]), new Uint8Array(4)), "truncated"],
    ["bytes after the end", raw(entry("F32", [1], [0, 4]), new Uint8Array(5)), "bytes in all"],
    ["a hole", raw(entry("F32", [1], [4, 8]), new Uint8Array(8)), "hole"],
    [
      "an overlap",
      raw(
        '{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}',
        new Uint8Array(6),
      ),
      "do not overlap",
    ],
    [
      "a name twice",
      raw(
        '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0078":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        new Uint8Array(1),
      ),
      "twice",
    ],
  ];
  test.each(cases)("%s", async (_, bytes, message) => {
    const opened = openSafetensors(await fileOf(bytes));
    await expect(opened).rejects.toThrow(UserError);
    await expect(opened).rejects.toThrow(message);
  });

  test("any bytes: a UserError or a store whose tensors all lie in the file", async () => {
    const valid = raw(entry("F32", [2], [0, 8]), new Uint8Array(8));
    await fc.assert(
      fc.asyncProperty(fc.nat(valid.length - 1), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
        const bytes = Buffer.from(valid);
        bytes[at] = byte;
        const file = await fileOf(cut ? bytes.subarray(0, at) : bytes);
        try {
          for (const location of (await openSafetensors(file)).values()) await readTensorRaw(location);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a missing file", async () => {
    await expect(openSafetensors(join(folder, "none"))).rejects.toThrow(UserError);
  });
});

describe("a model folder", () => {
  async function shards(weightMap: unknown): Promise<string> {
    const at = await mkdtemp(join(folder, "shards-"));
    const one = { dtype: "F32", shape: [1], data: floatsToBytes(Float32Array.of(3), "F32") } as const;
    await writeSafetensors(join(at, "m-1.safetensors"), [{ name: "x", ...one }]);
    await writeSafetensors(join(at, "m-2.safetensors"), [{ name: "y", ...one }]);
    await writeFile(join(at, "model.safetensors.index.json"), JSON.stringify({ weight_map: weightMap }));
    return at;
  }

  test("in shards", async () => {
    const store = await openCheckpoint(await shards({ x: "m-1.safetensors", y: "m-2.safetensors" }));
    expect(await readTensor(must(store.get("y"), "y"))).toEqual(Float32Array.of(3));
  });

  test.each([
    ["path traversal", { x: "../m-1.safetensors" }, "a file name of this folder"],
    ["a windows path", { x: "..\\m-1.safetensors" }, "a file name of this folder"],
    ["a pickle", { x: "m-1.bin" }, "a file name of this folder"],
    ["a tensor that the shard lacks", { z: "m-1.safetensors" }, "no such tensor"],
    ["a tensor that the index lacks", { x: "m-1.safetensors", y: "m-1.safetensors" }, "no such tensor"],
    ["no map", 3, "a weight_map"],
  ])("%s is refused", async (_, map, message) => {
    const opened = openCheckpoint(await shards(map));
    await expect(opened).rejects.toThrow(UserError);
    await expect(opened).rejects.toThrow(message);
  });

  test("a stray tensor is refused", async () => {
    const at = await shards({ x: "m-1.safetensors" });
    await writeSafetensors(join(at, "m-1.safetensors"), [
      { name: "x", dtype: "U8", shape: [1], data: new Uint8Array(1) },
      { name: "stray", dtype: "U8", shape: [1], data: new Uint8Array(1) },
    ]);
    await expect(openCheckpoint(at)).rejects.toThrow("stray");
  });

  test("with a pickle only is refused and says why", async () => {
    const at = join(folder, "pickled");
    await mkdir(at);
    await writeFile(join(at, "pytorch_model.bin"), "x");
    await expect(openCheckpoint(at)).rejects.toThrow("never read");
    await expect(openCheckpoint(join(folder, "nowhere"))).rejects.toThrow(UserError);
  });
});
