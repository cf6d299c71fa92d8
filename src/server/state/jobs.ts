/** Fine-tuning jobs as their owners see them: create, look, list, cancel, pause, resume. Who runs them: leases.ts. */
import { z } from "zod";
import { must } from "../../core/index.ts";
import { BigCount, type Database, firstOf } from "./database.ts";
import { addEvent } from "./events.ts";
import { newId } from "./ids.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";

export const JobState = z.enum(["queued", "running", "paused", "succeeded", "failed", "cancelled"]);
export type JobState = z.infer<typeof JobState>;

/** Where a running job is: its stage, and within it a step of a total. */
export const JobProgress = z.object({
  task: z.string(),
  step: z.number(),
  total: z.number().nullable(),
  readings: z.record(z.string(), z.number()).optional(),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const JobError = z.object({ code: z.string(), message: z.string(), param: z.string().nullable() });
export type JobError = z.infer<typeof JobError>;

/** What the analysis said, in short. */
export const JobOutcome = z.object({
  headline: z.string().nullable(),
  affected: z.array(z.string()),
  gate: z.object({ outcome: z.enum(["passed", "breached", "undecided"]), behaviours: z.array(z.string()) }).nullable(),
  steps: z.number(),
  durationMs: z.number(),
  /** The behaviour whose drift ended the training early. */
  stoppedBy: z.string().nullable().default(null),
});
export type JobOutcome = z.infer<typeof JobOutcome>;

export const JobRow = z.object({
  id: z.string(),
  project_id: z.string(),
  state: JobState,
  /** As it was asked for, checked and with every `auto` resolved: whoever reads it knows its shape. */
  request: z.record(z.string(), z.unknown()),
  metadata: z.record(z.string(), z.string()).nullable(),
  training_file: z.string(),
  training_sha256: z.string(),
  validation_file: z.string().nullable(),
  validation_sha256: z.string().nullable(),
  /** Rises whenever the right to work on the job passes to another, or is taken away. */
  fence: z.number(),
  attempts: z.number(),
  phase: z.string().nullable(),
  progress: JobProgress.nullable(),
  created_at: z.date(),
  started_at: z.date().nullable(),
  finished_at: z.date().nullable(),
  fine_tuned_model: z.string().nullable(),
  trained_tokens: BigCount.nullable(),
  result_files: z.array(z.string()),
  error: JobError.nullable(),
  outcome: JobOutcome.nullable(),
  /** The fence under which the results were committed; names their folder. */
  run_fence: z.number().nullable(),
});
export type JobRow = z.infer<typeof JobRow>;

export type NewJob = Pick<
  JobRow,
  "request" | "metadata" | "training_file" | "training_sha256" | "validation_file" | "validation_sha256"
>;

export async function insertJob(db: Database, projectId: string, job: NewJob): Promise<JobRow> {
  const id = newId("ftjob-");
  const sql = `insert into jobs (id, project_id, state, request, metadata, training_file, training_sha256,
    validation_file, validation_sha256) values ($1, $2, 'queued', $3::jsonb, $4::jsonb, $5, $6, $7, $8) returning *`;
  const metadata = job.metadata && JSON.stringify(job.metadata);
  const files = [job.training_file, job.training_sha256, job.validation_file, job.validation_sha256];
  const values = [id, projectId, JSON.stringify(job.request), metadata, ...files];
  return db.transaction(async (tx) => {
    const row = must(firstOf(await tx.query(JobRow, sql, values)), "the job");
    await addEvent(tx, id, { once: "created", message: `Created fine-tuning job: ${id}` });
    return row;
  });
}

export async function findJob(db: Database, projectId: string, id: string): Promise<JobRow | null> {
  return firstOf(await db.query(JobRow, "select * from jobs where project_id = $1 and id = $2", [projectId, id]));
}

/** `metadata`: pairs that a job must have, or null for jobs without any. */
export function listJobs(
  db: Database,
  projectId: string,
  request: PageRequest & { readonly metadata?: Readonly<Record<string, string>> | null | undefined },
): Promise<Page<JobRow>> {
  const { metadata } = request;
  const having = () => ({ where: "metadata @> $2::jsonb", params: [JSON.stringify(metadata)] });
  const which = metadata === undefined ? {} : metadata === null ? { where: "metadata is null" } : having();
  return pageOf(db, { row: JobRow, table: "jobs", owner: projectId, ...which }, request);
}

/** Jobs of a project that are not over, for its quota. */
export async function unfinishedJobs(db: Database, projectId: string): Promise<number> {
  const sql = "select count(*) as n from jobs where project_id = $1 and state in ('queued', 'running', 'paused')";
  return (await db.query(z.object({ n: BigCount }), sql, [projectId]))[0]?.n ?? 0;
}

/** Seconds of a whole job for each token that it trained on, over the last twenty of a base; null without any. */
export async function paceOf(
  db: Database,
  base: string,
): Promise<{ readonly secondsPerToken: number | null; readonly jobs: number }> {
  const sql = `select count(*) as jobs, sum(seconds) / nullif(sum(trained_tokens), 0) as pace from (
    select extract(epoch from finished_at - started_at)::float8 as seconds, trained_tokens::float8 as trained_tokens
    from jobs where state = 'succeeded' and request ->> 'base' = $1 order by sequence desc limit 20) as last`;
  const [found] = await db.query(z.object({ jobs: BigCount, pace: z.number().nullable() }), sql, [base]);
  return { secondsPerToken: found?.pace ?? null, jobs: found?.jobs ?? 0 };
}

/** How many jobs are in each state, over all projects. */
export async function jobsByState(db: Database): Promise<Record<string, number>> {
  const rows = await db.query(
    z.object({ state: JobState, n: BigCount }),
    "select state, count(*) as n from jobs group by state",
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

/** What an owner may ask of a job: from which states, to which, and what is told of it. */
const orders = {
  cancel: { from: ["queued", "running", "paused"], to: "cancelled", message: "Fine-tuning job cancelled" },
  pause: { from: ["queued", "running"], to: "paused", message: "Fine-tuning job paused" },
  resume: { from: ["paused"], to: "queued", message: "Fine-tuning job resumed" },
} as const satisfies Record<string, { from: readonly JobState[]; to: JobState; message: string }>;
export type Order = keyof typeof orders;

/**
 * Gives the job as it is afterwards, and whether the order could be followed. The fence rises, so that whoever works on
 * the job has lost it from this moment on.
 */
export function orderJob(
  db: Database,
  projectId: string,
  id: string,
  order: Order,
): Promise<{ readonly job: JobRow; readonly done: boolean } | null> {
  const { from, to, message } = orders[order];
  const states = from.map((state) => `'${state}'`).join(", ");
  const finished = to === "cancelled" ? ", finished_at = now()" : "";
  const sql = `update jobs set state = '${to}', fence = fence + 1, lease_owner = null, lease_until = null, phase = null,
    attempts = 0, not_before = null${finished}
    where project_id = $1 and id = $2 and state in (${states}) returning *`;
  return db.transaction(async (tx) => {
    const changed = firstOf(await tx.query(JobRow, sql, [projectId, id]));
    if (!changed) {
      const job = await findJob(tx, projectId, id);
      return job && { job, done: false };
    }
    await addEvent(tx, id, { once: `${order}:${changed.fence}`, message });
    return { job: changed, done: true };
  });
}
