/** Dictionaries as jobs: train one on a model, judge it on base, tuned model and user data, show a latent. */
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { must, type OnProgress, UserError } from "../core/index.ts";
import type { FloatDtype } from "../data/index.ts";
import {
  checkFits,
  concatRows,
  type DictionaryRecipe,
  dictionaryDefaults,
  fidelityGate,
  measureFidelity,
  type OpenedDictionary,
  openDictionary,
  permutedDictionary,
  randomDictionary,
  readActivations,
  resolveDictionary,
  shuffledBatches,
  type TrainedDictionary,
  trainDictionary,
  writeSaeLens,
} from "../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import type { DictionaryCard, DictionaryQuality, ModelIdentity } from "../records/index.ts";
import { atomicWriteFile, lockFolder } from "../store/index.ts";
import { cardOf, cardText } from "./dictionary-card.ts";
import { corpusSequences, responseSequences, type TextOptions, take, textOf } from "./dictionary-text.ts";

interface Listening {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** A model with the name under which it is recorded. */
export interface NamedModel {
  readonly model: LanguageModel;
  readonly identity: ModelIdentity;
}

export interface DictionaryTrainRequest extends Listening {
  readonly base: NamedModel;
  readonly hook: HookName;
  readonly recipe: Pick<DictionaryRecipe, "nLatents" | "k" | "tokens" | "seed"> & Partial<DictionaryRecipe>;
  /** Endless text to learn from, and other text to judge on; in words: `source`. */
  readonly text: AsyncIterable<ReadSequence>;
  readonly heldOut: readonly ReadSequence[];
  readonly source: string;
  readonly folder: string;
  readonly dtype?: FloatDtype;
}

/** Rows among which a batch is drawn, in batches. */
const MIXED_BATCHES = 32;
/** Sequences on which CE-recovered is measured: three more passes each. */
const CE_SEQUENCES = 64;

/** The residual stream after two thirds of the layers: late enough for meaning, early enough to act. */
export function defaultHook({ source }: LanguageModel): HookName {
  return `blocks.${Math.floor((2 * (source.definition.dimensions.nLayers - 1)) / 3)}.hook_resid_post`;
}

/** Trains, writes the folder with its card, and judges what the folder gives when it is read again. */
export async function trainDictionaryFolder(request: DictionaryTrainRequest): Promise<DictionaryCard> {
  const { base, hook, folder, dtype = "F32", signal, source } = request;
  checkHook(base.model, hook);
  await mkdir(folder, { recursive: true });
  const release = lockFolder(folder, `output folder ${folder}`);
  try {
    const startedAt = performance.now();
    const recipe: DictionaryRecipe = { ...dictionaryDefaults, ...request.recipe };
    const trained = await train(request, recipe);
    const trainingMs = performance.now() - startedAt;
    await writeSaeLens(folder, trained.dictionary, { dtype, modelName: base.identity.name });
    const quality = await judgeDictionary({
      folder,
      base,
      tuned: null,
      text: request.heldOut,
      data: null,
      seed: recipe.seed,
      ...(signal ? { signal } : {}),
    });
    const card = cardOf({ model: base.identity, hook, recipe, trained, quality, trainingMs, source });
    await atomicWriteFile(join(folder, "card.json"), `${JSON.stringify(card, null, 2)}\n`);
    await atomicWriteFile(join(folder, "README.md"), cardText(card));
    return card;
  } finally {
    release();
  }
}

function train(request: DictionaryTrainRequest, recipe: DictionaryRecipe): Promise<TrainedDictionary> {
  const { base, hook, text, onProgress, signal } = request;
  const { model } = base;
  const { dModel } = model.source.definition.dimensions;
  async function* pieces() {
    for await (const { rows } of readActivations(model, text, hook, signal ? { signal } : {})) yield concatRows(rows);
  }
  const { batchTokens, seed } = recipe;
  const shuffle = { dModel, batchTokens, bufferTokens: MIXED_BATCHES * batchTokens, seed };
  return trainDictionary({
    engine: model.engine,
    hook,
    dModel,
    recipe,
    batches: shuffledBatches(pieces(), shuffle),
    onStep: ({ step, steps, unexplained, dead }) =>
      onProgress?.({ task: "dictionary", step, total: steps, readings: { loss: unexplained, dead } }),
    ...(signal ? { signal } : {}),
  });
}

export interface DictionaryEvalRequest extends Listening {
  readonly folder: string;
  readonly base: NamedModel;
  readonly tuned: NamedModel | null;
  /** Read by base and tuned model. */
  readonly text: readonly ReadSequence[];
  /** The user's training rows at response positions, read by the base. */
  readonly data: readonly ReadSequence[] | null;
  readonly seed: number;
}

export async function judgeDictionary(request: DictionaryEvalRequest): Promise<DictionaryQuality> {
  const { folder, base, tuned, text, data, seed } = request;
  const opened = await openDictionary(await resolveDictionary(folder));
  checkFits(opened, base.model.source.definition);
  const onBase = await judge(request, opened, base.model, "base", text);
  const onTuned = tuned && (await judge(request, opened, tuned.model, "tuned", text));
  const onData = data && (await judge(request, opened, base.model, "data", data));
  const parts = [onBase, onTuned, onData].filter((part) => part !== null);
  return {
    schemaVersion: 1,
    dictionary: opened.identity,
    model: base.identity,
    tuned: tuned?.identity ?? null,
    quality: parts.map(({ quality }) => quality),
    silentLatents: onBase.silent,
    gate: onTuned && fidelityGate(onBase.quality.fidelity, onTuned.quality.fidelity),
    seed,
  };
}

async function judge(
  { seed, onProgress, signal }: DictionaryEvalRequest,
  { dictionary }: OpenedDictionary,
  model: LanguageModel,
  text: "base" | "tuned" | "data",
  sequences: readonly ReadSequence[],
) {
  const baselines = [randomDictionary(dictionary, seed), permutedDictionary(dictionary, seed)];
  const measured = await measureFidelity({
    model,
    dictionaries: [dictionary, ...baselines],
    sequences,
    ceSequences: CE_SEQUENCES,
    onDone: (done, total) => onProgress?.({ task: `fidelity ${text}`, step: done, total }),
    ...(signal ? { signal } : {}),
  });
  const [own, random, permuted] = measured.map(({ fidelity }) => fidelity);
  const quality = {
    text,
    fidelity: must(own, "fidelity"),
    random: must(random, "fidelity"),
    permuted: must(permuted, "fidelity"),
  };
  return { quality, silent: must(measured[0], "sums").sums.fired.filter((count) => count === 0).length };
}

/** Text for training and other text to judge on: another stream of samples, or the corpus' last tenth. */
export async function trainingText(
  { model }: NamedModel,
  { corpus, seed, signal }: TextOptions,
  judgedTokens: number,
): Promise<{ text: AsyncIterable<ReadSequence>; heldOut: readonly ReadSequence[]; source: string }> {
  const quiet = signal ? { signal } : {};
  if (corpus === null) {
    const heldOut = await take(textOf(model, { corpus, seed: seed + 1, ...quiet }), judgedTokens);
    return { text: textOf(model, { corpus, seed, ...quiet }), heldOut, source: "its own samples at temperature 1" };
  }
  const all = await corpusSequences(corpus, model);
  const cut = Math.min(all.length - 1, Math.ceil(0.9 * all.length));
  if (cut < 1)
    throw new UserError(`corpus ${corpus}`, { expected: "two texts at least", got: "one", fix: "give more text" });
  async function* endless() {
    for (;;) yield* all.slice(0, cut);
  }
  return { text: endless(), heldOut: all.slice(cut), source: basename(corpus) };
}

/** Text to judge or show on. */
export async function judgingText(
  { model }: NamedModel,
  options: TextOptions,
  tokens: number,
): Promise<readonly ReadSequence[]> {
  return take(textOf(model, options), tokens);
}

export async function dataSequences({ model }: NamedModel, file: string): Promise<readonly ReadSequence[]> {
  return responseSequences(file, model);
}

function checkHook({ source }: LanguageModel, hook: HookName): void {
  const { hooks } = source.definition;
  if (hooks.includes(hook) && hook.includes("hook_resid")) return;
  const known = hooks.filter((each) => each.endsWith("hook_resid_post"));
  throw new UserError(`--hook ${hook}`, {
    expected: "a hook point of the residual stream",
    got: hook,
    fix: `for example ${known.slice(0, 3).join(", ")} … ${known.at(-1)}`,
  });
}
