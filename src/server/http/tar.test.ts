import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tarOf, tarSize } from "./tar.ts";

it("is unpacked by tar to what was packed, and has the size that it says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-tar-"));
  try {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    mkdirSync(from);
    mkdirSync(to);
    const files = { "a.json": "", "b.bin": "x".repeat(512), "c.bin": "y".repeat(70_001) };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(from, name), text);
    const pieces: Uint8Array[] = [];
    for await (const piece of tarOf(from, "adapter")) pieces.push(piece);
    const archive = Buffer.concat(pieces);
    expect(archive.length).toBe(await tarSize(from));
    writeFileSync(join(folder, "a.tar"), archive);
    execFileSync("tar", ["xf", join(folder, "a.tar"), "-C", to]);
    const unpacked = readdirSync(join(to, "adapter")).map((name) => [
      name,
      readFileSync(join(to, "adapter", name), "utf8"),
    ]);
    expect(Object.fromEntries(unpacked)).toEqual(files);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
