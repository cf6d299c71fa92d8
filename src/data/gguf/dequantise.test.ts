import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { must } from "../../core/index.ts";
import { openSafetensors, readTensor, readTensorRaw } from "../safetensors.ts";
import { dequantise } from "./dequantise.ts";
import { readGgufHeader } from "./header.ts";
import { ggmlType, readableTypes } from "./types.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const types = Object.values(readableTypes);

test.each(types.map(({ name }) => name))("%s: bit for bit what gguf-py makes of the same bytes", async (name) => {
  const file = fixture("types.gguf");
  const tensor = must(
    (await readGgufHeader(file)).tensors.find((tensor) => tensor.name === name),
    name,
  );
  const expected = must((await openSafetensors(fixture("types.safetensors"))).get(name), name);
  expect(tensor.shape).toEqual(expected.shape);
  const byteLength = must(tensor.byteLength, "bytes");
  const bytes = await readTensorRaw({
    name,
    dtype: "U8",
    shape: [byteLength],
    file,
    offset: tensor.offset,
    byteLength,
  });
  expect(dequantise(bytes, must(ggmlType(tensor.type), name))).toEqual(await readTensor(expected));
});

test("Q4_0 by hand: low nibbles are the first sixteen weights", () => {
  const type = must(ggmlType(2), "Q4_0");
  const block = new Uint8Array(18).fill(0x88);
  block.set([0x00, 0x40], 0);
  block[2] = 0x9f;
  const weights = dequantise(block, type);
  expect([weights[0], weights[16], weights[1]]).toEqual([14, 2, 0]);
});

test("bytes that are no whole blocks are refused", () => {
  expect(() => dequantise(new Uint8Array(19), must(ggmlType(2), "Q4_0"))).toThrow("whole blocks");
});
