/** One server: state, files, workers, answers and HTTP put together, and taken apart again. */
import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { UserError } from "../core/index.ts";
import { GENERATED_BY } from "../jobs/index.ts";
import { type Ground, openGround } from "./ground.ts";
import { makeApp } from "./http/app.ts";
import type { Services } from "./http/context.ts";
import { Links } from "./http/links.ts";
import { Inference } from "./inference/inference.ts";
import type { Log } from "./log.ts";
import { metricsOf } from "./metrics.ts";
import { Worker } from "./run/worker.ts";
import type { Settings } from "./settings.ts";
import { jobsByState } from "./state/index.ts";

export interface Running {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
  /** Ends what runs: jobs are given back, open answers are cut. */
  close(): Promise<void>;
}

/** How long a worker that says nothing keeps a job. */
const LEASE_MS = 30_000;
const POLL_MS = 500;
/** A request's headers, a request whole (uploads included), and an idle connection. */
const HEADERS_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
const CONNECTIONS = 1000;

export async function startServer(settings: Settings, log: Log): Promise<Running> {
  const ground = await openGround(settings);
  const { db, blobs } = ground;
  const metrics = metricsOf(() => jobsByState(db));
  const inference = new Inference(settings.bases);
  const stopping = new AbortController();
  const worker = workerOf(settings, ground, log, metrics);
  const adminToken = randomBytes(32).toString("base64url");
  const services: Services = {
    db,
    settings,
    blobs,
    inference,
    metrics,
    log,
    links: new Links(),
    wake: (jobId) => worker?.wake(jobId),
    stopping: stopping.signal,
  };
  const app = makeApp(services, { version: GENERATED_BY, adminToken });
  const http = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: settings.limits.uploadMs, keepAliveTimeout: KEEP_ALIVE_MS },
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  );
  http.maxConnections = CONNECTIONS;
  const close = async () => {
    stopping.abort();
    await worker?.stop();
    await closeHttp(http);
    await inference.close();
    await rm(join(settings.folder, ADMIN_FILE), { force: true });
    await ground.release();
  };
  try {
    const bound = await listen(http, settings);
    const address = urlOf(bound);
    await writeAdmin(settings.folder, reachable(bound), adminToken);
    worker?.start();
    log.info({ address, bases: Object.keys(settings.bases), workers: settings.workers }, "serving");
    return { address, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A worker alone, for a server elsewhere: same Postgres, same data folder. */
export async function startWorker(settings: Settings, log: Log): Promise<Pick<Running, "close">> {
  const ground = await openGround(settings);
  const worker = workerOf(
    settings,
    ground,
    log,
    metricsOf(() => jobsByState(ground.db)),
  );
  worker?.start();
  return {
    close: async () => {
      await worker?.stop();
      await ground.release();
    },
  };
}

function workerOf(
  settings: Settings,
  { db, blobs }: Ground,
  log: Log,
  metrics: ReturnType<typeof metricsOf>,
): Worker | null {
  if (settings.workers === 0) return null;
  const times = { leaseMs: LEASE_MS, pollMs: POLL_MS };
  return new Worker({ db, blobs, settings, log, metrics, places: settings.workers, ...times });
}

type Http = ReturnType<typeof createServer>;

function listen(http: Http, { host, port }: Settings): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    http.once("error", (error: NodeJS.ErrnoException) => reject(portFault(error, host, port)));
    http.listen(port, host, () => resolve(http.address() as AddressInfo));
  });
}

function portFault(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  const faults: Record<string, string> = {
    EADDRINUSE: "one in use",
    EACCES: "one that needs other rights",
    EADDRNOTAVAIL: "an address that is not this machine's",
    ENOTFOUND: "a name without an address",
  };
  const got = faults[error.code ?? ""];
  if (!got) return error;
  return new UserError(`${host}:${port}`, {
    expected: "a free port",
    got,
    fix: "choose another with --port or --host; 0 takes any",
  });
}

async function closeHttp(http: Http): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  const cut = setTimeout(() => http.closeAllConnections(), 2000);
  await closed;
  clearTimeout(cut);
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** From this machine: the address itself, which another listener does not have, or loopback where it listens on all of them. */
function reachable(bound: AddressInfo): string {
  const loopback: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  return urlOf({ ...bound, address: loopback[bound.address] ?? bound.address });
}

/** Where the command line of this machine finds a running server. */
export const ADMIN_FILE = "server.json";

async function writeAdmin(folder: string, address: string, token: string): Promise<void> {
  const beside = join(folder, `.${ADMIN_FILE}.${process.pid}`);
  await writeFile(beside, JSON.stringify({ address, token, pid: process.pid }), { mode: 0o600 });
  await rename(beside, join(folder, ADMIN_FILE));
}
