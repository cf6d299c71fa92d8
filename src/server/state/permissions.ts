/** Models and checkpoints that a project lets other projects ask; nothing else of the project is seen by them. */
import { z } from "zod";
import { type Database, firstOf } from "./database.ts";
import { newId } from "./ids.ts";
import { ModelRow } from "./models.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";

const PermissionRow = z.object({
  id: z.string(),
  model_id: z.string(),
  /** What is shared: the model's own name, or one of its checkpoints'. */
  name: z.string(),
  project_id: z.string(),
  created_at: z.date(),
});
export type PermissionRow = z.infer<typeof PermissionRow>;

/** Of what is shared: the model that it belongs to, and its name. */
export type Shared = Pick<PermissionRow, "model_id" | "name">;

/** Null where there is no such project. A permission that was given before stays as it is. */
export async function permit(
  db: Database,
  { model_id, name }: Shared,
  projectId: string,
): Promise<PermissionRow | null> {
  const known = await db.query(z.object({ id: z.string() }), "select id from projects where id = $1", [projectId]);
  if (known.length === 0) return null;
  const sql = `insert into permissions (id, model_id, name, project_id) values ($1, $2, $3, $4)
    on conflict (name, project_id) do nothing`;
  await db.run(sql, [newId("cp_"), model_id, name, projectId]);
  const given = "select * from permissions where name = $1 and project_id = $2";
  return firstOf(await db.query(PermissionRow, given, [name, projectId]));
}

export function listPermissions(
  db: Database,
  { model_id, name }: Shared,
  request: PageRequest & { readonly projectId?: string | undefined },
): Promise<Page<PermissionRow>> {
  const { projectId } = request;
  const where = projectId === undefined ? "name = $2" : "name = $2 and project_id = $3";
  const params = [name, ...(projectId === undefined ? [] : [projectId])];
  return pageOf(db, { row: PermissionRow, table: "permissions", owner: model_id, where, params }, request);
}

/** False where there is none of that id. */
export async function withdraw(db: Database, { model_id, name }: Shared, id: string): Promise<boolean> {
  const sql = "delete from permissions where model_id = $1 and name = $2 and id = $3";
  return (await db.run(sql, [model_id, name, id])) === 1;
}

/** The model behind a name that another project shares with this one. */
export async function sharedModel(db: Database, projectId: string, name: string): Promise<ModelRow | null> {
  const sql = `select models.* from models join permissions on model_id = models.id
    where permissions.project_id = $1 and permissions.name = $2`;
  return firstOf(await db.query(ModelRow, sql, [projectId, name]));
}

/** All that others share with a project: each name with its model. */
export function sharedWith(db: Database, projectId: string): Promise<(ModelRow & { readonly shared_as: string })[]> {
  const sql = `select models.*, permissions.name as shared_as from models join permissions on model_id = models.id
    where permissions.project_id = $1 order by permissions.sequence desc limit 1000`;
  return db.query(ModelRow.extend({ shared_as: z.string() }), sql, [projectId]);
}
