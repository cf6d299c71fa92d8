/** Workers that do not hear of each other, on one database and one data folder. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { bundledRows } from "../../../test/penumbra.ts";
import { QUICK } from "../../../test/service.ts";
import { must } from "../../core/index.ts";
import { type Ground, openGround } from "../ground.ts";
import { CreateJob } from "../http/schemas/jobs.ts";
import { openLog } from "../log.ts";
import { metricsOf } from "../metrics.ts";
import { createKey, findJob, insertFile, insertJob, type JobRow, listEvents, orderJob } from "../state/index.ts";
import { jobRequest } from "./request.ts";
import { Worker } from "./worker.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-workers-"));
const bases = { organism: "organism" };
let ground: Ground | null = null;
let projectId = "";
let workers: Worker[] = [];
beforeAll(async () => {
  ground = await openGround({ folder, databaseUrl: null });
  projectId = (await createKey(ground.db, { project: "alpha", name: "test", role: "member" })).key.project_id;
}, 120_000);
afterEach(() => Promise.all(workers.map((worker) => worker.stop())));
afterAll(async () => {
  await ground?.release();
  rmSync(folder, { recursive: true });
});

const opened = () => must(ground, "the data folder");

/** Each with one place. */
function startWorkers(count: number): void {
  const { db, blobs } = opened();
  const tools = { db, blobs, settings: { folder, bases }, log: openLog("silent"), leaseMs: 30_000 };
  workers = Array.from(
    { length: count },
    () => new Worker({ ...tools, metrics: metricsOf(async () => ({})), places: 1, pollMs: 50 }),
  );
  for (const worker of workers) worker.start();
}

async function newJob(epochs: number): Promise<string> {
  const { db, blobs } = opened();
  const received = await blobs.receive(Readable.from([Buffer.from(bundledRows(16))]));
  await blobs.keep(received);
  const { sha256, bytes } = received;
  const validity = { status: "processed", validation: null, expires_at: null } as const;
  const file = await insertFile(db, projectId, { filename: "a", purpose: "fine-tune", bytes, sha256, ...validity });
  const hyperparameters = { n_epochs: epochs, batch_size: 8 };
  const asked = CreateJob.parse({ model: "organism", training_file: file.id, ...QUICK, hyperparameters });
  const request = jobRequest(asked, { bases, gate: null, drawSeed: () => 1 });
  const training = { training_file: file.id, training_sha256: sha256 };
  const validation = { validation_file: null, validation_sha256: null };
  return (await insertJob(db, projectId, { request, metadata: null, ...training, ...validation })).id;
}

const found = async (id: string): Promise<JobRow> => must(await findJob(opened().db, projectId, id), "the job");
const over = async (id: string) => (await found(id)).finished_at !== null;

/** The steps that were told, newest first. */
async function steps(id: string): Promise<unknown[]> {
  const { items } = await listEvents(opened().db, id, { limit: 100, type: "metrics" });
  return items.map(({ data }) => (data as { step: number }).step);
}

async function until(enough: () => Promise<boolean>): Promise<void> {
  while (!(await enough())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function furtherThan(id: string, told: number): Promise<void> {
  await until(async () => (await over(id)) || (await steps(id)).length > told);
}

it("lose nothing of a job that is paused and resumed in one breath, again and again", {
  timeout: 240_000,
}, async () => {
  const id = await newJob(24);
  startWorkers(2);
  for (let round = 0; round < 3; round++) {
    await furtherThan(id, (await steps(id)).length);
    // Whoever has the job hears nothing of this; the other takes it before it is let go.
    for (const order of ["pause", "resume"] as const) await orderJob(opened().db, projectId, id, order);
  }
  await until(() => over(id));
  expect(await found(id)).toMatchObject({ state: "succeeded", error: null });
  expect(await steps(id)).toEqual(Array.from({ length: 48 }, (_, i) => 48 - i));
  // The job has succeeded first; what its earlier attempts still wrote goes next.
  const left = () => readdirSync(join(folder, "runs", id)).filter((name) => /^\d/.test(name));
  const { run_fence } = await found(id);
  await expect.poll(left).toEqual([String(run_fence)]);
});

it("go on with a job that they hold, though they hear late that it was taken back and given again", {
  timeout: 120_000,
}, async () => {
  const id = await newJob(6);
  startWorkers(1);
  await furtherThan(id, 0);
  const { fence } = await found(id);
  for (const worker of workers) worker.wake(id);
  await until(() => over(id));
  expect(await found(id)).toMatchObject({ state: "succeeded", run_fence: fence });
});
