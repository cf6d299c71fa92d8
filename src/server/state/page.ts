/** Pages of a list, newest first, as clients ask for them: so many after this one. */
import type { z } from "zod";
import type { Database } from "./database.ts";

export interface PageRequest {
  readonly limit: number;
  /** The id of the last item of the page before. */
  readonly after?: string | undefined;
  readonly order?: "asc" | "desc" | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

interface Listing<T extends z.ZodType> {
  readonly row: T;
  readonly table: "files" | "jobs" | "events" | "checkpoints" | "models" | "permissions";
  /** A condition whose parameters are `params`. */
  readonly where: string;
  readonly params: readonly unknown[];
}

/** An `after` that names nothing in the list gives an empty page. */
export async function pageOf<T extends z.ZodType>(
  db: Database,
  { row, table, where, params }: Listing<T>,
  { limit, after, order = "desc" }: PageRequest,
): Promise<Page<z.infer<T>>> {
  const n = params.length;
  const beyond = order === "desc" ? "<" : ">";
  const cursor =
    after === undefined
      ? ""
      : `and sequence ${beyond} (select sequence from ${table} where ${where} and id = $${n + 2})`;
  const sql = `select * from ${table} where ${where} ${cursor} order by sequence ${order} limit $${n + 1}`;
  const rows = await db.query(row, sql, [...params, limit + 1, ...(after === undefined ? [] : [after])]);
  return { items: rows.slice(0, limit), hasMore: rows.length > limit };
}
