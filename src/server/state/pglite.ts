import { PGlite, type Transaction } from "@electric-sql/pglite";
import { type Database, type Driver, databaseOn } from "./database.ts";

/** Postgres inside this process, in `folder` (null: in memory). One process at a time may have a folder open. */
export async function openPglite(folder: string | null): Promise<Database> {
  const db = folder === null ? await PGlite.create() : await PGlite.create(folder);
  return databaseOn(
    driverOf(db),
    (work) => db.transaction((tx) => work(driverOf(tx))),
    () => db.close(),
  );
}

function driverOf(db: PGlite | Transaction): Driver {
  return {
    ask: async (sql, params) => {
      const { rows, affectedRows = 0 } = await db.query(sql, [...params]);
      return { rows, affected: affectedRows };
    },
    script: async (sql) => {
      await db.exec(sql);
    },
  };
}
