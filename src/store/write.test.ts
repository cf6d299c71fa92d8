import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { rng, UserError } from "../core/index.ts";
import { diskFault } from "./disk-fault.ts";
import { appendLine, atomicWriteFile, removeLeftovers } from "./write.ts";

const root = mkdtempSync(join(tmpdir(), "penumbra-write-"));
const built = join(import.meta.dirname, "..", "..", "dist", "store", "write.js");
let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(root, "case-"));
});
afterAll(() => rmSync(root, { recursive: true }));

describe("atomicWriteFile", () => {
  it("writes text, bytes and streams, making the folder, leaving nothing beside", async () => {
    async function* stream() {
      yield "a";
      yield new Uint8Array([98]);
    }
    const deep = join(dir, "x", "y");
    await atomicWriteFile(join(deep, "text"), "é");
    await atomicWriteFile(join(deep, "bytes"), new Uint8Array([1, 2]));
    await atomicWriteFile(join(deep, "stream"), stream());
    await atomicWriteFile(join(deep, "empty"), "");
    expect(readFileSync(join(deep, "text"), "utf8")).toBe("é");
    expect([...readFileSync(join(deep, "bytes"))]).toEqual([1, 2]);
    expect(readFileSync(join(deep, "stream"), "utf8")).toBe("ab");
    expect(readdirSync(deep).sort()).toEqual(["bytes", "empty", "stream", "text"]);
  });

  it("keeps the old contents and cleans up where the source of the new ones fails", async () => {
    async function* failing() {
      yield "half";
      throw new Error("source broke");
    }
    await atomicWriteFile(join(dir, "f"), "old");
    await expect(atomicWriteFile(join(dir, "f"), failing())).rejects.toThrow("source broke");
    expect(readdirSync(dir)).toEqual(["f"]);
    expect(readFileSync(join(dir, "f"), "utf8")).toBe("old");
  });

  it("lets writers of the same path at the same time each win whole", async () => {
    const texts = Array.from({ length: 10 }, (_, i) => String(i).repeat(50_000));
    await Promise.all(texts.map((text) => atomicWriteFile(join(dir, "f"), text)));
    expect(texts).toContain(readFileSync(join(dir, "f"), "utf8"));
    expect(readdirSync(dir)).toEqual(["f"]);
  });

  it("tells the user where a place cannot be written to", async () => {
    writeFileSync(join(dir, "file"), "");
    const write = atomicWriteFile(join(dir, "file", "below"), "x");
    await expect(write).rejects.toBeInstanceOf(UserError);
  });

  it("leaves nothing behind where the system refuses more bytes", async ({ skip }) => {
    skip(process.platform === "win32", "no ulimit");
    // `ulimit -f 8` lets no file grow over a few KiB: a real refusal in the middle of the write.
    const code = `
      import { atomicWriteFile } from ${JSON.stringify(`file://${built}`)};
      await atomicWriteFile(process.argv[1], "old");
      await atomicWriteFile(process.argv[1], new Uint8Array(2_000_000)).catch((error) => console.log(error.message));`;
    const path = join(dir, "f");
    const args = ["-c", 'ulimit -f 8; exec "$@"', "-", process.execPath, "--input-type=module", "-e", code, path];
    const said = execFileSync("bash", args, { encoding: "utf8" });
    expect(said).toMatch(/f: expected 2\.0 MB of free disk space, got .*EFBIG.*; fix: free some space/);
    expect(readdirSync(dir)).toEqual(["f"]);
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  it("shows the old contents or the new, whole, however its process is killed", async () => {
    const path = join(dir, "f");
    const code = `
      import { atomicWriteFile } from ${JSON.stringify(`file://${built}`)};
      for (let i = 0; ; i++) {
        await atomicWriteFile(process.argv[1], String(i % 10).repeat(300_000));
        if (i === 0) console.log("first");
      }`;
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", code, path]);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, rng(1, "kill", round).next() * 40));
      child.kill("SIGKILL");
      await ended;
      const text = readFileSync(path, "utf8");
      expect(text).toHaveLength(300_000);
      expect(text).toBe(text.charAt(0).repeat(300_000));
    }
    await removeLeftovers(root);
    expect(readdirSync(dir)).toEqual(["f"]);
  });
});

describe("removeLeftovers", () => {
  it("removes what dead processes left, at any depth, and nothing else", async () => {
    const dead = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));
    mkdirSync(join(dir, "deep"));
    const kept = [`.f.${process.pid}.0.tmp`, "f.tmp", ".hidden"];
    for (const name of [...kept, `deep/.f.${dead}.3.tmp`]) writeFileSync(join(dir, name), "");
    expect(await removeLeftovers(dir)).toEqual([join(dir, "deep", `.f.${dead}.3.tmp`)]);
    expect(readdirSync(dir).sort()).toEqual([...kept, "deep"].sort());
  });
});

describe("appendLine", () => {
  it("many at once stand whole, in the order in which they were asked for", async () => {
    const lines = Array.from({ length: 256 }, (_, i) => `${i} `.repeat(i % 2 === 0 ? 1 : 1 << 14));
    await Promise.all(lines.map((line) => appendLine(join(dir, "log"), line)));
    expect(readFileSync(join(dir, "log"), "utf8").split("\n")).toEqual([...lines, ""]);
  });

  it("appends lines in order and refuses a line break", async () => {
    for (const line of ["one", "", "thrée"]) await appendLine(join(dir, "sub", "log"), line);
    expect(readFileSync(join(dir, "sub", "log"), "utf8")).toBe("one\n\nthrée\n");
    await expect(appendLine(join(dir, "log"), "a\nb")).rejects.toThrow("line break");
  });

  it.each([0, 1, 5, 5000, 20_000])("cuts off an unfinished line of %i bytes first", async (torn) => {
    const path = join(dir, "log");
    writeFileSync(path, `first\n${"x".repeat(torn)}`);
    await appendLine(path, "second");
    expect(readFileSync(path, "utf8")).toBe("first\nsecond\n");
  });

  it("starts anew where the only line is unfinished", async () => {
    writeFileSync(join(dir, "log"), "y".repeat(10_000));
    await appendLine(join(dir, "log"), "first");
    expect(readFileSync(join(dir, "log"), "utf8")).toBe("first\n");
  });

  it("survives a cut at every byte", async () => {
    const path = join(dir, "log");
    for (let size = 0; size <= 8; size++) {
      writeFileSync(path, "aaa\nbbb\n");
      truncateSync(path, size);
      await appendLine(path, "c");
      expect(readFileSync(path, "utf8")).toBe(`${"aaa\nbbb\n".slice(0, size - (size % 4))}c\n`);
    }
  });

  it("names the path and the space where the disk is full", async ({ skip }) => {
    skip(!existsSync("/dev/full"), "no /dev/full");
    const append = appendLine("/dev/full", "x".repeat(3_000_000));
    await expect(append).rejects.toThrow(/^\/dev\/full: expected 3\.0 MB of free disk space, got a full disk \(ENOSPC/);
    await expect(append).rejects.toBeInstanceOf(UserError);
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });
});

describe("diskFault", () => {
  it("passes on what is not the user's to mend", () => {
    const error = Object.assign(new Error("broken"), { code: "EIO" });
    expect(diskFault(error, "f", 1)).toBe(error);
  });
});
