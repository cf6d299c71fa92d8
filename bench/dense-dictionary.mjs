/**
 * How fast is a training step of a BatchTopK, a Matryoshka and a JumpReLU autoencoder at 576 → 8,192, k 32, batch 1,024, beside SAELens' own
 * classes on the same file of planted features with noise, and how much of the last batch is explained? Ours multiplies only the
 * encoder densely (docs/decisions/0006). Contestants alternate, so that a noisy neighbour disturbs both alike; speed is the
 * median over a contestant's steps. Within so few steps the two start from different places (SAELens with decoder rows of norm
 * 0.1, and JumpReLU with thousands of latents at once, which explain much): see the latents a token beside what they explain.
 *
 *   PENUMBRA_PYTHON=/path/to/python node bench/dense-dictionary.mjs [--steps 12 --rounds 2]
 *
 * writes bench/results/dense-dictionary.json
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rng } from "../dist/core/index.js";
import { coderDefaults, trainCoder } from "../dist/dictionaries/index.js";
import { startEngine } from "../dist/engine/index.js";
import { headCommit } from "../scripts/measuring.mjs";

const { values } = parseArgs({
  options: { steps: { type: "string", default: "12" }, rounds: { type: "string", default: "2" } },
});
const [STEPS, ROUNDS] = [Number(values.steps), Number(values.rounds)];
const [WIDTH, LATENTS, K, BATCH, RATE, THREADS] = [576, 8192, 32, 1024, 1e-3, Math.min(cpus().length, 2)];
const folder = mkdtempSync(join(tmpdir(), "penumbra-dense-bench-"));
const file = join(folder, "activations.f32");
try {
  const rows = plantedRows();
  writeFileSync(file, new Uint8Array(rows.buffer));
  const architectures = [];
  for (const architecture of ["batchtopk", "matryoshka_batchtopk", "jumprelu"])
    architectures.push(await contest(architecture, rows));
  const [first] = architectures;
  const result = {
    command: `node bench/dense-dictionary.mjs --steps ${STEPS} --rounds ${ROUNDS}`,
    commit: headCommit(),
    unit: "steps/s",
    ours: first.ours,
    peer: first.peer,
    peerName: "SAELens",
    ratio: first.ratio,
    width: WIDTH,
    latents: LATENTS,
    k: K,
    batch: BATCH,
    threads: THREADS,
    cpu: cpus()[0]?.model,
    loadAverageAtEnd: loadavg()[0],
    architectures,
  };
  writeFileSync(join(import.meta.dirname, "results/dense-dictionary.json"), `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** 8 of 4,096 features a token, their frequencies falling as a power law, and noise. */
function plantedRows() {
  const random = rng(1, "activations");
  const features = 4096;
  const directions = Float32Array.from({ length: features * WIDTH }, () => random.normal() / Math.sqrt(WIDTH));
  const rows = Float32Array.from({ length: STEPS * BATCH * WIDTH }, () => 0.3 * random.normal());
  for (let t = 0; t < STEPS * BATCH; t++)
    for (let s = 0; s < 8; s++) {
      const feature = Math.floor(features * random.next() ** 2);
      const strength = (0.5 + random.next()) * Math.sqrt(WIDTH / 8);
      for (let j = 0; j < WIDTH; j++) rows[t * WIDTH + j] += strength * directions[feature * WIDTH + j];
    }
  return rows;
}

async function contest(architecture, rows) {
  const [mine, theirs] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    mine.push(await ours(architecture, rows));
    if (process.env.PENUMBRA_PYTHON) theirs.push(peer(architecture));
  }
  const speed = (runs) => 1 / median(runs.flatMap(({ seconds }) => seconds.slice(1)));
  const [a, b] = [speed(mine), theirs.length > 0 ? speed(theirs) : null];
  console.log(
    architecture,
    a.toFixed(3),
    b?.toFixed(3),
    mine.at(-1).unexplained.toFixed(3),
    theirs.at(-1)?.unexplained,
  );
  return {
    architecture,
    ours: a,
    peer: b,
    ratio: b && a / b,
    explainedVariance: { ours: 1 - mine.at(-1).unexplained, peer: b && 1 - theirs.at(-1).unexplained },
    latentsAToken: { ours: mine.at(-1).l0, peer: b && theirs.at(-1).l0 },
  };
}

async function ours(architecture, rows) {
  const engine = startEngine({ threads: THREADS });
  const place = [{ hook: "blocks.0.hook_resid_post", width: WIDTH }];
  async function* batches() {
    for (let i = 0; i < STEPS; i++) yield rows.slice(i * BATCH * WIDTH, (i + 1) * BATCH * WIDTH);
  }
  const sizes = { architecture, nLatents: LATENTS, k: K, tokens: STEPS * BATCH, batchTokens: BATCH };
  const recipe = { ...coderDefaults, ...sizes, learningRate: RATE, warmup: 0, decay: 0, reviveEvery: 0, seed: 1 };
  const seconds = [];
  let [last, unexplained, l0] = [performance.now(), 1, 0];
  try {
    await trainCoder({
      engine,
      places: { kind: "sae", inputs: place, outputs: place },
      recipe,
      modelName: null,
      batches: batches(),
      onStep: (report) => {
        const now = performance.now();
        seconds.push((now - last) / 1000);
        [last, unexplained, l0] = [now, report.unexplained[0], report.l0];
      },
    });
  } finally {
    await engine.close();
  }
  return { seconds, unexplained, l0 };
}

function peer(architecture) {
  const script = join(import.meta.dirname, "peers/dense_step.py");
  const options = {
    file,
    width: WIDTH,
    latents: LATENTS,
    k: K,
    batch: BATCH,
    steps: STEPS,
    threads: THREADS,
    rate: RATE,
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const out = execFileSync(process.env.PENUMBRA_PYTHON, [script, architecture, ...flags], { encoding: "utf8" });
  return JSON.parse(out.trim().split("\n").at(-1));
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
