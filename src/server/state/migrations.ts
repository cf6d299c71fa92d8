/** The tables, as numbered steps that each database goes through once. A step that was released is never changed. */
import { z } from "zod";
import { BigCount, type Database } from "./database.ts";

/** Step n is at index n − 1. */
const steps: readonly string[] = [
  `
  create table projects (
    id text primary key,
    name text not null unique,
    created_at timestamptz not null default now()
  );
  create table keys (
    id text primary key,
    project_id text not null references projects (id),
    name text not null,
    sha256 text not null unique,
    hint text not null,
    role text not null check (role in ('member', 'reviewer')),
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    revoked_at timestamptz
  );
  create table files (
    sequence bigint generated always as identity unique,
    id text primary key,
    project_id text not null references projects (id),
    filename text not null,
    purpose text not null,
    bytes bigint not null,
    sha256 text not null,
    status text not null check (status in ('processed', 'error')),
    validation jsonb,
    created_at timestamptz not null default now(),
    expires_at timestamptz
  );
  create index files_by_project on files (project_id, sequence);
  create index files_by_sha256 on files (sha256);
  create table jobs (
    sequence bigint generated always as identity unique,
    id text primary key,
    project_id text not null references projects (id),
    state text not null check (state in ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
    request jsonb not null,
    metadata jsonb,
    training_file text not null,
    training_sha256 text not null,
    fence integer not null default 0,
    attempts integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    not_before timestamptz,
    phase text,
    progress jsonb,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    fine_tuned_model text,
    trained_tokens bigint,
    result_files jsonb not null default '[]',
    error jsonb,
    outcome jsonb,
    run_fence integer
  );
  create index jobs_by_project on jobs (project_id, sequence);
  create index jobs_waiting on jobs (sequence) where state in ('queued', 'running');
  create table events (
    sequence bigint generated always as identity unique,
    id text primary key,
    job_id text not null references jobs (id) on delete cascade,
    once text not null,
    created_at timestamptz not null default now(),
    level text not null check (level in ('info', 'warn', 'error')),
    type text not null check (type in ('message', 'metrics')),
    message text not null,
    data jsonb,
    unique (job_id, once)
  );
  create index events_by_job on events (job_id, sequence);
  create table checkpoints (
    sequence bigint generated always as identity unique,
    id text primary key,
    job_id text not null references jobs (id) on delete cascade,
    step integer not null,
    model text not null,
    metrics jsonb not null,
    created_at timestamptz not null default now(),
    unique (job_id, step)
  );
  create table models (
    sequence bigint generated always as identity unique,
    id text primary key,
    project_id text not null references projects (id),
    job_id text not null references jobs (id),
    base text not null,
    folder text not null,
    held boolean not null,
    released_by text,
    released_at timestamptz,
    release_reason text,
    created_at timestamptz not null default now()
  );
  create index models_by_project on models (project_id, sequence);
  create table idempotency (
    project_id text not null references projects (id),
    key text not null,
    request_sha256 text not null,
    status integer not null,
    body jsonb not null,
    created_at timestamptz not null default now(),
    primary key (project_id, key)
  );
  create table audit_log (
    sequence bigint generated always as identity primary key,
    at timestamptz not null default now(),
    project_id text,
    key_id text,
    action text not null,
    subject text,
    detail jsonb,
    request_id text
  );
  create index audit_log_by_project on audit_log (project_id, sequence);
  `,
  `
  alter table jobs add column validation_file text;
  alter table jobs add column validation_sha256 text;
  create table permissions (
    sequence bigint generated always as identity unique,
    id text primary key,
    model_id text not null references models (id) on delete cascade,
    name text not null,
    project_id text not null references projects (id),
    created_at timestamptz not null default now(),
    unique (name, project_id)
  );
  create index permissions_by_project on permissions (project_id, sequence);
  create index events_metrics on events (job_id, sequence) where type = 'metrics';
  `,
  // Where deleted rows stood in their lists, so that a page can begin after one; of the row nothing else stays. Jobs, their
  // events and their checkpoints are never deleted.
  `
  create table gone (
    list text not null,
    owner text not null,
    id text not null,
    sequence bigint not null,
    primary key (list, owner, id)
  );
  create function keep_place() returns trigger language plpgsql as $$
  begin
    insert into gone (list, owner, id, sequence)
      values (tg_table_name, to_jsonb(old) ->> tg_argv[0], old.id, old.sequence)
      on conflict (list, owner, id) do update set sequence = excluded.sequence;
    return null;
  end
  $$;
  create trigger files_keep_place after delete on files for each row execute function keep_place('project_id');
  create trigger models_keep_place after delete on models for each row execute function keep_place('project_id');
  create trigger permissions_keep_place after delete on permissions for each row execute function keep_place('model_id');
  `,
];

/** Any number will do, so long as nothing else in the database locks it. */
const LOCK = 7_214_093;

/** Brings the tables up to date, once, whoever else tries at the same time; gives how many steps there were to do. */
export async function migrate(db: Database): Promise<number> {
  return db.transaction(async (tx) => {
    await tx.query(z.unknown(), "select pg_advisory_xact_lock($1)", [LOCK]);
    await tx.script(
      "create table if not exists migrations (number integer primary key, done_at timestamptz not null default now())",
    );
    const [found] = await tx.query(
      z.object({ last: BigCount }),
      "select coalesce(max(number), 0) as last from migrations",
    );
    const last = found?.last ?? 0;
    if (last > steps.length)
      throw new Error(`the database is of a newer version: step ${last}, this program knows ${steps.length}`);
    for (const [i, sql] of steps.entries()) {
      if (i < last) continue;
      await tx.script(sql);
      await tx.run("insert into migrations (number) values ($1)", [i + 1]);
    }
    return steps.length - last;
  });
}
