import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/index.ts";
import { diskFault } from "../../store/index.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrations.ts";

/** Postgres at `url`, else PGlite below `folder`; its tables up to date. The drivers are heavy and loaded when needed. */
export async function openDatabase(url: string | null, folder: string): Promise<Database> {
  const db = url === null ? await embedded(join(folder, "database")) : await remote(url);
  try {
    await migrate(db);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function embedded(folder: string): Promise<Database> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw diskFault(error, folder, 40e6);
  });
  const { openPglite } = await import("./pglite.ts");
  return openPglite(folder);
}

async function remote(url: string): Promise<Database> {
  const { openPostgres } = await import("./postgres.ts");
  const db = await openPostgres(url);
  try {
    await db.run("select 1");
    return db;
  } catch (error) {
    await db.close();
    throw new UserError("DATABASE_URL", {
      expected: "a Postgres server that answers",
      // The address may hold a password and is not repeated.
      got: error instanceof Error ? error.message || error.name : "no answer",
      fix: "start it, or mend the address; without DATABASE_URL an embedded database is used",
    });
  }
}
