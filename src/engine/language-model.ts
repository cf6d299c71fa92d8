/**
 * A model that can be asked things: log-likelihoods, answers, activations. With and without an adapter it is the same
 * graph: the base is the adapter at scale 0.
 */
import { createHash } from "node:crypto";
import { elementCount, must } from "../core/index.ts";
import type { Tokenizer } from "../data/index.ts";
import {
  type Adapter,
  type AdapterLayout,
  adapterLayout,
  flattenAdapter,
  type HookName,
  hookShape,
} from "../models/index.ts";
import { type ForwardSpec, forwardProgram, type ModelSource, selectMultiple } from "./build.ts";
import type { Engine } from "./client.ts";
import { generationPlan, generationPrograms } from "./generation-programs.ts";
import {
  otherOf,
  type Placed,
  patchedValue,
  placeInterventions,
  positionWeights,
  readingName,
  readingOf,
} from "./interventions.ts";
import type {
  AskOptions,
  GenerateOptions,
  Intervention,
  LanguageModel,
  Likelihood,
  ModelBinding,
  ReadSequence,
  VisitActivations,
} from "./model.ts";
import { positionsOf, roomFor } from "./positions.ts";
import { type BufferFeed, float32, type HostTensor, int64, type Program, scalarTensor } from "./program.ts";
import { type BatchExtent, packSequences, queryChunks } from "./sequences.ts";
import { readName, type Tap, tapInput } from "./taps.ts";
import { type Continuation, packTrees, type TreeBatch } from "./trees.ts";

/** Tokens of one forward pass: enough to keep the cores busy, few enough to keep memory flat. */
const TOKEN_BUDGET = 1024;
const GENERATE_ROWS = 16;

export interface OpenModel {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  /** The rank of the adapters that it will be asked with; null: never any. */
  readonly adapterRank: number | null;
  /** Will those adapters have magnitudes (DoRA)? */
  readonly adapterMagnitudes?: boolean;
}

export function languageModel(open: OpenModel): LanguageModel {
  const { engine, source, tokenizer, adapterRank, adapterMagnitudes: magnitudes = false } = open;
  const layout = adapterRank === null ? null : adapterLayout(source.definition.linears, adapterRank, { magnitudes });
  return new EngineModel({
    engine,
    source,
    tokenizer,
    layout,
    feeds: layout && noAdapter(engine, layout),
    interventions: [],
    programs: new Map(),
  });
}

/** Scale 0 makes any matrices the base model. */
function noAdapter(engine: Engine, layout: AdapterLayout): Feeds {
  const buffer = `zeros:${layout.size}`;
  void engine.provide(buffer, new Float32Array(layout.size));
  return { adapter: { buffer, shape: [layout.size] }, adapter_scale: scalarTensor(0) };
}

type Feeds = Readonly<Record<string, HostTensor | BufferFeed>>;

interface ModelState {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  readonly layout: AdapterLayout | null;
  /** The adapter's feeds; null where the graphs take none. */
  readonly feeds: Feeds | null;
  readonly interventions: readonly Intervention[];
  /** Of this source and layout, by what they compute; shared by all models derived from one. */
  readonly programs: Map<string, Program>;
}

/** What one forward pass is fed. */
interface TokenBatch extends BatchExtent {
  /** `[rows, seq]` */
  readonly tokens: Int32Array;
  readonly select: Int32Array;
  /** `[rows, seq]`; absent: 0, 1, … */
  readonly positions?: Int32Array;
  /** `[rows, seq, seq]`; absent: causal */
  readonly visible?: Uint8Array;
}

/** What one forward pass is asked: outputs of the graph, taps that read behind the interventions, feeds for both. */
interface Asked {
  readonly outputs: ForwardSpec["outputs"];
  readonly taps?: readonly Tap[];
  readonly feeds?: Feeds;
  readonly fetches: readonly string[];
}

class EngineModel implements LanguageModel {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  readonly #state: ModelState;
  readonly #placed: readonly Placed[];

