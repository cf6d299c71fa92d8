/** Pages of a list, newest first, as clients ask for them: so many after this one. */
import { z } from "zod";
import { BigCount, type Database, firstOf } from "./database.ts";

export interface PageRequest {
  readonly limit: number;
  /** The id of the last item of the page before; it may be gone by now. */
  readonly after?: string | undefined;
  readonly order?: "asc" | "desc" | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

/** Nothing in the list has ever had the id that a page was to begin after. */
export class UnknownCursorError extends Error {
  override readonly name = "UnknownCursorError";
  readonly after: string;

  constructor(after: string) {
    super(`no item ${after} in the list`);
    this.after = after;
  }
}

/** By table: the column that says whose list a row is in. Where rows can be deleted, a trigger keeps their places (migrations.ts). */
const OWNERS = {
  files: "project_id",
  jobs: "project_id",
  events: "job_id",
  checkpoints: "job_id",
  models: "project_id",
  permissions: "model_id",
} as const;

interface Listing<T extends z.ZodType> {
  readonly row: T;
  /** What is read of each; all where left out. */
  readonly columns?: string;
  readonly table: keyof typeof OWNERS;
  /** Id of the project, job or model whose list it is. */
  readonly owner: string;
  /** Conditions besides; their parameters are `params`, from $2 on. */
  readonly where?: string;
  readonly params?: readonly unknown[];
}

/** Throws `UnknownCursorError` for an `after` that was never in the owner's list. */
export async function pageOf<T extends z.ZodType>(
  db: Database,
  { row, columns = "*", table, owner, where = "true", params = [] }: Listing<T>,
  { limit, after, order = "desc" }: PageRequest,
): Promise<Page<z.infer<T>>> {
  const n = params.length + 1;
  const place = after === undefined ? [] : [await placeOf(db, { table, owner, after })];
  const beyond = after === undefined ? "" : `and sequence ${order === "desc" ? "<" : ">"} $${n + 2}`;
  const sql = `select ${columns} from ${table} where ${OWNERS[table]} = $1 and ${where} ${beyond}
    order by sequence ${order} limit $${n + 1}`;
  const rows = await db.query(row, sql, [owner, ...params, limit + 1, ...place]);
  return { items: rows.slice(0, limit), hasMore: rows.length > limit };
}

/** Where an item stands in the order, or stood before it was deleted: whoever deletes what he lists still comes to its end. */
async function placeOf(
  db: Database,
  { table, owner, after }: Pick<Listing<z.ZodType>, "table" | "owner"> & { readonly after: string },
): Promise<number> {
  const sql = `select sequence from ${table} where ${OWNERS[table]} = $1 and id = $2
    union all select sequence from gone where list = '${table}' and owner = $1 and id = $2`;
  const found = firstOf(await db.query(z.object({ sequence: BigCount }), sql, [owner, after]));
  if (!found) throw new UnknownCursorError(after);
  return found.sequence;
}
