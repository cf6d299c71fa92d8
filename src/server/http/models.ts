/** /v1/models: bases and a project's own tuned models; release of what was held back; the audit log. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createRoute, z } from "@hono/zod-openapi";
import {
  findModel,
  listModels,
  logAudit,
  type ModelRow,
  readAuditLog,
  releaseModel,
  removeModel,
  sharedModel,
  sharedWith,
} from "../state/index.ts";
import { type Api, entryOf, type Services } from "./context.ts";
import { ApiError, invalid, notFound } from "./errors.ts";
import { problems } from "./problems.ts";
import { secondsOf } from "./schemas/common.ts";
import { ModelName } from "./schemas/jobs.ts";
import { AuditLog, ModelDeleted, ModelList, ModelObject, Release } from "./schemas/models.ts";

const ModelParams = z.object({ model: ModelName });
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { "application/json": { schema } },
});

const list = createRoute({
  method: "get",
  path: "/v1/models",
  responses: { 200: json("All models that this project may name", ModelList), ...problems },
});
const retrieve = createRoute({
  method: "get",
  path: "/v1/models/{model}",
  request: { params: ModelParams },
  responses: { 200: json("The model", ModelObject), ...problems },
});
const remove = createRoute({
  method: "delete",
  path: "/v1/models/{model}",
  request: { params: ModelParams },
  responses: { 200: json("It is gone, its weights too; the records of its audit stay", ModelDeleted), ...problems },
});
const release = createRoute({
  method: "post",
  path: "/v1/models/{model}/release",
  request: {
    params: ModelParams,
    body: { required: true, content: { "application/json": { schema: Release } } },
  },
  responses: { 200: json("The model, which is served from now on", ModelObject), ...problems },
});
const auditLog = createRoute({
  method: "get",
  path: "/v1/audit_log",
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    }),
  },
  responses: { 200: json("Who did what in this project, newest first; for reviewers", AuditLog), ...problems },
});

/** What is deleted with a model. */
const WEIGHTS = ["adapter", "merged", "checkpoints"];

export function modelRoutes(app: Api, services: Services): void {
  const { db, settings, inference } = services;
  const isBase = (name: string) => Object.hasOwn(settings.bases, name);

  app.openapi(list, async (c) => {
    const own = await listModels(db, c.var.key.project_id, { limit: 1000 });
    const bases = Object.keys(settings.bases).map(baseObject);
    const shared = (await sharedWith(db, c.var.key.project_id)).map(sharedObject);
    return c.json({ object: "list" as const, data: [...bases, ...own.items.map(modelObject), ...shared] }, 200);
  });

  app.openapi(retrieve, async (c) => {
    const { model } = c.req.valid("param");
    if (isBase(model)) return c.json(baseObject(model), 200);
    const shared = await sharedModel(db, c.var.key.project_id, model);
    if (shared) return c.json(sharedObject({ ...shared, shared_as: model }), 200);
    return c.json(modelObject(await found(services, c.var.key.project_id, model)), 200);
  });

  app.openapi(remove, async (c) => {
    const { model } = c.req.valid("param");
    if (isBase(model))
      throw new ApiError({
        status: 403,
        code: "base_model",
        message: "A base model cannot be deleted",
        param: "model",
      });
    const row = await db.transaction(async (tx) => {
      const removed = await removeModel(tx, c.var.key.project_id, model);
      if (removed) await logAudit(tx, entryOf(c, "model.delete", removed.id));
      return removed;
    });
    if (!row) throw notFound("model", model, "model_not_found", "model");
    const folder = join(settings.folder, row.folder);
    await inference.forget(folder);
    for (const name of WEIGHTS) await rm(join(folder, name), { recursive: true, force: true });
    return c.json({ id: row.id, object: "model" as const, deleted: true as const }, 200);
  });

  app.openapi(release, async (c) => {
    requireReviewer(c.var.key.role);
    const { model } = c.req.valid("param");
    const { reason } = c.req.valid("json");
    const before = await found(services, c.var.key.project_id, model);
    if (!before.held) throw invalid(`The model ${before.id} is not held back`, "model", "not_held");
    const row = await db.transaction(async (tx) => {
      const released = await releaseModel(tx, c.var.key.project_id, model, { by: c.var.key.id, reason });
      if (released) await logAudit(tx, entryOf(c, "model.release", model, { reason }));
      return released;
    });
    if (!row) throw notFound("model", model, "model_not_found", "model");
    return c.json(modelObject(row), 200);
  });

  app.openapi(auditLog, async (c) => {
    requireReviewer(c.var.key.role);
    const { limit, before } = c.req.valid("query");
    const rows = await readAuditLog(db, c.var.key.project_id, limit, before);
    const data = rows.map(({ sequence, at, key_id, action, subject, detail, request_id }) => ({
      id: sequence,
      at: secondsOf(at),
      key: key_id,
      action,
      subject,
      detail,
      request_id,
    }));
    return c.json({ object: "list" as const, data }, 200);
  });
}

async function found({ db }: Services, projectId: string, name: string): Promise<ModelRow> {
  const row = await findModel(db, projectId, name);
  if (!row) throw notFound("model", name, "model_not_found", "model");
  return row;
}

export function requireReviewer(role: "member" | "reviewer"): void {
  if (role === "reviewer") return;
  const message = "This takes a reviewer's key (`penumbra keys create --role reviewer`)";
  throw new ApiError({ status: 403, code: "reviewer_required", message });
}

function baseObject(name: string): ModelObject {
  return {
    id: name,
    object: "model",
    created: 0,
    owned_by: "penumbra",
    x_penumbra: { base: name, job: null, held: false, released: null },
  };
}

function modelObject(row: ModelRow): ModelObject {
  const { released_by, released_at, release_reason } = row;
  const released =
    released_by && released_at ? { by: released_by, at: secondsOf(released_at), reason: release_reason ?? "" } : null;
  return {
    id: row.id,
    object: "model",
    created: secondsOf(row.created_at),
    owned_by: row.project_id,
    x_penumbra: { base: row.base, job: row.job_id, held: row.held, released },
  };
}

/** Of another project: what it is called here, and nothing of the job that made it. */
function sharedObject(row: ModelRow & { readonly shared_as: string }): ModelObject {
  const { x_penumbra, ...model } = modelObject(row);
  return { ...model, id: row.shared_as, x_penumbra: { ...x_penumbra, job: null, released: null } };
}
