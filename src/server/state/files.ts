/** Uploaded files and those that jobs make. Their contents lie in the blob store under their sha256. */
import { z } from "zod";
import { DataRecord } from "../../records/index.ts";
import { BigCount, type Database, firstOf } from "./database.ts";
import { newId } from "./ids.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";

/** What `validate` found, without the path of this machine. */
export const Validation = DataRecord.omit({ file: true });
export type Validation = z.infer<typeof Validation>;

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

export function listFiles(
  db: Database,
  projectId: string,
  request: PageRequest & { readonly purpose?: string | undefined },
): Promise<Page<FileRow>> {
  const { purpose } = request;
  const where = purpose === undefined ? "project_id = $1" : "project_id = $1 and purpose = $2";
  const params = purpose === undefined ? [projectId] : [projectId, purpose];
  return pageOf(db, { row: FileRow, table: "files", where, params }, request);
}

/** Bytes of all files of a project, for its quota. */
export async function bytesOfProject(db: Database, projectId: string): Promise<number> {
  const sql = "select coalesce(sum(bytes), 0) as bytes from files where project_id = $1";
  return (await db.query(z.object({ bytes: BigCount }), sql, [projectId]))[0]?.bytes ?? 0;
}

/** Files that are past their time. */
export function expiredFiles(db: Database): Promise<FileRow[]> {
  return db.query(FileRow, "select * from files where expires_at < now() order by sequence limit 100");
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
