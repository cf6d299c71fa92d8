import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { CancelledError } from "../core/index.ts";
import type { Generated, GenerateRequest } from "./generate.ts";
import type { HostTensor, Program, RunRequest } from "./program.ts";
import type { Reply, Request } from "./protocol.ts";

/** The engine's process ended while it was asked something; its buffers are gone. */
export class EngineDiedError extends Error {
  override readonly name = "EngineDiedError";
}

export interface EngineOptions {
  /** Threads of one run; default: the machine's, at most 16. */
  readonly threads?: number;
}

/**
 * The one interface to whatever computes. Another device is another implementation of it, under the same
 * conformance suite.
 */
export interface Engine {
  readonly threads: number;
  run(request: RunRequest, signal?: AbortSignal): Promise<Record<string, HostTensor>>;
  generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generated>;
  /** Values that stay in the engine between runs. */
  write(name: string, data: Float32Array): Promise<void>;
  /** As `write`, and again whenever a new process takes over; the data must not change. */
  provide(name: string, data: Float32Array): Promise<void>;
  read(name: string): Promise<Float32Array>;
  free(name: string): Promise<void>;
  /** Resident memory of the engine's process at its last answer, bytes. */
  rssBytes(): number;
  /** Ends the process now, also in the middle of a run; the next call starts a new one, without its buffers. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const unheard: Waiting = { resolve: () => undefined, reject: () => undefined };

export function startEngine(options: EngineOptions = {}): Engine {
  return new EngineProcess(options.threads ?? Math.min(availableParallelism(), 16));
}

class EngineProcess implements Engine {
  readonly threads: number;
  #child: ChildProcess | null = null;
  #sent = new Set<string>();
  readonly #provided = new Map<string, Float32Array>();
  #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #rss = 0;

  constructor(threads: number) {
    this.threads = threads;
  }

  async run(request: RunRequest, signal?: AbortSignal): Promise<Record<string, HostTensor>> {
    const run = { ...request, program: this.#ensure(request.program) };
    return (await this.#ask({ kind: "run", run }, signal)) as Record<string, HostTensor>;
  }

  async generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generated> {
    const generate = { ...request, prefill: this.#ensure(request.prefill), decode: this.#ensure(request.decode) };
    return (await this.#ask({ kind: "generate", generate }, signal)) as Generated;
  }

  async write(name: string, data: Float32Array): Promise<void> {
    await this.#ask({ kind: "write", name, data });
  }

  async provide(name: string, data: Float32Array): Promise<void> {
    if (this.#provided.has(name)) return;
    this.#provided.set(name, data);
    if (this.#child?.connected) await this.write(name, data);
  }

  async read(name: string): Promise<Float32Array> {
    return (await this.#ask({ kind: "read", name })) as Float32Array;
  }

  async free(name: string): Promise<void> {
    this.#provided.delete(name);
    await this.#ask({ kind: "free", name });
  }

  rssBytes(): number {
    return this.#rss;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
  }

  #ensure(program: Program): string {
    const child = this.#living();
    if (!this.#sent.has(program.key)) {
      this.#sent.add(program.key);
      this.#post(child, { kind: "program", program }, unheard);
    }
    return program.key;
  }

  #ask(request: Request, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(new CancelledError("the step"));
    const child = this.#living();
    return new Promise((resolve, reject) => {
      const id = this.#post(child, request, { resolve, reject });
      signal?.addEventListener("abort", () => this.#cancel(child, id), { once: true });
    });
  }

  /** The waiting caller hears at once; the engine finishes (or leaves, in a generation) the step it is in. */
  #cancel(child: ChildProcess, id: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    if (child.connected) child.send({ cancelBefore: id });
    waiting.reject(new CancelledError("the step"));
  }

  #post(child: ChildProcess, request: Request, waiting: Waiting): number {
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    this.#holdOpen();
    child.send({ id, request }, (error) => {
      if (error) this.#settle(id, (each) => each.reject(new EngineDiedError(error.message)));
    });
    return id;
  }

  #living(): ChildProcess {
    if (this.#child?.connected) return this.#child;
    this.#sent = new Set();
    const child = fork(childPath(), [String(this.threads)], {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.on("message", (reply: Reply) => this.#hear(reply));
    child.on("exit", (code, signal) =>
      this.#bury(child, `the engine's process ended (${signal ?? `exit code ${code}`})`),
    );
    child.unref();
    child.channel?.unref();
    this.#child = child;
    for (const [name, data] of this.#provided) this.#post(child, { kind: "write", name, data }, unheard);
    return child;
  }

  #hear(reply: Reply): void {
    if (reply.ok) this.#rss = reply.rssBytes;
    this.#settle(reply.id, (waiting) =>
      reply.ok ? waiting.resolve(reply.value) : waiting.reject(new Error(reply.error)),
    );
  }

  #settle(id: number, act: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#holdOpen();
    if (waiting) act(waiting);
  }

  #bury(child: ChildProcess, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(new EngineDiedError(why));
  }

  /** An idle engine does not keep the program alive; a working one does. */
  #holdOpen(): void {
    if (this.#waiting.size > 0) this.#child?.channel?.ref();
    else this.#child?.channel?.unref();
  }
}

/** The built child, also when this file runs from its source (tests). */
function childPath(): string {
  const built = import.meta.url
    .replace(/\/src\/engine\/client\.ts$/, "/dist/engine/child.js")
    .replace(/client\.js$/, "child.js");
  return fileURLToPath(built);
}
