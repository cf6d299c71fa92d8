import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { UserError } from "../core/index.ts";
import { diskFault } from "./disk-fault.ts";
import { isAlive, thisProcess } from "./processes.ts";

/** Folder of the announcements, inside the folder that is locked. */
export const lockFolderName = ".lock";
const attempts = 4;
/** Announcements of this process. One that is there and not ours is of a dead process that had our number. */
const held = new Set<string>();

/**
 * Takes `dir` for this process until the returned function is called or the process ends, however it ends.
 * A second run gets a `UserError`: "<what> in use by another run (pid N)".
 *
 * 1. Announce: make `.lock/<pid>-<start>-<host>`, a name that no other process ever has.
 * 2. Look: where another living process has announced itself, take back the own announcement and fail.
 *    Who makes and then looks cannot miss the other who does the same, so that never both hold the folder.
 * 3. Announcements of dead processes are removed: nobody else can come to have their name.
 * Two that come at the same moment may both step back; they try again after a random pause.
 */
export function lockFolder(dir: string, what: string): () => void {
  const locks = join(dir, lockFolderName);
  const mine = announcementOf(thisProcess());
  if (held.has(resolve(locks, mine))) throw inUse(dir, what, mine);
  for (let attempt = 1; ; attempt++) {
    announce(locks, mine);
    const other = readdirSync(locks).find((name) => name !== mine && isHeld(locks, name));
    if (other === undefined) return hold(locks, mine);
    release(locks, mine);
    if (attempt === attempts) throw inUse(dir, what, other);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 40);
  }
}

function hold(locks: string, mine: string): () => void {
  const path = resolve(locks, mine);
  held.add(path);
  return () => {
    if (held.delete(path)) release(locks, mine);
  };
}

function announcementOf({ pid, started }: ReturnType<typeof thisProcess>): string {
  return `${pid}-${started ?? "unknown"}-${hostname()}`;
}

function announce(locks: string, mine: string): void {
  const path = join(locks, mine);
  try {
    mkdirSync(locks, { recursive: true });
    writeFileSync(path, "");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Another run that leaves removes the empty `.lock` between our two calls.
    if (code === "ENOENT") announce(locks, mine);
    else throw diskFault(error, path, 0);
  }
}

function isHeld(locks: string, name: string): boolean {
  const [, pid, started, host] = /^(\d+)-([^-]+)-(.*)$/.exec(name) ?? [];
  // Of another machine on a shared disk nobody can say from here whether it lives.
  if (host !== hostname()) return true;
  if (isAlive({ pid: Number(pid), started: started === "unknown" ? null : (started ?? null) })) return true;
  rmSync(join(locks, name), { force: true });
  return false;
}

function release(locks: string, mine: string): void {
  rmSync(join(locks, mine), { force: true });
  try {
    rmdirSync(locks);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    // Another run has announced itself, or has removed the empty folder first.
    if (!["ENOTEMPTY", "EEXIST", "ENOENT", "EPERM", "EBUSY"].includes(code)) throw error;
  }
}

function inUse(dir: string, what: string, other: string): UserError {
  const pid = other.split("-")[0];
  const host = other.split("-").slice(2).join("-");
  const where = host === hostname() ? "" : ` on ${host}`;
  const remove = where && `, or remove ${join(dir, lockFolderName, other)} if that run is over`;
  return new UserError(dir, {
    expected: "a folder that no other run works in",
    got: `${what} in use by another run (pid ${pid}${where})`,
    fix: `wait for it or choose another folder${remove}`,
  });
}
