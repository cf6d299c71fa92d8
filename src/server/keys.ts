/** Keys from the command line: through the running server where there is one, else in the data folder itself. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/index.ts";
import { openGround } from "./ground.ts";
import { ADMIN_FILE } from "./serve.ts";
import type { Settings } from "./settings.ts";
import { createKey, type Database, listKeys, logAudit, type NewKey, revokeKey } from "./state/index.ts";

const Moment = z.coerce.date();
const Key = z.object({
  id: z.string(),
  project_id: z.string(),
  project: z.string(),
  name: z.string(),
  hint: z.string(),
  role: z.string(),
  created_at: Moment,
  last_used_at: Moment.nullable(),
  revoked_at: Moment.nullable(),
});
export type ListedKey = z.infer<typeof Key>;

export interface KeyBook {
  create(key: NewKey): Promise<{ readonly key: ListedKey; readonly secret: string }>;
  list(): Promise<ListedKey[]>;
  revoke(id: string): Promise<void>;
}

type Place = Pick<Settings, "folder" | "databaseUrl">;

export async function withKeys<T>(place: Place, use: (book: KeyBook) => Promise<T>): Promise<T> {
  const server = place.databaseUrl === null ? await runningServer(place.folder) : null;
  if (server) return use(remoteBook(server));
  const { db, release } = await openGround(place);
  try {
    return await use(localBook(db));
  } finally {
    await release();
  }
}

const Admin = z.strictObject({ address: z.string(), token: z.string(), pid: z.number() });
type Admin = z.infer<typeof Admin>;

/** Null where none answers: the file of a killed server stays. */
async function runningServer(folder: string): Promise<Admin | null> {
  const text = await readFile(join(folder, ADMIN_FILE), "utf8").catch(() => null);
  if (text === null) return null;
  const admin = Admin.parse(JSON.parse(text));
  const answer = await fetch(`${admin.address}/internal/keys`, {
    headers: { authorization: `Bearer ${admin.token}` },
    signal: AbortSignal.timeout(5000),
  }).catch(() => null);
  return answer?.ok ? admin : null;
}

function remoteBook({ address, token }: Admin): KeyBook {
  const ask = async (path: string, body?: unknown) => {
    const answer = await fetch(`${address}/internal/keys${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const value: unknown = await answer.json();
    if (answer.ok) return value;
    if (answer.status === 404) return null;
    throw new Error(`the server answered ${answer.status}`);
  };
  return {
    create: async (key) => z.object({ key: Key, secret: z.string() }).parse(await ask("", key)),
    list: async () => z.object({ keys: z.array(Key) }).parse(await ask("")).keys,
    revoke: async (id) => {
      if ((await ask(`/${encodeURIComponent(id)}/revoke`, {})) === null) throw noKey(id);
    },
  };
}

function localBook(db: Database): KeyBook {
  return {
    create: async (key) => {
      const made = await createKey(db, key);
      const who = { projectId: made.key.project_id, keyId: null, requestId: null };
      await logAudit(db, { ...who, action: "key.create", subject: made.key.id });
      return made;
    },
    list: () => listKeys(db),
    revoke: async (id) => {
      if (!(await revokeKey(db, id))) throw noKey(id);
      await logAudit(db, { projectId: null, keyId: null, requestId: null, action: "key.revoke", subject: id });
    },
  };
}

const noKey = (id: string) =>
  new UserError("key", {
    expected: "the id of a key that is in force",
    got: JSON.stringify(id),
    fix: "`penumbra keys list` shows them",
  });
