/** What the command line asks of a running server, since one process alone may have the embedded database open. */
import { timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { z } from "zod";
import { createKey, KeyRole, listKeys, logAudit, revokeKey } from "../state/index.ts";
import type { Api, Env, Services } from "./context.ts";
import { ApiError, notFound } from "./errors.ts";

export const NewKeyBody = z.strictObject({
  project: z.string().regex(/^[\w.-]{1,64}$/),
  name: z.string().min(1).max(100),
  role: KeyRole,
});

export function internalRoutes(app: Api, { db }: Services, token: string): void {
  const allow = (c: Context<Env>) => {
    const given = Buffer.from(c.req.header("authorization") ?? "");
    const wanted = Buffer.from(`Bearer ${token}`);
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
    throw new ApiError({
      status: 401,
      code: "invalid_api_key",
      message: "This is for the command line of this machine",
    });
  };

  app.post("/internal/keys", async (c) => {
    allow(c);
    const { key, secret } = await createKey(db, NewKeyBody.parse(await c.req.json()));
    const who = { projectId: key.project_id, keyId: null, requestId: c.var.requestId };
    await logAudit(db, { ...who, action: "key.create", subject: key.id });
    return c.json({ key, secret });
  });

  app.get("/internal/keys", async (c) => {
    allow(c);
    return c.json({ keys: await listKeys(db) });
  });

  app.post("/internal/keys/:id/revoke", async (c) => {
    allow(c);
    const id = c.req.param("id");
    if (!(await revokeKey(db, id))) throw notFound("key", id, "key_not_found");
    await logAudit(db, { projectId: null, keyId: null, requestId: c.var.requestId, action: "key.revoke", subject: id });
    return c.json({ id, revoked: true });
  });
}
