/**
 * What a row's answer activates beyond the control's, and how near that lies to behaviours (SCIENCE §2.4): geometric risk
 * over all latents, or the share that lies on the behaviours' own (the trivial filter: bad features, bad rows).
 *
 * More is riskier: where a behaviour is riskier when it falls, the signs s_j of its latents are turned before anything is
 * measured, in κ and in its null. (The largest of −s_j cos is not −1 times the largest of s_j cos.)
 */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import { type Dictionary, encode } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel } from "../../engine/index.ts";
import {
  closeness,
  type GeometricRisk,
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

/** Which way is riskier is all that is asked of a behaviour beside its latents. */
type Riskier = Pick<Behaviour, "id" | "riskier">;

/** What a row's risk is measured against. */
export interface RiskReference {
  readonly dictionary: Dictionary;
  /** f̄ of the control, `[nLatents]` */
  readonly control: Float64Array;
  readonly prepared: PreparedLatents;
  readonly seed: number;
}

export interface RiskQuestion extends RiskReference {
  readonly rows: readonly RowLatents[];
  readonly behaviours: readonly Riskier[];
}

/** Null sets that κ̄ is a mean over. */
const NULL_SETS = 32;

/** r_b of every row, by behaviour id; NaN where nothing fires beyond the control. Behaviours without latents are left out. */
export function geometricRisks({ rows, behaviours, ...reference }: RiskQuestion): Map<string, Float64Array> {
  const measure = riskMeasure(reference);
  return new Map(
    behaviours.flatMap((behaviour): [string, Float64Array][] => {
      const found = measure(behaviour, rows);
      return found ? [[behaviour.id, Float64Array.from(found, ({ all }) => all ?? Number.NaN)]] : [];
    }),
  );
}

/** r_b of some rows, with and without i ∈ T_b; null of a behaviour without latents. */
export type RiskMeasure = (behaviour: Riskier, rows: readonly RowLatents[]) => GeometricRisk[] | null;

/** What one behaviour after the other is asked of; the strata of its nulls are made once. */
export function riskMeasure({ dictionary, control, prepared, seed }: RiskReference): RiskMeasure {
  const directions = { decoder: dictionary.decoder, width: dictionary.dModel };
  const bins = strata({ firingRates: prepared.firingRates, norms: encoderNorms(dictionary) });
  return (behaviour, all) => {
    const set = riskierSet(prepared, behaviour);
    if (set.length === 0) return null;
    const rows = all.map((row) => beyond(row, control));
    const { latents, placeOf } = activeLatents(rows);
    const near = closeness(directions, set, latents);
    const nulls = matchedSets(set, bins, { draws: NULL_SETS, seed: `${seed} risk ${behaviour.id}` });
    const usual = meanCloseness(directions, nulls, latents);
    const own = new Set(set.map(({ latent }) => latent));
    const at = (values: Float64Array, { latents: of }: RowLatents) =>
      Float64Array.from(of, (latent) => must(values[must(placeOf.get(latent), "latent")], "value"));
    return rows.map((row) =>
      geometricRisk({
        activations: row.means,
        control: Float64Array.from(row.latents, (latent) => must(control[latent], "latent")),
        closeness: at(near, row),
        nullCloseness: at(usual, row),
        isOwn: (index) => own.has(must(row.latents[index], "latent")),
      }),
    );
  };
}

/** T_b with the signs that the riskier side has. */
function riskierSet({ sets }: PreparedLatents, { id, riskier }: Riskier): SignedLatent[] {
  const raises = riskier === "up" ? 1 : -1;
  return (sets.get(id) ?? []).map(({ latent, sign }) => ({ latent, sign: sign === raises ? 1 : -1 }));
}

/** What is not active beyond the control weighs nothing. */
function beyond({ latents, means }: RowLatents, control: Float64Array): RowLatents {
  const kept = [...latents.keys()].filter(
    (i) => must(means[i], "mean") > must(control[must(latents[i], "latent")], "control"),
  );
  return {
    latents: Int32Array.from(kept, (i) => must(latents[i], "latent")),
    means: Float64Array.from(kept, (i) => must(means[i], "mean")),
  };
}

/** Σ_{i ∈ T_b} s_i a_i / Σ a_i of every row: the direct part alone. NaN where nothing fires beyond the control. */
export function directShares({ rows, control, prepared, behaviours }: Omit<RiskQuestion, "dictionary" | "seed">) {
  return new Map(
    behaviours.flatMap((behaviour): [string, Float64Array][] => {
      if (!prepared.sets.has(behaviour.id)) return [];
      const signs = new Map(riskierSet(prepared, behaviour).map(({ latent, sign }) => [latent, sign]));
      return [[behaviour.id, Float64Array.from(rows, (row) => directShare(row, control, signs))]];
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
