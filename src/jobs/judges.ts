/** Models of this machine as speakers and judges; their replies are kept on disk. */
import type { Engine, LanguageModel } from "../engine/index.ts";
import { type Judge, keptReplies, localSpeaker, type Panel } from "../judges/index.ts";
import type { ModelIdentity } from "../records/index.ts";
import { cacheSubfolder } from "../store/index.ts";
import { asLanguageModel, type OpenedModel, openModel } from "./open.ts";
import { openAdapter } from "./open-adapter.ts";
import { machine } from "./part.ts";

/** `adapter` is a PEFT folder: a judge that was tuned to judge. */
export async function localJudge(reference: string, adapter: string | null, engine: Engine): Promise<Judge> {
  const opened = await openModel(reference);
  if (adapter === null) return speakerOf(opened, asLanguageModel(opened, engine, null), opened.identity);
  const tuned = await openAdapter(opened, engine, adapter);
  return speakerOf(tuned.opened, tuned.model, tuned.identity);
}

/** `model` is `opened`, with an adapter or without; `identity` is what records call it. */
export async function speakerOf(
  { identity: { sha256: base } }: Pick<OpenedModel, "identity">,
  model: LanguageModel,
  identity: ModelIdentity,
): Promise<Judge> {
  const { adapter, adapter_scale: scale } = model.binding.feeds;
  const tuned = {
    adapter: adapter && "buffer" in adapter ? adapter.buffer : null,
    scale: scale && "data" in scale ? Number(scale.data[0]) : null,
  };
  const kept = keptReplies(await cacheSubfolder("replies"), { base, tuned, machine: machine(model.engine) });
  return localSpeaker(model, identity, kept);
}

/** Cases that a second judge sees unless told. */
export const SECOND_CASES = 50;

export function panelOf(first: Judge, second: Judge | null, seed: number, secondCases = SECOND_CASES): Panel {
  return { first, second, secondCases, seed };
}
