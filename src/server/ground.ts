/** The data folder and its database, opened by whoever works on them. */
import { mkdir } from "node:fs/promises";
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
