/** /v1/fine_tuning/checkpoints/{name}/permissions: which other projects may ask a tuned model, or a checkpoint of it. */
import { createRoute, z } from "@hono/zod-openapi";
import {
  findCheckpoint,
  findModel,
  listPermissions,
  logAudit,
  modelOfJob,
  type PermissionRow,
  permit,
  type Shared,
  withdraw,
} from "../state/index.ts";
import { type Api, audited, entryOf, type Services } from "./context.ts";
import { invalid, notFound } from "./errors.ts";
import { requireReviewer } from "./models.ts";
import { problems } from "./problems.ts";
import { Id, listBody, PageQuery, secondsOf } from "./schemas/common.ts";
import { ModelName, NewPermissions, PermissionDeleted, PermissionList } from "./schemas/jobs.ts";

const Params = z.object({ checkpoint: ModelName });
const BELOW = "/v1/fine_tuning/checkpoints/{checkpoint}/permissions";
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { "application/json": { schema } },
});

const create = createRoute({
  method: "post",
  path: BELOW,
  request: { params: Params, body: { required: true, content: { "application/json": { schema: NewPermissions } } } },
  responses: { 200: json("Who may ask it from now on; takes a reviewer's key", PermissionList), ...problems },
});
const list = createRoute({
  method: "get",
  path: BELOW,
  request: {
    params: Params,
    query: PageQuery.extend({
      order: z.enum(["ascending", "descending"]).default("descending"),
      project_id: Id.optional(),
    }),
  },
  responses: { 200: json("Who may ask it", PermissionList), ...problems },
});
const remove = createRoute({
  method: "delete",
  path: `${BELOW}/{permission_id}`,
  request: { params: Params.extend({ permission_id: Id }) },
  responses: { 200: json("It may no longer be asked from there", PermissionDeleted), ...problems },
});

export function permissionRoutes(app: Api, services: Services): void {
  const { db } = services;

  app.openapi(create, async (c) => {
    requireReviewer(c.var.key.role);
    const own = c.var.key.project_id;
    const shared = await sharedBy(services, own, c.req.valid("param").checkpoint);
    const ids = [...new Set(c.req.valid("json").project_ids)];
    if (ids.includes(own)) throw invalid("A project may ask its own models anyway", "project_ids");
    const given = await db.transaction(async (tx) => {
      const rows: PermissionRow[] = [];
      for (const id of ids) {
        const row = await permit(tx, shared, id);
        if (!row) throw notFound("project", id, "project_not_found", "project_ids");
        rows.push(row);
      }
      await logAudit(tx, entryOf(c, "permission.create", shared.name, { project_ids: ids }));
      return rows;
    });
    return c.json(listBody(given.map(permissionObject), false), 200);
  });

  app.openapi(list, async (c) => {
    requireReviewer(c.var.key.role);
    const shared = await sharedBy(services, c.var.key.project_id, c.req.valid("param").checkpoint);
    const { order, project_id: projectId, ...page } = c.req.valid("query");
    const asked = { ...page, projectId, order: order === "ascending" ? ("asc" as const) : ("desc" as const) };
    const { items, hasMore } = await listPermissions(db, shared, asked);
    return c.json(listBody(items.map(permissionObject), hasMore), 200);
  });

  app.openapi(remove, async (c) => {
    requireReviewer(c.var.key.role);
    const { checkpoint, permission_id: id } = c.req.valid("param");
    const shared = await sharedBy(services, c.var.key.project_id, checkpoint);
    if (!(await withdraw(db, shared, id))) throw notFound("permission", id, "permission_not_found", "permission_id");
    await audited(services, c, "permission.delete", shared.name);
    return c.json({ id, object: "checkpoint.permission" as const, deleted: true as const }, 200);
  });
}

/** What a project can share: its own tuned models and their checkpoints. */
async function sharedBy({ db }: Services, projectId: string, name: string): Promise<Shared> {
  if (await findModel(db, projectId, name)) return { model_id: name, name };
  const checkpoint = await findCheckpoint(db, projectId, name);
  const model = checkpoint && (await modelOfJob(db, checkpoint.job_id));
  if (!model) throw notFound("model", name, "model_not_found", "checkpoint");
  return { model_id: model.id, name };
}

function permissionObject({ id, project_id, created_at }: PermissionRow) {
  return { id, object: "checkpoint.permission" as const, created_at: secondsOf(created_at), project_id };
}
