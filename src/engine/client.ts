import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { CancelledError, UserError } from "../core/index.ts";
import type { AutoencoderParameters, AutoencoderRequest, AutoencoderStep } from "./autoencoder-request.ts";
import { type Device, usualDevice } from "./device.ts";
import type { Generated, GenerateRequest, TokenReport } from "./generate.ts";
import type { HostTensor, Program, RunRequest } from "./program.ts";
import type { Reply, Request } from "./protocol.ts";

/** The engine's process ended while it was asked something; its buffers are gone. */
export class EngineDiedError extends Error {
  override readonly name = "EngineDiedError";
}

export interface EngineOptions {
  /** Threads of one run; default: `PENUMBRA_THREADS`, else the machine's, at most 16. */
  readonly threads?: number;
  /** Default: `PENUMBRA_DEVICE`, else the CPU. */
  readonly device?: Device;
}

/**
 * The one interface to whatever computes. Another device is another implementation of it, under the same
 * conformance suite.
 */
export interface Engine {
  readonly threads: number;
  readonly device: Device;
  run(request: RunRequest, signal?: AbortSignal): Promise<Record<string, HostTensor>>;
  /** `onTokens` hears of the tokens as they come, where the request has `report`. */
  generate(request: GenerateRequest, signal?: AbortSignal, onTokens?: OnTokens): Promise<Generated>;
  /** One autoencoder in training: what a step reports, what `read` reads, null for the rest. */
  autoencoder(request: AutoencoderRequest, signal?: AbortSignal): Promise<AutoencoderReply>;
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

export type OnTokens = (reports: readonly TokenReport[]) => void;

export type AutoencoderReply = AutoencoderStep | AutoencoderParameters | null;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onTokens?: OnTokens | undefined;
}

/** Of messages that nobody waits for: where they fail, the process has ended, and the next request says so. */
const unheard: Waiting = { resolve: () => undefined, reject: () => undefined };

export function startEngine(options: EngineOptions = {}): Engine {
  const { PENUMBRA_THREADS, PENUMBRA_DEVICE } = process.env;
  return new EngineProcess(
    options.threads ?? usualThreads(PENUMBRA_THREADS),
    options.device ?? usualDevice(PENUMBRA_DEVICE),
  );
}

/** Runs that share a machine are faster with a thread each: threads that wait for one another wait busily. */
export function usualThreads(asked: string | undefined): number {
  if (asked === undefined || asked === "") return Math.min(availableParallelism(), 16);
  const threads = Number(asked);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 256) return threads;
  throw new UserError("PENUMBRA_THREADS", {
    expected: "a whole number from 1 to 256",
    got: JSON.stringify(asked),
    fix: "unset it to use all cores",
  });
}

class EngineProcess implements Engine {
  readonly threads: number;
  readonly #provided = new Map<string, Float32Array>();
  #child: Child | null = null;

  readonly device: Device;

  constructor(threads: number, device: Device) {
    this.threads = threads;
    this.device = device;
  }

  async run(request: RunRequest, signal?: AbortSignal): Promise<Record<string, HostTensor>> {
    const child = this.#living();
    const run = { ...request, program: child.know(request.program) };
    return (await child.ask({ kind: "run", run }, signal)) as Record<string, HostTensor>;
  }

  async generate(request: GenerateRequest, signal?: AbortSignal, onTokens?: OnTokens): Promise<Generated> {
    const child = this.#living();
    const generate = { ...request, prefill: child.know(request.prefill), decode: child.know(request.decode) };
    return (await child.ask({ kind: "generate", generate }, signal, onTokens)) as Generated;
  }

  async autoencoder(request: AutoencoderRequest, signal?: AbortSignal): Promise<AutoencoderReply> {
    const child = this.#living();
    const autoencoder = request.act === "step" ? { ...request, program: child.know(request.program) } : request;
    return (await child.ask({ kind: "autoencoder", autoencoder }, signal)) as AutoencoderReply;
  }

  async write(name: string, data: Float32Array): Promise<void> {
    await this.#living().ask({ kind: "write", name, data });
  }

