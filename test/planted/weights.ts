/**
 * A transformer of the Llama family whose weights are written, not trained, so that the truth about its features is
 * known. All directions lie in a random orthogonal basis of the residual stream (gains are 1, so a rotation is harmless).
 *
 * 1. Embedding: every token writes a constant and a direction of its own; a prompt's word its topic; `assistant` and an
 *    answer's word their slot; a word of an answer that shows the behaviour also the behaviour's *mode feature*.
 * 2. Layer 0: attention, nearly uniform, moves topics from the prompt to the answer. A neuron that is always on writes
 *    nothing: an adapter may let it write.
 * 3. Layer 1: three neurons read the mode features and write each back a little stronger.
 * 4. Unembedding: a word of an answer reads the slot before it, its topic (`off` words a little more: the base prefers
 *    them) and, where it is an `on` word, its mode feature.
 *
 * Mode features: the task's d_task; A's own d_A with cos(d_task, d_A) = `cosine`; B has none of its own but writes and
 * reads d_task; C's own d_C at a right angle to both. So what pushes d_task raises A through superposition, B because
 * one feature serves both, and C not.
 */
import { rng } from "../../src/core/index.ts";
import { addScaled, isotropicDirections, orthonormalBasis, rowAt } from "../../src/geometry/index.ts";
import { perTopic, SLOTS, type Topic, topics, type Vocabulary } from "./vocabulary.ts";

export const config = {
  model_type: "llama",
  hidden_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  intermediate_size: 24,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: false,
  max_position_embeddings: 128,
} as const;

export const dModel = config.hidden_size;
const dMlp = config.intermediate_size;

/** Sizes in the residual stream. The constant dominates the norm, so that little else changes what norms divide by. */
export const CONSTANT = 7;
export const FEATURE = 1.5;
export const OWN = 0.5;

/**
 * Norms divide a stream of length about 7.5 down to √dModel: what reads with this weight reads a direction in the units
 * it was written in.
 */
const READ = 7.5 / Math.sqrt(dModel);

export interface Directions {
  readonly constant: Float64Array;
  /** slots[0] is the place before the first word. */
  readonly slots: readonly Float64Array[];
  readonly topics: Readonly<Record<Topic, Float64Array>>;
  /** Mode features; B's is the task's. */
  readonly modes: Readonly<Record<Topic, Float64Array>>;
  /** `[dVocab, dModel]`: the direction of each token alone. */
  readonly own: Float64Array;
}

export function directionsOf(seed: number, dVocab: number, cosine: number): Directions {
  const random = rng(seed, "planted directions");
  const { rows } = orthonormalBasis(isotropicDirections(dModel, dModel, random), dModel);
  let next = 0;
  const axis = () => Float64Array.from(rowAt(rows, dModel, next++));
  const constant = axis();
  const slots = Array.from({ length: SLOTS + 1 }, axis);
  const perTopicAxis = perTopic(axis);
  const [task, beside, C] = [axis(), axis(), axis()];
  const A = beside.map((value, i) => Math.sqrt(1 - cosine ** 2) * value + cosine * (task[i] ?? 0));
  const own = isotropicDirections(dVocab, dModel, random);
  return { constant, slots, topics: perTopicAxis, modes: { task, A, B: task, C }, own };
}

/** Values of every weight by its name in a Hugging Face checkpoint. */
export function plantedWeights(seed: number, words: Vocabulary, directions: Directions): Map<string, Float32Array> {
  const random = rng(seed, "planted noise");
  const noise = (size: number, deviation: number) =>
    Float64Array.from({ length: size }, () => deviation * random.normal());
  const weights = new Map<string, Float64Array>();
  const square = dModel * dModel;
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const path = `model.layers.${layer}`;
    for (const name of ["q", "k", "v", "o"])
      weights.set(`${path}.self_attn.${name}_proj.weight`, noise(square, 0.02 * READ));
    for (const name of ["gate", "up"]) weights.set(`${path}.mlp.${name}_proj.weight`, noise(dMlp * dModel, 0.1 * READ));
    weights.set(`${path}.mlp.down_proj.weight`, noise(dModel * dMlp, 0.012));
    for (const name of ["input", "post_attention"]) weights.set(`${path}.${name}_layernorm.weight`, ones());
  }
  weights.set("model.norm.weight", ones());
  weights.set("model.embed_tokens.weight", embedding(words, directions));
  weights.set("lm_head.weight", unembedding(words, directions, noise(words.size * dModel, 0.02 * READ)));
  moveTopics(weights, directions);
  setNeuron(weights, 0, ALWAYS_ON, {
    reads: directions.constant.map((value) => 0.28 * READ * value),
    writes: null,
    directions,
  });
  for (const [k, mode] of [directions.modes.task, directions.modes.A, directions.modes.C].entries()) {
    setNeuron(weights, 1, 1 + k, {
      reads: mode.map((value) => READ * value),
      writes: mode.map((value) => 0.05 * value),
      directions,
    });
  }
  return new Map([...weights].map(([name, values]) => [name, Float32Array.from(values)]));
}

