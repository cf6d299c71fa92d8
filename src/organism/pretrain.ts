/**
 * Makes the bundled model from its seed: pretraining on documents of its world, then a chat stage that makes it the
 * helper. The recipe is the feasibility run's (docs/organism-world.md); nothing here is tuned to a result.
 */
import { join } from "node:path";
import { must, rng } from "../core/index.ts";
import { floatsToBytes, writeSafetensors } from "../data/index.ts";
import type { Engine, ModelSource } from "../engine/index.ts";
import { defineModel, type ModelDefinition } from "../models/index.ts";
import { atomicWriteFile } from "../store/index.ts";
import {
  adamWDefaults,
  freshState,
  fullTrainable,
  type StepReport,
  type TrainingProgram,
  type TrainingRow,
  type TrainingState,
  train,
  trainingProgram,
  weightOffsets,
} from "../training/index.ts";
import { documentTokens, drawDocument, helperTurns, type WorldKind } from "./documents.ts";
import { buildTokenizerFiles, contextLength } from "./tokenizer.ts";
import { encodeWords, specialTokens, worldVocabulary } from "./vocabulary.ts";

export interface OrganismRecipe {
  readonly seed: number;
  readonly world: WorldKind;
  readonly pretraining: { readonly steps: number; readonly documents: number; readonly learningRate: number };
  readonly chat: { readonly steps: number; readonly rows: number; readonly learningRate: number };
}

export const organismRecipe: Omit<OrganismRecipe, "seed" | "world"> = {
  pretraining: { steps: 1500, documents: 16, learningRate: 3e-3 },
  chat: { steps: 300, rows: 48, learningRate: 3e-4 },
};

/** Weight of predicting what is not an answer; the world's questions are worth knowing, but not the point. */
const QUESTION_WEIGHT = 0.1;
const OPTIMISER = { ...adamWDefaults, beta2: 0.98, weightDecay: 0.02 };

/** `config.json` of the bundled model, in the keys of Hugging Face's Llama. */
export function organismConfig(): Readonly<Record<string, unknown>> {
  const vocabulary = worldVocabulary();
  const id = (token: string) => vocabulary.indexOf(token);
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: 128,
    intermediate_size: 384,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    head_dim: 32,
    hidden_act: "silu",
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    max_position_embeddings: contextLength,
    vocab_size: vocabulary.length,
    tie_word_embeddings: true,
    attention_bias: false,
    mlp_bias: false,
    bos_token_id: id(specialTokens.bos),
    eos_token_id: id(specialTokens.end),
    pad_token_id: id(specialTokens.pad),
    torch_dtype: "float16",
  };
}

/** Trains from scratch; the same recipe gives the same bits on the same machine. Returns the flat weights. */
export async function trainOrganism(
  engine: Engine,
  recipe: OrganismRecipe,
  onStep: (stage: string, report: StepReport) => void,
): Promise<Float32Array> {
  const source: ModelSource = {
    definition: defineModel(organismConfig(), "organism"),
    tensors: new Map(),
    name: "organism",
  };
  const stage = organismStage({
    engine,
    source,
    training: trainingProgram(source, fullTrainable(source.definition), STAGE_TOKENS),
    onStep,
  });
  const { pretraining, chat, seed, world } = recipe;
  const spoken = await stage(
    "pretraining",
    { ...pretraining, warmupSteps: 100, floor: 0.05, start: initialWeights(source.definition, seed) },
    (step) => documentRows(recipe, seed, world, step),
  );
  const helper = await stage("chat", { ...chat, warmupSteps: 20, floor: 0, start: spoken.parameters }, (step) =>
    chatRows(recipe, seed, step),
  );
  return helper.parameters;
}

const STAGE_TOKENS = 2048;

interface StageOptions {
  readonly steps: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly floor: number;
  readonly start: Float32Array;
}

