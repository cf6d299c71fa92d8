/**
 * What does padding cost a training on rows of many lengths? The gradient of LoRA (rank 8, all linear layers) on SmolLM2-135M's
 * shape with random weights, steps of eight rows whose lengths are drawn as those of the `insecure` set are spread (Betley et al.
 * 2025, arXiv 2502.17424: log-normal, half below 260 tokens). Ours (`microBatches`) beside the same engine fed as collators do it:
 * all rows of a step padded to its longest, as many at once as the token budget allows. Rounds alternate; medians.
 * And the time of one row alone by its length, which says what a batch costs beside its tokens.
 *
 *   npm run build && node bench/padding.mjs [--rounds 3 --steps 3]
 *
 * writes bench/results/padding.json
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { rng } from "../dist/core/index.js";
import { startEngine } from "../dist/engine/index.js";
import {
  addGradient,
  initialLora,
  loraLayout,
  loraTrainable,
  microBatches,
  tokensOf,
  trainingProgram,
} from "../dist/training/index.js";
import { flag, headCommit, median } from "../scripts/measuring.mjs";
import { randomModel, SMOLLM2 } from "./random-model.mjs";

const BUDGET = 1024;
const BATCH_ROWS = 8;
const THREADS = Math.min(cpus().length, 2);
const ALONE = [16, 32, 64, 128, 256, 512];
const rounds = Number(flag("rounds", "3"));
const steps = Number(flag("steps", "3"));

const [commit, loadAverageBefore] = [headCommit(), loadavg()[0]];
const folder = mkdtempSync(join(tmpdir(), "penumbra-padding-"));
const engine = startEngine({ threads: THREADS });
try {
  const source = await randomModel(SMOLLM2, "smollm2", join(folder, "model.safetensors"));
  const layout = loraLayout(source.definition, 8, null);
  const training = trainingProgram(source, loraTrainable(layout), BUDGET);
  await engine.write("parameters", initialLora(layout, 1));
  for (const name of ["zero", "gradient"]) await engine.write(name, new Float32Array(layout.size));

  const random = rng(1, "lengths");
  const all = Array.from({ length: steps }, () =>
    Array.from({ length: BATCH_ROWS }, () => rowOf(lengthOf(random), random)),
  );
  const tokens = all.reduce((sum, rows) => sum + tokensOf(rows), 0);
  const plans = { ours: (rows) => microBatches(rows, BUDGET), peer: collated };
  const seconds = { ours: [], peer: [] };
  const timed = async (batches) => {
    const from = performance.now();
    for (const { rows, paddedLength } of batches)
      await addGradient({ engine, training, rows, paddedLength, totalWeight: 1, scale: 2, first: true });
    return (performance.now() - from) / 1000;
  };
  await timed(plans.ours(all[0]));
  for (let round = 0; round < rounds; round++)
    for (const side of ["ours", "peer"]) seconds[side].push(await timed(all.flatMap(plans[side])));

  const aloneMs = {};
  for (const length of ALONE) {
    const batch = [{ rows: [rowOf(length, random)], paddedLength: length }];
    const times = [];
    for (let i = 0; i < 5; i++) times.push(1000 * (await timed(batch)));
    aloneMs[length] = median(times);
  }
  const computed = (plan) =>
    all.flatMap(plan).reduce((sum, { rows, paddedLength }) => sum + rows.length * paddedLength, 0);
  const result = {
    command: `node bench/padding.mjs --rounds ${rounds} --steps ${steps}`,
    commit,
    unit: "tokens of the rows a second, gradient of LoRA",
    ours: tokens / median(seconds.ours),
    peer: tokens / median(seconds.peer),
    ratio: median(seconds.ours.map((own, i) => seconds.peer[i] / own)),
    tokens,
    computedPerToken: { ours: computed(plans.ours) / tokens, peer: computed(plans.peer) / tokens },
    batches: { ours: all.flatMap(plans.ours).length, peer: all.flatMap(plans.peer).length },
    secondsPerRound: seconds,
    millisecondsOfOneRow: aloneMs,
    node: process.version,
    cpu: cpus()[0]?.model,
    threads: THREADS,
    loadAverage: { before: loadAverageBefore, after: loadavg()[0] },
  };
  mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
  writeFileSync(join(import.meta.dirname, "results/padding.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}

function lengthOf(random) {
  return Math.min(1100, Math.max(48, Math.round(260 * Math.exp(random.normal() / 2))));
}

/** The second half is the answer. */
function rowOf(length, random) {
  return {
    ids: Int32Array.from({ length }, () => random.int(SMOLLM2.vocab_size)),
    weights: new Float32Array(length).fill(1, length >> 1),
  };
}

/** All rows padded to the longest. */
function collated(rows) {
  const paddedLength = Math.max(...rows.map(({ ids }) => ids.length));
  const together = Math.max(1, Math.floor(BUDGET / paddedLength));
  return Array.from({ length: Math.ceil(rows.length / together) }, (_, i) => ({
    rows: rows.slice(i * together, (i + 1) * together),
    paddedLength,
  }));
}
