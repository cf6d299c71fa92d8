/**
 * A model that can be asked things: log-likelihoods, answers, activations. With and without an adapter it is the same
 * graph: the base is the adapter at scale 0.
 */
import { createHash } from "node:crypto";
import { must } from "../core/index.ts";
import type { Tokenizer } from "../data/index.ts";
import { type Adapter, type AdapterLayout, adapterLayout, flattenAdapter, type HookName } from "../models/index.ts";
import { type ForwardSpec, forwardProgram, type ModelSource, selectMultiple } from "./build.ts";
import type { Engine } from "./client.ts";
import { type BufferFeed, type HostTensor, int64, type Program, scalarTensor } from "./program.ts";
import type { SamplingOptions } from "./sampling.ts";
import { type PackedBatch, packSequences } from "./sequences.ts";
import { readName } from "./taps.ts";
import { type Continuation, packTrees, type TreeBatch } from "./trees.ts";

export interface Likelihood {
  /** Sum over the continuation's tokens, nats. */
  readonly logprob: number;
  readonly tokens: number;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of sequences done. */
  readonly onDone?: (done: number, total: number) => void;
}

export interface GenerateOptions extends Partial<SamplingOptions>, AskOptions {
  readonly maxNewTokens: number;
  readonly seed?: number;
  readonly stopIds: readonly number[];
  readonly batchRows?: number;
}

/** A sequence with the positions whose activations are wanted. */
export interface ReadSequence {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
}

export interface LanguageModel {
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
  /** What other graphs need in order to run as this very model. */
  readonly binding: ModelBinding;
  logLikelihood(requests: readonly Continuation[], options?: AskOptions): Promise<Likelihood[]>;
  generate(prompts: readonly (readonly number[])[], options: GenerateOptions): Promise<number[][]>;
  /**
   * Activations at hook points of width dModel, handed over batch by batch: `[n, dModel]` per hook, n the batch's
   * positions, in the order of `sequences` (first index given).
   */
  activations(
    sequences: readonly ReadSequence[],
    hooks: readonly HookName[],
    visit: VisitActivations,
    options?: AskOptions,
  ): Promise<void>;
  /** Logits `[n, dVocab]` of the asked positions of one sequence. */
  logits(sequence: ReadSequence): Promise<Float32Array>;
  /** The same model with an adapter of the layout that it was opened for, or without one. */
  withAdapter(adapter: Adapter | null): Promise<LanguageModel>;
}

/** `rows[h]` holds `[n, dModel]` of hook h; `owners[i]` is the sequence of row i. */
export type VisitActivations = (batch: {
  readonly owners: readonly number[];
  readonly rows: readonly Float32Array[];
}) => void;

/** Tokens of one forward pass: enough to keep the cores busy, few enough to keep memory flat. */
const TOKEN_BUDGET = 1024;
const GENERATE_ROWS = 16;

export interface OpenModel {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  /** The rank of the adapters that it will be asked with; null: never any. */
  readonly adapterRank: number | null;
}

export function languageModel({ engine, source, tokenizer, adapterRank }: OpenModel): LanguageModel {
  const layout = adapterRank === null ? null : adapterLayout(source.definition.linears, adapterRank);
  return new EngineModel({ engine, source, tokenizer, layout, feeds: layout && noAdapter(engine, layout) });
}

/** Scale 0 makes any matrices the base model. */
function noAdapter(engine: Engine, layout: AdapterLayout): AdapterFeeds {
  const buffer = `zeros:${layout.size}`;
  void engine.provide(buffer, new Float32Array(layout.size));
  return { adapter: { buffer, shape: [layout.size] }, adapter_scale: scalarTensor(0) };
}

/** The layout of the adapter that the model's graphs take, and what they are fed; both empty where they take none. */
export interface ModelBinding {
  readonly layout: AdapterLayout | null;
  readonly feeds: Readonly<Record<string, HostTensor | BufferFeed>>;
}

type AdapterFeeds = Readonly<Record<string, HostTensor | BufferFeed>>;

interface ModelState {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  readonly layout: AdapterLayout | null;
  /** The adapter's feeds; null where the graphs take none. */
  readonly feeds: AdapterFeeds | null;
}

class EngineModel implements LanguageModel {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  readonly #state: ModelState;
  readonly #programs = new Map<string, Program>();

  constructor(state: ModelState) {
    this.#state = state;
    this.engine = state.engine;
    this.source = state.source;
    this.tokenizer = state.tokenizer;
  }

