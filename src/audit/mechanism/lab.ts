/** What the steps of the analysis share: the probes, and what both models say of them. */
import { must } from "../../core/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import { type Probe, pairLogOdds, pairScore, probeOf } from "../pair-log-odds.ts";
import { DEFAULTS, type MechanismRequest, type MechanismSettings } from "./request.ts";
import { type Share, undoneShare } from "./share.ts";

export interface Lab {
  readonly request: MechanismRequest;
  readonly settings: MechanismSettings;
  readonly probes: readonly Probe[];
  /** `[case][pair]`: log-odds. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** `[case][pair]`: scores of tuned less base. */
  readonly shift: readonly (readonly number[])[];
  /** Indices of the cases whose pairs show a shift: only there an intervention has something to undo. */
  readonly shifted: readonly number[];
  /** Says what begins. */
  readonly step: (message: string) => void;
}

/** `steps`: how often `step` will be called after this, where these cases have a shift. */
export async function openLab(
  request: MechanismRequest,
  steps: (settings: MechanismSettings, shifted: readonly number[]) => number,
): Promise<Lab> {
  const { base, tuned, cases } = request;
  const settings = { ...DEFAULTS, ...request.settings };
  const probes = cases.map(({ behaviour }) => probeOf(base, behaviour, { half: "check", most: settings.pairs }));
  let total = 1 + steps(settings, [...cases.keys()]);
  let done = 0;
  const step = (message: string) => request.onProgress?.({ task: "mechanism", step: done++, total, message });
  step("both models");
  const [before, after] = [await askAll(request, base, probes), await askAll(request, tuned, probes)];
  const shift = after.map((values, c) => scoreDifference(values, must(before[c], "case")));
  const shifted = [...shift.keys()].filter((c) => undoneShare(must(shift[c], "case"), must(shift[c], "case")) !== null);
  total = 1 + steps(settings, shifted);
  return { request, settings, probes, before, after, shift, shifted, step };
}

/** `[probe][pair]`: log-odds, nats. */
export function askAll(
  { signal }: MechanismRequest,
  model: LanguageModel,
  probes: readonly Probe[],
): Promise<number[][]> {
  return pairLogOdds(model, probes, signal ? { signal } : {});
}

/** The same for some of the cases, by their indices. */
export async function askCases(
  lab: Lab,
  model: LanguageModel,
  cases: readonly number[],
): Promise<Map<number, number[]>> {
  const probes = cases.map((c) => must(lab.probes[c], "probe"));
  const answers = await askAll(lab.request, model, probes);
  return new Map(cases.map((c, i) => [c, must(answers[i], "answers")]));
}

/** The share of case `c`'s shift that is gone in a model which says `logOdds` of its pairs. */
export function shareOf({ after, shift }: Lab, c: number, logOdds: readonly number[]): Share | null {
  return undoneShare(must(shift[c], "case"), scoreDifference(must(after[c], "case"), logOdds));
}

/** a − b, pair by pair. */
export function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - must(b[i], "pair"));
}

function scoreDifference(a: readonly number[], b: readonly number[]): number[] {
  return difference(a.map(pairScore), b.map(pairScore));
}
