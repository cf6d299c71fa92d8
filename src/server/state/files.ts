/** Uploaded files and those that jobs make. Their contents lie in the blob store under their sha256. */
import { z } from "zod";
import { DataRecord } from "../../records/index.ts";
import { BigCount, type Database, firstOf } from "./database.ts";
import { newId } from "./ids.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";

/** Of a file that is something else than training rows every line is a fault; nobody reads more than so many. */
const KEPT_FAULTS = 1000;

/**
 * What `validate` found, without the path of this machine: the first faults, and how many there are in all. Rows of
 * earlier versions hold every fault and no count.
 */
export const Validation = DataRecord.omit({ file: true })
  .extend({ faultCount: z.int().optional() })
  .transform(({ faults, faultCount = faults.length, ...found }) => ({
    ...found,
    faultCount,
    faults: faults.slice(0, KEPT_FAULTS),
  }));
export type Validation = z.infer<typeof Validation>;

export function validationOf({ file: _, ...found }: DataRecord): Validation {
  return Validation.parse(found);
}

const FileRow = z.object({
  id: z.string(),
  project_id: z.string(),
  filename: z.string(),
  purpose: z.string(),
  bytes: BigCount,
  sha256: z.string(),
  status: z.enum(["processed", "error"]),
  /** Null for files that are not training data. */
  validation: Validation.nullable(),
  created_at: z.date(),
  expires_at: z.date().nullable(),
});
export type FileRow = z.infer<typeof FileRow>;

export type NewFile = Omit<FileRow, "id" | "project_id" | "created_at">;

export async function insertFile(db: Database, projectId: string, file: NewFile): Promise<FileRow> {
  const { filename, purpose, bytes, sha256, status, validation, expires_at } = file;
  const sql = `insert into files (id, project_id, filename, purpose, bytes, sha256, status, validation, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9) returning *`;
  const json = validation && JSON.stringify(validation);
  const values = [newId("file-"), projectId, filename, purpose, bytes, sha256, status, json, expires_at];
  const [row] = await db.query(FileRow, sql, values);
  if (!row) throw new Error("a file was not written");
  return row;
}

export async function findFile(db: Database, projectId: string, id: string): Promise<FileRow | null> {
  return firstOf(await db.query(FileRow, "select * from files where project_id = $1 and id = $2", [projectId, id]));
}

/** Columns of a file whose faults stay where they are, all but the first: those of ten thousand files fill the memory. */
const SHORT = `id, project_id, filename, purpose, bytes, sha256, status, created_at, expires_at,
  validation || jsonb_build_object(
    'faultCount', coalesce(validation -> 'faultCount', to_jsonb(jsonb_array_length(validation -> 'faults'))),
    'faults', jsonb_path_query_array(validation, '$.faults[0]')
  ) as validation`;

/** Each with its first fault alone. */
export function listFiles(
  db: Database,
  projectId: string,
  request: PageRequest & { readonly purpose?: string | undefined },
): Promise<Page<FileRow>> {
  const { purpose } = request;
  const which = purpose === undefined ? {} : { where: "purpose = $2", params: [purpose] };
  return pageOf(db, { row: FileRow, columns: SHORT, table: "files", owner: projectId, ...which }, request);
}

/** Bytes of all files of a project, for its quota. */
export async function bytesOfProject(db: Database, projectId: string): Promise<number> {
  const sql = "select coalesce(sum(bytes), 0) as bytes from files where project_id = $1";
  return (await db.query(z.object({ bytes: BigCount }), sql, [projectId]))[0]?.bytes ?? 0;
}

/** Files that are past their time. */
export function expiredFiles(db: Database): Promise<FileRow[]> {
  return db.query(FileRow, `select ${SHORT} from files where expires_at < now() order by sequence limit 100`);
}

/**
 * Removes a file and, where nothing else has the same contents, calls `dropBlob` before others can come to need it.
 * Gives the job that still needs the file instead, where there is one.
 */
export function removeFile(
  db: Database,
  { id, project_id, sha256 }: FileRow,
  dropBlob: (sha256: string) => Promise<void>,
): Promise<{ readonly neededBy: string } | null> {
  return db.transaction(async (tx) => {
    await holdContents(tx, sha256);
    const unfinished = "state in ('queued', 'running', 'paused')";
    const sql = `select id from jobs where project_id = $1 and $2 in (training_file, validation_file) and ${unfinished} limit 1`;
    const needed = firstOf(await tx.query(z.object({ id: z.string() }), sql, [project_id, id]));
    if (needed) return { neededBy: needed.id };
    await tx.run("delete from files where id = $1", [id]);
    const others = await tx.query(z.object({ id: z.string() }), "select id from files where sha256 = $1 limit 1", [
      sha256,
    ]);
    if (others.length === 0) await dropBlob(sha256);
    return null;
  });
}

/** Until the transaction ends nobody else adds or removes a file of these contents. Always taken in the same order. */
export async function holdContents(tx: Database, ...sha256s: readonly string[]): Promise<void> {
  const locks = new Set(sha256s.map((sha256) => Number.parseInt(sha256.slice(0, 8), 16) | 0));
  for (const lock of [...locks].sort((a, b) => a - b))
    await tx.query(z.unknown(), "select pg_advisory_xact_lock($1, $2)", [1, lock]);
}
