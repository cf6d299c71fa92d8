/**
 * Who works on a job. A worker takes a job for a while and renews; each time the right passes on, the job's fence
 * rises. Every effect is committed in a transaction that first looks whether the worker's fence is still the job's
 * (Kleppmann, "How to do distributed locking", 2016): a worker that was paused, cut off or thought dead commits nothing.
 */
import { z } from "zod";
import { type Database, firstOf } from "./database.ts";
import { addCheckpoint, addEvent, type NewCheckpoint, type NewEvent } from "./events.ts";
import { insertFile, type NewFile } from "./files.ts";
import { type JobError, type JobOutcome, type JobProgress, JobRow } from "./jobs.ts";
import { insertModel, type NewModel } from "./models.ts";

export interface Lease {
  readonly jobId: string;
  readonly fence: number;
}

/** The job has gone to another worker, or its owner has taken it back. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

/** Beginnings without any progress between them, after which a job has failed. */
const MOST_ATTEMPTS = 8;

/** The next job that waits or whose worker has not renewed; null where there is none. */
export async function claimJob(db: Database, owner: string, leaseMs: number): Promise<JobRow | null> {
  const waiting = "state = 'queued' and (not_before is null or not_before <= now())";
  const abandoned = "state = 'running' and lease_until < now()";
  const sql = `update jobs set state = 'running', fence = fence + 1, attempts = attempts + 1, lease_owner = $1,
    lease_until = now() + $2 * interval '1 millisecond', started_at = coalesce(started_at, now()),
    phase = coalesce(phase, 'validating')
    where id = (select id from jobs where (${waiting}) or (${abandoned}) order by sequence limit 1
      for update skip locked) returning *`;
  const job = firstOf(await db.query(JobRow, sql, [owner, leaseMs]));
  if (!job || job.attempts <= MOST_ATTEMPTS) return job;
  const error = {
    code: "server_error",
    message: `the job was begun ${MOST_ATTEMPTS} times and each time ended before it had come further`,
    param: null,
  };
  await failJob(db, { jobId: job.id, fence: job.fence }, error);
  return claimJob(db, owner, leaseMs);
}

/** Where one process alone works on this database, whatever was running when it began has lost its worker. */
export async function abandonAll(db: Database): Promise<number> {
  return db.run("update jobs set lease_until = now() - interval '1 second' where state = 'running'");
}

/** False where the lease is lost. */
export async function renewLease(db: Database, { jobId, fence }: Lease, leaseMs: number): Promise<boolean> {
  const sql = `update jobs set lease_until = now() + $3 * interval '1 millisecond'
    where id = $1 and fence = $2 and state = 'running'`;
  return (await db.run(sql, [jobId, fence, leaseMs])) === 1;
}

/** Gives a job back to be begun again, no sooner than `afterMs` from now. */
export async function giveBack(db: Database, { jobId, fence }: Lease, afterMs: number): Promise<boolean> {
  const sql = `update jobs set state = 'queued', lease_owner = null, lease_until = null,
    not_before = now() + $3 * interval '1 millisecond' where id = $1 and fence = $2 and state = 'running'`;
  return (await db.run(sql, [jobId, fence, afterMs])) === 1;
}

/** Runs `work` in a transaction that no other worker's can pass, if the lease is still held. */
export function fenced<T>(db: Database, { jobId, fence }: Lease, work: (tx: Database) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    const sql = "select id from jobs where id = $1 and fence = $2 and state = 'running' for update";
    const held = await tx.query(z.object({ id: z.string() }), sql, [jobId, fence]);
    if (held.length === 0) throw new FencedError(`job ${jobId} is no longer ours (fence ${fence})`);
    return work(tx);
  });
}

export interface Advance {
  readonly phase?: string | undefined;
  readonly progress?: JobProgress | undefined;
  readonly events?: readonly NewEvent[];
  readonly checkpoints?: readonly NewCheckpoint[];
}

/** What is new of a running job. News of a kind that was not there before show that this attempt came further. */
export function advanceJob(db: Database, lease: Lease, advance: Advance): Promise<void> {
  const { phase, progress, events = [], checkpoints = [] } = advance;
  return fenced(db, lease, async (tx) => {
    const fresh: boolean[] = [];
    for (const event of events) fresh.push(await addEvent(tx, lease.jobId, event));
    for (const checkpoint of checkpoints) fresh.push(await addCheckpoint(tx, lease.jobId, checkpoint));
    const sql = `update jobs set phase = coalesce($2, phase), progress = coalesce($3::jsonb, progress),
      attempts = case when $4::boolean then 0 else attempts end where id = $1`;
    const json = progress ? JSON.stringify(progress) : null;
    await tx.run(sql, [lease.jobId, phase ?? null, json, fresh.includes(true)]);
  });
}

export interface Success {
  readonly model: NewModel;
  readonly outcome: JobOutcome;
  readonly trainedTokens: number;
  readonly results: readonly NewFile[];
  readonly event: NewEvent;
}

/** The job's end, its model and its result files, all at once. */
export function succeedJob(db: Database, lease: Lease, success: Success): Promise<void> {
  return fenced(db, lease, async (tx) => {
    const { model, outcome, trainedTokens, results, event } = success;
    const files = [];
    for (const file of results) files.push((await insertFile(tx, model.projectId, file)).id);
    await insertModel(tx, model);
    await addEvent(tx, lease.jobId, event);
    const sql = `update jobs set state = 'succeeded', finished_at = now(), lease_owner = null, lease_until = null,
      phase = null, progress = null, fine_tuned_model = $2, trained_tokens = $3, outcome = $4::jsonb, result_files = $5::jsonb,
      run_fence = fence where id = $1`;
    const values = [lease.jobId, model.id, trainedTokens, JSON.stringify(outcome), JSON.stringify(files)];
    await tx.run(sql, values);
  });
}

export function failJob(db: Database, lease: Lease, error: JobError): Promise<void> {
  return fenced(db, lease, async (tx) => {
    const message = `Fine-tuning job failed: ${error.message}`;
    await addEvent(tx, lease.jobId, { once: "failed", level: "error", message, data: { code: error.code } });
    const sql = `update jobs set state = 'failed', finished_at = now(), lease_owner = null, lease_until = null,
      phase = null, error = $2::jsonb where id = $1`;
    await tx.run(sql, [lease.jobId, JSON.stringify(error)]);
  });
}