  constructor(state: ModelState) {
    this.#state = state;
    this.#placed = placeInterventions(state.interventions, state.source.definition);
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

  get interventions(): readonly Intervention[] {
    return this.#state.interventions;
  }

  intervene(interventions: readonly Intervention[]): LanguageModel {
    return new EngineModel({ ...this.#state, interventions: [...this.#state.interventions, ...interventions] });
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
    const room = prompts.map(({ length }) => roomFor(length, options.maxNewTokens, this.source));
    // Generating is long, and says nothing more before its first batch has ended.
    options.onDone?.(0, order.length);
    for (let start = 0; start < order.length; ) {
      // Rows that have as much room, so that no answer's end depends on its neighbours.
      const next = order.slice(start, start + rows);
      const maxNewTokens = must(room[must(next[0], "row")], "room");
      const chosen = next.filter((index) => room[index] === maxNewTokens);
      const { onTokens } = options;
      const { tokens } = await this.engine.generate(
        this.#generateRequest(chosen, prompts, { ...options, maxNewTokens }),
        options.signal,
        onTokens && ((heard) => onTokens(heard.map((each) => ({ ...each, row: must(chosen[each.row], "prompt") })))),
      );
      for (const [i, index] of chosen.entries()) answers[index] = [...must(tokens[i], "answer")];
      start += chosen.length;
      options.onDone?.(start, order.length);
    }
    return answers;
  }

  async activations(
    sequences: readonly ReadSequence[],
    hooks: readonly HookName[],
    visit: VisitActivations,
    options: AskOptions = {},
  ): Promise<void> {
    const { dimensions } = this.source.definition;
    const widths = hooks.map((hook) => elementCount(must(hookShape(hook, dimensions), `a fixed width at ${hook}`)));
    const taps = hooks.map((hook): Tap => ({ kind: "readSelected", hook }));
    let done = 0;
    for (const batch of packSequences(sequences, TOKEN_BUDGET)) {
      const out = await this.#forward(batch, { outputs: [], taps, fetches: hooks.map(readName) }, options.signal);
      const rows = hooks.map((hook) => must(out[readName(hook)], hook).data as Float32Array);
      const read = (each: Float32Array, h: number) => each.subarray(0, batch.owners.length * (widths[h] as number));
      visit({ owners: batch.owners, rows: rows.map(read) });
      done += new Set(batch.owners).size;
      options.onDone?.(done, sequences.length);
    }
  }

  async logits(sequence: ReadSequence): Promise<Float32Array> {
    const [batch] = packSequences([sequence], sequence.ids.length);
    const out = await this.#forward(must(batch, "batch"), { outputs: ["logits"], fetches: ["logits"] });
    return must(out.logits, "logits").data as Float32Array;
  }

  #generateRequest(chosen: readonly number[], prompts: readonly (readonly number[])[], options: GenerateOptions) {
    const { dimensions } = this.source.definition;
    const { nLayers, nKvHeads, dHead } = dimensions;
    const [prompt, response] = [this.#generationTaps("prompt"), this.#generationTaps("response")];
    const longest = Math.max(...chosen.map((index) => must(prompts[index], "prompt").length));
    const plan = generationPlan(this.engine.device, dimensions, {
      rows: chosen.length,
      tokens: longest + options.maxNewTokens,
      weightBytes: 4 * this.source.definition.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    });
    return {
      ...generationPrograms((spec) => this.#program(spec), { ...plan, prompt, response, rows: chosen.length }),
      prompts: chosen.map((index) => Int32Array.from(must(prompts[index], "prompt"))),
      streams: chosen.map((index) => options.streams?.[index] ?? String(index)),
      maxNewTokens: options.maxNewTokens,
      stopIds: options.stopIds,
      temperature: options.temperature ?? 0,
      topP: options.topP ?? 1,
      seed: options.seed ?? 0,
      feeds: { ...this.#state.feeds, ...generationFeeds(this.#placed, chosen.length) },
      cache: { kind: plan.kind, nLayers, nKvHeads, dHead },
      ...(options.onTokens ? { report: { topLogprobs: options.topLogprobs ?? 0 } } : {}),
    };
  }

  async #logprobs(batch: TreeBatch, signal: AbortSignal | undefined): Promise<Float32Array> {
    const chunks = this.#chunks();
    const n = Math.ceil(batch.select.length / chunks) * chunks;
    const pad = (values: Int32Array) => Int32Array.from({ length: n }, (_, i) => values[i] ?? 0);
    const padded = { ...batch, select: pad(batch.select) };
    const feeds = { targets: int64([n], pad(batch.targets)) };
    const out = await this.#forward(padded, { outputs: ["logprobs"], feeds, fetches: ["logprobs"] }, signal);
    return must(out.logprobs, "logprobs").data as Float32Array;
  }

  #chunks(): number {
    return selectMultiple(this.source.definition, TOKEN_BUDGET);
  }

  /** One pass over a batch with the interventions in force. */
  async #forward(batch: TokenBatch, asked: Asked, signal?: AbortSignal): Promise<Record<string, HostTensor>> {
    const interventions = await this.#interventionFeeds(batch, signal);
    return this.#run(batch, { ...asked, feeds: { ...asked.feeds, ...interventions } }, this.#taps(), signal);
  }

  #run(batch: TokenBatch, { outputs, taps = [], feeds, fetches }: Asked, acting: readonly Tap[], signal?: AbortSignal) {
    const chunks = queryChunks(batch.seq);
    const program = this.#program({
      outputs,
      taps: [...acting, ...taps],
      tree: batch.visible !== undefined,
      ...(batch.seq % chunks === 0 ? { queryChunks: chunks } : {}),
    });
    return this.engine.run(
      { program, feeds: { ...batchFeeds(batch, this.source), ...this.#state.feeds, ...feeds }, fetches },
      signal,
    );
  }

  #taps(): Tap[] {
    return this.#placed.map(({ tap }) => tap);
  }

