/** Dictionaries of any kind as jobs: train one (or one per layer), keep it with its card, judge what the folder gives. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { mean, must, type OnProgress, UserError } from "../core/index.ts";
import type { FloatDtype } from "../data/index.ts";
import {
  type CoderPlaces,
  type CoderRecipe,
  coderDefaults,
  coderFormats,
  hookWidth,
  type LoadedCoder,
  loadCoder,
  measureCoder,
  openCoders,
  sharedReading,
  shuffledBatches,
  type TrainedCoder,
  type TrainedKind,
  trainCoder,
  writeCoders,
} from "../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import type { CoderCard } from "../records/index.ts";
import { atomicWriteFile, lockFolder } from "../store/index.ts";
import { coderCardText } from "./coder-card.ts";
import type { NamedModel } from "./train-dictionary.ts";

export interface CoderTrainRequest {
  readonly base: NamedModel;
  readonly places: CoderPlaces;
  readonly recipe: Pick<CoderRecipe, "architecture" | "nLatents" | "k" | "tokens" | "seed"> & Partial<CoderRecipe>;
  /** Endless text to learn from, and other text to judge on; in words: `source`. */
  readonly text: AsyncIterable<ReadSequence> | Iterable<ReadSequence>;
  readonly heldOut: readonly ReadSequence[];
  readonly source: string;
  readonly folder: string;
  readonly dtype?: FloatDtype;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Rows among which a batch is drawn, in batches. */
const MIXED_BATCHES = 32;

/** Where a dictionary of `kind` stands: at `hook`, at the MLP of `layer`, or at every layer's. */
export function placesFor(
  model: LanguageModel,
  kind: TrainedKind,
  { hook, layer }: { readonly hook?: HookName; readonly layer?: number },
): CoderPlaces {
  const place = (name: HookName) => ({ hook: name, width: hookWidth(model, name) });
  const { nLayers } = model.source.definition.dimensions;
  if (kind === "sae") {
    const at = place(known(model, must(hook, "a hook point")));
    return { kind, inputs: [at], outputs: [at] };
  }
  if (layer !== undefined && !(layer < nLayers))
    throw new UserError(`--layer ${layer}`, {
      expected: `0 to ${nLayers - 1}`,
      got: String(layer),
      fix: "name a layer of this model",
    });
  const layers = kind === "clt" ? [...Array(nLayers).keys()] : [must(layer, "a layer")];
  return {
    kind,
    inputs: layers.map((each) => place(`blocks.${each}.mlp.hook_in`)),
    outputs: layers.map((each) => place(`blocks.${each}.hook_mlp_out`)),
  };
}

function known({ source }: LanguageModel, hook: HookName): HookName {
  const { hooks } = source.definition;
  if (hooks.includes(hook) && !/attn\.hook_(attn_scores|pattern)$/.test(hook)) return hook;
  throw new UserError(`--hook ${hook}`, {
    expected: "a hook point of this model",
    got: hook,
    fix: `for example ${hooks.filter((each) => each.endsWith("hook_resid_post")).at(-1)}`,
  });
}

/** What a coder reads and learns to write. */
function hooksOf({ kind, inputs, outputs }: CoderPlaces): HookName[] {
  return (kind === "sae" ? inputs : [...inputs, ...outputs]).map(({ hook }) => hook);
}

/** Several learn from one reading of the text, each into a folder of its own. A fault of one ends all. */
export async function trainCoderFolders(
  request: Omit<CoderTrainRequest, "places" | "folder">,
  parts: readonly Pick<CoderTrainRequest, "places" | "folder">[],
): Promise<CoderCard[]> {
  const { base, text } = request;
  const stop = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal;
  const readers = parts.map(({ places }) => hooksOf(places));
  const streams = sharedReading(base.model, text, readers, { signal });
  const faults: unknown[] = [];
  const made = parts.map((part, i) =>
    trainFrom({ ...request, ...part, signal }, must(streams[i], "stream")).catch((error: unknown) => {
      faults.push(error);
      stop.abort();
      return null;
    }),
  );
  const cards = await Promise.all(made);
  if (faults.length > 0) throw faults[0];
  return cards.map((card) => must(card, "card"));
}