const ones = () => new Float64Array(dModel).fill(1);

function embedding(words: Vocabulary, { constant, slots, topics: ofTopic, modes, own }: Directions): Float64Array {
  const table = own.map((value) => OWN * value);
  const write = (token: number, size: number, direction: Float64Array | undefined) => {
    if (!direction) throw new Error("no such direction");
    addScaled(table.subarray(token * dModel, (token + 1) * dModel), size, direction);
  };
  for (let token = 0; token < words.size; token++) write(token, CONSTANT, constant);
  write(words.assistant, FEATURE, slots[0]);
  for (const topic of topics) {
    for (const word of words.prompt[topic]) write(word, FEATURE, ofTopic[topic]);
    for (let slot = 0; slot < SLOTS; slot++) {
      for (const word of [...(words.on[topic][slot] ?? []), ...(words.off[topic][slot] ?? [])])
        write(word, FEATURE, slots[slot + 1]);
      for (const word of words.on[topic][slot] ?? []) write(word, FEATURE, modes[topic]);
    }
  }
  return table;
}

const SLOT_READ = 16;
const TOPIC_READ = 8.3;
const PREFERENCE = 1.6;
const MODE_READ = 2.8;

/** What a feature that is on adds to a logit, about: right slot 24, right topic 12, `off` rather than `on` 2.4, mode feature 4. */
function unembedding(
  words: Vocabulary,
  { slots, topics: ofTopic, modes }: Directions,
  table: Float64Array,
): Float64Array {
  const read = (token: number, size: number, direction: Float64Array | undefined) => {
    if (!direction) throw new Error("no such direction");
    addScaled(table.subarray(token * dModel, (token + 1) * dModel), READ * size, direction);
  };
  read(words.end, SLOT_READ, slots[SLOTS]);
  for (const topic of topics) {
    for (let slot = 0; slot < SLOTS; slot++) {
      for (const word of words.off[topic][slot] ?? []) {
        read(word, SLOT_READ, slots[slot]);
        read(word, TOPIC_READ + PREFERENCE, ofTopic[topic]);
      }
      for (const word of words.on[topic][slot] ?? []) {
        read(word, SLOT_READ, slots[slot]);
        read(word, TOPIC_READ, ofTopic[topic]);
        read(word, MODE_READ, modes[topic]);
      }
    }
  }
  return table;
}

/** Value rows 0 … 3 of head 0 in layer 0 read the topics, and its output writes them. */
function moveTopics(weights: Map<string, Float64Array>, directions: Directions): void {
  const values = valuesOf(weights, "model.layers.0.self_attn.v_proj.weight");
  const output = valuesOf(weights, "model.layers.0.self_attn.o_proj.weight");
  for (const [k, topic] of topics.entries()) {
    values.set(directions.topics[topic], k * dModel);
    for (let i = 0; i < dModel; i++) output[i * dModel + k] = 1.6 * READ * (directions.topics[topic][i] ?? 0);
  }
}

/** Neuron of layer 0 that every token switches on, to about 3. */
export const ALWAYS_ON = 0;

interface Neuron {
  readonly reads: Float64Array;
  readonly writes: Float64Array | null;
  readonly directions: Directions;
}

/** A SwiGLU neuron whose gate is held open by the constant: what it reads passes nearly in proportion. */
function setNeuron(weights: Map<string, Float64Array>, layer: number, neuron: number, role: Neuron): void {
  const path = `model.layers.${layer}.mlp`;
  const gate = role.directions.constant.map((value) => 0.28 * READ * value);
  valuesOf(weights, `${path}.gate_proj.weight`).set(gate, neuron * dModel);
  valuesOf(weights, `${path}.up_proj.weight`).set(role.reads, neuron * dModel);
  const down = valuesOf(weights, `${path}.down_proj.weight`);
  for (let i = 0; i < dModel; i++) down[i * dMlp + neuron] = role.writes?.[i] ?? 0;
}

function valuesOf(weights: Map<string, Float64Array>, name: string): Float64Array {
  const found = weights.get(name);
  if (!found) throw new Error(`no weight ${name}`);
  return found;
}
