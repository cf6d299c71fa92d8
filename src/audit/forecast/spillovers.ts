/**
 * Spillover scores of all behaviours with their three nulls (SCIENCE §3): S^act from what the data's answers activate
 * beyond the control's, S^grad from where the loss pushes. The claim is about an update, so S^grad is the one that
 * speaks of training.
 */
import { must } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import {
  alignments,
  benjaminiHochberg,
  isotropicMeans,
  matchedSetNull,
  monteCarlo,
  norm,
  permutedLabelNulls,
  type SignedLatent,
  type Strata,
  setScore,
  spillover,
  strata,
  weightedDirection,
} from "../../geometry/index.ts";
import type { Spillover } from "../../records/index.ts";
import type { BehaviourLatent, DataLatents } from "../latents.ts";

export interface SpilloversRequest {
  readonly dictionary: Dictionary;
  readonly data: DataLatents;
  /** T_b by behaviour id. */
  readonly sets: ReadonlyMap<string, readonly BehaviourLatent[]>;
  /** `[nLatents]`: share of tokens on which a latent is active. */
  readonly firingRates: Float64Array;
  readonly draws: number;
  readonly seed: number;
}

export interface Spillovers {
  readonly act: Spillover;
  readonly grad: Spillover;
  /** Share of |ŵ| on T_b, by activation contrast. */
  readonly sharedWeight: number;
}

/** By behaviour id; empty where the data amplify nothing beyond the control. */
export function spillovers(request: SpilloversRequest): Map<string, Spillovers> {
  const { dictionary, data, sets, firingRates } = request;
  const nulls: SharedNulls = {
    bins: strata({ firingRates, norms: encoderNorms(dictionary) }),
    isotropic: isotropicBySize(request),
  };
  const act = scored(request, data.contrast, nulls, "act");
  const grad = scored(request, data.push, nulls, "grad");
  const found = new Map<string, Spillovers>();
  for (const id of sets.keys()) {
    const [a, g] = [act.get(id), grad.get(id)];
    if (a && g) found.set(id, { act: a.score, grad: g.score, sharedWeight: a.sharedWeight });
  }
  return found;
}

/** What the nulls of all behaviours are drawn from. */
interface SharedNulls {
  readonly bins: Strata;
  /** Means of cosines with |T_b| isotropic directions: the same draws for all sets of one size. */
  readonly isotropic: (size: number) => Float64Array;
}

function isotropicBySize({ dictionary, draws, seed }: SpilloversRequest): SharedNulls["isotropic"] {
  const known = new Map<number, Float64Array>();
  return (size) => {
    const means = known.get(size) ?? isotropicMeans(dictionary.dModel, { size, draws, seed });
    known.set(size, means);
    return means;
  };
}

interface Scored {
  readonly score: Spillover;
  readonly sharedWeight: number;
}

function scored(
  { dictionary, sets, draws, seed }: SpilloversRequest,
  weights: Float64Array,
  { bins, isotropic }: SharedNulls,
  name: string,
): Map<string, Scored> {
  const decoder = { decoder: dictionary.decoder, width: dictionary.dModel };
  const direction = weightedDirection(decoder, weights);
  if (!direction) return new Map();
  const aligned = alignments(decoder, direction);
  const ids = [...sets.keys()];
  const signed = ids.map((id): SignedLatent[] => must(sets.get(id), id).map(({ latent, sign }) => ({ latent, sign })));
  const labels = permutedLabelNulls(aligned, signed, { draws, seed: `${seed} ${name}` });
  const length = norm(direction);
  const tested = signed.map((set, b) => {
    const observed = setScore(aligned, set);
    const ofBehaviour = { draws, seed: `${seed} ${name} ${ids[b]}` };
    return {
      sets: monteCarlo(observed, matchedSetNull(aligned, set, bins, ofBehaviour)),
      labels: monteCarlo(observed, must(labels[b], "labels")),
      directions: monteCarlo(
        observed,
        isotropic(set.length).map((mean) => length * mean),
      ),
    };
  });
  const adjusted = benjaminiHochberg(tested.map((test) => test.sets.p));
  return new Map(
    ids.map((id, b) => {
      const { total, direct, adjacent, sharedWeight } = must(spillover(decoder, weights, signed[b] ?? []), "spillover");
      const test = must(tested[b], "test");
      const p = { sets: test.sets.p, labels: test.labels.p, directions: test.directions.p };
      const score = { total, direct, adjacent, z: test.sets.z, p, pAdjusted: must(adjusted[b], "p") };
      return [id, { score, sharedWeight }];
    }),
  );
}

function encoderNorms({ encoder, nLatents, dModel }: Dictionary): Float64Array {
  return Float64Array.from({ length: nLatents }, (_, i) => {
    const row = encoder.subarray(i * dModel, (i + 1) * dModel);
    return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  });
}
