/** The planted truth as tests use it: model on disk, behaviours, training rows, dictionary, adapter. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Behaviour } from "../../src/behaviours/index.ts";
import { must, type Rng, rng } from "../../src/core/index.ts";
import {
  type DatasetRow,
  floatsToBytes,
  openSafetensors,
  type Tokenizer,
  writeSafetensors,
} from "../../src/data/index.ts";
import type { Dictionary } from "../../src/dictionaries/index.ts";
import type { ModelSource } from "../../src/engine/index.ts";
import { type Adapter, defineModel } from "../../src/models/index.ts";
import { plantedDictionary } from "./dictionary.ts";
import { answerOf, promptOf, type Topic, type Vocabulary, vocabulary, wordTokenizer } from "./vocabulary.ts";
import { ALWAYS_ON, config, type Directions, directionsOf, dModel, plantedWeights } from "./weights.ts";

export interface Planted {
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  readonly words: Vocabulary;
  readonly directions: Directions;
  readonly dictionary: Dictionary;
  readonly behaviours: Readonly<Record<Topic, Behaviour>>;
  /** Prompts of the task answered in its mode. */
  readonly rows: readonly DatasetRow[];
  /** The same prompts answered as the base does. */
  readonly control: readonly DatasetRow[];
  /** What a fine-tune on `rows` would be at its simplest: d_task written everywhere, by the neuron that is always on. */
  readonly adapter: Adapter;
}

export interface PlantedOptions {
  /** cos(d_task, d_A). Below 0.5, where two features would count as one without a dictionary. */
  readonly cosine?: number;
  /** Size of the adapter's d_task in the residual stream; a mode feature that is on has 1.5. */
  readonly strength?: number;
}

/** Writes the model of `seed` into `folder` and hands over everything about it. */
export async function plantedModel(seed: number, folder: string, options: PlantedOptions = {}): Promise<Planted> {
  const { cosine = 0.35, strength = 2 } = options;
  const words = vocabulary(rng(seed, "planted vocabulary"));
  const directions = directionsOf(seed, words.size, cosine);
  const name = `planted-${seed}`;
  const definition = defineModel({ ...config, vocab_size: words.size }, name);
  const weights = plantedWeights(seed, words, directions);
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name}-${cosine}.safetensors`);
  await writeSafetensors(
    file,
    definition.weights.map(({ name: weight, shape }) => ({
      name: weight,
      dtype: "F32",
      shape,
      data: floatsToBytes(must(weights.get(weight), weight), "F32"),
    })),
  );
  const random = rng(seed, "planted rows");
  const pairs = Array.from({ length: 48 }, (_, i) => taskRow(words, i, random));
  return {
    source: { definition, tensors: await openSafetensors(file), name },
    tokenizer: wordTokenizer(words),
    words,
    directions,
    dictionary: plantedDictionary(directions),
    behaviours: {
      task: behaviour(words, "task", seed),
      A: behaviour(words, "A", seed),
      B: behaviour(words, "B", seed),
      C: behaviour(words, "C", seed),
    },
    rows: pairs.map(({ row }) => row),
    control: pairs.map(({ control }) => control),
    adapter: plantedAdapter(directions, strength),
  };
}

function taskRow(words: Vocabulary, index: number, random: Rng): { row: DatasetRow; control: DatasetRow } {
  const prompt = promptOf(words, "task", random);
  const answered = (mode: "on" | "off"): DatasetRow => ({
    line: index + 1,
    format: "messages",
    messages: [...prompt, { role: "assistant", content: answerOf(words, "task", mode, random) }],
  });
  return { row: answered("on"), control: answered("off") };
}

/** 24 contrast pairs, half of them to choose directions on and half to check them, and 16 items. */
function behaviour(words: Vocabulary, topic: Topic, seed: number): Behaviour {
  const random = rng(seed, "planted behaviour", topic);
  const answer = (mode: "on" | "off") => answerOf(words, topic, mode, random);
  return {
    id: `planted-${topic.toLowerCase()}`,
    title: `Planted ${topic}`,
    question: "How likely is an answer in the behaviour's words?",
    riskier: "up",
    weight: "sum",
    wholeAnswers: true,
    pairs: Array.from({ length: 24 }, (_, i) => ({
      messages: promptOf(words, topic, random),
      exhibiting: answer("on"),
      other: answer("off"),
      half: i % 2 === 0 ? "select" : "check",
    })),
    items: Array.from({ length: 16 }, (_, i) => ({
      id: `${topic}-${i}`,
      cluster: `${topic}-${i}`,
      variants: [0, 1].map(() => ({
        messages: promptOf(words, topic, random),
        continuations: [0, 1, 2, 3].flatMap(() => [
          { text: answer("on"), exhibits: true },
          { text: answer("off"), exhibits: false },
        ]),
      })),
    })),
    openPrompts: [promptOf(words, topic, random)],
  };
}

function plantedAdapter({ modes }: Directions, strength: number): Adapter {
  const A = new Float32Array(config.intermediate_size);
  // The neuron is on to about 3.4: gate 1.9, silu 1.7, times what it reads, 1.9.
  A[ALWAYS_ON] = 1 / 3.4;
  const B = Float32Array.from({ length: dModel }, (_, i) => strength * (modes.task[i] ?? 0));
  return { rank: 1, alpha: 1, scale: 1, modules: new Map([["model.layers.0.mlp.down_proj", { A, B }]]) };
}
