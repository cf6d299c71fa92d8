import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../core/index.ts";
import { lockFolder, lockFolderName } from "./lock.ts";
import { isAlive, thisProcess } from "./processes.ts";

const root = mkdtempSync(join(tmpdir(), "penumbra-lock-"));
const built = join(import.meta.dirname, "..", "..", "dist", "store", "lock.js");
let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(root, "case-"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A process that locks `dir`, says "held" or the error's message, and stays. */
function rival(): ChildProcess {
  const code = `
    import { lockFolder } from ${JSON.stringify(`file://${built}`)};
    try { lockFolder(process.argv[1], "output folder"); console.log("held"); } catch (error) { console.log(error.message); }
    setInterval(() => 0, 1000);`;
  return spawn(process.execPath, ["--input-type=module", "-e", code, dir]);
}

const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) => child.stdout?.once("data", (data) => resolve(String(data).trim())));

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

describe("lockFolder", () => {
  it("holds until released, leaves nothing, and can be taken again", () => {
    const release = lockFolder(dir, "output folder");
    expect(() => lockFolder(dir, "output folder")).toThrow(`output folder in use by another run (pid ${process.pid})`);
    release();
    release();
    expect(readdirSync(dir)).toEqual([]);
    lockFolder(dir, "output folder")();
  });

  it("makes the folder where it is missing", () => {
    lockFolder(join(dir, "new", "run"), "output folder")();
    expect(existsSync(join(dir, "new", "run"))).toBe(true);
  });

  it("refuses while another process holds, and takes over once that is killed", async () => {
    const child = rival();
    expect(await firstLine(child)).toBe("held");
    expect(() => lockFolder(dir, "output folder")).toThrow(UserError);
    expect(() => lockFolder(dir, "output folder")).toThrow(
      `${dir}: expected a folder that no other run works in, got output folder in use by another run (pid ${child.pid})`,
    );
    await kill(child);
    lockFolder(dir, "output folder")();
    expect(readdirSync(dir)).toEqual([]);
  });

  it("lets at most one of many hold that come at once", async () => {
    const children = Array.from({ length: 4 }, rival);
    const said = await Promise.all(children.map(firstLine));
    await Promise.all(children.map(kill));
    expect(said.filter((line) => line === "held").length).toBeLessThanOrEqual(1);
    expect(said.filter((line) => line !== "held" && !line.includes("in use by another run"))).toEqual([]);
  });

  it("takes over from a dead process whose number another one has now", () => {
    const { started } = thisProcess();
    mkdirSync(join(dir, lockFolderName));
    const parent = isAlive({ pid: process.ppid, started: null });
    writeFileSync(join(dir, lockFolderName, `${process.ppid}-1-${hostname()}`), "");
    expect(parent).toBe(true);
    if (started === null) expect(() => lockFolder(dir, "output folder")).toThrow(UserError);
    else lockFolder(dir, "output folder")();
  });

  it("believes another machine's announcement and says how to remove it", () => {
    mkdirSync(join(dir, lockFolderName));
    writeFileSync(join(dir, lockFolderName, "1-1-else-where"), "");
    expect(() => lockFolder(dir, "output folder")).toThrow(/pid 1 on else-where.*remove .*1-1-else-where if that run/);
  });
});

describe("isAlive", () => {
  it("knows this process and not an ended one", async () => {
    expect(isAlive(thisProcess())).toBe(true);
    const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"]);
    await new Promise((resolve) => child.once("spawn", resolve));
    const name = { pid: child.pid ?? 0, started: null };
    expect(isAlive(name)).toBe(true);
    await kill(child);
    expect(isAlive(name)).toBe(false);
  });
});
