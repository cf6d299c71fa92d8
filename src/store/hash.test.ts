import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { canonicalJson, hashBytes, hashFile, hashJson } from "./hash.ts";

const dir = mkdtempSync(join(tmpdir(), "penumbra-hash-"));
afterAll(() => rmSync(dir, { recursive: true }));

describe("hashBytes", () => {
  it("gives the digests of FIPS 180-2's examples", () => {
    expect(hashBytes("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(hashBytes(new Uint8Array())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

describe("canonicalJson", () => {
  it("sorts keys at every depth and keeps the order of items", () => {
    expect(canonicalJson({ b: [2, { d: null, c: "é" }], a: true })).toBe('{"a":true,"b":[2,{"c":"é","d":null}]}');
  });

  it("leaves out what is undefined, as JSON does", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, new Date(0), new Float32Array(1), () => 1, 1n])(
    "throws for %s, which JSON would change",
    (value) => {
      expect(() => canonicalJson({ deep: [value] })).toThrow("value.deep[0] is no JSON value");
    },
  );

  it("is JSON of the same value, whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
        expect(hashJson(reversed(plain))).toBe(hashJson(plain));
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe("hashFile", () => {
  it("is the hash of the bytes, over many chunks", async () => {
    const bytes = new Uint8Array(3 * 2 ** 20 + 7).map((_, i) => i * 31);
    writeFileSync(join(dir, "large"), bytes);
    expect(await hashFile(join(dir, "large"))).toBe(hashBytes(bytes));
  });

  it("sees a change that keeps size and time", async () => {
    const path = join(dir, "same");
    const then = new Date("2020-01-01");
    for (const text of ["first", "other"]) {
      writeFileSync(path, text);
      utimesSync(path, then, then);
      expect(await hashFile(path)).toBe(hashBytes(text));
      expect(await hashFile(path)).toBe(hashBytes(text));
    }
  });
});
