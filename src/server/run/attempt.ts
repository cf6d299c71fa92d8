/** One attempt at one job: a child process, its news committed under the job's fence, its end. */
import { type ChildProcess, fork } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
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
  type JobOutcome,
  type JobRow,
  type Lease,
  type NewEvent,
  renewLease,
  succeedJob,
} from "../state/index.ts";
import {
  dataFolderOf,
  layDataFile,
  removeDataFiles,
  removeOthers,
  removeRuns,
  runFolderOf,
  takeFolder,
} from "./folders.ts";
import { News, type Order } from "./messages.ts";
import { JobRequest, tunedName } from "./request.ts";
import { checkpointSteps, faultyFile, forecastNews, metricsCsv, readMetrics, readOutcome } from "./results.ts";
import { type Told, trainingNews } from "./training-news.ts";

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

const stageEvent = (name: string) => `stage:${name}`;
const STAGE_FORECAST = stageEvent("forecast");

const STAGES: Readonly<Record<string, string>> = {
  validate: "Training file validated",
  "validate-held-out": "Validation file validated",
  forecast: "Forecast made",
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
  #told: Told = { step: 0, checkpoint: 0 };
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

  /** Stops where the job has gone to another. Whoever was told so may have it in hand again: the fence decides. */
  check(): Promise<void> {
    return this.#renew();
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
    const child = this.#start({ ...(await this.#layFiles()), out: folder });
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
      // Deleting a file must leave no other name of it.
      await removeDataFiles(this.#tools.settings.folder, this.lease);
    }
  }

  async #layFiles(): Promise<{ data: string; validation: string | null }> {
    const { settings, blobs } = this.#tools;
    const { training_file, training_sha256, validation_file, validation_sha256 } = this.#job;
    const lay = (file: string, sha256: string) => layDataFile(settings.folder, this.lease, file, blobs.path(sha256));
    return {
      data: await lay(training_file, training_sha256),
      validation: validation_file && validation_sha256 ? await lay(validation_file, validation_sha256) : null,
    };
  }

  #start(places: Pick<Order["config"], "data" | "validation" | "out">): ChildProcess {
    const { id, training_file, validation_file } = this.#job;
    const { base, config, forecast, inside } = this.#request;
    const order: Order = {
      config: { ...config, model: this.#basePath(), ...places },
      names: { model: base, data: training_file, validation: validation_file, out: id },
      forecast,
      inside,
    };
    const child = fork(childPath(), [], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    child.stderr?.on("data", (text: Buffer) => void this.#keepWords(places.out, text));
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
      this.#pending.events.push({ once: stageEvent(news.name), message, data: { stage: news.name } });
    }
  }

  /** Everything new since the last commit, at once: news of the child, metrics and checkpoints of the folder. */
  async #commit(folder: string): Promise<void> {
    const pending = this.#pending;
    this.#pending = { events: [] };
    const known = { told: this.#told, model: this.#model() };
    const { checkpoints, told, ...news } = trainingNews(
      await readMetrics(folder),
      await checkpointSteps(folder),
      known,
    );
    const events = [...news.events, ...(await Promise.all(pending.events.map((event) => foretold(event, folder))))];
    if (events.length + checkpoints.length === 0 && !pending.progress) return;
    try {
      await advanceJob(this.#tools.db, this.lease, { ...pending, events, checkpoints });
    } catch (error) {
      if (error instanceof FencedError) this.stop("fenced");
      throw error;
    }
    this.#told = told;
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
    const { config, serverGate } = this.#request;
    const { outcome, trainedTokens } = await readOutcome(folder, [config.gate, serverGate]);
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
        event: successEvent(model, outcome, held),
      });
    });
    metrics.jobsEnded.inc({ state: "succeeded" });
    log.info({ job: this.#job.id, fence: this.lease.fence, held }, "job succeeded");
    await removeOthers(settings.folder, this.#job.id, this.lease.fence);
  }

  async #fail(folder: string, { expected, got, fix }: Extract<News, { kind: "refused" }>): Promise<void> {
    const { db, metrics, log, settings } = this.#tools;
    const faulty = await faultyFile(folder);
    await failJob(db, this.lease, {
      code: faulty ? `invalid_${faulty}` : "training_failed",
      message: this.#withoutPaths(`expected ${expected}, got ${got}; fix: ${fix}`),
      param: faulty,
    });
    await removeOthers(settings.folder, this.#job.id, Number.POSITIVE_INFINITY);
    metrics.jobsEnded.inc({ state: "failed" });
    log.info({ job: this.#job.id, fence: this.lease.fence }, "job failed");
  }

  /** Places of this machine are nothing to the client. */
  #withoutPaths(text: string): string {
    const { folder } = this.#tools.settings;
    const places = [dataFolderOf(this.lease), join("runs", this.#job.id)].map((place) => join(folder, place, "/"));
    const short = places.reduce((left, place) => left.replaceAll(place, ""), text);
    const base = this.#basePath();
    const named = isAbsolute(base) ? short.replaceAll(base, this.#request.base) : short;
    return named.replaceAll(folder, "the server's data folder");
  }

  /** What `--model` of other commands would take. */
  #basePath(): string {
    const { base } = this.#request;
    return this.#tools.settings.bases[base] ?? base;
  }

  async #retry(): Promise<void> {
    const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.#job.attempts);
    await giveBack(this.#tools.db, this.lease, wait);
  }

  #model(): string {
    return tunedName(this.#request.base, this.#project, this.#request.suffix, this.#job.id);
  }
}

function successEvent(model: string, { headline, affected, gate, stoppedBy }: JobOutcome, held: boolean): NewEvent {
  const early = stoppedBy === null ? "" : `; training ended early: drift along ${stoppedBy}`;
  const message = held
    ? `The job has succeeded; the model ${model} is held back until a person releases it (gate: ${gate?.outcome})${early}`
    : `The job has succeeded: ${model}${early}`;
  const data = { headline, affected, gate, stopped_by: stoppedBy };
  return { once: "succeeded", message, data, ...(held || stoppedBy !== null ? { level: "warn" } : {}) };
}

/** The forecast's event says what it foretells, in time for its owner to stop the training. */
async function foretold(event: NewEvent, folder: string): Promise<NewEvent> {
  return event.once === STAGE_FORECAST ? { ...event, ...(await forecastNews(folder)) } : event;
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