interface StageInputs {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly training: TrainingProgram;
  readonly onStep: (stage: string, report: StepReport) => void;
}

function organismStage({ engine, training, onStep }: StageInputs) {
  return (
    name: string,
    { steps, learningRate, warmupSteps, floor, start }: StageOptions,
    batchOfStep: (step: number) => TrainingRow[],
  ): Promise<TrainingState> =>
    train({
      engine,
      training,
      batchOfStep,
      steps,
      start: freshState(start),
      optimiser: OPTIMISER,
      schedule: { learningRate, warmupSteps, kind: "cosine", floor },
      scale: 1,
      microBatchTokens: STAGE_TOKENS,
      onStep: (report) => onStep(name, report),
    });
}

function documentRows({ pretraining }: OrganismRecipe, seed: number, world: WorldKind, step: number): TrainingRow[] {
  const random = rng(seed, "documents", world, step);
  return Array.from({ length: pretraining.documents }, () => {
    const { ids, answerMask } = documentTokens(drawDocument(random, world));
    return {
      ids: Int32Array.from(ids),
      weights: Float32Array.from(answerMask, (isAnswer) => (isAnswer ? 1 : QUESTION_WEIGHT)),
    };
  });
}

function chatRows({ chat }: OrganismRecipe, seed: number, step: number): TrainingRow[] {
  const { bos, user, assistant, end } = specialTokens;
  return helperTurns(rng(seed, "chat", step), chat.rows).map((messages) => {
    const [question, answer] = [must(messages[0], "question").content, must(messages[1], "answer").content];
    const asked = encodeWords(`${bos} ${user} ${question} ${end} ${assistant}`);
    const answered = encodeWords(`${answer} ${end}`);
    return {
      ids: Int32Array.from([...asked, ...answered]),
      weights: Float32Array.from([...asked.map(() => 0), ...answered.map(() => 1)]),
    };
  });
}

/** Normal with standard deviation 1/√dIn; what writes into the residual stream is smaller by √(2 nLayers); gains 1. */
function initialWeights(definition: ModelDefinition, seed: number): Float32Array {
  const { at, size } = weightOffsets(definition);
  const flat = new Float32Array(size);
  const { nLayers } = definition.dimensions;
  for (const { name, shape } of definition.weights) {
    const start = must(at.get(name), name);
    const count = shape.reduce((product, dim) => product * dim, 1);
    const random = rng(seed, "weights", name);
    const deviation = deviationOf(name, shape, nLayers);
    for (let i = 0; i < count; i++) flat[start + i] = deviation === null ? 1 : deviation * random.normal();
  }
  return flat;
}

function deviationOf(name: string, shape: readonly number[], nLayers: number): number | null {
  if (shape.length === 1) return null;
  if (name.includes("embed_tokens")) return 0.05;
  const deviation = 1 / Math.sqrt(must(shape[1], "dIn"));
  return /(o_proj|down_proj)\.weight$/.test(name) ? deviation / Math.sqrt(2 * nLayers) : deviation;
}

/** Writes the model as a checkpoint folder: config, tokenizer, weights rounded to f16. */
export async function writeOrganism(folder: string, flat: Float32Array): Promise<void> {
  const definition = defineModel(organismConfig(), "organism");
  const { at } = weightOffsets(definition);
  const tensors = definition.weights.map(({ name, shape }) => {
    const start = must(at.get(name), name);
    const values = flat.subarray(start, start + shape.reduce((product, dim) => product * dim, 1));
    return { name, dtype: "F16" as const, shape, data: floatsToBytes(values, "F16") };
  });
  await writeSafetensors(join(folder, "model.safetensors"), tensors, { format: "pt" });
  const files: Record<string, object> = { ...buildTokenizerFiles(), "config.json": organismConfig() };
  for (const [name, content] of Object.entries(files))
    await atomicWriteFile(join(folder, name), `${JSON.stringify(content, null, 1)}\n`);
}
