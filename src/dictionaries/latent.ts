/** What one latent stands for: where it fires, and what it says to the unembedding. */
import {
  bucketOf,
  float32,
  forwardProgram,
  int64,
  type LanguageModel,
  type ReadSequence,
  type Tap,
  tapInput,
} from "../engine/index.ts";
import type { Dictionary } from "./dictionary.ts";
import { encodeLarge } from "./encode-large.ts";
import { readActivations } from "./read.ts";

export interface LatentContext {
  readonly sequence: ReadSequence;
  /** Index into the sequence's ids. */
  readonly position: number;
  readonly value: number;
}

export interface LatentFirings {
  /** Tokens read, and those on which the latent fired. */
  readonly tokens: number;
  readonly fired: number;
  readonly sum: number;
  /** The strongest token of each text, strongest first. */
  readonly contexts: readonly LatentContext[];
}

/** Where `latents` of the dictionary fire on the sequences; at most `keep` contexts each. One pass for all. */
export async function latentFirings(
  model: LanguageModel,
  dictionary: Dictionary,
  latents: readonly number[],
  sequences: readonly ReadSequence[],
  { keep = 8, signal }: { readonly keep?: number; readonly signal?: AbortSignal } = {},
): Promise<LatentFirings[]> {
  const found = latents.map(() => ({ tokens: 0, fired: 0, sum: 0, contexts: [] as LatentContext[] }));
  const places = new Map(latents.map((latent, i) => [latent, i]));
  for await (const group of readActivations(model, sequences, dictionary.hook, signal ? { signal } : {})) {
    for (const [s, sequence] of group.sequences.entries()) {
      const rows = group.rows[s] as Float32Array;
      const sparse = await encodeLarge(model.engine, dictionary, rows, signal);
      const best: (LatentContext | undefined)[] = latents.map(() => undefined);
      for (const [slot, latent] of sparse.latents.entries()) {
        const place = places.get(latent);
        if (place === undefined) continue;
        const value = sparse.values[slot] as number;
        const position = sequence.positions[Math.floor(slot / sparse.k)] as number;
        const of = found[place] as (typeof found)[number];
        of.fired++;
        of.sum += value;
        if (value > (best[place]?.value ?? 0)) best[place] = { sequence, position, value };
      }
      for (const [place, context] of best.entries()) {
        const of = found[place] as (typeof found)[number];
        of.tokens += sparse.tokens;
        if (!context) continue;
        of.contexts.push(context);
        of.contexts.sort((a, b) => b.value - a.value);
        of.contexts.length = Math.min(of.contexts.length, keep);
      }
    }
  }
  return found;
}

/**
 * `[n, dVocab]`: what directions `[n, dModel]` of the residual stream say to the unembedding, the final norm's gain
 * included and its scale left out: logits are linear in the normalised stream, so directions are put in its place.
 */
export async function directionLogits(model: LanguageModel, directions: Float32Array): Promise<Float32Array> {
  const { dModel } = model.source.definition.dimensions;
  const n = directions.length / dModel;
  const tap: Tap = { kind: "replace", hook: "ln_final.hook_normalized" };
  const program = forwardProgram(model.source, { outputs: ["logits"], taps: [tap], adapter: model.binding.layout });
  const seq = bucketOf(1);
  const value = new Float32Array(n * seq * dModel);
  for (let i = 0; i < n; i++) value.set(directions.subarray(i * dModel, (i + 1) * dModel), i * seq * dModel);
  const out = await model.engine.run({
    program,
    feeds: {
      tokens: int64([n, seq], new Int32Array(n * seq)),
      positions: int64(
        [n, seq],
        Int32Array.from({ length: n * seq }, (_, i) => i % seq),
      ),
      select: int64(
        [n],
        Int32Array.from({ length: n }, (_, i) => i * seq),
      ),
      [tapInput(tap, "value")]: float32([n, seq, dModel], value),
      [tapInput(tap, "weight")]: float32([n, seq], new Float32Array(n * seq).fill(1)),
      ...model.binding.feeds,
    },
    fetches: ["logits"],
  });
  return out.logits?.data as Float32Array;
}
