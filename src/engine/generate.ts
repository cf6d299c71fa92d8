/**
 * Batched generation with a key-value cache; runs inside the engine's process, so that the cache never travels.
 *
 * 1. Prefill: one forward pass over the right-padded prompts gives each row's next token and its keys and values.
 * 2. These stand in a cache of fixed capacity, doubled when full; row b's valid part is its own length.
 * 3. Decode: one token a row a step; finished rows leave the batch's result but keep their place until the end.
 *
 * Each row draws from its own random stream, so that a row's answer does not depend on its neighbours.
 */
import { must, type Rng, rng } from "../core/index.ts";
import { type CacheSizes, KeyValues } from "./key-values.ts";
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

export interface Generated {
  /** New tokens per prompt, without the stop token. */
  readonly tokens: Int32Array[];
  readonly stopped: boolean[];
  /** Share of the wall time spent on moving keys and values rather than on computing. */
  readonly copyShare: number;
}

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
  const cache = new KeyValues(request.cache, batch);
  let logits = await prefill(runtime, request, cache);
  let next = chooseAll(logits, request, randoms);
  const tokens: number[][] = prompts.map(() => []);
  const stopped = prompts.map(() => false);
  for (let step = 0; step < maxNewTokens && !cancelled(); step++) {
    for (let row = 0; row < batch; row++) takeToken(row, must(next[row], "token"), { tokens, stopped, stopIds });
    if (request.report) tell(reportsOf(logits, next, stopped, request.report.topLogprobs));
    if (stopped.every(Boolean) || step === maxNewTokens - 1) break;
    logits = await decodeStep(runtime, request, cache, next);
    next = chooseAll(logits, request, randoms);
    await breathe();
  }
  const copyShare = cache.copyMs / Math.max(performance.now() - startedAt, 1e-9);
  return { tokens: tokens.map((row) => Int32Array.from(row)), stopped, copyShare };
}

/** Lets messages in between two runs, so that a cancel is heard. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Logits `[batch, dVocab]` of each prompt's last token. */
async function prefill(runtime: Runtime, request: GenerateRequest, cache: KeyValues): Promise<HostTensor> {
  const { prompts } = request;
  const batch = prompts.length;
  const seq = Math.max(...prompts.map((prompt) => prompt.length));
  const tokens = new Int32Array(batch * seq);
  for (const [row, prompt] of prompts.entries()) tokens.set(prompt, row * seq);
  const select = Int32Array.from(prompts, (prompt, row) => row * seq + prompt.length - 1);
  return step(runtime, request, cache, {
    program: request.prefill,
    counts: prompts.map((prompt) => prompt.length),
    feeds: {
      tokens: int64([batch, seq], tokens),
      positions: int64(
        [batch, seq],
        Int32Array.from(tokens, (_, i) => i % seq),
      ),
      select: int64([batch], select),
    },
  });
}

/** Logits `[batch, dVocab]` of the tokens that were chosen last. */
function decodeStep(
  runtime: Runtime,
  request: GenerateRequest,
  cache: KeyValues,
  next: readonly number[],
): Promise<HostTensor> {
  const batch = next.length;
  return step(runtime, request, cache, {
    program: request.decode,
    counts: next.map(() => 1),
    feeds: {
      tokens: int64([batch, 1], Int32Array.from(next)),
      positions: int64([batch, 1], Int32Array.from(cache.lengths)),
      select: int64(
        [batch],
        Int32Array.from(next, (_, row) => row),
      ),
    },
  });
}

interface Step {
  readonly program: Program;
  /** New tokens of each row. */
  readonly counts: readonly number[];
  readonly feeds: Readonly<Record<string, HostTensor>>;
}

async function step(
  runtime: Runtime,
  request: GenerateRequest,
  cache: KeyValues,
  { program, counts, feeds }: Step,
): Promise<HostTensor> {
  const { feeds: cached, fetches, into } = cache.before(counts);
  const out = await runtime.run({
    program,
    feeds: { ...feeds, ...request.feeds, ...cached },
    fetches: ["logits", ...fetches],
    into,
  });
  cache.after(out, counts);
  return must(out.logits, "logits");
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
