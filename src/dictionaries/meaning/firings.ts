/** Where latents of a dictionary of any kind fire, and where they are silent, with the activation on every token shown. */
import type { LanguageModel, ReadSequence } from "../../engine/index.ts";
import { encodeGroupLarge } from "../coders/encode-large.ts";
import type { LoadedCoder } from "../coders/sparse-coder.ts";
import { readActivations } from "../read.ts";

export interface FiringContext {
  readonly ids: readonly number[];
  /** Activation on each id. */
  readonly values: readonly number[];
  readonly peak: number;
}

export interface CoderFirings {
  readonly latent: number;
  readonly tokens: number;
  readonly fired: number;
  readonly sum: number;
  /** Around the strongest token of each text, strongest first. */
  readonly active: readonly FiringContext[];
  /** Texts without a firing, as long as the others. */
  readonly silent: readonly FiringContext[];
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
  readonly signal?: AbortSignal;
}

type Mutable = { -readonly [K in keyof CoderFirings]: CoderFirings[K] };

/** One pass over the text for all the latents. */
export async function coderFirings(request: FiringsRequest): Promise<CoderFirings[]> {
  const { model, coder, group, latents, sequences, keep = 8, around = 12, signal } = request;
  const of = coder.groups[group];
  if (!of) throw new Error(`a dictionary without group ${group}`);
  const found = latents.map((latent): Mutable => ({ latent, tokens: 0, fired: 0, sum: 0, active: [], silent: [] }));
  for await (const { sequences: read, rows } of readActivations(model, sequences, of.hooks, signal ? { signal } : {}))
    for (const [s, sequence] of read.entries()) {
      const spoken = await encodeGroupLarge(model.engine, of, rows[s] as Float32Array, signal);
      const { starts, latents: speaking, values } = spoken;
      for (const each of found) {
        const series = sequence.ids.map(() => 0);
        for (const [i, position] of sequence.positions.entries())
          for (let slot = starts[i] as number; slot < (starts[i + 1] as number); slot++)
            if (speaking[slot] === each.latent) series[position] = values[slot] as number;
        note(each, sequence, series, keep, around);
      }
    }
  return found;
}

function note(
  of: Mutable,
  { ids, positions }: ReadSequence,
  series: readonly number[],
  keep: number,
  around: number,
): void {
  const fired = series.filter((value) => value > 0);
  of.tokens += positions.length;
  of.fired += fired.length;
  of.sum += fired.reduce((sum, value) => sum + value, 0);
  const peak = fired.reduce((most, value) => Math.max(most, value), 0);
  const at = peak > 0 ? series.indexOf(peak) : Math.floor(ids.length / 2);
  const [from, to] = [Math.max(0, at - around), at + around + 1];
  const context = { ids: ids.slice(from, to), values: series.slice(from, to), peak };
  if (peak === 0) of.silent = of.silent.length < keep ? [...of.silent, context] : of.silent;
  else of.active = [...of.active, context].sort((a, b) => b.peak - a.peak).slice(0, keep);
}