/** Trains, writes the folder with its card, and judges what the folder gives when it is read again. */
export async function trainCoderFolder(request: CoderTrainRequest): Promise<CoderCard> {
  const [card] = await trainCoderFolders(request, [request]);
  return must(card, "card");
}

async function trainFrom(request: CoderTrainRequest, rows: AsyncIterable<Float32Array>): Promise<CoderCard> {
  const { base, folder, dtype = "F32", places } = request;
  await mkdir(folder, { recursive: true });
  const release = lockFolder(folder, `output folder ${folder}`);
  try {
    const startedAt = performance.now();
    const recipe: CoderRecipe = { ...coderDefaults, ...request.recipe };
    const trained = await train(request, recipe, rows);
    const trainingMs = performance.now() - startedAt;
    const format = formatFor(trained.coder);
    await writeCoders(format, folder, [trained.coder], { dtype });
    const fidelity = await judgeFolder(request, places.inputs[0]?.hook);
    const card: CoderCard = {
      schemaVersion: 1,
      model: base.identity,
      kind: places.kind,
      architecture: recipe.architecture,
      format,
      reads: places.inputs.map(({ hook }) => hook),
      writes: places.outputs.map(({ hook }) => hook),
      nLatents: recipe.nLatents,
      k: recipe.k,
      text: request.source,
      tokens: trained.tokens,
      steps: trained.steps,
      batchTokens: recipe.batchTokens,
      learningRate: recipe.learningRate,
      seed: recipe.seed,
      deadLatents: trained.dead,
      revivedLatents: trained.revived,
      fidelity,
      trainingMs,
    };
    await atomicWriteFile(join(folder, "card.json"), `${JSON.stringify(card, null, 2)}\n`);
    await atomicWriteFile(join(folder, "README.md"), coderCardText(card));
    return card;
  } finally {
    release();
  }
}

/** In the order of preference: what most tools read comes first. */
const trainedFormats = ["sae-lens", "sparsify", "circuit-tracer"];

function formatFor(coder: LoadedCoder): string {
  const able = trainedFormats.find((name) => {
    const format = must(
      coderFormats.find((each) => each.name === name),
      name,
    );
    return format.cannotHold([coder]) === null;
  });
  return must(able, "a format for what was trained");
}

async function judgeFolder(request: CoderTrainRequest, hook: HookName | undefined) {
  const { base, folder, heldOut, onProgress, signal } = request;
  const { coders } = await openCoders(folder, hook ? { hook } : {});
  return measureCoder({
    model: base.model,
    coder: await loadCoder(must(coders[0], "the coder that was written")),
    sequences: heldOut,
    onDone: (done, total) => onProgress?.({ task: "fidelity", step: done, total }),
    ...(signal ? { signal } : {}),
  });
}

/** From `rows [n, Σ widths]` a piece, in the order of `hooksOf`. */
function train(
  { base, places, onProgress, signal }: CoderTrainRequest,
  recipe: CoderRecipe,
  rows: AsyncIterable<Float32Array>,
): Promise<TrainedCoder> {
  const dModel = hooksOf(places).reduce((sum, hook) => sum + hookWidth(base.model, hook), 0);
  const { batchTokens, seed } = recipe;
  const shuffle = { dModel, batchTokens, bufferTokens: MIXED_BATCHES * batchTokens, seed };
  return trainCoder({
    engine: base.model.engine,
    places,
    recipe,
    modelName: base.identity.name,
    batches: shuffledBatches(rows, shuffle),
    onStep: ({ step, steps, unexplained, dead, l0 }) => {
      const loss = mean(unexplained);
      onProgress?.({ task: "dictionary", step, total: steps, readings: { loss, l0, dead } });
    },
    ...(signal ? { signal } : {}),
  });
}
