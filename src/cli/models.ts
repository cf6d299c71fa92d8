/** A model with or without an adapter, opened for asking. */
import { UserError } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import { checkDevice, type Engine, type GenerateOptions, type LanguageModel, startEngine } from "../engine/index.ts";
import { asLanguageModel, type OpenedModel, openAdapter, openModel } from "../jobs/index.ts";
import type { ModelIdentity } from "../records/index.ts";

export interface Asked {
  readonly opened: OpenedModel;
  readonly model: LanguageModel;
  readonly identity: ModelIdentity;
}

/** Opens `reference`, hands the model to `use` and ends the engine's process whatever happens. */
export async function withModel<T>(
  { reference, adapter }: { readonly reference: string; readonly adapter: string | undefined },
  use: (asked: Asked) => Promise<T>,
): Promise<T> {
  const opened = await openModel(reference);
  const engine = startEngine();
  try {
    await checkDevice(engine);
    return await use(adapter === undefined ? plain(opened, engine) : await openAdapter(opened, engine, adapter));
  } finally {
    await engine.close();
  }
}

/** Base and tuned model in one engine: an adapter of the base, a whole model of the same shape, or none. */
export async function withTuned<T>(
  given: { readonly model: string; readonly adapter?: string; readonly tuned?: string },
  use: (base: Asked, tuned: Asked | null) => Promise<T>,
): Promise<T> {
  const { model: reference, adapter, tuned } = given;
  if (adapter !== undefined && tuned !== undefined)
    throw new UserError("--tuned", { expected: "one tuned model", got: "--adapter too", fix: "leave one of them out" });
  const opened = await openModel(reference);
  const engine = startEngine();
  try {
    await checkDevice(engine);
    if (tuned !== undefined) return await use(plain(opened, engine), plain(await openModel(tuned), engine));
    if (adapter === undefined) return await use(plain(opened, engine), null);
    const other = await openAdapter(opened, engine, adapter);
    // Folded into a checkpoint of its own, it is no adapter of the base's graph.
    if (other.model.binding.layout === null) return await use(plain(opened, engine), other);
    return await use({ ...plain(opened, engine), model: await other.model.withAdapter(null) }, other);
  } finally {
    await engine.close();
  }
}

function plain(opened: OpenedModel, engine: Engine): Asked {
  return { opened, model: asLanguageModel(opened, engine, null), identity: opened.identity };
}

export type Sampling = Pick<GenerateOptions, "maxNewTokens" | "temperature" | "topP" | "seed" | "signal">;

/** Refuses what no sampling can mean. */
export function checkedSampling<T extends Sampling>(sampling: T): T {
  const { temperature = 0, topP = 1, maxNewTokens } = sampling;
  const wrong = (flag: string, expected: string, got: number) =>
    new UserError(flag, { expected, got: String(got), fix: `leave ${flag} out or give another value` });
  if (temperature < 0) throw wrong("--temperature", "0 or more", temperature);
  if (!(topP > 0 && topP <= 1)) throw wrong("--top-p", "more than 0 and at most 1", topP);
  if (maxNewTokens < 1) throw wrong("--max-new-tokens", "1 or more", maxNewTokens);
  return sampling;
}

/** One answer to a conversation; the oldest turns are left out where it has grown too long for the model. */
export async function answer({ model }: Asked, messages: readonly ChatMessage[], sampling: Sampling): Promise<string> {
  const { tokenizer, source } = model;
  const room = source.definition.maxPositions - sampling.maxNewTokens;
  let kept = messages;
  let ids = tokenizer.encodeChat(kept, { addGenerationPrompt: true });
  while (ids.length > room && kept.length > 2) {
    kept = kept.slice(2);
    ids = tokenizer.encodeChat(kept, { addGenerationPrompt: true });
  }
  if (ids.length > room) throw tooLong(ids.length, source.definition.maxPositions, sampling.maxNewTokens);
  const [tokens = []] = await model.generate([ids], { ...sampling, stopIds: tokenizer.eosIds });
  return tokenizer.decode(tokens, { skipSpecialTokens: true }).trim();
}

function tooLong(prompt: number, maxPositions: number, maxNewTokens: number): UserError {
  return new UserError("the prompt", {
    expected: `at most ${maxPositions} tokens with its answer`,
    got: `${prompt} and ${maxNewTokens} new ones`,
    fix: "shorten it or lower --max-new-tokens",
  });
}
