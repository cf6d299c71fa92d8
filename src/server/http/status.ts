/** Is it there, can it work, how much has it done: for those who run the server. */
import { z } from "zod";
import { LOOPBACK } from "../settings.ts";
import { keyOfSecret } from "../state/index.ts";
import type { Api, Services } from "./context.ts";
import { ApiError } from "./errors.ts";

/** How long the database may take to say that it is there. */
const READY_MS = 2000;

export function statusRoutes(app: Api, services: Services): void {
  const { db, metrics, settings, stopping } = services;
  app.get("/healthz", (c) => c.json({ status: "ok" }));

  app.get("/readyz", async (c) => {
    const asked = db.query(z.object({ one: z.number() }), "select 1 as one").then(
      () => true,
      () => false,
    );
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), READY_MS).unref());
    const database = await Promise.race([asked, late]);
    const ready = database && !stopping.aborted;
    return c.json({ status: ready ? "ready" : "not ready", database, stopping: stopping.aborted }, ready ? 200 : 503);
  });

  app.get("/metrics", async (c) => {
    if (!LOOPBACK.includes(settings.host)) await requireReviewer(services, c.req.header("authorization"));
    return c.text(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType });
  });
}

/** Beyond this machine the figures are for those who may see them. */
async function requireReviewer({ db }: Services, authorization: string | undefined): Promise<void> {
  const secret = /^Bearer (\S{1,200})$/i.exec(authorization ?? "")?.[1];
  const key = secret === undefined ? null : await keyOfSecret(db, secret);
  if (key?.role === "reviewer") return;
  throw new ApiError({ status: 401, code: "invalid_api_key", message: "The metrics take a reviewer's key" });
}
