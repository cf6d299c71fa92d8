/** What is told of a job as it goes, and its checkpoints. Each is named by what it is, and written once. */
import { z } from "zod";
import { type Database, firstOf } from "./database.ts";
import { newId } from "./ids.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";

const EventRow = z.object({
  id: z.string(),
  job_id: z.string(),
  created_at: z.date(),
  level: z.enum(["info", "warn", "error"]),
  type: z.enum(["message", "metrics"]),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).nullable(),
});
export type EventRow = z.infer<typeof EventRow>;

export interface NewEvent {
  /** Of two events of one job with the same name the second is not written. */
  readonly once: string;
  readonly level?: EventRow["level"];
  readonly type?: EventRow["type"];
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** False where it had been told before. */
export async function addEvent(db: Database, jobId: string, event: NewEvent): Promise<boolean> {
  const { once, level = "info", type = "message", message, data } = event;
  const sql = `insert into events (id, job_id, once, level, type, message, data)
    values ($1, $2, $3, $4, $5, $6, $7::jsonb) on conflict (job_id, once) do nothing`;
  const values = [newId("ftevent-"), jobId, once, level, type, message, data ? JSON.stringify(data) : null];
  return (await db.run(sql, values)) === 1;
}

/** `type`: of that type alone. */
export function listEvents(
  db: Database,
  jobId: string,
  request: PageRequest & { readonly type?: EventRow["type"] | undefined },
): Promise<Page<EventRow>> {
  const { type } = request;
  const which = type === undefined ? {} : { where: "type = $2", params: [type] };
  return pageOf(db, { row: EventRow, table: "events", owner: jobId, ...which }, request);
}

/** What was told of each step after `step`, rising. */
export async function stepsAfter(
  db: Database,
  jobId: string,
  step: number,
): Promise<Readonly<Record<string, unknown>>[]> {
  const sql = `select data from events where job_id = $1 and type = 'metrics' and (data ->> 'step')::integer > $2
    order by sequence`;
  return (await db.query(z.object({ data: z.record(z.string(), z.unknown()) }), sql, [jobId, step])).map(
    ({ data }) => data,
  );
}

/** `valid_loss` and `full_valid_loss` are one number here: each evaluation reads the whole validation file. */
export const CheckpointMetrics = z.strictObject({
  step: z.number(),
  train_loss: z.number(),
  valid_loss: z.number().optional(),
  full_valid_loss: z.number().optional(),
});

const CheckpointRow = z.object({
  id: z.string(),
  job_id: z.string(),
  step: z.number(),
  model: z.string(),
  metrics: CheckpointMetrics,
  created_at: z.date(),
});
export type CheckpointRow = z.infer<typeof CheckpointRow>;

export type NewCheckpoint = Pick<CheckpointRow, "step" | "model" | "metrics">;

export async function addCheckpoint(db: Database, jobId: string, checkpoint: NewCheckpoint): Promise<boolean> {
  const { step, model, metrics } = checkpoint;
  const sql = `insert into checkpoints (id, job_id, step, model, metrics) values ($1, $2, $3, $4, $5::jsonb)
    on conflict (job_id, step) do nothing`;
  return (await db.run(sql, [newId("ftckpt_"), jobId, step, model, JSON.stringify(metrics)])) === 1;
}

export function listCheckpoints(db: Database, jobId: string, request: PageRequest): Promise<Page<CheckpointRow>> {
  return pageOf(db, { row: CheckpointRow, table: "checkpoints", owner: jobId }, request);
}

export async function findCheckpoint(db: Database, projectId: string, model: string): Promise<CheckpointRow | null> {
  const sql = `select checkpoints.* from checkpoints join jobs on jobs.id = job_id
    where jobs.project_id = $1 and checkpoints.model = $2`;
  return firstOf(await db.query(CheckpointRow, sql, [projectId, model]));
}
