/**
 * ONNX Runtime inside the engine's process: sessions, buffers, runs. Settings and their reasons are in
 * docs/decisions/0003-engine.md; each was measured.
 */
import * as ort from "onnxruntime-node";
import { elementCount, must } from "../core/index.ts";
import type { Device } from "./device.ts";
import type { BufferFeed, HostTensor, Program, RunRequest } from "./program.ts";

/**
 * How many sessions are kept open, by the process's resident memory. Those of a model like the bundled one hold 8 MB and
 * take longer to open than to run; those of a model like SmolLM2-135M map its 540 MB of weights once each and keep the
 * memory of their largest run. Three are always kept: base, tuned and patched model take turns.
 */
const SESSIONS = [
  { atMost: 32, belowBytes: 2 ** 29 },
  { atMost: 4, belowBytes: 2 ** 31 },
  { atMost: 3, belowBytes: Number.POSITIVE_INFINITY },
] as const;

export interface RuntimeOptions {
  readonly threads: number;
  readonly device: Device;
}

interface Buffer {
  front: Float32Array;
  /** Written by a run that also reads `front`; then the two change places. */
  back: Float32Array | null;
}

export class Runtime {
  readonly #sessions = new Map<string, Promise<ort.InferenceSession>>();
  readonly #buffers = new Map<string, Buffer>();
  readonly #options: RuntimeOptions;

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  /** The session of `program`, opened at its first use; where there is no room, the least recently used one is released. */
  async session(program: Program): Promise<ort.InferenceSession> {
    const known = this.#sessions.get(program.key);
    if (known) {
      this.#sessions.delete(program.key);
      this.#sessions.set(program.key, known);
      return known;
    }
    while (!hasRoom(this.#sessions.size)) await this.#releaseOldest();
    const opened = ort.InferenceSession.create(program.onnx, this.#sessionOptions(program));
    this.#sessions.set(program.key, opened);
    opened.catch(() => this.#sessions.delete(program.key));
    return opened;
  }

  async run({ program, feeds, fetches, keep = {}, into = {} }: RunRequest): Promise<Record<string, HostTensor>> {
    const session = await this.session(program);
    const inputs = Object.fromEntries(
      session.inputNames.map((name) => [name, this.#ortTensor(must(feeds[name], `a feed for input ${name}`))]),
    );
    const outputs: Record<string, ort.Tensor | null> = Object.fromEntries(fetches.map((name) => [name, null]));
    for (const [name, target] of Object.entries(keep)) outputs[name] = this.#target(target);
    for (const [name, target] of Object.entries(into)) outputs[name] = this.#ortTensor(target);
    const results = await session.run(inputs, outputs);
    for (const { buffer } of Object.values(keep)) this.#swap(buffer);
    return Object.fromEntries(fetches.map((name) => [name, hostTensor(must(results[name], `output ${name}`))]));
  }

  write(name: string, data: Float32Array): void {
    this.#buffers.set(name, { front: data, back: null });
  }

  read(name: string): Float32Array {
    return must(this.#buffers.get(name), `engine buffer ${name}`).front;
  }

  free(name: string): void {
    this.#buffers.delete(name);
  }

  #target({ buffer, shape }: BufferFeed): ort.Tensor {
    const entry = must(this.#buffers.get(buffer), `engine buffer ${buffer}`);
    entry.back ??= new Float32Array(entry.front.length);
    return new ort.Tensor("float32", entry.back, shape);
  }

  #swap(name: string): void {
    const entry = must(this.#buffers.get(name), `engine buffer ${name}`);
    const written = must(entry.back, `what was written to ${name}`);
    entry.back = entry.front;
    entry.front = written;
  }

  #ortTensor(feed: HostTensor | BufferFeed): ort.Tensor {
    if ("buffer" in feed) return new ort.Tensor("float32", this.#front(feed), feed.shape);
    if (feed.dtype === "int64") return new ort.Tensor("int64", asBigInts(feed.data), feed.shape);
    return new ort.Tensor(feed.dtype, feed.data, feed.shape);
  }

  #front({ buffer, shape, prefix = false }: BufferFeed): Float32Array {
    const data = this.read(buffer);
    return prefix ? data.subarray(0, elementCount(shape)) : data;
  }

  #sessionOptions({ weightsFolder, doublePrecision, prepacked }: Program): ort.InferenceSession.SessionOptions {
    return {
      // Alone: beside the CPU, a provider that is not there would be left out without a word. What it cannot run falls
      // back to the CPU all the same.
      executionProviders: [this.#options.device],
      graphOptimizationLevel: doublePrecision ? "basic" : "all",
      enableMemPattern: false,
      enableCpuMemArena: false,
      intraOpNumThreads: this.#options.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      extra: {
        session: {
          disable_prepacking: prepacked ? "0" : "1",
          // What a mask leaves of a probability is denormal, and arithmetic with it three times as slow.
          set_denormal_as_zero: "1",
          ...(weightsFolder === null ? {} : { model_external_initializers_file_folder_path: weightsFolder }),
        },
      },
    };
  }

  async #releaseOldest(): Promise<void> {
    const [key, session] = must([...this.#sessions][0], "an open session");
    this.#sessions.delete(key);
    await (await session).release();
  }
}

/** Is there room for one more? */
function hasRoom(sessions: number): boolean {
  const bytes = process.memoryUsage.rss();
  return SESSIONS.some(({ atMost, belowBytes }) => sessions < atMost && bytes < belowBytes);
}

function asBigInts(data: HostTensor["data"]): BigInt64Array {
  return data instanceof BigInt64Array ? data : BigInt64Array.from(data as Int32Array, (value) => BigInt(value));
}

function hostTensor(tensor: ort.Tensor): HostTensor {
  return { dtype: tensor.type as HostTensor["dtype"], shape: tensor.dims, data: tensor.data as HostTensor["data"] };
}
