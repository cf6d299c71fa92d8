import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { UserError } from "../core/index.ts";
import { appendJsonl, readJsonl, readLines, writeJsonl } from "./jsonl.ts";

const dir = mkdtempSync(join(tmpdir(), "penumbra-jsonl-"));
const path = join(dir, "rows.jsonl");
afterAll(() => rmSync(dir, { recursive: true }));

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const row of rows) out.push(row);
  return out;
}

const texts = async (bytes: string | Uint8Array) => {
  writeFileSync(path, bytes);
  return (await all(readLines(path))).map(({ text }) => text);
};

describe("readLines", () => {
  it("splits at line breaks only, and numbers from 1", async () => {
    expect(await texts("a\u2028b\r\n\nc")).toEqual(["a\u2028b\r", "", "c"]);
    expect(await all(readLines(path))).toEqual([
      { number: 1, text: "a\u2028b\r", ended: true },
      { number: 2, text: "", ended: true },
      { number: 3, text: "c", ended: false },
    ]);
    expect(await texts("")).toEqual([]);
  });

  it("joins lines and characters that lie across chunks", async () => {
    const lines = ["é".repeat(200_000), "x", "漢".repeat(300_001)];
    expect(await texts(lines.join("\n"))).toEqual(lines);
  });

  it("names the line of bytes that are no UTF-8", async () => {
    await expect(texts(Uint8Array.from([97, 10, 0xff, 10]))).rejects.toThrow(`${path}:2: expected UTF-8 text`);
  });
});

describe("JSON Lines", () => {
  const anything = z.unknown();

  it("read what was written or appended", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.jsonValue(), async (rows, last) => {
        expect(await writeJsonl(path, rows)).toBe(rows.length);
        await appendJsonl(path, last);
        expect(await all(readJsonl(path, anything))).toEqual(JSON.parse(JSON.stringify([...rows, last])));
      }),
      { numRuns: 30 },
    );
  });

  it("drop an unfinished last line, accept a whole one without its line break", async () => {
    writeFileSync(path, '{"a":1}\n{"a":');
    expect(await all(readJsonl(path, anything))).toEqual([{ a: 1 }]);
    writeFileSync(path, '{"a":1}\n{"a":2}');
    expect(await all(readJsonl(path, anything))).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it("name the line of a fault, in one line", async () => {
    writeFileSync(path, '{"a":1}\n{oops}\n');
    await expect(all(readJsonl(path, anything))).rejects.toThrow(`${path}:2: expected one JSON value, got "{oops}"`);
    writeFileSync(path, '{"a":1}\n\n{"a":"x"}\n');
    const read = all(readJsonl(path, z.strictObject({ a: z.number() })));
    await expect(read).rejects.toBeInstanceOf(UserError);
    await expect(read).rejects.toThrow(/:3: expected a row of its schema, got [^\n]*$/);
  });

  it("write nothing where a row cannot be made", async () => {
    await writeJsonl(path, [1]);
    async function* failing() {
      yield 2;
      throw new Error("no more");
    }
    await expect(writeJsonl(path, failing())).rejects.toThrow("no more");
    expect(readFileSync(path, "utf8")).toBe("1\n");
  });
});
