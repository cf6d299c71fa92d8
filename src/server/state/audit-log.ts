/** Who did what: one row for each thing that was changed or handed out. Never a secret, never a row of training data. */
import { z } from "zod";
import { BigCount, type Database } from "./database.ts";

export const AuditAction = z.enum([
  "key.create",
  "key.revoke",
  "file.create",
  "file.delete",
  "file.read",
  "job.create",
  "job.cancel",
  "job.pause",
  "job.resume",
  "artifact.read",
  "model.release",
  "model.delete",
  "permission.create",
  "permission.delete",
]);
export type AuditAction = z.infer<typeof AuditAction>;

export interface AuditEntry {
  readonly action: AuditAction;
  readonly projectId: string | null;
  readonly keyId: string | null;
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;
}

const AuditRow = z.object({
  sequence: BigCount,
  at: z.date(),
  project_id: z.string().nullable(),
  key_id: z.string().nullable(),
  action: AuditAction,
  subject: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
  request_id: z.string().nullable(),
});
export type AuditRow = z.infer<typeof AuditRow>;

export async function logAudit(db: Database, entry: AuditEntry): Promise<void> {
  const { action, projectId, keyId, subject, detail, requestId } = entry;
  const sql = `insert into audit_log (project_id, key_id, action, subject, detail, request_id)
    values ($1, $2, $3, $4, $5::jsonb, $6)`;
  await db.run(sql, [projectId, keyId, action, subject, detail ? JSON.stringify(detail) : null, requestId]);
}

/** Newest first; `before` is a row's sequence. */
export function readAuditLog(db: Database, projectId: string, limit: number, before?: number): Promise<AuditRow[]> {
  const sql = `select * from audit_log where project_id = $1 and ($3::bigint is null or sequence < $3)
    order by sequence desc limit $2`;
  return db.query(AuditRow, sql, [projectId, limit, before ?? null]);
}
