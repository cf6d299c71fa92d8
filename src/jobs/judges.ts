/** Who judges, as users name it: a model behind an endpoint, or one on this machine. */
import type { Engine } from "../engine/index.ts";
import { type Judge, localSpeaker, type Panel } from "../judges/index.ts";
import { asLanguageModel, openModel } from "./open.ts";

/** A model of this machine as a judge, or as whoever is asked; `adapterRank` null: without adapters. */
export async function localJudge(reference: string, engine: Engine): Promise<Judge> {
  const opened = await openModel(reference);
  return localSpeaker(asLanguageModel(opened, engine, null), opened.identity);
}

/** Cases that a second judge sees unless told. */
export const SECOND_CASES = 50;

export function panelOf(first: Judge, second: Judge | null, seed: number, secondCases = SECOND_CASES): Panel {
  return { first, second, secondCases, seed };
}