  /** Values and weights of the interventions on a batch; other models are read on it first, one pass each. */
  async #interventionFeeds(batch: TokenBatch, signal?: AbortSignal): Promise<Feeds> {
    const feeds: Record<string, HostTensor | BufferFeed> = {};
    for (const { tap, intervention, constants } of this.#placed) {
      const weight = float32([batch.rows, batch.seq], positionWeights(batch, intervention.where));
      Object.assign(feeds, constants, { [tapInput(tap, "weight")]: weight });
    }
    const others = new Set(this.#placed.flatMap(({ intervention }) => otherOf(intervention) ?? []));
    for (const other of others) {
      const reading = this.#placed.filter(({ intervention }) => otherOf(intervention) === other);
      const values = await readingModel(other).#read(batch, reading.map(readingOf), signal);
      for (const [i, { tap }] of reading.entries()) feeds[tapInput(tap, "value")] = must(values[i], "value");
    }
    await this.#patchFeeds(batch, feeds, signal);
    return feeds;
  }

  /** Puts what the patch makes of this model's and the other's activations in place of the other's. */
  async #patchFeeds(
    batch: TokenBatch,
    feeds: Record<string, HostTensor | BufferFeed>,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const { tap, intervention } of this.#placed) {
      if (intervention.kind !== "patch") continue;
      const value = tapInput(tap, "value");
      const acting = this.#taps().map((each): Tap => (each === tap ? { kind: "read", hook: tap.hook } : each));
      const fetches = [readName(tap.hook)];
      const own = must(
        (await this.#run(batch, { outputs: [], feeds, fetches }, acting, signal))[fetches[0] ?? ""],
        "own",
      );
      const weights = positionWeights(batch, intervention.where);
      feeds[value] = patchedValue(intervention, own, feeds[value] as HostTensor, weights);
    }
  }

  async #read(batch: TokenBatch, readings: readonly Placed[], signal?: AbortSignal): Promise<HostTensor[]> {
    const byName = new Map(readings.map((reading) => [readingName(reading.tap), reading.tap]));
    const feeds: Feeds = Object.assign({}, ...readings.map(({ constants }) => constants));
    const out = await this.#forward(
      batch,
      { outputs: [], taps: [...byName.values()], feeds, fetches: [...byName.keys()] },
      signal,
    );
    return readings.map(({ tap }) => must(out[readingName(tap)], readingName(tap)));
  }

  #generationTaps(part: "prompt" | "response"): Tap[] {
    const here = this.#placed.filter(({ intervention: { where = "all" } }) => where === "all" || where === part);
    return here.map(({ tap }) => ({ ...tap, everywhere: true }));
  }

  #program(spec: Omit<ForwardSpec, "adapter">): Program {
    const { programs } = this.#state;
    const key = JSON.stringify(spec);
    const known = programs.get(key);
    if (known) return known;
    const program = forwardProgram(this.source, { ...spec, adapter: this.#state.layout }, this.#chunks());
    programs.set(key, program);
    return program;
  }
}

function batchFeeds(batch: TokenBatch, source: ModelSource): Feeds {
  const { rows, seq, tokens, visible, select } = batch;
  return {
    tokens: int64([rows, seq], tokens),
    positions: int64([rows, seq], positionsOf(batch, source)),
    ...(visible ? { visible: { dtype: "bool" as const, shape: [rows, seq, seq], data: visible } } : {}),
    select: int64([select.length], select),
  };
}

function readingModel(model: LanguageModel): EngineModel {
  if (model instanceof EngineModel) return model;
  throw new Error(`${model.source.name} cannot be read batch by batch`);
}

/** Values of interventions that hold at every position of a generation. */
function generationFeeds(placed: readonly Placed[], rows: number): Feeds {
  const weight = float32([rows, 1], new Float32Array(rows).fill(1));
  const parts = placed.map(({ tap, intervention, constants }) => {
    if (otherOf(intervention)) throw new Error(`intervention ${intervention.kind} cannot act in a generation`);
    return { ...constants, [tapInput(tap, "weight")]: weight };
  });
  return Object.assign({}, ...parts);
}
