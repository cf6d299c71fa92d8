/** Dictionaries of any kind as jobs: train one (or one per layer), keep it with its card, judge what the folder gives. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must, type OnProgress, UserError } from "../core/index.ts";
import type { FloatDtype } from "../data/index.ts";
import {
  type CoderPlaces,
  type CoderRecipe,
  coderDefaults,
  coderFormats,
  concatRows,
  hookWidth,
  type LoadedCoder,
  loadCoder,
  measureCoder,
  openCoders,
  readActivations,
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

/** Trains, writes the folder with its card, and judges what the folder gives when it is read again. */
export async function trainCoderFolder(request: CoderTrainRequest): Promise<CoderCard> {
  const { base, folder, dtype = "F32", places } = request;
  await mkdir(folder, { recursive: true });
  const release = lockFolder(folder, `output folder ${folder}`);
  try {
    const startedAt = performance.now();
    const recipe: CoderRecipe = { ...coderDefaults, ...request.recipe };
    const trained = await train(request, recipe);
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

function train(request: CoderTrainRequest, recipe: CoderRecipe): Promise<TrainedCoder> {
  const { base, places, text, onProgress, signal } = request;
  const all = places.kind === "sae" ? places.inputs : [...places.inputs, ...places.outputs];
  const hooks = all.map(({ hook }) => hook);
  const dModel = all.reduce((sum, { width }) => sum + width, 0);
  async function* pieces() {
    for await (const { rows } of readActivations(base.model, text, hooks, signal ? { signal } : {}))
      yield concatRows(rows);
  }
  const { batchTokens, seed } = recipe;
  const shuffle = { dModel, batchTokens, bufferTokens: MIXED_BATCHES * batchTokens, seed };
  return trainCoder({
    engine: base.model.engine,
    places,
    recipe,
    modelName: base.identity.name,
    batches: shuffledBatches(pieces(), shuffle),
    onStep: ({ step, steps, unexplained, dead, l0 }) => {
      const loss = unexplained.reduce((sum, value) => sum + value, 0) / unexplained.length;
      onProgress?.({ task: "dictionary", step, total: steps, readings: { loss, l0, dead } });
    },
    ...(signal ? { signal } : {}),
  });
}
