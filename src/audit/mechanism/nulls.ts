/**
 * What a take-back must beat: the shares that subspaces of the same ranks undo, isotropic ones and ones with the
 * covariance of activations on neutral text.
 *
 * Ranks differ: answers of one token leave one direction, longer ones up to four, at each hook point. A null is drawn
 * for each *profile*, the ranks at all hook points; what has the same profile is compared with the same draws, whichever
 * behaviours stand beside it.
 */
import { must, rng } from "../../core/index.ts";
import { concatRows } from "../../dictionaries/index.ts";
import type { TakeBack } from "../../records/index.ts";
import { askCases, type Lab, shareOf } from "./lab.ts";
import type { MechanismRequest } from "./request.ts";
import { covarianceMatchedSubspaces, randomSubspaces, type Subspace, takenBack } from "./subspaces.ts";

/** Subspaces, one per hook point, and the cases whose shift is taken back along them. */
export interface Compared {
  readonly subspaces: readonly Subspace[];
  /** Their indices, each with a shift. */
  readonly cases: readonly number[];
}

export type Nulls = Pick<TakeBack, "random" | "covarianceMatched">;

/** The ranks at the hook points, in their order: `3,4,4`. */
export function rankProfile(subspaces: readonly Subspace[]): string {
  return subspaces.map(({ width, basis }) => basis.length / width).join();
}

/** One of each profile, with all cases that are compared with it. */
export function profilesOf(compared: readonly Compared[]): Map<string, Compared> {
  const profiles = new Map<string, Compared>();
  for (const { subspaces, cases } of compared) {
    const profile = rankProfile(subspaces);
    const known = profiles.get(profile)?.cases ?? [];
    profiles.set(profile, { subspaces, cases: [...new Set([...known, ...cases])] });
  }
  return profiles;
}

/** The nulls of each take-back that was named: by its subspaces and its case. */
export async function drawNulls(
  lab: Lab,
  compared: readonly Compared[],
): Promise<(subspaces: readonly Subspace[], c: number) => Nulls> {
  const { seed } = lab.request;
  const profiles = profilesOf(compared);
  const samples = await activationSamples(lab.request, must(compared[0], "subspaces").subspaces);
  const found = new Map<string, { random: Map<number, number>; matched: Map<number, number> }>();
  for (const [profile, { subspaces: like, cases }] of profiles) {
    const random = await largestShares(lab, cases, `random subspaces of ranks ${profile}`, (draw) =>
      randomSubspaces(like, rng(seed, "subspace", profile, draw)),
    );
    const matched = await largestShares(lab, cases, `covariance-matched subspaces of ranks ${profile}`, (draw) =>
      covarianceMatchedSubspaces(like, samples, rng(seed, "matched subspace", profile, draw)),
    );
    found.set(profile, { random, matched });
  }
  const draws = lab.settings.subspaces;
  return (subspaces, c) => {
    const { random, matched } = must(found.get(rankProfile(subspaces)), "a null of these ranks");
    return {
      random: { largest: must(random.get(c), "case"), draws },
      covarianceMatched: { largest: must(matched.get(c), "case"), draws },
    };
  };
}

/** For each case the largest share that a draw undoes. */
async function largestShares(
  lab: Lab,
  cases: readonly number[],
  name: string,
  subspaces: (draw: number) => Subspace[],
): Promise<Map<number, number>> {
  const { base, tuned } = lab.request;
  const largest = new Map<number, number>();
  for (let draw = 0; draw < lab.settings.subspaces; draw++) {
    lab.step(name);
    const answers = await askCases(lab, takenBack(tuned, base, subspaces(draw)), cases);
    for (const [c, logOdds] of answers) {
      const { share } = must(shareOf(lab, c, logOdds), "a shift");
      largest.set(c, Math.max(share, largest.get(c) ?? share));
    }
  }
  return largest;
}

/** `[tokens, dModel]` per hook: what the base computes on neutral text, whose covariance the second null has. */
async function activationSamples({ base, neutral, signal }: MechanismRequest, like: readonly Subspace[]) {
  const parts = like.map((): Float32Array[] => []);
  await base.activations(
    neutral.map((ids) => ({ ids, positions: [...ids.keys()].slice(1) })),
    like.map(({ hook }) => hook),
    ({ rows }) => {
      for (const [h, values] of rows.entries()) must(parts[h], "hook").push(values.slice());
    },
    signal ? { signal } : {},
  );
  return parts.map(concatRows);
}
