/**
 * Batched generation with a key-value cache; runs inside the engine's process, so that the cache never travels.
 *
 * 1. Prefill: one forward pass over the right-padded prompts gives each row's next token and its keys and values.
 * 2. These go into buffers of fixed capacity, doubled when full; row b's valid part is its own length.
 * 3. Decode: one token a row a step; finished rows leave the batch's result but keep their place until the end.
 *
 * Each row draws from its own random stream, so that a row's answer does not depend on its neighbours.
 */
import { must, type Rng, rng } from "../core/index.ts";
import { type BufferFeed, type HostTensor, int64, type Program } from "./program.ts";
import type { Runtime } from "./runtime.ts";
import { logprobsOf, nextToken, type SamplingOptions } from "./sampling.ts";

export interface GenerateRequest extends SamplingOptions {
  readonly prefill: Program;
  readonly decode: Program;
  readonly prompts: readonly Int32Array[];
  /** Names a row's random stream; default: its index. */
  readonly streams?: readonly string[];
  readonly maxNewTokens: number;
  readonly stopIds: readonly number[];
  readonly seed: number;
  /** Further feeds of both programs: adapter, taps with values that hold at every position. */
  readonly feeds: Readonly<Record<string, HostTensor | BufferFeed>>;
  readonly cache: CacheSizes;
  /** Asks to hear of each token as it is chosen, with so many likeliest ones beside it. */
  readonly report?: { readonly topLogprobs: number };
}

/** A token of an answer, and how likely the model itself (temperature 1, no nucleus) held it and the likeliest ones. */
export interface TokenReport {
  readonly row: number;
  readonly token: number;
  readonly logprob: number;
  /** Falling. */
  readonly top: readonly { readonly token: number; readonly logprob: number }[];
}

export interface CacheSizes {
  readonly nLayers: number;
  readonly nKvHeads: number;
  readonly dHead: number;
}

export interface Generated {
  /** New tokens per prompt, without the stop token. */
  readonly tokens: Int32Array[];
  readonly stopped: boolean[];
  /** Share of the wall time spent on moving keys and values rather than on computing. */
  readonly copyShare: number;
}

const FIRST_CAPACITY = 64;

export async function generate(
  runtime: Runtime,
  request: GenerateRequest,
  cancelled: () => boolean,
  tell: (reports: readonly TokenReport[]) => void = () => undefined,
): Promise<Generated> {
  const { prompts, maxNewTokens, stopIds, seed } = request;
  const startedAt = performance.now();
  const batch = prompts.length;
  const randoms = prompts.map((_, row) => rng(seed, "sample", request.streams?.[row] ?? row));
  const cache = new Cache(request.cache, batch);
  const first = await prefill(runtime, request);
  cache.append(
    first,
    prompts.map((prompt) => prompt.length),
  );
  let next = chooseAll(first.logits, request, randoms);
  let logits = first.logits;
  const tokens: number[][] = prompts.map(() => []);
  const stopped = prompts.map(() => false);
  for (let step = 0; step < maxNewTokens && !cancelled(); step++) {
    for (let row = 0; row < batch; row++) takeToken(row, must(next[row], "token"), { tokens, stopped, stopIds });
    if (request.report) tell(reportsOf(logits, next, stopped, request.report.topLogprobs));
    if (stopped.every(Boolean) || step === maxNewTokens - 1) break;
    const fetched = await decodeStep(runtime, request, cache, next);
    cache.append(
      fetched,
      prompts.map(() => 1),
    );
    next = chooseAll(fetched.logits, request, randoms);
    logits = fetched.logits;
    await breathe();
  }
  const copyShare = cache.copyMs / Math.max(performance.now() - startedAt, 1e-9);
  return { tokens: tokens.map((row) => Int32Array.from(row)), stopped, copyShare };
}

/** Lets messages in between two runs, so that a cancel is heard. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Step {
  /** `[batch, dVocab]` */
  readonly logits: HostTensor;
  /** Per layer `[batch, seq, nKvHeads, dHead]` */
  readonly keys: readonly HostTensor[];
  readonly values: readonly HostTensor[];
}

async function prefill(runtime: Runtime, request: GenerateRequest): Promise<Step> {
  const { prompts } = request;
  const batch = prompts.length;
  const seq = Math.max(...prompts.map((prompt) => prompt.length));
  const tokens = new Int32Array(batch * seq);
  for (const [row, prompt] of prompts.entries()) tokens.set(prompt, row * seq);
  const select = Int32Array.from(prompts, (prompt, row) => row * seq + prompt.length - 1);
  return step(runtime, request.prefill, request, {
    tokens: int64([batch, seq], tokens),
    positions: int64(
      [batch, seq],
      Int32Array.from(tokens, (_, i) => i % seq),
    ),
    select: int64([batch], select),
  });
}

function decodeStep(runtime: Runtime, request: GenerateRequest, cache: Cache, next: readonly number[]): Promise<Step> {
  const batch = next.length;
  return step(runtime, request.decode, request, {
    tokens: int64([batch, 1], Int32Array.from(next)),
    positions: int64([batch, 1], Int32Array.from(cache.lengths)),
    select: int64(
      [batch],
      Int32Array.from(next, (_, row) => row),
    ),
    ...cache.feeds(),
  });
}

async function step(
  runtime: Runtime,
  program: Program,
  request: GenerateRequest,
  feeds: Record<string, HostTensor>,
): Promise<Step> {
  const { nLayers } = request.cache;
  const layers = Array.from({ length: nLayers }, (_, layer) => layer);
  const fetches = ["logits", ...layers.flatMap((layer) => [`key.${layer}`, `value.${layer}`])];
  const out = await runtime.run({ program, feeds: { ...feeds, ...request.feeds }, fetches });
  return {
    logits: must(out.logits, "logits"),
    keys: layers.map((layer) => must(out[`key.${layer}`], "keys")),
    values: layers.map((layer) => must(out[`value.${layer}`], "values")),
  };
}

