/** Takes jobs as there are free places, and lets go of them when it is told to stop. */
import { hostname } from "node:os";
import { faultOf } from "../log.ts";
import { claimJob, expiredFiles, forgetOldKeys, projectName, randomText, removeFile } from "../state/index.ts";
import { Attempt, type AttemptTools } from "./attempt.ts";

export interface WorkerOptions extends AttemptTools {
  /** Jobs at the same time. */
  readonly places: number;
  /** How often it looks for a job where nobody wakes it. */
  readonly pollMs: number;
}

/** How often what is past its time is removed. */
const TIDY_MS = 60_000;

export class Worker {
  readonly #options: WorkerOptions;
  readonly #owner = `${hostname()}-${process.pid}-${randomText(6)}`;
  readonly #running = new Map<Attempt, Promise<void>>();
  #stopping = false;
  #wake: () => void = () => undefined;
  #loop: Promise<void> = Promise.resolve();
  #tidiedAt = -Infinity;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#work();
  }

  /** There may be a job to take, or `jobId` was taken back by its owner, who may have given it again since. */
  wake(jobId?: string): void {
    for (const attempt of this.#running.keys()) if (attempt.lease.jobId === jobId) void attempt.check();
    this.#wake();
  }

  /** Jobs that run are given back and go on from their last checkpoint, here or elsewhere. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    for (const attempt of this.#running.keys()) attempt.stop("shutdown");
    await this.#loop;
    await Promise.all(this.#running.values());
  }

  async #work(): Promise<void> {
    const { places, pollMs, log } = this.#options;
    while (!this.#stopping) {
      try {
        await this.#tidy();
        while (!this.#stopping && this.#running.size < places && (await this.#takeOne()));
      } catch (error) {
        log.error({ fault: faultOf(error) }, "the worker could not look for jobs");
      }
      await this.#idle(pollMs);
    }
  }

  async #takeOne(): Promise<boolean> {
    const { db, leaseMs, metrics } = this.#options;
    const job = await claimJob(db, this.#owner, leaseMs);
    if (!job) return false;
    const attempt = new Attempt(job, await projectName(db, job.project_id), this.#options);
    const ended = attempt.run().finally(() => {
      this.#running.delete(attempt);
      metrics.jobsRunning.set(this.#running.size);
      this.#wake();
    });
    this.#running.set(attempt, ended);
    metrics.jobsRunning.set(this.#running.size);
    if (this.#stopping) attempt.stop("shutdown");
    return true;
  }

  #idle(ms: number): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #tidy(): Promise<void> {
    if (performance.now() - this.#tidiedAt < TIDY_MS) return;
    this.#tidiedAt = performance.now();
    const { db, blobs } = this.#options;
    await forgetOldKeys(db);
    for (const file of await expiredFiles(db)) await removeFile(db, file, (sha256) => blobs.remove(sha256));
  }
}
