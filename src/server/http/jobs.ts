/** /v1/fine_tuning/jobs: create, look, list, cancel, pause, resume, events, checkpoints, and what a job would cost. */
import { createRoute, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { hashJson } from "../../store/index.ts";
import { removeRuns } from "../run/folders.ts";
import { Reading } from "../run/reading.ts";
import { TokenCounts } from "../run/token-counts.ts";
import {
  answerOnce,
  type Database,
  findJob,
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
} from "../state/index.ts";
import { type Api, entryOf, type Services } from "./context.ts";
import { invalid, notFound } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { checkpointObject, eventObject, jobObject } from "./job-object.ts";
import { checkedRequest, estimateOf, filesOf, heldFiles, refuseJobQuota } from "./new-job.ts";
import { problems } from "./problems.ts";
import { Id, listBody, PageQuery } from "./schemas/common.ts";
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
  request: {
    params: JobParams,
    query: PageQuery.extend({
      stream: z.enum(["true", "false"]).optional(),
      type: z.enum(["message", "metrics"]).optional(),
    }),
  },
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
  const { db, settings, blobs, inference, stopping } = services;
  const counts = new TokenCounts(new Reading(stopping));
  const seen = async (job: JobRow) => jobObject(job, job.fine_tuned_model ? await modelOfJob(db, job.id) : null);

  app.openapi(create, async (c) => {
    const asked = c.req.valid("json");
    const projectId = c.var.key.project_id;
    const request = await checkedRequest(services, asked);
    const make = async (tx: Database) => {
      await refuseJobQuota(tx, projectId, settings.limits.unfinishedJobs);
      const files = await heldFiles(tx, projectId, asked);
      const job = await insertJob(tx, projectId, { request, metadata: asked.metadata ?? null, ...files });
      const { training_file, validation_file } = files;
      await logAudit(tx, entryOf(c, "job.create", job.id, { base: request.base, training_file, validation_file }));
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
    const request = await checkedRequest(services, asked);
    const { training_sha256: sha256 } = await filesOf(db, c.var.key.project_id, asked);
    const { folder: tokenizer } = (await inference.base(request.base)).files;
    const { maxLength, objective } = request.config.train;
    const found = await counts.of({ sha256, file: blobs.path(sha256), tokenizer, maxLength, objective });
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
    // Also before a stream: once it has begun no error can be answered.
    const { items, hasMore } = await listEvents(db, job.id, request);
    if (stream === "true") return streamEvents(c, services, job, request.after);
    return c.json(listBody(items.map(eventObject), hasMore), 200);
  });

  app.openapi(checkpoints, async (c) => {
    const job = await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id);
    const { items, hasMore } = await listCheckpoints(db, job.id, c.req.valid("query"));
    return c.json(listBody(items.map(checkpointObject), hasMore), 200);
  });
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
    let over = false;
    while (!stream.aborted && !stopping.aborted) {
      // The state first: what was told before the end is then in the page that follows.
      const state = (await findJob(db, job.project_id, job.id))?.state;
      const { items, hasMore } = await listEvents(db, job.id, { limit: 100, order: "asc", after: last });
      for (const event of items) await stream.writeSSE({ data: JSON.stringify(eventObject(event)), id: event.id });
      last = items.at(-1)?.id ?? last;
      over = !hasMore && (state === undefined || OVER.includes(state));
      if (over) break;
      if (!hasMore) await stream.sleep(LOOK_MS);
    }
    // Where the server stops the stream just ends: a client asks on after the last event that it has.
    if (over && !stream.aborted) await stream.writeSSE({ data: "[DONE]" });
  });
}
