/**
 * What a reconstruction costs the model: cross-entropy of the text with h as it is, with h replaced by ĥ, and with h
 * replaced by its mean (the reference: what is left when the hook point says nothing), at the same positions.
 */
import {
  forwardProgram,
  int64,
  type LanguageModel,
  type Program,
  type ReadSequence,
  selectMultiple,
  type Tap,
} from "../engine/index.ts";
import { decodeSparse } from "./decode.ts";
import type { Dictionary } from "./dictionary.ts";
import { encodeLarge } from "./encode-large.ts";
import { readActivations } from "./read.ts";
import { replacementFeeds, tokenFeeds } from "./replaced.ts";

export interface CrossEntropyRequest {
  readonly model: LanguageModel;
  readonly dictionary: Dictionary;
  /** Every position but a sequence's last predicts a token. */
  readonly sequences: readonly ReadSequence[];
  /** `[dModel]`: mean activation over the positions. */
  readonly mean: Float64Array;
  readonly signal?: AbortSignal;
}

/** Means over predicted tokens, nats. */
export interface CrossEntropies {
  readonly tokens: number;
  readonly plain: number;
  readonly rebuilt: number;
  readonly ablated: number;
}

const GROUP_TOKENS = 1024;

export async function crossEntropies(request: CrossEntropyRequest): Promise<CrossEntropies> {
  const { model, dictionary, signal } = request;
  const sums = { tokens: 0, plain: 0, rebuilt: 0, ablated: 0 };
  const tap: Tap = { kind: "replace", hook: dictionary.hook };
  const chunks = selectMultiple(model.source.definition, GROUP_TOKENS);
  const spec = { outputs: ["logprobs" as const], taps: [tap], adapter: model.binding.layout };
  const program = forwardProgram(model.source, spec, chunks);
  // Sequences of like length stand together: little padding.
  const sorted = [...request.sequences].sort((a, b) => b.ids.length - a.ids.length);
  const options = { groupTokens: GROUP_TOKENS, ...(signal ? { signal } : {}) };
  for await (const group of readActivations(model, sorted, dictionary.hook, options)) {
    const rebuilt: Float32Array[] = [];
    for (const rows of group.rows)
      rebuilt.push(decodeSparse(dictionary, await encodeLarge(model.engine, dictionary, rows, signal)));
    const mean = group.rows.map((rows) => rows.map((_, i) => request.mean[i % dictionary.dModel] as number));
    const run = { request, program, tap, chunks, sequences: group.sequences };
    sums.plain += await negativeLogprobs(run, null);
    sums.rebuilt += await negativeLogprobs(run, rebuilt);
    sums.ablated += await negativeLogprobs(run, mean);
    sums.tokens += group.sequences.reduce((sum, sequence) => sum + predicting(sequence).length, 0);
  }
  const { tokens, plain, rebuilt, ablated } = sums;
  return { tokens, plain: plain / tokens, rebuilt: rebuilt / tokens, ablated: ablated / tokens };
}

/** (CE_ablated − CE_rebuilt) / (CE_ablated − CE); null where the hook point's content does not matter to the text. */
export function recovered({ plain, rebuilt, ablated }: CrossEntropies): number | null {
  return ablated > plain ? (ablated - rebuilt) / (ablated - plain) : null;
}

function predicting({ ids, positions }: ReadSequence): readonly number[] {
  return positions.filter((position) => position + 1 < ids.length);
}

interface Run {
  readonly request: CrossEntropyRequest;
  readonly program: Program;
  readonly tap: Tap;
  readonly chunks: number;
  readonly sequences: readonly ReadSequence[];
}

/** −Σ log p of the tokens that the positions predict, with `values` (per sequence `[positions, dModel]`) put there. */
async function negativeLogprobs(run: Run, values: readonly Float32Array[] | null): Promise<number> {
  const { model, signal } = run.request;
  const { tap, chunks, sequences } = run;
  const tokens = tokenFeeds(sequences, chunks);
  const select = tokens.feeds.select.shape;
  const targets = new Int32Array(select[0] as number);
  targets.set(tokens.targets);
  const feeds = {
    ...tokens.feeds,
    targets: int64(select, targets),
    ...replacementFeeds(tap, [run.request.dictionary.dModel], sequences, tokens, (b) => values?.[b] ?? null),
    ...model.binding.feeds,
  };
  const out = await model.engine.run({ program: run.program, feeds, fetches: ["logprobs"] }, signal);
  const logprobs = out.logprobs?.data as Float32Array;
  return -logprobs.subarray(0, tokens.targets.length).reduce((sum, value) => sum + value, 0);
}
