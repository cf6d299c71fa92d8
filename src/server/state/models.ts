/** Models that jobs have made, and whether they may be served. */
import { z } from "zod";
import { type Database, firstOf } from "./database.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";

export const ModelRow = z.object({
  id: z.string(),
  project_id: z.string(),
  job_id: z.string(),
  base: z.string(),
  /** The run folder, below the data folder. */
  folder: z.string(),
  /** Kept from being served until a person releases it. */
  held: z.boolean(),
  released_by: z.string().nullable(),
  released_at: z.date().nullable(),
  release_reason: z.string().nullable(),
  created_at: z.date(),
});
export type ModelRow = z.infer<typeof ModelRow>;

export interface NewModel {
  readonly id: string;
  readonly projectId: string;
  readonly jobId: string;
  readonly base: string;
  readonly folder: string;
  readonly held: boolean;
}

export async function insertModel(db: Database, model: NewModel): Promise<void> {
  const { id, projectId, jobId, base, folder, held } = model;
  const sql = "insert into models (id, project_id, job_id, base, folder, held) values ($1, $2, $3, $4, $5, $6)";
  await db.run(sql, [id, projectId, jobId, base, folder, held]);
}

export async function findModel(db: Database, projectId: string, id: string): Promise<ModelRow | null> {
  return firstOf(await db.query(ModelRow, "select * from models where project_id = $1 and id = $2", [projectId, id]));
}

export async function modelOfJob(db: Database, jobId: string): Promise<ModelRow | null> {
  return firstOf(await db.query(ModelRow, "select * from models where job_id = $1", [jobId]));
}

export function listModels(db: Database, projectId: string, request: PageRequest): Promise<Page<ModelRow>> {
  return pageOf(db, { row: ModelRow, table: "models", owner: projectId }, request);
}

/** Null where there is no such model. Of a model that is not held nothing changes. */
export async function releaseModel(
  db: Database,
  projectId: string,
  id: string,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<ModelRow | null> {
  const sql = `update models set held = false, released_by = $3, released_at = now(), release_reason = $4
    where project_id = $1 and id = $2 and held`;
  await db.run(sql, [projectId, id, by, reason]);
  return findModel(db, projectId, id);
}

export async function removeModel(db: Database, projectId: string, id: string): Promise<ModelRow | null> {
  const sql = "delete from models where project_id = $1 and id = $2 returning *";
  return firstOf(await db.query(ModelRow, sql, [projectId, id]));
}
