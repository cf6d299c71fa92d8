/** All routes in one application, and what holds for every request. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { except } from "hono/combine";
import { faultOf } from "../log.ts";
import { newId } from "../state/index.ts";
import { artifactRoutes } from "./artifacts.ts";
import { authenticated } from "./auth.ts";
import { plainText, shortBody } from "./body.ts";
import { chatRoutes } from "./chat.ts";
import type { Api, Env, Services } from "./context.ts";
import { ApiError, asApiError, invalid } from "./errors.ts";
import { fileRoutes } from "./files.ts";
import { internalRoutes } from "./internal.ts";
import { jobRoutes } from "./jobs.ts";
import { modelRoutes } from "./models.ts";
import { pageRoutes } from "./page.ts";
import { permissionRoutes } from "./permissions.ts";
import { securityHeaders } from "./security.ts";
import { statusRoutes } from "./status.ts";

export interface AppOptions {
  readonly version: string;
  /** Opens /internal to the command line; null: closed. */
  readonly adminToken: string | null;
}

export function makeApp(services: Services, { version, adminToken }: AppOptions): Api {
  const app: Api = new OpenAPIHono<Env>({
    strict: true,
    defaultHook: (result) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      throw invalid(issueText(issue), issue?.path.map(String).join(".") || null);
    },
  });
  app.use(securityHeaders());
  app.use(async (c, next) => {
    c.set("requestId", newId("req_"));
    c.header("x-request-id", c.var.requestId);
    const startedAt = performance.now();
    await next();
    record(services, c, performance.now() - startedAt);
  });
  app.onError((error, c) => answerError(services, c, error));
  app.notFound((c) =>
    c.json(
      new ApiError({
        status: 404,
        code: "unknown_url",
        message: `No such address: ${c.req.method} ${c.req.path.slice(0, 200)}`,
      }).body,
      404,
    ),
  );

  statusRoutes(app, services);
  pageRoutes(app);
  if (adminToken !== null) internalRoutes(app, services, adminToken);

  app.use("/v1/*", authenticated(services));
  // An upload is a stream, which upload.ts watches by itself.
  const isUpload = (c: Context<Env>) => c.req.method === "POST" && c.req.path === "/v1/files";
  app.use("/v1/*", except(isUpload, shortBody(services.settings.limits.jsonBytes), plainText()));
  fileRoutes(app, services);
  jobRoutes(app, services);
  artifactRoutes(app, services);
  modelRoutes(app, services);
  permissionRoutes(app, services);
  chatRoutes(app, services);

  app.openAPIRegistry.registerComponent("securitySchemes", "key", { type: "http", scheme: "bearer" });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Penumbra", version, description: "Fine-tuning with the analysis beside every model." },
    security: [{ key: [] }],
  });
  return app;
}

interface Issue {
  readonly code?: string | undefined;
  readonly message: string;
  readonly path: readonly PropertyKey[];
}

function issueText(issue: Issue | undefined): string {
  if (!issue) return "The request is not valid";
  const place = issue.path.map(String).join(".");
  return place === "" ? issue.message : `${place}: ${issue.message}`;
}

function answerError({ log }: Services, c: Context<Env>, thrown: unknown): Response {
  const { error, secret } = asApiError(thrown);
  if (secret) log.error({ requestId: c.var.requestId, route: routeOf(c), fault: faultOf(thrown) }, "request broke");
  for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
  return c.json(error.body, error.status);
}

function record({ log, metrics }: Services, c: Context<Env>, ms: number): void {
  const { method } = c.req;
  const route = routeOf(c);
  const { status } = c.res;
  metrics.requests.inc({ method, route, status: String(status) });
  metrics.seconds.observe({ method, route }, ms / 1000);
  const key = c.get("key");
  const who = key ? { project: key.project_id, key: key.id } : {};
  log.info({ requestId: c.var.requestId, method, route, status, ms: Math.round(ms), ...who }, "request");
}

/** The pattern and never the address: an address is what a client wrote. */
function routeOf(c: Context): string {
  return c.res.status === 404 && c.req.routePath === "/*" ? "unknown" : c.req.routePath;
}
