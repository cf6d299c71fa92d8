/** Checkpoints of random weights in the shapes that are measured: neither time nor memory depends on the values. */
import { rng } from "../dist/core/index.js";
import { openSafetensors, writeSafetensors } from "../dist/data/index.js";
import { defineModel } from "../dist/models/index.js";

/** The shape of SmolLM2-135M. */
export const SMOLLM2 = {
  model_type: "llama",
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  head_dim: 64,
  vocab_size: 49152,
  max_position_embeddings: 8192,
  rope_theta: 100000,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
};

/** Writes it to `file` and opens it: what the engine takes as a model. Gains are 1, matrices small normal numbers. */
export async function randomModel(config, name, file) {
  const definition = defineModel(config, name);
  const random = rng(1, "weights", name);
  // One pool, read again and again: drawing 268M normal numbers is not what is measured.
  const pool = Float32Array.from({ length: 2 ** 20 }, () => random.normal() / 50);
  const weights = definition.weights.map(({ name: weight, shape }) => ({
    name: weight,
    dtype: "F32",
    shape,
    data: async () => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      if (shape.length === 1) values.fill(1);
      else
        for (let at = 0; at < values.length; at += pool.length)
          values.set(pool.subarray(0, Math.min(pool.length, values.length - at)), at);
      return new Uint8Array(values.buffer);
    },
  }));
  await writeSafetensors(file, weights);
  return { definition, tensors: await openSafetensors(file), name };
}
