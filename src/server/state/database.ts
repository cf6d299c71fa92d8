/**
 * The one interface to the database: PGlite inside this process, or Postgres. The same SQL for both, kept to what
 * Postgres 15 has. Rows are outside data: each query says what its rows are.
 */
import { z } from "zod";

export interface Database {
  /** Rows, each checked by `row`. */
  query<T extends z.ZodType>(row: T, sql: string, params?: readonly unknown[]): Promise<z.infer<T>[]>;
  /** Gives the number of rows that were written. */
  run(sql: string, params?: readonly unknown[]): Promise<number>;
  /** All or nothing; inside, only `tx` may be asked. One inside another is part of the outer one. */
  transaction<T>(work: (tx: Database) => Promise<T>): Promise<T>;
  /** Several statements without parameters. */
  script(sql: string): Promise<void>;
  close(): Promise<void>;
}

/** What the drivers have in common: `affected` is the number of rows written. */
export interface Driver {
  ask(
    sql: string,
    params: readonly unknown[],
  ): Promise<{ readonly rows: readonly unknown[]; readonly affected: number }>;
  script(sql: string): Promise<void>;
}

/** A database on a driver; `begin` runs its argument in a transaction of its own. */
export function databaseOn(
  driver: Driver,
  begin: <T>(work: (inner: Driver) => Promise<T>) => Promise<T>,
  close: () => Promise<void>,
): Database {
  return {
    ...asking(driver),
    transaction: (work) => begin((inner) => work(within(inner))),
    close,
  };
}

function within(driver: Driver): Database {
  const tx: Database = {
    ...asking(driver),
    transaction: (work) => work(tx),
    close: () => Promise.reject(new Error("a transaction cannot close its database")),
  };
  return tx;
}

function asking(driver: Driver): Pick<Database, "query" | "run" | "script"> {
  return {
    query: async (row, sql, params = []) => z.array(row).parse((await driver.ask(sql, params)).rows),
    run: async (sql, params = []) => (await driver.ask(sql, params)).affected,
    script: (sql) => driver.script(sql),
  };
}

/** bigint columns come as text from one driver and as numbers from the other. */
export const BigCount = z.coerce.number().int();

/** The first row, or null. */
export function firstOf<T>(rows: readonly T[]): T | null {
  return rows[0] ?? null;
}
