/**
 * Where latents of a dictionary of any kind fire, and where they are silent, with the activation on every token shown.
 *
 * - The strongest texts alone flatter a latent: what it does at its weakest is seldom what it does at its strongest. So texts
 *   are shown from over its whole range too, drawn without regard to strength (Bricken et al. 2023 show intervals of it).
 * - The same few words again and again are one piece of evidence: of texts whose last `SAME` tokens up to the strongest one
 *   are equal, the strongest is shown, with their number.
 */
import { must, type Rng, rng } from "../../core/index.ts";
import type { LanguageModel, ReadSequence } from "../../engine/index.ts";
import { encodeGroupLarge } from "../coders/encode-large.ts";
import type { LatentGroup, LoadedCoder } from "../coders/sparse-coder.ts";
import { readActivations } from "../read.ts";

export interface FiringContext {
  readonly ids: readonly number[];
  /** Activation on each id. */
  readonly values: readonly number[];
  readonly peak: number;
  /** Texts that are the same up to their strongest token. */
  readonly texts: number;
}

export interface CoderFirings {
  readonly latent: number;
  /** Tokens read, those on which it fires, and texts with such a token. */
  readonly tokens: number;
  readonly fired: number;
  readonly texts: number;
  readonly sum: number;
  /** Around the strongest token of each text, strongest first. */
  readonly active: readonly FiringContext[];
  /** The same of other texts on which it fires, drawn at random and evenly spaced in rank; strongest first. */
  readonly spread: readonly FiringContext[];
  /** As long as the others and without a firing, one of a text: also of texts on which it fires elsewhere. */
  readonly silent: readonly FiringContext[];
  /** Activations where it fires: how many in each of `BINS` equal bins from 0 to the largest. */
  readonly histogram: readonly number[];
  readonly largest: number;
}

export interface FiringsRequest {
  readonly model: LanguageModel;
  readonly coder: LoadedCoder;
  /** Of its groups. */
  readonly group: number;
  readonly latents: readonly number[];
  readonly sequences: readonly ReadSequence[];
  /** Contexts kept of each kind, and tokens shown on either side of the strongest. */
  readonly keep?: number;
  readonly around?: number;
  /** Draws the texts of `spread`. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export const BINS = 20;
const SAME = 6;
/** Texts of `spread` are chosen among so many, drawn from all. */
const DRAWN = 32;

/** One pass over the text for all the latents. */
export async function coderFirings(request: FiringsRequest): Promise<CoderFirings[]> {
  const { model, coder, group, latents, sequences, keep = 8, around = 12, seed = 1, signal } = request;
  const of = must(coder.groups[group], `group ${group} of the dictionary`);
  const found = latents.map((latent) => new Firings(latent, keep, around, rng(seed, "firings", latent)));
  const wanted = new Map(latents.map((latent, i) => [latent, i]));
  for await (const { sequences: read, rows } of readActivations(model, sequences, of.hooks, signal ? { signal } : {}))
    for (const [s, sequence] of read.entries()) {
      const series = await seriesOf(model, of, wanted, sequence, must(rows[s], "rows"), signal);
      for (const [i, each] of found.entries()) each.note(sequence, series.get(i) ?? null);
    }
  return found.map((each) => each.result());
}

/** Activations on each id of the sequence, of those latents that fire on it; by place in `wanted`. */
async function seriesOf(
  model: LanguageModel,
  group: LatentGroup<Float32Array>,
  wanted: ReadonlyMap<number, number>,
  { ids, positions }: ReadSequence,
  rows: Float32Array,
  signal: AbortSignal | undefined,
): Promise<Map<number, Float64Array>> {
  const { starts, latents, values } = await encodeGroupLarge(model.engine, group, rows, signal);
  const found = new Map<number, Float64Array>();
  for (const [i, position] of positions.entries())
    for (let slot = starts[i] as number; slot < (starts[i + 1] as number); slot++) {
      const at = wanted.get(latents[slot] as number);
      if (at === undefined) continue;
      const series = found.get(at) ?? new Float64Array(ids.length);
      series[position] = values[slot] as number;
      found.set(at, series);
    }
  return found;
}

const byPeak = (a: FiringContext, b: FiringContext) => b.peak - a.peak;

class Firings {
  readonly #latent: number;
  readonly #keep: number;
  readonly #around: number;
  readonly #random: Rng;
  #tokens = 0;
  #texts = 0;
  readonly #values: number[] = [];
  /** By what stands up to the strongest token: how many texts. */
  readonly #alike = new Map<string, number>();
  #active: Keyed[] = [];
  /** A uniform draw of all texts on which it fires (Vitter 1985, algorithm R). */
  readonly #drawn: Keyed[] = [];
  readonly #silent: FiringContext[] = [];

