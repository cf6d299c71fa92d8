/**
 * What a latent stands for, as far as text can show it: where it is strongest, how often it is active at all, and which
 * tokens its decoder direction promotes and suppresses.
 */
import { must } from "../../core/index.ts";
import type { Tokenizer } from "../../data/index.ts";
import type { Dictionary, SparseActivations } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel } from "../../engine/index.ts";
import type { LatentCard } from "../../records/index.ts";
import { eachLens, strongestTokens } from "./logit-lens.ts";
import { eachEncoded, type Reader, withoutBos } from "./reading.ts";
import { keep, mergeStrongest, type Strongest, strongest } from "./strongest.ts";

export type LatentText = Pick<LatentCard, "latent" | "firingRate" | "contexts" | "topLogits" | "bottomLogits">;

export interface LatentCardsRequest extends Reader {
  readonly model: LanguageModel;
  readonly latents: readonly number[];
  /** Token sequences; all positions count but that of a leading BOS. */
  readonly corpus: readonly (readonly number[])[];
  readonly options?: AskOptions;
}

const CONTEXTS = 8;
/** Tokens shown on each side of the strongest one. */
const AROUND = 8;
const TOKENS = 10;

/** One per latent, in the order asked for. */
export async function latentCards(request: LatentCardsRequest): Promise<LatentText[]> {
  const { model, latents, corpus } = request;
  const peaks = await peaksOf(request);
  const logits = await tokensOf(request);
  return latents.map((latent, i) => ({
    latent,
    firingRate: peaks.tokens === 0 ? 0 : must(peaks.firing[i], "latent") / peaks.tokens,
    contexts: must(peaks.places[i], "latent").items.map(({ item, value }) => ({
      ...contextOf(model.tokenizer, must(corpus[item.sequence], "sequence"), item.position),
      value,
    })),
    ...must(logits[i], "latent"),
  }));
}

interface Place {
  readonly sequence: number;
  readonly position: number;
}

/** What shards of the corpus add up to; one entry per latent asked for. */
export interface Peaks {
  tokens: number;
  /** Tokens on which the latent is active. */
  readonly firing: number[];
  /** At most one place a sequence: neighbours of a peak show the same text again. */
  readonly places: Strongest<Place>[];
}

export function noPeaks(latents: number): Peaks {
  return {
    tokens: 0,
    firing: Array.from({ length: latents }, () => 0),
    places: Array.from({ length: latents }, () => strongest<Place>(CONTEXTS)),
  };
}

/** The shards must hold different sequences. */
export function mergePeaks(a: Peaks, b: Peaks): Peaks {
  return {
    tokens: a.tokens + b.tokens,
    firing: a.firing.map((count, i) => count + must(b.firing[i], "latent")),
    places: a.places.map((places, i) => mergeStrongest(places, must(b.places[i], "latent"))),
  };
}

async function peaksOf(request: LatentCardsRequest): Promise<Peaks> {
  const { model, latents, corpus, options } = request;
  const peaks = noPeaks(latents.length);
  const sequences = withoutBos(
    model,
    corpus.map((ids) => ({ ids, positions: [...ids.keys()] })),
  );
  await eachEncoded(
    [model],
    request,
    sequences,
    (sequence, [seen]) => {
      const { positions } = must(sequences[sequence], "sequence");
      addPeaks(peaks, latents, must(seen, "model").active, { sequence, positions });
    },
    options,
  );
  return peaks;
}

export function addPeaks(
  peaks: Peaks,
  latents: readonly number[],
  active: SparseActivations,
  { sequence, positions }: { readonly sequence: number; readonly positions: readonly number[] },
): void {
  const wanted = new Map(latents.map((latent, i) => [latent, i]));
  const best = new Map<number, { position: number; value: number }>();
  for (const [slot, latent] of active.latents.entries()) {
    const at = wanted.get(latent);
    const value = active.values[slot] as number;
    if (at === undefined || value <= 0) continue;
    peaks.firing[at] = (peaks.firing[at] as number) + 1;
    const position = must(positions[Math.floor(slot / active.k)], "position");
    if (value > (best.get(at)?.value ?? 0)) best.set(at, { position, value });
  }
  for (const [at, { position, value }] of best)
    peaks.places[at] = keep(must(peaks.places[at], "latent"), { item: { sequence, position }, value });
  peaks.tokens += active.tokens;
}

function contextOf(tokenizer: Tokenizer, ids: readonly number[], position: number) {
  const start = Math.max(0, position - AROUND);
  const tokens = ids.slice(start, position + AROUND + 1).map((id) => tokenizer.tokenText(id));
  return { tokens, at: position - start };
}

async function tokensOf({ model, dictionary, latents }: LatentCardsRequest) {
  const found: Pick<LatentText, "topLogits" | "bottomLogits">[] = [];
  await eachLens(model, decoderRows(dictionary, latents), (_, logits) => {
    const tokens = (sign: 1 | -1) => strongestTokens(model.tokenizer, logits, TOKENS, sign);
    found.push({ topLogits: tokens(1), bottomLogits: tokens(-1) });
  });
  return found;
}

/** `[latents, dModel]` */
export function decoderRows({ decoder, dModel }: Dictionary, latents: readonly number[]): Float32Array {
  const rows = new Float32Array(latents.length * dModel);
  for (const [i, latent] of latents.entries())
    rows.set(decoder.subarray(latent * dModel, (latent + 1) * dModel), i * dModel);
  return rows;
}
