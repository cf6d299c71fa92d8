/**
 * How much of each behaviour's shift is undone where what moved along some directions is taken back: along its own, and
 * along the data's. Null where its pairs show no shift.
 */
import { must } from "../../core/index.ts";
import type { TakeBack } from "../../records/index.ts";
import { askCases, type Lab, shareOf } from "./lab.ts";
import { type Compared, drawNulls, type Nulls, profilesOf } from "./nulls.ts";
import type { MechanismRequest, MechanismSettings } from "./request.ts";
import { type Subspace, subspaceOf, takenBack } from "./subspaces.ts";

/** By the case's index. */
export interface TakeBacks {
  readonly own: ReadonlyMap<number, TakeBack>;
  readonly data: ReadonlyMap<number, TakeBack>;
}

/** Calls of `lab.step` in what follows. */
export function takeBackSteps(
  request: MechanismRequest,
  { subspaces }: MechanismSettings,
  shifted: readonly number[],
): number {
  if (shifted.length === 0) return 0;
  const { own, data } = comparedIn(request, shifted);
  return 2 * subspaces * profilesOf([...own, ...data]).size + 1 + data.length;
}

export async function takeBacks(lab: Lab): Promise<TakeBacks> {
  if (lab.shifted.length === 0) return { own: new Map(), data: new Map() };
  const { own, data } = comparedIn(lab.request, lab.shifted);
  const nullsOf = await drawNulls(lab, [...own, ...data]);
  lab.step("own directions");
  const ofOwn = await takenBackAlong(lab, own, nullsOf);
  if (data.length > 0) lab.step("the data's directions");
  return { own: ofOwn, data: await takenBackAlong(lab, data, nullsOf) };
}

/** Each case along its own directions, and all along the data's: one model for all. */
function comparedIn({ cases, data }: MechanismRequest, chosen: readonly number[]) {
  const own = chosen.map((c): Compared => {
    return { subspaces: must(cases[c], "case").directions.map(subspaceOf), cases: [c] };
  });
  return { own, data: data ? [{ subspaces: data.directions.map(subspaceOf), cases: chosen }] : [] };
}

async function takenBackAlong(
  lab: Lab,
  compared: readonly Compared[],
  nullsOf: (subspaces: readonly Subspace[], c: number) => Nulls,
): Promise<Map<number, TakeBack>> {
  const { base, tuned } = lab.request;
  const found = new Map<number, TakeBack>();
  for (const { subspaces, cases } of compared) {
    const { width, basis } = must(subspaces.at(-1), "hook");
    for (const [c, logOdds] of await askCases(lab, takenBack(tuned, base, subspaces), cases)) {
      const { share, interval } = must(shareOf(lab, c, logOdds), "a shift");
      found.set(c, { rank: basis.length / width, share, interval: [...interval], ...nullsOf(subspaces, c) });
    }
  }
  return found;
}
