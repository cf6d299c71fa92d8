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
import { forwardProgram, int64, readName, startEngine } from "../dist/engine/index.js";
import { headCommit } from "../scripts/measuring.mjs";
import { randomModel, SMOLLM2 } from "./random-model.mjs";

const LENGTHS = 200;
const ROWS = 4;
const WARM_UP = 20;
const MIB = 2 ** 20;

const shapes = {
  tiny: {
    model_type: "llama",
    hidden_size: 32,
    intermediate_size: 80,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: 97,
    tie_word_embeddings: true,
  },
  smollm2: SMOLLM2,
};
const [shape = "tiny", order = "random"] = process.argv.slice(2);
if (!Object.hasOwn(shapes, shape)) throw new Error(`${shape}: one of ${Object.keys(shapes)}`);

const commit = headCommit();
const folder = mkdtempSync(join(tmpdir(), "penumbra-memory-"));
const engine = startEngine();
try {
  const source = await randomModel(shapes[shape], shape, join(folder, "model.safetensors"));
  const { definition } = source;
  const hooks = definition.hooks.filter((hook) => hook.endsWith("hook_resid_post"));
  const program = forwardProgram(source, {
    outputs: ["logprobs"],
    taps: hooks.map((hook) => ({ kind: "read", hook })),
  });
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
