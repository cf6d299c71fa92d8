/** The data folder and its database, opened by whoever works on them. */
import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../core/index.ts";
import { diskFault, lockFolder } from "../store/index.ts";
import { Blobs } from "./blobs.ts";
import type { Settings } from "./settings.ts";
import { abandonAll, type Database, openDatabase } from "./state/index.ts";

export interface Ground {
  readonly db: Database;
  readonly blobs: Blobs;
  release(): Promise<void>;
}

/** The data folder and the database, for a server or a worker. With the embedded one a folder is one process's alone. */
export async function openGround({ folder, databaseUrl }: Pick<Settings, "folder" | "databaseUrl">): Promise<Ground> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw diskFault(error, folder, 0);
  });
  await closeToOthers(folder);
  const unlock = databaseUrl === null ? lockFolder(folder, `data folder ${folder}`) : () => undefined;
  try {
    const blobs = new Blobs(folder);
    await blobs.open(databaseUrl === null);
    const db = await openDatabase(databaseUrl, folder);
    if (databaseUrl === null) await abandonAll(db);
    const release = async () => {
      await db.close();
      unlock();
    };
    return { db, blobs, release };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Permission bits of everybody but the owner, and the bit of folders that all share, `/tmp` above all. */
const OTHERS = 0o077;
const SHARED = 0o1000;

/**
 * A folder that was there is closed as a new one is: the database makes files that all may read, and only the folder keeps
 * them. What is not ours to close is refused. Windows has no such bits.
 */
async function closeToOthers(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if (process.platform === "win32" || (mode & OTHERS) === 0) return;
  const below = `name one below it, which is made so: --data ${join(folder, "penumbra-data")}`;
  if ((mode & SHARED) !== 0) throw openFolder(folder, "one that everybody shares", below);
  await chmod(folder, 0o700).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EPERM" ? openFolder(folder, "one of another owner that others may read", below) : error;
  });
  if (((await stat(folder)).mode & OTHERS) !== 0)
    throw openFolder(folder, "one on a disk that keeps no permissions", "name one on another disk with --data");
}

function openFolder(folder: string, got: string, fix: string): UserError {
  return new UserError(`data folder ${folder}`, { expected: "a folder that its owner alone may read", got, fix });
}