  async provide(name: string, data: Float32Array): Promise<void> {
    if (this.#provided.has(name)) return;
    this.#provided.set(name, data);
    if (this.#child?.alive) this.#child.tell({ kind: "write", name, data });
  }

  async read(name: string): Promise<Float32Array> {
    return (await this.#living().ask({ kind: "read", name })) as Float32Array;
  }

  async free(name: string): Promise<void> {
    this.#provided.delete(name);
    await this.#living().ask({ kind: "free", name });
  }

  rssBytes(): number {
    return this.#child?.rssBytes ?? 0;
  }

  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  async close(): Promise<void> {
    await this.kill();
  }

  #living(): Child {
    if (this.#child?.alive) return this.#child;
    this.#child = new Child(this.threads, this.device);
    for (const [name, data] of this.#provided) this.#child.tell({ kind: "write", name, data });
    return this.#child;
  }
}

/** One process and what it was asked; both end together. */
class Child {
  rssBytes = 0;
  readonly #process: ChildProcess;
  readonly #known = new Set<string>();
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;

  constructor(threads: number, device: Device) {
    this.#process = fork(childPath(), [String(threads), device], {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process.on("message", (reply: Reply) => this.#hear(reply));
    this.#process.on("error", (error) => this.#bury(error.message));
    this.#process.on("exit", (code, signal) => this.#bury(signal ?? `exit code ${code}`));
    this.#holdOpen();
  }

  get alive(): boolean {
    return this.#process.connected;
  }

  /** The program's key, once the process has the program. */
  know(program: Program): string {
    if (!this.#known.has(program.key)) {
      this.#known.add(program.key);
      this.tell({ kind: "program", program });
    }
    return program.key;
  }

  tell(request: Request): void {
    this.#post(request, unheard);
  }

  ask(request: Request, signal?: AbortSignal, onTokens?: OnTokens): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(new CancelledError("the step"));
    return new Promise((resolve, reject) => {
      const forget = () => signal?.removeEventListener("abort", cancel);
      const id = this.#post(request, {
        resolve: (value) => [forget(), resolve(value)],
        reject: (error) => [forget(), reject(error)],
        onTokens,
      });
      const cancel = () => this.#cancel(id);
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.ref();
    this.#process.kill("SIGKILL");
    await ended;
  }

  /** The waiting caller hears at once; the process finishes (or leaves, in a generation) the step it is in. */
  #cancel(id: number): void {
    if (this.#process.connected) this.#process.send({ cancel: id });
    this.#settle(id, ({ reject }) => reject(new CancelledError("the step")));
  }

  #post(request: Request, waiting: Waiting): number {
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    this.#holdOpen();
    this.#process.send({ id, request }, (error) => {
      if (error) this.#settle(id, ({ reject }) => reject(new EngineDiedError(error.message)));
    });
    return id;
  }

  #hear(reply: Reply): void {
    if ("tokens" in reply) {
      this.#waiting.get(reply.id)?.onTokens?.(reply.tokens);
      return;
    }
    if (reply.ok) this.rssBytes = reply.rssBytes;
    this.#settle(reply.id, ({ resolve, reject }) => (reply.ok ? resolve(reply.value) : reject(new Error(reply.error))));
  }

  #settle(id: number, act: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#holdOpen();
    if (waiting) act(waiting);
  }

  #bury(why: string): void {
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id, ({ reject }) => reject(new EngineDiedError(`the engine's process ended (${why})`)));
    }
  }

  /** An idle engine does not keep the program alive; a working one does, until its answer or its end is heard. */
  #holdOpen(): void {
    const hold = this.#waiting.size > 0 ? "ref" : "unref";
    this.#process[hold]();
    this.#process.channel?.[hold]();
  }
}

/** The built child, also when this file runs from its source (tests). */
function childPath(): string {
  const built = import.meta.url
    .replace(/\/src\/engine\/client\.ts$/, "/dist/engine/child.js")
    .replace(/client\.js$/, "child.js");
  return fileURLToPath(built);
}
