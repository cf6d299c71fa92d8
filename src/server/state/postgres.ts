import pg from "pg";
import { type Database, type Driver, databaseOn } from "./database.ts";

const CONNECTIONS = 10;

/** A Postgres server, 15 or later, by its address (`postgres://…`). */
export async function openPostgres(url: string, onLost: (error: Error) => void = () => undefined): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: 10_000 });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the program.
  pool.on("error", onLost);
  return databaseOn(
    driverOf(pool),
    async (work) => {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query("begin");
        const result = await work(driverOf(client));
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch((lost: Error) => {
          broken = lost;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    () => pool.end(),
  );
}

function driverOf(db: pg.Pool | pg.PoolClient): Driver {
  return {
    ask: async (sql, params) => {
      const { rows, rowCount } = await db.query(sql, [...params]);
      return { rows, affected: rowCount ?? 0 };
    },
    script: async (sql) => {
      await db.query(sql);
    },
  };
}
