/** What a finished job has left: records, metrics, report, adapter and merged model. Names come from a table alone. */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createRoute, z } from "@hono/zod-openapi";
import { lastRunFolder, runFolderOf } from "../run/folders.ts";
import type { JobRow } from "../state/index.ts";
import { findJob, modelOfJob, stepsAfter } from "../state/index.ts";
import { type Api, audited, type Services } from "./context.ts";
import { ApiError, notFound } from "./errors.ts";
import { JobParams, jobOf } from "./jobs.ts";
import { problems } from "./problems.ts";
import { secondsOf } from "./schemas/common.ts";
import { MetricsList, ReportLink, RunRecord, StepMetrics } from "./schemas/jobs.ts";
import { REPORT_POLICY } from "./security.ts";
import { tarOf, tarSize } from "./tar.ts";

const RECORDS = {
  forecast: "forecast.json",
  audit: "audit.json",
  geometry: "geometry.json",
  manifest: "manifest.json",
} as const;
const ARCHIVES = { adapter: "adapter", merged: "merged" } as const;

const get = <P extends string, S extends z.ZodType>(path: P, description: string, schema: S) =>
  createRoute({
    method: "get",
    path,
    request: { params: JobParams },
    responses: { 200: { description, content: { "application/json": { schema } } }, ...problems },
  });

const binary = (path: string, description: string, type: string) =>
  createRoute({
    method: "get",
    path,
    request: { params: JobParams },
    responses: {
      200: { description, content: { [type]: { schema: { type: "string" as const, format: "binary" } } } },
      ...problems,
    },
  });

const BELOW = "/v1/fine_tuning/jobs/{job_id}";

const link = createRoute({
  method: "post",
  path: `${BELOW}/report_link`,
  request: { params: JobParams },
  responses: {
    200: {
      description: "An address that opens the report without a key for ten minutes",
      content: { "application/json": { schema: ReportLink } },
    },
    ...problems,
  },
});

const metrics = createRoute({
  method: "get",
  path: `${BELOW}/metrics`,
  request: {
    params: JobParams,
    query: z.object({ after_step: z.coerce.number().int().min(0).max(2_147_483_647).default(0) }),
  },
  responses: {
    200: {
      description: "Every step of the training, or those after one",
      content: { "application/json": { schema: MetricsList } },
    },
    ...problems,
  },
});

export function artifactRoutes(app: Api, services: Services): void {
  const { settings, links, db } = services;
  const folderOf = (job: JobRow) => {
    if (job.run_fence !== null) return join(settings.folder, runFolderOf(job.id, job.run_fence));
    return null;
  };

  for (const [name, file] of Object.entries(RECORDS)) {
    const route = get(`${BELOW}/${name}`, `The run's ${file}`, RunRecord);
    app.openapi(route, async (c) => {
      const job = await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id);
      // While a job runs, or waits to go on, its first records are there already.
      const folder = folderOf(job) ?? (await lastRunFolder(settings.folder, job.id));
      const text = folder && (await readFile(join(folder, file), "utf8").catch(absent));
      if (text === null) throw notReady(job, name);
      return c.json(RunRecord.parse(JSON.parse(text)), 200);
    });
  }

  app.openapi(metrics, async (c) => {
    const job = await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id);
    const steps = await stepsAfter(db, job.id, c.req.valid("query").after_step);
    return c.json({ object: "list" as const, data: steps.map((step) => StepMetrics.parse(step)) }, 200);
  });

  app.openapi(binary(`${BELOW}/report`, "The report, one self-contained page", "text/html"), async (c) => {
    const job = await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id);
    await audited(services, c, "artifact.read", `${job.id}/report`);
    return report(folderOf(job), job);
  });

  app.openapi(link, async (c) => {
    const job = await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id);
    if (!folderOf(job)) throw notReady(job, "report");
    const { path, expiresAt } = links.make(job.project_id, job.id);
    return c.json({ url: path, expires_at: secondsOf(expiresAt) }, 200);
  });

  app.get("/reports/:token", async (c) => {
    const named = links.read(c.req.param("token"));
    const job = named && (await findJob(db, named.projectId, named.jobId));
    if (!job) throw notFound("report", "it was not made here or its time is over", "report_not_found");
    return report(folderOf(job), job);
  });

  for (const [name, below] of Object.entries(ARCHIVES)) {
    const route = binary(`${BELOW}/${name}`, `The ${name} as a tar archive`, "application/x-tar");
    app.openapi(route, async (c) => {
      const job = await jobOf(services, c.var.key.project_id, c.req.valid("param").job_id);
      const folder = folderOf(job);
      const path = folder && join(folder, below);
      if (!path || !(await stat(path).catch(absent))) throw notReady(job, name);
      await refuseHeld(services, job);
      await audited(services, c, "artifact.read", `${job.id}/${name}`);
      return new Response(Readable.toWeb(Readable.from(tarOf(path, name))) as ReadableStream, {
        headers: {
          "content-type": "application/x-tar",
          "content-length": String(await tarSize(path)),
          "content-disposition": `attachment; filename="${name}.tar"`,
        },
      });
    });
  }
}

/** A model that is not served is not handed out either. */
async function refuseHeld({ db }: Services, job: JobRow): Promise<void> {
  const model = await modelOfJob(db, job.id);
  if (!model) throw notFound("model", job.fine_tuned_model ?? job.id, "model_not_found");
  if (model.held)
    throw new ApiError({
      status: 403,
      code: "model_held",
      message: `The model ${model.id} is held back until a person releases it`,
    });
}

async function report(folder: string | null, job: JobRow): Promise<Response> {
  const path = folder && join(folder, "report.html");
  const found = path ? await stat(path).catch(absent) : null;
  if (!path || !found) throw notReady(job, "report");
  return new Response(Readable.toWeb(createReadStream(path)) as ReadableStream, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-length": String(found.size),
      "content-security-policy": REPORT_POLICY,
    },
  });
}

function notReady(job: JobRow, what: string): ApiError {
  const message = `The job is ${job.state} and has no ${what}`;
  return new ApiError({ status: 404, code: "not_ready", message, param: "job_id" });
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
