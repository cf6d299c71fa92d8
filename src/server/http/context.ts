/** What the handlers of requests share. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Blobs } from "../blobs.ts";
import type { Inference } from "../inference/inference.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Settings } from "../settings.ts";
import { type AuditAction, type AuditEntry, type Database, type Key, logAudit } from "../state/index.ts";
import type { Links } from "./links.ts";

export interface Services {
  readonly db: Database;
  readonly settings: Settings;
  readonly blobs: Blobs;
  readonly inference: Inference;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly links: Links;
  /** Tells the worker of this process that there is a job to take, or that `jobId` was taken back. */
  readonly wake: (jobId?: string) => void;
  /** Ends work that hangs on open connections (streams of events) when the server stops. */
  readonly stopping: AbortSignal;
}

export interface Env {
  readonly Variables: { requestId: string; key: Key };
}

export type Api = OpenAPIHono<Env>;

/** An entry of the audit log for what this request does. */
export function entryOf(
  c: Context<Env>,
  action: AuditAction,
  subject: string,
  detail?: Readonly<Record<string, unknown>>,
): AuditEntry {
  const { id, project_id } = c.var.key;
  const entry = { action, projectId: project_id, keyId: id, subject, requestId: c.var.requestId };
  return detail ? { ...entry, detail } : entry;
}

export function audited(
  { db }: Pick<Services, "db">,
  c: Context<Env>,
  action: AuditAction,
  subject: string,
): Promise<void> {
  return logAudit(db, entryOf(c, action, subject));
}
