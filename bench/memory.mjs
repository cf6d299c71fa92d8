/**
 * Does the engine's memory stay flat over 200 distinct sequence lengths? Forward passes of four rows that hand back the
 * residual stream after every layer (what an audit reads), on random weights. Lengths come in random order after the
 * longest one, or each longer than all before it, which is the worst for an allocator that keeps what it has freed.
 * Resident memory counts the weights' file pages (541 MB for smollm2) too.
 *
 *   npm run build && node bench/memory.mjs [tiny|smollm2] [random|ascending]
 *
 * writes bench/results/memory-<shape>-<order>.json
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rng } from "../dist/core/index.js";
import { openSafetensors, writeSafetensors } from "../dist/data/index.js";
import { forwardProgram, int64, readName, startEngine } from "../dist/engine/index.js";
import { defineModel } from "../dist/models/index.js";
import { headCommit } from "../scripts/measuring.mjs";

const LENGTHS = 200;
const ROWS = 4;
const WARM_UP = 20;
const MIB = 2 ** 20;

const shapes = {
  tiny: {
    hidden_size: 32,
    intermediate_size: 80,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: 97,
  },
  smollm2: {
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: 49152,
  },
};
const [shape = "tiny", order = "random"] = process.argv.slice(2);
if (!Object.hasOwn(shapes, shape)) throw new Error(`${shape}: one of ${Object.keys(shapes)}`);

const commit = headCommit();
const folder = mkdtempSync(join(tmpdir(), "penumbra-memory-"));
const engine = startEngine();
try {
  const definition = defineModel({ model_type: "llama", tie_word_embeddings: true, ...shapes[shape] }, shape);
  const tensors = await randomWeights(definition, join(folder, "model.safetensors"));
  const hooks = definition.hooks.filter((hook) => hook.endsWith("hook_resid_post"));
  const program = forwardProgram(
    { definition, tensors, name: shape },
    { outputs: ["logprobs"], taps: hooks.map((hook) => ({ kind: "read", hook })) },
  );
  const random = rng(1, "lengths");
  const ascending = Array.from({ length: LENGTHS }, (_, i) => i + 1);
  const lengths = order === "random" ? [LENGTHS, ...random.shuffle(ascending)] : ascending;
  const rssMiB = [];
  for (const seq of lengths) {
    await engine.run({
      program,
      feeds: feeds(seq, definition.dimensions.dVocab, random),
      fetches: ["logprobs", ...hooks.map(readName)],
    });
    rssMiB.push(Math.round(engine.rssBytes() / MIB));
    if (rssMiB.length % 20 === 1) console.log(`${rssMiB.length - 1} lengths: ${rssMiB.at(-1)} MiB`);
  }
  const result = {
    command: `node bench/memory.mjs ${shape} ${order}`,
    commit,
    seeds: [1, 2],
    n: LENGTHS,
    unit: "MiB",
    threads: engine.threads,
    first: rssMiB[0],
    afterWarmUp: rssMiB[WARM_UP],
    highest: Math.max(...rssMiB),
    lastFifty: Math.round(mean(rssMiB.slice(-50))),
    /** Over the last three quarters of the lengths. */
    growth: Math.round(mean(rssMiB.slice(-25)) - mean(rssMiB.slice(50, 75))),
  };
  console.log(result);
  mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
  writeFileSync(
    join(import.meta.dirname, `results/memory-${shape}-${order}.json`),
    `${JSON.stringify(result, null, 2)}\n`,
  );
} finally {
  await engine.close();
  rmSync(folder, { recursive: true });
}

async function randomWeights(definition, file) {
  const random = rng(2, "weights");
  // One pool, read from a random place each time: drawing 135M normal numbers is not what is measured.
  const pool = Float32Array.from({ length: 2 ** 16 }, () => random.normal() / 20);
  const data = (count) => {
    const out = new Float32Array(count);
    for (let at = 0; at < count; at += pool.length) out.set(pool.subarray(0, Math.min(pool.length, count - at)), at);
    return new Uint8Array(out.buffer);
  };
  await writeSafetensors(
    file,
    definition.weights.map(({ name, shape: dims }) => ({
      name,
      dtype: "F32",
      shape: dims,
      data: async () => data(dims.reduce((a, b) => a * b, 1)),
    })),
  );
  return openSafetensors(file);
}

function feeds(seq, dVocab, random) {
  const tokens = Int32Array.from({ length: ROWS * seq }, () => random.int(dVocab));
  const select = Int32Array.from({ length: ROWS }, (_, row) => row * seq + seq - 1);
  return {
    tokens: int64([ROWS, seq], tokens),
    positions: int64(
      [ROWS, seq],
      tokens.map((_, i) => i % seq),
    ),
    select: int64([ROWS], select),
    targets: int64(
      [ROWS],
      select.map(() => 1),
    ),
  };
}

function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
