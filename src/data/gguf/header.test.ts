import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../core/index.ts";
import { parseGgufHeader, readGgufHeader } from "./header.ts";

let tiny: Buffer;
beforeAll(async () => {
  tiny = await readFile(fileURLToPath(new URL("../fixtures/tiny-llama.gguf", import.meta.url)));
});

const parse = (bytes: Uint8Array, fileBytes = bytes.length) => parseGgufHeader(bytes, { file: "x.gguf", fileBytes });

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

interface Parts {
  readonly magic?: string;
  readonly version?: number;
  readonly tensors?: readonly Buffer[];
  readonly tensorCount?: number | bigint;
  readonly entries?: readonly Buffer[];
  readonly entryCount?: number | bigint;
  readonly dataBytes?: number;
}

function made({ magic = "GGUF", version = 3, tensors = [], entries = [], dataBytes = 0, ...counts }: Parts): Buffer {
  const header = Buffer.concat([
    Buffer.from(magic),
    u32(version),
    u64(counts.tensorCount ?? tensors.length),
    u64(counts.entryCount ?? entries.length),
    ...entries,
    ...tensors,
  ]);
  const padding = dataBytes > 0 ? (32 - (header.length % 32)) % 32 : 0;
  return Buffer.concat([header, Buffer.alloc(padding + dataBytes)]);
}

const tensor = (name: string, dims: readonly (number | bigint)[], type: number, offset: number | bigint) =>
  Buffer.concat([text(name), u32(dims.length), ...dims.map(u64), u32(type), u64(offset)]);
const entry = (key: string, type: number, ...value: readonly Buffer[]) =>
  Buffer.concat([text(key), u32(type), ...value]);

test("a sound header by hand, of both versions", () => {
  for (const version of [2, 3]) {
    const entries = [entry("a", 8, text("é")), entry("b", 9, u32(4), u64(2), u32(7), u32(8)), entry("c", 10, u64(5))];
    const bytes = made({ version, entries, tensors: [tensor("t", [4, 2], 0, 0)], dataBytes: 32 });
    const header = parse(bytes);
    if (header === "more") throw new Error("not whole");
    expect([...header.metadata]).toEqual([
      ["a", "é"],
      ["b", [7, 8]],
      ["c", 5],
    ]);
    const offset = bytes.length - 32;
    expect(header.tensors).toEqual([{ name: "t", shape: [2, 4], type: 0, offset, byteLength: 32 }]);
  }
});

describe("a damaged or hostile header is a UserError", () => {
  const cases: [string, Parts, string][] = [
    ["another magic", { magic: "GGML" }, "another kind of file"],
    ["version 1", { version: 1 }, "version 2 or 3"],
    ["big-endian", { version: 3 << 24 }, "big-endian"],
    ["a giant number of tensors", { tensorCount: 2n ** 60n }, "number of tensors"],
    ["more tensors than the file has room for", { tensorCount: 900_000 }, "at most 0 tensors"],
    ["a giant number of entries", { entryCount: 2n ** 63n }, "number of metadata entries"],
    ["a giant string", { entries: [entry("a", 8, u64(2n ** 40n))] }, "bytes of a string"],
    ["a giant array", { entries: [entry("a", 9, u32(0), u64(2n ** 50n))] }, "array items"],
    ["an array of an unknown type", { entries: [entry("a", 9, u32(77), u64(3), Buffer.alloc(64))] }, "number 77"],
    ["an unknown type", { entries: [entry("a", 13, u64(0))] }, "number 13"],
    [
      "deep nesting",
      { entries: [entry("a", 9, ...Array.from({ length: 9 }, () => [u32(9), u64(1)]).flat())] },
      "nested at most",
    ],
    ["a key twice", { entries: [entry("a", 4, u32(1)), entry("a", 4, u32(1))] }, "twice"],
    ["no power of two as alignment", { entries: [entry("general.alignment", 4, u32(24))] }, "power of two"],
    ["alignment 0", { entries: [entry("general.alignment", 4, u32(0))] }, "power of two"],
    ["a tensor twice", { tensors: [tensor("t", [1], 0, 0), tensor("t", [1], 0, 32)], dataBytes: 64 }, "twice"],
    ["an overlap", { tensors: [tensor("t", [16], 0, 0), tensor("u", [1], 0, 32)], dataBytes: 64 }, "overlap"],
    ["a crooked offset", { tensors: [tensor("t", [1], 0, 3)], dataBytes: 64 }, "offsets by 32"],
    ["a tensor beyond the end", { tensors: [tensor("t", [1000], 0, 0)], dataBytes: 64 }, "truncated"],
    ["dimensions beyond 2^53", { tensors: [tensor("t", [2n ** 40n, 2n ** 40n], 0, 0)] }, "below 2^53"],
    ["five dimensions", { tensors: [tensor("t", [1, 1, 1, 1, 1], 0, 0)] }, "at most 4"],
    ["rows of half a block", { tensors: [tensor("t", [40], 2, 0)], dataBytes: 64 }, "in blocks of 32"],
  ];
  test.each(cases)("%s", (_, parts, message) => {
    expect(() => parse(made(parts))).toThrow(UserError);
    expect(() => parse(made(parts))).toThrow(message);
  });

  test("a missing file", async () => {
    await expect(readGgufHeader("/nonexistent.gguf")).rejects.toThrow(UserError);
  });
});

test("cut anywhere: asks for more while the file goes on, is a UserError at its end", () => {
  fc.assert(
    fc.property(fc.nat(tiny.length - 1), (length) => {
      const cut = tiny.subarray(0, length);
      expect(() => parse(cut)).toThrow(UserError);
      const header = parse(cut, tiny.length);
      if (header !== "more") expect(header.tensors.length).toBe(12);
    }),
    { numRuns: 200 },
  );
});

test("any byte changed: a header or a UserError, nothing else", () => {
  const headerBytes = 12_000;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(headerBytes), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Buffer.from(tiny);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        parse(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
    { numRuns: 400 },
  );
});