  constructor(latent: number, keep: number, around: number, random: Rng) {
    this.#latent = latent;
    this.#keep = keep;
    this.#around = around;
    this.#random = random;
  }

  /** `series`: activation on each id; null: silent on all of them. */
  note({ ids, positions }: ReadSequence, series: Float64Array | null): void {
    this.#tokens += positions.length;
    const width = 2 * this.#around + 1;
    const start = this.#silent.length < this.#keep ? silentStart(ids.length, width, series) : null;
    if (start !== null) this.#silent.push(windowOf(ids, series, start, start + width));
    if (!series) return;
    for (const value of series) if (value > 0) this.#values.push(value);
    const peak = series.reduce((most, value) => Math.max(most, value), 0);
    const at = series.indexOf(peak);
    const context = windowOf(ids, series, Math.max(0, at - this.#around), at + this.#around + 1);
    const key = ids.slice(Math.max(0, at + 1 - SAME), at + 1).join();
    this.#alike.set(key, (this.#alike.get(key) ?? 0) + 1);
    this.#active = distinct([...this.#active, { context, key }]).slice(0, this.#keep);
    const place = this.#texts < DRAWN ? this.#texts : this.#random.int(this.#texts + 1);
    if (place < DRAWN) this.#drawn[place] = { context, key };
    this.#texts++;
  }

  result(): CoderFirings {
    const largest = this.#values.reduce((most, value) => Math.max(most, value), 0);
    const shown = new Set(this.#active.map(({ key }) => key));
    const others = distinct(this.#drawn).filter(({ key }) => !shown.has(key));
    const counted = ({ context, key }: Keyed) => ({ ...context, texts: must(this.#alike.get(key), "texts") });
    return {
      latent: this.#latent,
      tokens: this.#tokens,
      fired: this.#values.length,
      texts: this.#texts,
      sum: this.#values.reduce((sum, value) => sum + value, 0),
      active: this.#active.map(counted),
      spread: evenly(others, this.#keep).map(counted),
      silent: this.#silent,
      histogram: histogramOf(this.#values, largest),
      largest,
    };
  }
}

interface Keyed {
  readonly context: FiringContext;
  readonly key: string;
}

/** Strongest first, of each key the strongest. */
function distinct(all: readonly Keyed[]): Keyed[] {
  const seen = new Set<string>();
  return [...all]
    .sort((a, b) => byPeak(a.context, b.context))
    .filter(({ key }) => !seen.has(key) && seen.add(key) !== undefined);
}

function histogramOf(values: readonly number[], largest: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((BINS * value) / largest));
    counts[bin] = must(counts[bin], "bin") + 1;
  }
  return counts;
}

function windowOf(ids: readonly number[], series: Float64Array | null, from: number, to: number): FiringContext {
  const part = ids.slice(from, to);
  const values = series ? [...series.slice(from, to)] : part.map(() => 0);
  return { ids: part, values, peak: values.reduce((most, value) => Math.max(most, value), 0), texts: 1 };
}

/** Where `width` ids without a firing begin; of all such places the middle one, so that beginnings are not preferred. */
function silentStart(length: number, width: number, series: Float64Array | null): number | null {
  const whole = Math.min(width, length);
  if (!series) return Math.floor((length - whole) / 2);
  const starts: number[] = [];
  let run = 0;
  for (let t = 0; t < length; t++) {
    run = (series[t] as number) > 0 ? 0 : run + 1;
    if (run >= whole) starts.push(t - whole + 1);
  }
  return starts[Math.floor(starts.length / 2)] ?? null;
}

/** At most `count`, evenly spaced. */
function evenly<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)] as T);
}
