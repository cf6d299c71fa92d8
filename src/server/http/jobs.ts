/** /v1/fine_tuning/jobs: create, look, list, cancel, pause, resume, events, checkpoints, and what a job would cost. */
import { createRoute, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { checkNames, validate } from "../../jobs/index.ts";
import { hashJson } from "../../store/index.ts";
import { removeRuns } from "../run/folders.ts";
import { type JobRequest, jobRequest } from "../run/request.ts";
import {
  answerOnce,
  type Database,
  type FileRow,
  findFile,
  findJob,
  holdContents,
  insertJob,
  type JobRow,
  listCheckpoints,
  listEvents,
  listJobs,
  logAudit,
  modelOfJob,
  type Order,
  orderJob,
  paceOf,
  unfinishedJobs,
} from "../state/index.ts";
import { type Api, entryOf, type Services } from "./context.ts";
import { invalid, notFound, overQuota } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { checkpointObject, eventObject, jobObject } from "./job-object.ts";
import { problems } from "./problems.ts";
import { Id, listBody, PageQuery } from "./schemas/common.ts";
import { faultsInShort } from "./schemas/files.ts";
import { CheckpointList, CreateJob, Estimate, EventList, JobList, JobObject } from "./schemas/jobs.ts";

export const JobParams = z.object({ job_id: Id });
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { "application/json": { schema } },
});
const body = { required: true, content: { "application/json": { schema: CreateJob } } };

const create = createRoute({
  method: "post",
  path: "/v1/fine_tuning/jobs",
  request: { body },
  responses: { 200: json("The job", JobObject), ...problems },
});
const estimate = createRoute({
  method: "post",
  path: "/v1/fine_tuning/estimate",
  request: { body },
  responses: { 200: json("What such a job would take; nothing is begun", Estimate), ...problems },
});
const list = createRoute({
  method: "get",
  path: "/v1/fine_tuning/jobs",
  request: {
    query: PageQuery.extend({
      metadata: z
        .union([z.literal("null"), z.record(z.string(), z.string())])
        .optional()
        .openapi({
          type: "object",
          additionalProperties: { type: "string" },
          param: { name: "metadata", in: "query", style: "deepObject", explode: true },
        }),
    }),
  },
  responses: { 200: json("Jobs, newest first", JobList), ...problems },
});
const retrieve = createRoute({
  method: "get",
  path: "/v1/fine_tuning/jobs/{job_id}",
  request: { params: JobParams },
  responses: { 200: json("The job", JobObject), ...problems },
});
const orderRoute = (order: Order) =>
  createRoute({
    method: "post",
    path: `/v1/fine_tuning/jobs/{job_id}/${order}` as const,
    request: { params: JobParams },
    responses: { 200: json("The job as it is now", JobObject), ...problems },
  });
const events = createRoute({
  method: "get",
  path: "/v1/fine_tuning/jobs/{job_id}/events",
  request: { params: JobParams, query: PageQuery.extend({ stream: z.enum(["true", "false"]).optional() }) },
  responses: {
    200: {
      description: "Events, newest first; with `stream=true` oldest first as server-sent events, until the job is over",
      content: { "application/json": { schema: EventList }, "text/event-stream": { schema: { type: "string" } } },
    },
    ...problems,
  },
});
const checkpoints = createRoute({
  method: "get",
  path: "/v1/fine_tuning/jobs/{job_id}/checkpoints",
  request: { params: JobParams, query: PageQuery },
  responses: { 200: json("Checkpoints, newest first", CheckpointList), ...problems },
});

/** The job, or the error that there is none. */
export async function jobOf({ db }: Pick<Services, "db">, projectId: string, id: string): Promise<JobRow> {
  const job = await findJob(db, projectId, id);
  if (!job) throw notFound("fine-tuning job", id, "fine_tune_not_found", "job_id");
  return job;
}