function chooseAll(logits: HostTensor, sampling: SamplingOptions, randoms: readonly Rng[]): number[] {
  const width = must(logits.shape[1], "vocabulary size");
  const data = logits.data as Float32Array;
  return randoms.map((random, row) => nextToken(data.subarray(row * width, (row + 1) * width), sampling, random));
}

/** Of the rows that go on, what was just chosen from `logits [batch, dVocab]`. */
function reportsOf(
  logits: HostTensor,
  chosen: readonly number[],
  stopped: readonly boolean[],
  count: number,
): TokenReport[] {
  const width = must(logits.shape[1], "vocabulary size");
  return chosen.flatMap((token, row) => {
    if (stopped[row]) return [];
    const own = (logits.data as Float32Array).subarray(row * width, (row + 1) * width);
    return [{ row, token, ...logprobsOf(own, token, count) }];
  });
}

function takeToken(
  row: number,
  token: number,
  state: { tokens: number[][]; stopped: boolean[]; stopIds: readonly number[] },
): void {
  if (state.stopped[row]) return;
  if (state.stopIds.includes(token)) state.stopped[row] = true;
  else must(state.tokens[row], "row").push(token);
}

/** Keys `[batch, nKvHeads, 1, dHead, capacity]` and values `[batch, nKvHeads, 1, capacity, dHead]` per layer. */
class Cache {
  readonly lengths: Int32Array;
  copyMs = 0;
  readonly #sizes: CacheSizes;
  readonly #batch: number;
  #capacity = 0;
  #keys: Float32Array[] = [];
  #values: Float32Array[] = [];

  constructor(sizes: CacheSizes, batch: number) {
    this.#sizes = sizes;
    this.#batch = batch;
    this.lengths = new Int32Array(batch);
  }

  /** Appends the first `counts[row]` new positions of each row. */
  append({ keys, values }: Step, counts: readonly number[]): void {
    const startedAt = performance.now();
    this.#grow(Math.max(...this.lengths.map((length, row) => length + (counts[row] ?? 0))));
    for (let layer = 0; layer < this.#sizes.nLayers; layer++) {
      this.#appendLayer(must(keys[layer], "keys"), this.#keys[layer] as Float32Array, counts, true);
      this.#appendLayer(must(values[layer], "values"), this.#values[layer] as Float32Array, counts, false);
    }
    for (const [row, count] of counts.entries()) this.lengths[row] = (this.lengths[row] ?? 0) + count;
    this.copyMs += performance.now() - startedAt;
  }

  feeds(): Record<string, HostTensor> {
    const { nKvHeads, dHead } = this.#sizes;
    const feeds: Record<string, HostTensor> = { "cache.lengths": int64([this.#batch], Int32Array.from(this.lengths)) };
    for (let layer = 0; layer < this.#sizes.nLayers; layer++) {
      const keyShape = [this.#batch, nKvHeads, 1, dHead, this.#capacity];
      const valueShape = [this.#batch, nKvHeads, 1, this.#capacity, dHead];
      feeds[`cache.key.${layer}`] = { dtype: "float32", shape: keyShape, data: this.#keys[layer] as Float32Array };
      feeds[`cache.value.${layer}`] = {
        dtype: "float32",
        shape: valueShape,
        data: this.#values[layer] as Float32Array,
      };
    }
    return feeds;
  }

  #appendLayer(fresh: HostTensor, into: Float32Array, counts: readonly number[], transposed: boolean): void {
    const { nKvHeads, dHead } = this.#sizes;
    const seq = must(fresh.shape[1], "seq");
    const data = fresh.data as Float32Array;
    const capacity = this.#capacity;
    for (let row = 0; row < this.#batch; row++) {
      const start = this.lengths[row] as number;
      for (let t = 0; t < (counts[row] ?? 0); t++) {
        for (let head = 0; head < nKvHeads; head++) {
          const from = ((row * seq + t) * nKvHeads + head) * dHead;
          const base = (row * nKvHeads + head) * dHead * capacity;
          if (transposed)
            for (let i = 0; i < dHead; i++) into[base + i * capacity + start + t] = data[from + i] as number;
          else into.set(data.subarray(from, from + dHead), base + (start + t) * dHead);
        }
      }
    }
  }

  #grow(needed: number): void {
    if (needed <= this.#capacity) return;
    const { nLayers, nKvHeads, dHead } = this.#sizes;
    const old = this.#capacity;
    let capacity = Math.max(old, FIRST_CAPACITY);
    while (capacity < needed) capacity *= 2;
    const blocks = this.#batch * nKvHeads;
    this.#capacity = capacity;
    const size = blocks * dHead * capacity;
    this.#keys = Array.from({ length: nLayers }, (_, layer) =>
      spread(this.#keys[layer], new Float32Array(size), blocks * dHead, old, capacity),
    );
    this.#values = Array.from({ length: nLayers }, (_, layer) =>
      spread(this.#values[layer], new Float32Array(size), blocks, old * dHead, capacity * dHead),
    );
  }
}

/** Copies `rows` rows of width `from` into rows of width `to`. */
function spread(
  source: Float32Array | undefined,
  target: Float32Array,
  rows: number,
  from: number,
  to: number,
): Float32Array {
  if (source) for (let row = 0; row < rows; row++) target.set(source.subarray(row * from, (row + 1) * from), row * to);
  return target;
}