  get binding(): ModelBinding {
    return { layout: this.#state.layout, feeds: this.#state.feeds ?? {} };
  }

  async withAdapter(adapter: Adapter | null): Promise<LanguageModel> {
    const { layout } = this.#state;
    if (adapter === null) return new EngineModel({ ...this.#state, feeds: layout && noAdapter(this.engine, layout) });
    const flat = flattenAdapter(adapter, must(layout, "an adapter rank to open the model with"));
    const buffer = `adapter:${createHash("sha256").update(new Uint8Array(flat.buffer)).digest("hex").slice(0, 16)}`;
    await this.engine.provide(buffer, flat);
    const feeds = { adapter: { buffer, shape: [flat.length] }, adapter_scale: scalarTensor(adapter.scale) };
    return new EngineModel({ ...this.#state, feeds });
  }

  async logLikelihood(questions: readonly Continuation[], options: AskOptions = {}): Promise<Likelihood[]> {
    const answers = questions.map(({ continuation }) => ({ logprob: 0, tokens: continuation.length }));
    let done = 0;
    for (const batch of packTrees(questions, TOKEN_BUDGET)) {
      const logprobs = await this.#logprobs(batch, options.signal);
      for (const { index, edges } of batch.paths) {
        must(answers[index], "question").logprob = edges.reduce((sum, edge) => sum + must(logprobs[edge], "edge"), 0);
      }
      done += batch.paths.length;
      options.onDone?.(done, questions.length);
    }
    return answers;
  }

  async generate(prompts: readonly (readonly number[])[], options: GenerateOptions): Promise<number[][]> {
    const answers: number[][] = prompts.map(() => []);
    const order = prompts
      .map((_, i) => i)
      .sort((a, b) => must(prompts[a], "prompt").length - must(prompts[b], "prompt").length);
    const rows = options.batchRows ?? GENERATE_ROWS;
    for (let start = 0; start < order.length; start += rows) {
      const chosen = order.slice(start, start + rows);
      const { tokens } = await this.engine.generate(this.#generateRequest(chosen, prompts, options), options.signal);
      for (const [i, index] of chosen.entries()) answers[index] = [...must(tokens[i], "answer")];
      options.onDone?.(Math.min(start + rows, order.length), order.length);
    }
    return answers;
  }

  async activations(
    sequences: readonly ReadSequence[],
    hooks: readonly HookName[],
    visit: VisitActivations,
    options: AskOptions = {},
  ): Promise<void> {
    const { dModel } = this.source.definition.dimensions;
    const program = this.#program({ outputs: [], taps: hooks.map((hook) => ({ kind: "readSelected", hook })) });
    const packed = packSequences(
      sequences.map(({ ids, positions }) => ({ ids, positions })),
      TOKEN_BUDGET,
    );
    let done = 0;
    for (const batch of packed) {
      const out = await this.engine.run(
        { program, feeds: this.#feeds(batch), fetches: hooks.map(readName) },
        options.signal,
      );
      const rows = hooks.map((hook) => must(out[readName(hook)], hook).data as Float32Array);
      visit({ owners: batch.owners, rows: rows.map((each) => each.subarray(0, batch.owners.length * dModel)) });
      done += new Set(batch.owners).size;
      options.onDone?.(done, sequences.length);
    }
  }

  async logits({ ids, positions }: ReadSequence): Promise<Float32Array> {
    const [batch] = packSequences([{ ids, positions }], ids.length);
    const program = this.#program({ outputs: ["logits"] });
    const out = await this.engine.run({
      program,
      feeds: this.#feeds(must(batch, "batch")),
      fetches: ["logits"],
    });
    return must(out.logits, "logits").data as Float32Array;
  }

  #generateRequest(chosen: readonly number[], prompts: readonly (readonly number[])[], options: GenerateOptions) {
    const { nLayers, nKvHeads, dHead } = this.source.definition.dimensions;
    return {
      prefill: this.#program({ outputs: ["logits"], keysAndValues: true }),
      decode: this.#program({ outputs: ["logits"], keysAndValues: true, cached: true }),
      prompts: chosen.map((index) => Int32Array.from(must(prompts[index], "prompt"))),
      streams: chosen.map(String),
      maxNewTokens: options.maxNewTokens,
      stopIds: options.stopIds,
      temperature: options.temperature ?? 0,
      topP: options.topP ?? 1,
      seed: options.seed ?? 0,
      feeds: this.#state.feeds ?? {},
      cache: { nLayers, nKvHeads, dHead },
    };
  }

  async #logprobs(batch: TreeBatch, signal: AbortSignal | undefined): Promise<Float32Array> {
    const chunks = this.#chunks();
    const n = Math.ceil(batch.select.length / chunks) * chunks;
    const padded = (values: Int32Array) =>
      int64(
        [n],
        Int32Array.from({ length: n }, (_, i) => values[i] ?? 0),
      );
    const { rows, seq } = batch;
    const feeds = {
      tokens: int64([rows, seq], batch.tokens),
      positions: int64([rows, seq], batch.positions),
      visible: { dtype: "bool" as const, shape: [rows, seq, seq], data: batch.visible },
      select: padded(batch.select),
      targets: padded(batch.targets),
      ...this.#state.feeds,
    };
    const program = this.#program({ outputs: ["logprobs"], tree: true });
    const out = await this.engine.run({ program, feeds, fetches: ["logprobs"] }, signal);
    return must(out.logprobs, "logprobs").data as Float32Array;
  }

  #chunks(): number {
    return selectMultiple(this.source.definition, TOKEN_BUDGET);
  }

  #feeds(batch: PackedBatch): Record<string, HostTensor | BufferFeed> {
    return {
      tokens: int64([batch.rows, batch.seq], batch.tokens),
      positions: int64(
        [batch.rows, batch.seq],
        batch.tokens.map((_, i) => i % batch.seq),
      ),
      select: int64([batch.select.length], batch.select),
      ...this.#state.feeds,
    };
  }

  #program(spec: Omit<ForwardSpec, "adapter">): Program {
    const key = JSON.stringify(spec);
    const known = this.#programs.get(key);
    if (known) return known;
    const program = forwardProgram(this.source, { ...spec, adapter: this.#state.layout }, this.#chunks());
    this.#programs.set(key, program);
    return program;
  }
}
