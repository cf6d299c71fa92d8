/**
 * What a row's answer activates beyond the control's, and how near that lies to behaviours (SCIENCE §2.4): geometric risk
 * over all latents, or the share that lies on the behaviours' own (the trivial filter: bad features, bad rows).
 */
import { must } from "../../core/index.ts";
import { type Dictionary, encode } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel } from "../../engine/index.ts";
import {
  closeness,
  geometricRisk,
  matchedSets,
  meanCloseness,
  type SignedLatent,
  strata,
} from "../../geometry/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import { responseOf } from "../forecast/control.ts";
import { meanActivations } from "../latents.ts";
import type { PreparedLatents } from "../prepare.ts";

/** Latents of one row that are active at all, with their mean activation over the answer's tokens. */
export interface RowLatents {
  readonly latents: Int32Array;
  readonly means: Float64Array;
}

export interface RowLatentsRequest extends AskOptions {
  readonly base: LanguageModel;
  readonly dictionary: Dictionary;
  readonly rows: readonly TrainingRow[];
}

/** One sparse vector a row: memory grows with what is active, not with the dictionary. */
export async function rowLatents({ base, dictionary, rows, ...ask }: RowLatentsRequest): Promise<RowLatents[]> {
  const sums = rows.map(() => new Map<number, number>());
  const sequences = rows.map(responseOf);
  await base.activations(
    sequences,
    [dictionary.hook],
    ({ owners, rows: [h] }) => {
      const { k, latents, values } = encode(dictionary, must(h, "activations"));
      for (const [t, owner] of owners.entries()) {
        const own = must(sums[owner], "row");
        for (let slot = t * k; slot < (t + 1) * k; slot++) {
          const latent = latents[slot] as number;
          if (latent >= 0) own.set(latent, (own.get(latent) ?? 0) + (values[slot] as number));
        }
      }
    },
    ask,
  );
  return sums.map((own, row) => {
    const tokens = must(sequences[row], "row").positions.length;
    return { latents: Int32Array.from(own.keys()), means: Float64Array.from(own.values(), (sum) => sum / tokens) };
  });
}

/** f̄ of the control, `[nLatents]`. */
export function controlMeans(
  base: LanguageModel,
  dictionary: Dictionary,
  control: readonly TrainingRow[],
  ask: AskOptions = {},
): Promise<Float64Array> {
  return meanActivations(base, dictionary, control.map(responseOf), ask);
}

export interface RiskQuestion {
  readonly dictionary: Dictionary;
  readonly rows: readonly RowLatents[];
  /** `[nLatents]` */
  readonly control: Float64Array;
  readonly prepared: PreparedLatents;
  readonly seed: number;
}

/** Null sets that κ̄ is a mean over. */
const NULL_SETS = 32;

/** r_b of every row, by behaviour id; NaN where nothing fires beyond the control. */
export function geometricRisks(question: RiskQuestion): Map<string, Float64Array> {
  const { dictionary, rows, control, prepared, seed } = question;
  const { latents, placeOf } = activeLatents(rows);
  const directions = { decoder: dictionary.decoder, width: dictionary.dModel };
  const bins = strata({ firingRates: prepared.firingRates, norms: encoderNorms(dictionary) });
  const risks = [...prepared.sets].map(([id, set]): [string, Float64Array] => {
    if (set.length === 0) return [id, new Float64Array(rows.length).fill(Number.NaN)];
    const signed = set.map(({ latent, sign }): SignedLatent => ({ latent, sign }));
    const near = closeness(directions, signed, latents);
    const nulls = matchedSets(signed, bins, { draws: NULL_SETS, seed: `${seed} risk ${id}` });
    const usual = meanCloseness(directions, nulls, latents);
    const own = new Set(signed.map(({ latent }) => latent));
    const at = (values: Float64Array, { latents: of }: RowLatents) =>
      Float64Array.from(of, (latent) => must(values[must(placeOf.get(latent), "latent")], "value"));
    return [
      id,
      Float64Array.from(rows, (row) => {
        const { all } = geometricRisk({
          activations: row.means,
          control: Float64Array.from(row.latents, (latent) => must(control[latent], "latent")),
          closeness: at(near, row),
          nullCloseness: at(usual, row),
          isOwn: (index) => own.has(must(row.latents[index], "latent")),
        });
        return all ?? Number.NaN;
      }),
    ];
  });
  return new Map(risks);
}

/** Σ_{i ∈ T_b} s_i a_i / Σ a_i of every row: the direct part alone. NaN where nothing fires beyond the control. */
export function directShares({ rows, control, prepared }: Omit<RiskQuestion, "dictionary" | "seed">) {
  return new Map(
    [...prepared.sets].map(([id, set]): [string, Float64Array] => {
      const signs = new Map(set.map(({ latent, sign }) => [latent, sign]));
      return [id, Float64Array.from(rows, (row) => directShare(row, control, signs))];
    }),
  );
}

function directShare(
  { latents, means }: RowLatents,
  control: Float64Array,
  signs: ReadonlyMap<number, 1 | -1>,
): number {
  let [own, all] = [0, 0];
  for (const [i, latent] of latents.entries()) {
    const excess = Math.max(0, must(means[i], "mean") - must(control[latent], "control"));
    all += excess;
    own += excess * (signs.get(latent) ?? 0);
  }
  return all === 0 ? Number.NaN : own / all;
}

function activeLatents(rows: readonly RowLatents[]): { latents: Int32Array; placeOf: ReadonlyMap<number, number> } {
  const latents = Int32Array.from(new Set(rows.flatMap(({ latents }) => [...latents]))).sort();
  return { latents, placeOf: new Map([...latents].map((latent, place) => [latent, place])) };
}

function encoderNorms({ encoder, nLatents, dModel }: Dictionary): Float64Array {
  return Float64Array.from({ length: nLatents }, (_, i) =>
    Math.hypot(...encoder.subarray(i * dModel, (i + 1) * dModel)),
  );
}
