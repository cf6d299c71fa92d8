/** Who may ask: projects and their keys. A key is shown once and kept as its hash. */
import { z } from "zod";
import { must } from "../../core/index.ts";
import { hashBytes } from "../../store/index.ts";
import { type Database, firstOf } from "./database.ts";
import { newId, randomText } from "./ids.ts";

export const KeyRole = z.enum(["member", "reviewer"]);
export type KeyRole = z.infer<typeof KeyRole>;

const Project = z.object({ id: z.string(), name: z.string(), created_at: z.date() });

const Key = z.object({
  id: z.string(),
  project_id: z.string(),
  project: z.string(),
  name: z.string(),
  /** Its first and last letters, to tell keys apart. */
  hint: z.string(),
  role: KeyRole,
  created_at: z.date(),
  last_used_at: z.date().nullable(),
  revoked_at: z.date().nullable(),
});
export type Key = z.infer<typeof Key>;

const KEY_COLUMNS = `keys.id, project_id, projects.name as project, keys.name, hint, role, keys.created_at,
  last_used_at, revoked_at from keys join projects on projects.id = project_id`;

/** The project of that name, made where there is none. */
async function projectCalled(db: Database, name: string): Promise<z.infer<typeof Project>> {
  await db.run("insert into projects (id, name) values ($1, $2) on conflict (name) do nothing", [newId("proj-"), name]);
  const found = await db.query(Project, "select * from projects where name = $1", [name]);
  return must(firstOf(found), `project ${name}`);
}

export async function projectName(db: Database, id: string): Promise<string> {
  return must(firstOf(await db.query(Project, "select * from projects where id = $1", [id])), `project ${id}`).name;
}

/** Until the transaction ends no other counts what this project has used: quotas hold for requests that come at once. */
export async function holdProject(tx: Database, id: string): Promise<void> {
  await tx.query(z.unknown(), "select id from projects where id = $1 for no key update", [id]);
}

export interface NewKey {
  readonly project: string;
  readonly name: string;
  readonly role: KeyRole;
}

/** `secret` is kept nowhere: 43 letters hold 256 bits, so that a plain hash is enough. */
export async function createKey(
  db: Database,
  { project, name, role }: NewKey,
): Promise<{ readonly key: Key; readonly secret: string }> {
  const secret = `sk-penumbra-${randomText(43)}`;
  const id = newId("key-");
  const key = await db.transaction(async (tx) => {
    const { id: projectId } = await projectCalled(tx, project);
    const hint = `${secret.slice(0, 15)}…${secret.slice(-4)}`;
    const values = [id, projectId, name, hashBytes(secret), hint, role];
    await tx.run("insert into keys (id, project_id, name, sha256, hint, role) values ($1, $2, $3, $4, $5, $6)", values);
    return must(firstOf(await tx.query(Key, `select ${KEY_COLUMNS} where keys.id = $1`, [id])), "key");
  });
  return { key, secret };
}

/** The key whose secret this is, unless it was revoked. */
export async function keyOfSecret(db: Database, secret: string): Promise<Key | null> {
  const sql = `select ${KEY_COLUMNS} where sha256 = $1 and revoked_at is null`;
  return firstOf(await db.query(Key, sql, [hashBytes(secret)]));
}

export async function noteUse(db: Database, keyId: string): Promise<void> {
  await db.run("update keys set last_used_at = now() where id = $1", [keyId]);
}

export function listKeys(db: Database): Promise<Key[]> {
  return db.query(Key, `select ${KEY_COLUMNS} order by keys.created_at, keys.id`);
}

/** False where there is no such key or it was revoked before. */
export async function revokeKey(db: Database, keyId: string): Promise<boolean> {
  return (await db.run("update keys set revoked_at = now() where id = $1 and revoked_at is null", [keyId])) === 1;
}
