/** One attempt at one job: a child process, its news committed under the job's fence, its end. */
import { type ChildProcess, fork } from "node:child_process";
import { appendFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { MetricsLine } from "../../records/index.ts";
import type { Blobs } from "../blobs.ts";
import { faultOf, type Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Settings } from "../settings.ts";
import {
  type Advance,
  advanceJob,
  type Database,
  FencedError,
  failJob,
  findJob,
  giveBack,
  holdContents,
  type JobRow,
  type Lease,
  type NewCheckpoint,
  type NewEvent,
  renewLease,
  succeedJob,
} from "../state/index.ts";
import { layTrainingFile, removeOthers, removeRuns, runFolderOf, takeFolder } from "./folders.ts";
import { News, type Order } from "./messages.ts";
import { checkpointName, JobRequest, tunedName } from "./request.ts";
import { checkpointSteps, hasFaults, metricsCsv, readMetrics, readOutcome } from "./results.ts";

export interface AttemptTools {
  readonly db: Database;
  readonly blobs: Blobs;
  readonly settings: Pick<Settings, "folder" | "bases">;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly leaseMs: number;
}

/** How often what is new is committed. */
const COMMIT_MS = 500;
/** A job whose child broke waits before the next attempt: 1 s, 2 s, 4 s, … at most so long. */
const LONGEST_WAIT_MS = 60_000;

type End = Extract<News, { kind: "done" | "refused" | "broken" }>;

const STAGES: Readonly<Record<string, string>> = {
  validate: "Training file validated",
  forecast: "Forecast made: which behaviours the data will move",
  finetune: "Fine-tuning completed",
  audit: "Audit completed: what the fine-tuning moved",
  inside: "Looked inside: through which features it moved",
  report: "Report written",
};

export class Attempt {
  readonly lease: Lease;
  readonly #tools: AttemptTools;
  readonly #job: JobRow;
  readonly #project: string;
  readonly #request: JobRequest;
  readonly #told = { step: 0, checkpoint: 0 };
  #child: ChildProcess | null = null;
  #pending: { phase?: string | undefined; progress?: Advance["progress"]; events: NewEvent[] } = { events: [] };
  #stopped: "shutdown" | "fenced" | null = null;

  constructor(job: JobRow, project: string, tools: AttemptTools) {
    this.#job = job;
    this.#project = project;
    this.#tools = tools;
    this.lease = { jobId: job.id, fence: job.fence };
    this.#request = JobRequest.parse(job.request);
  }

  /** Ends the child at once: nothing is lost but the steps since the last checkpoint. */
  stop(why: "shutdown" | "fenced"): void {
    this.#stopped ??= why;
    this.#child?.kill("SIGKILL");
  }

  /** Runs to the job's end, or until it is stopped or has lost the job. Never throws. */
  async run(): Promise<void> {
    const { log, metrics } = this.#tools;
    const about = { job: this.#job.id, fence: this.lease.fence };
    log.info(about, "job begun");
    try {
      const folder = await takeFolder(this.#tools.settings.folder, this.#job.id, this.lease.fence);
      const end = await this.#watched(folder);
      await this.#conclude(folder, end);
    } catch (error) {
      if (error instanceof FencedError) {
        metrics.fenced.inc();
        log.info(about, "job has gone to another");
        return this.#cleanUp();
      }
      log.error({ ...about, fault: faultOf(error) }, "attempt broke");
      await this.#retry().catch((again: unknown) => log.error({ ...about, fault: faultOf(again) }, "not given back"));
    }
  }

  /** Of a job that was cancelled nothing stays. */
  async #cleanUp(): Promise<void> {
    const { db, settings, log } = this.#tools;
    try {
      const job = await findJob(db, this.#job.project_id, this.#job.id);
      if (job?.state === "cancelled") await removeRuns(settings.folder, this.#job.id);
    } catch (error) {
      log.warn({ job: this.#job.id, fault: faultOf(error) }, "a cancelled job's folder is left");
    }
  }

  /** Runs the child, renews the lease, commits news as they come; gives what the child said last. */
  async #watched(folder: string): Promise<End | null> {
    const { settings, blobs } = this.#tools;
    const { id, training_file, training_sha256 } = this.#job;
    const data = await layTrainingFile(settings.folder, id, training_file, blobs.path(training_sha256));
    const child = this.#start(folder, data);
    const ended = hear(child, (news) => this.#note(news));
    const renewing = setInterval(() => void this.#renew(), this.#tools.leaseMs / 3);
    let over = false;
    void ended.then(() => {
      over = true;
    });
    try {
      while (!over) {
        await Promise.race([ended, pause(COMMIT_MS)]);
        await this.#commit(folder);
      }
      return await ended;
    } finally {
      clearInterval(renewing);
      child.kill("SIGKILL");
      await ended;
      // Deleting the file must leave no other name of it.
      await rm(data, { force: true });
    }
  }

  #start(folder: string, data: string): ChildProcess {
    const { settings } = this.#tools;
    const { base, config, forecast, inside } = this.#request;
    const order: Order = {
      config: {
        ...config,
        model: settings.bases[base] ?? base,
        data,
        out: folder,
      },
      forecast,
      inside,
    };
    const child = fork(childPath(), [], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    child.stderr?.on("data", (text: Buffer) => void this.#keepWords(folder, text));
    child.send(order);
    this.#child = child;
    if (this.#stopped) child.kill("SIGKILL");
    return child;
  }

  /** What the child says may quote training rows: it stays beside the run and out of the log. */
  async #keepWords(folder: string, text: Buffer | string): Promise<void> {
    await appendFile(join(dirname(folder), "stderr.log"), text).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const { db, leaseMs, log } = this.#tools;
    const held = await renewLease(db, this.lease, leaseMs).catch((error: unknown) => {
      // A database that is away for a moment: the next renewal decides, and every commit is fenced anyway.
      log.warn({ job: this.#job.id, fault: faultOf(error) }, "lease not renewed");
      return true;
    });
    if (!held) this.stop("fenced");
  }

  #note(news: News): void {
    if (news.kind === "progress") {
      const { kind: _, ...progress } = news;
      this.#pending.progress = progress;
      this.#pending.phase = progress.task;
    }
    if (news.kind === "stage") {
      const message = STAGES[news.name] ?? news.name;
      this.#pending.events.push({ once: `stage:${news.name}`, message, data: { stage: news.name } });
    }
  }

  /** Everything new since the last commit, at once: news of the child, metrics and checkpoints of the folder. */
  async #commit(folder: string): Promise<void> {
    const pending = this.#pending;
    this.#pending = { events: [] };
    const lines = await readMetrics(folder);
    const metrics = lines.filter(({ step }) => step > this.#told.step);
    const losses = new Map(lines.map(({ step, loss }) => [step, loss]));
    const model = this.#model();
    const steps = (await checkpointSteps(folder)).filter((step) => step > this.#told.checkpoint && losses.has(step));
    const checkpoints = steps.map(
      (step): NewCheckpoint => ({
        step,
        model: checkpointName(model, step),
        metrics: { step, train_loss: losses.get(step) ?? 0 },
      }),
    );
    const events = [...metrics.map(metricsEvent), ...pending.events];
    if (events.length + checkpoints.length === 0 && !pending.progress) return;
    try {
      await advanceJob(this.#tools.db, this.lease, { ...pending, events, checkpoints });
    } catch (error) {
      if (error instanceof FencedError) this.stop("fenced");
      throw error;
    }
    this.#told.step = metrics.at(-1)?.step ?? this.#told.step;
    this.#told.checkpoint = steps.at(-1) ?? this.#told.checkpoint;
  }

  async #conclude(folder: string, end: End | null): Promise<void> {
    if (this.#stopped === "fenced") throw new FencedError(`job ${this.#job.id} was taken back`);
    if (this.#stopped === "shutdown") {
      await giveBack(this.#tools.db, this.lease, 0);
      return;
    }
    if (end?.kind === "done") return this.#succeed(folder);
    if (end?.kind === "refused") return this.#fail(folder, end);
    if (end) await this.#keepWords(folder, `${end.trace}\n`);
    this.#tools.log.error({ job: this.#job.id, fence: this.lease.fence }, "the job's process broke");
    await this.#retry();
  }

  async #succeed(folder: string): Promise<void> {
    const { db, blobs, settings, metrics, log } = this.#tools;
    const { outcome, trainedTokens } = await readOutcome(folder, this.#request.config.gate);
    const held = outcome.gate !== null && outcome.gate.outcome !== "passed";
    const csv = await blobs.receive(Readable.from([Buffer.from(metricsCsv(await readMetrics(folder)))]));
    const model = this.#model();
    await db.transaction(async (tx) => {
      await holdContents(tx, csv.sha256);
      await blobs.keep(csv);
      await succeedJob(tx, this.lease, {
        model: {
          id: model,
          projectId: this.#job.project_id,
          jobId: this.#job.id,
          base: this.#request.base,
          folder: runFolderOf(this.#job.id, this.lease.fence),
          held,
        },
        outcome,
        trainedTokens,
        results: [
          {
            filename: "step_metrics.csv",
            purpose: "fine-tune-results",
            bytes: csv.bytes,
            sha256: csv.sha256,
            status: "processed",
            validation: null,
            expires_at: null,
          },
        ],
        event: {
          once: "succeeded",
          message: held
            ? `The job has succeeded; the model ${model} is held back until a person releases it (gate: ${outcome.gate?.outcome})`
            : `The job has succeeded: ${model}`,
          data: { headline: outcome.headline, affected: outcome.affected, gate: outcome.gate },
          ...(held ? { level: "warn" as const } : {}),
        },
      });
    });
    metrics.jobsEnded.inc({ state: "succeeded" });
    log.info({ job: this.#job.id, fence: this.lease.fence, held }, "job succeeded");
    await removeOthers(settings.folder, this.#job.id, this.lease.fence);
  }

  async #fail(folder: string, { expected, got, fix }: Extract<News, { kind: "refused" }>): Promise<void> {
    const { db, metrics, log, settings } = this.#tools;
    const faulty = await hasFaults(folder);
    await failJob(db, this.lease, {
      code: faulty ? "invalid_training_file" : "training_failed",
      message: this.#withoutPaths(`expected ${expected}, got ${got}; fix: ${fix}`),
      param: faulty ? "training_file" : null,
    });
    await removeOthers(settings.folder, this.#job.id, Number.POSITIVE_INFINITY);
    metrics.jobsEnded.inc({ state: "failed" });
    log.info({ job: this.#job.id, fence: this.lease.fence }, "job failed");
  }

  /** Places of this machine are nothing to the client. */
  #withoutPaths(text: string): string {
    const { folder } = this.#tools.settings;
    const runs = join(folder, "runs", this.#job.id, "/");
    return text.replaceAll(runs, "").replaceAll(folder, "the server's data folder");
  }

  async #retry(): Promise<void> {
    const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.#job.attempts);
    await giveBack(this.#tools.db, this.lease, wait);
  }

  #model(): string {
    return tunedName(this.#request.base, this.#project, this.#request.suffix, this.#job.id);
  }
}

function metricsEvent({ step, loss, learningRate, gradNorm, tokensPerSecond, epoch }: MetricsLine): NewEvent {
  const data = {
    step,
    train_loss: loss,
    learning_rate: learningRate,
    grad_norm: gradNorm,
    tokens_per_second: tokensPerSecond,
    epoch,
  };
  return { once: `metrics:${step}`, type: "metrics", message: `Step ${step}: training loss=${loss.toFixed(4)}`, data };
}

/** Gives what the child said last, when it has ended; null where it ended without a word. */
function hear(child: ChildProcess, note: (news: News) => void): Promise<End | null> {
  let end: End | null = null;
  child.on("message", (message) => {
    const news = News.parse(message);
    if (news.kind === "progress" || news.kind === "stage") note(news);
    else end = news;
  });
  return new Promise((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", () => resolve(end));
  });
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The built child, also when this file runs from its source (tests). */
function childPath(): string {
  const built = import.meta.url
    .replace(/\/src\/server\/run\/attempt\.ts$/, "/dist/server/run/child.js")
    .replace(/attempt\.js$/, "child.js");
  return fileURLToPath(built);
}