export function jobRoutes(app: Api, services: Services): void {
  const { db, settings, blobs, inference } = services;
  const defaults = { ...settings, drawSeed: () => Math.floor(Math.random() * 2 ** 31) };
  const seen = async (job: JobRow) => jobObject(job, job.fine_tuned_model ? await modelOfJob(db, job.id) : null);

  const checked = async (asked: CreateJob) => {
    const request = jobRequest(asked, defaults);
    // Names of behaviours that no model has are found now and not after the training.
    checkNames(await inference.base(request.base), request.config);
    return request;
  };

  app.openapi(create, async (c) => {
    const asked = c.req.valid("json");
    const projectId = c.var.key.project_id;
    const request = await checked(asked);
    const make = async (tx: Database) => {
      // Nobody may delete the contents between the look at the file and the job that needs them.
      await holdContents(tx, (await trainingFile(tx, projectId, asked.training_file)).sha256);
      const file = await trainingFile(tx, projectId, asked.training_file);
      await refuseBeyondQuota(tx, projectId, settings.limits.unfinishedJobs);
      const job = await insertJob(tx, projectId, {
        request,
        metadata: asked.metadata ?? null,
        training_file: file.id,
        training_sha256: file.sha256,
      });
      await logAudit(tx, entryOf(c, "job.create", job.id, { base: request.base, training_file: file.id }));
      return { status: 200, body: jobObject(job, null) };
    };
    const key = idempotencyKey(c);
    const answered =
      key === null
        ? (await db.transaction(make)).body
        : JobObject.parse(
            (await answerOnce(db, { projectId, key, requestSha256: hashJson({ what: "job", asked }) }, make)).body,
          );
    services.wake();
    return c.json(answered, 200);
  });

  app.openapi(estimate, async (c) => {
    const asked = c.req.valid("json");
    const request = await checked(asked);
    const file = await trainingFile(db, c.var.key.project_id, asked.training_file);
    const { tokenizer } = await inference.base(request.base);
    const found = await validate(blobs.path(file.sha256), tokenizer, request.config.train.maxLength);
    return c.json(estimateOf(found, request, await paceOf(db, request.base), settings.pricePerMillionTokens), 200);
  });

  app.openapi(list, async (c) => {
    const request = { ...c.req.valid("query"), metadata: metadataQuery(c.req.queries()) };
    const { items, hasMore } = await listJobs(db, c.var.key.project_id, request);
    return c.json(listBody(await Promise.all(items.map(seen)), hasMore), 200);
  });

  app.openapi(retrieve, async (c) =>
    c.json(await seen(await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id)), 200),
  );

  for (const order of ["cancel", "pause", "resume"] as const) {
    app.openapi(orderRoute(order), async (c) => {
      const { job_id } = c.req.valid("param");
      const result = await orderJob(db, c.var.key.project_id, job_id, order);
      if (!result) throw notFound("fine-tuning job", job_id, "fine_tune_not_found", "job_id");
      // 409 would make clients try again, to no avail.
      if (!result.done) throw invalid(`The job is ${result.job.state} and cannot ${order}`, "job_id", "wrong_state");
      await logAudit(db, entryOf(c, `job.${order}`, job_id));
      services.wake(job_id);
      if (order === "cancel") await removeRuns(settings.folder, job_id);
      return c.json(await seen(result.job), 200);
    });
  }

  app.openapi(events, async (c) => {
    const job = await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id);
    const { stream, ...request } = c.req.valid("query");
    if (stream === "true") return streamEvents(c, services, job, request.after);
    const { items, hasMore } = await listEvents(db, job.id, request);
    return c.json(listBody(items.map(eventObject), hasMore), 200);
  });

  app.openapi(checkpoints, async (c) => {
    const job = await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id);
    const { items, hasMore } = await listCheckpoints(db, job.id, c.req.valid("query"));
    return c.json(listBody(items.map(checkpointObject), hasMore), 200);
  });
}

async function trainingFile(db: Database, projectId: string, id: string): Promise<FileRow> {
  const file = await findFile(db, projectId, id);
  if (!file) throw invalid(`No such file: ${id}`, "training_file", "file_not_found");
  if (file.purpose !== "fine-tune") throw invalid(`The file ${id} is no training file`, "training_file");
  if (file.status === "error")
    throw invalid(
      `The file ${id} has faults: ${faultsInShort(file.validation?.faults ?? [])}`,
      "training_file",
      "invalid_training_file",
    );
  return file;
}

async function refuseBeyondQuota(tx: Database, projectId: string, most: number): Promise<void> {
  const open = await unfinishedJobs(tx, projectId);
  if (open >= most) throw overQuota(`The project has ${open} unfinished jobs; ${most} are allowed`, "job_quota");
}

type Found = Awaited<ReturnType<typeof validate>>;
type Pace = Awaited<ReturnType<typeof paceOf>>;

function estimateOf(
  { rows, usableRows, tokens, faults }: Found,
  { config }: JobRequest,
  pace: Pace,
  rate: number | null,
) {
  const { epochs, batchRows } = config.train;
  const total = tokens?.total ?? 0;
  const trained = Math.round(total * epochs);
  return {
    object: "x_penumbra.estimate" as const,
    rows,
    tokens: total,
    loss_tokens: tokens?.response ?? 0,
    truncated_rows: tokens?.truncatedRows ?? 0,
    trained_tokens: trained,
    steps: Math.max(1, Math.round(Math.ceil(usableRows / batchRows) * epochs)),
    seconds: pace.secondsPerToken === null ? null : trained * pace.secondsPerToken,
    measured_jobs: pace.jobs,
    price: rate === null ? null : { amount: (trained * rate) / 1e6, currency: "USD", per_million_tokens: rate },
    faults: faults.length,
  };
}

/** `metadata[key]=value` pairs, or `metadata=null`; undefined: any job. */
function metadataQuery(queries: Readonly<Record<string, string[]>>): Record<string, string> | null | undefined {
  if (queries.metadata?.[0] === "null") return null;
  const pairs = Object.entries(queries).flatMap(([key, [value = ""]]) => {
    const name = /^metadata\[(.{1,64})\]$/.exec(key)?.[1];
    return name === undefined ? [] : [[name, value] as const];
  });
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

/** How often a stream looks for news. */
const LOOK_MS = 300;
const OVER: readonly JobRow["state"][] = ["succeeded", "failed", "cancelled"];

function streamEvents(c: Parameters<typeof streamSSE>[0], services: Services, job: JobRow, after: string | undefined) {
  const { db, stopping } = services;
  return streamSSE(c, async (stream) => {
    let last = after;
    while (!stream.aborted && !stopping.aborted) {
      // The state first: what was told before the end is then in the page that follows.
      const state = (await findJob(db, job.project_id, job.id))?.state;
      const { items, hasMore } = await listEvents(db, job.id, { limit: 100, order: "asc", after: last });
      for (const event of items) await stream.writeSSE({ data: JSON.stringify(eventObject(event)), id: event.id });
      last = items.at(-1)?.id ?? last;
      if (!hasMore && (state === undefined || OVER.includes(state))) break;
      if (!hasMore) await stream.sleep(LOOK_MS);
    }
    if (!stream.aborted) await stream.writeSSE({ data: "[DONE]" });
  });
}
