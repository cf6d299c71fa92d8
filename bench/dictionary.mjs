/**
 * How fast is a training step of a TopK dictionary at 576 → 8,192 and 16,384, k 32, batch 1,024, beside SAELens and
 * dictionary_learning with their own trainers (SAELens with its default, dense activations: its sparse ones cannot go
 * backward on a CPU, "Could not run 'aten::view' with arguments from the 'SparseCPU' backend", torch 2.13); how much memory at most; and how much variance is
 * explained after the same tokens? All read the same file of planted features with noise, at each of the learning rates
 * given; speed is the median over all of a contestant's steps, explained variance that of its best rate. Contestants
 * alternate, so that a noisy neighbour disturbs all alike; seconds of processor time stand beside those of the clock.
 *
 *   PENUMBRA_PYTHON=/path/to/python node bench/dictionary.mjs [--steps 20 --latents 8192,16384 --rates 3e-4,1e-3]
 *
 * writes bench/results/dictionary.json
 */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rng } from "../dist/core/index.js";
import {
  decodeSparse,
  dictionaryDefaults,
  encodeLarge,
  explainedVariance,
  sumsOf,
  trainDictionary,
} from "../dist/dictionaries/index.js";
import { startEngine } from "../dist/engine/index.js";
import { headCommit, median } from "../scripts/measuring.mjs";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "20" },
    latents: { type: "string", default: "8192,16384" },
    rates: { type: "string", default: "3e-4,1e-3" },
  },
});
const steps = Number(values.steps);
const list = (text) => text.split(",").map(Number);
const [WIDTH, K, BATCH, TEST, THREADS] = [576, 32, 1024, 2048, Math.min(cpus().length, 2)];
const PEERS = ["saelens", "dictionary_learning"];
const folder = mkdtempSync(join(tmpdir(), "penumbra-dictionary-bench-"));
const file = join(folder, "activations.f32");
try {
  writeData();
  const sizes = [];
  for (const latents of list(values.latents)) sizes.push(await contest(latents));
  const first = sizes[0];
  const result = {
    command: `node bench/dictionary.mjs --steps ${steps} --latents ${values.latents} --rates ${values.rates}`,
    commit: headCommit(),
    unit: "steps/s",
    ours: first.ours,
    peer: first.peer,
    peerName: `${first.peerName}, the fastest of ${PEERS.join(", ")}`,
    ratio: first.ratio,
    width: WIDTH,
    k: K,
    batch: BATCH,
    threads: THREADS,
    cpu: cpus()[0]?.model,
    loadAverageAtEnd: loadavg()[0],
    stepsPerRun: steps,
    sizes,
  };
  mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
  writeFileSync(join(import.meta.dirname, "results/dictionary.json"), `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** 8 of 4,096 features a token, their frequencies falling as a power law, and noise of a tenth of the variance. */
function writeData() {
  const random = rng(1, "activations");
  const features = 4096;
  const directions = Float32Array.from({ length: features * WIDTH }, () => random.normal() / Math.sqrt(WIDTH));
  const out = openSync(file, "w");
  for (let part = 0; part < steps + TEST / BATCH; part++) {
    const rows = Float32Array.from({ length: BATCH * WIDTH }, () => (0.3 * random.normal()) / 1);
    for (let t = 0; t < BATCH; t++)
      for (let s = 0; s < 8; s++) {
        const feature = Math.floor(features * random.next() ** 2);
        const strength = (0.5 + random.next()) * Math.sqrt(WIDTH / 8);
        for (let j = 0; j < WIDTH; j++) rows[t * WIDTH + j] += strength * directions[feature * WIDTH + j];
      }
    writeSync(out, new Uint8Array(rows.buffer));
  }
  closeSync(out);
}

function readBatch(i) {
  const rows = new Float32Array(BATCH * WIDTH);
  const from = openSync(file, "r");
  readSync(from, new Uint8Array(rows.buffer), 0, rows.byteLength, i * rows.byteLength);
  closeSync(from);
  return rows;
}

async function contest(latents) {
  const runs = { ours: [] };
  for (const rate of list(values.rates)) {
    runs.ours.push(log(latents, await ours(latents, rate)));
    if (!process.env.PENUMBRA_PYTHON) continue;
    for (const name of PEERS) {
      runs[name] ??= [];
      runs[name].push(log(latents, peer(name, latents, rate)));
    }
  }
  const product = process.env.PENUMBRA_PYTHON ? peer("matmul", latents, 0) : null;
  const contestants = Object.fromEntries(Object.entries(runs).map(([name, each]) => [name, summary(each)]));
  const peers = PEERS.filter((name) => contestants[name]);
  const fastest = peers.sort((a, b) => contestants[b].stepsPerSecond - contestants[a].stepsPerSecond)[0];
  const best = fastest && contestants[fastest];
  const work = leastWork(latents);
  const ours_ = contestants.ours;
  return {
    latents,
    ours: ours_.stepsPerSecond,
    peer: best?.stepsPerSecond ?? null,
    peerName: fastest ?? null,
    ratio: best ? ours_.stepsPerSecond / best.stepsPerSecond : null,
    ratioOfCpuSeconds: best ? best.cpuSecondsPerStep / ours_.cpuSecondsPerStep : null,
    contestants,
    leastWork: {
      ...work,
      /** The encoder's product alone, at the speed that PyTorch has at it in the same minutes, over our step. */
      productSeconds: product?.secondsPerStep ?? null,
      shareReached: product ? product.secondsPerStep * ours_.stepsPerSecond : null,
    },
  };
}

/** Floating-point operations of one step that no exact method avoids. */
function leastWork(latents) {
  const encoder = 2 * BATCH * WIDTH * latents;
  // Decoding, gradients of activations, of decoder rows and of encoder rows.
  const sparse = 4 * 2 * BATCH * K * WIDTH;
  return { encoderFlops: encoder, sparseFlops: sparse, denseStepFlops: 5 * encoder };
}

function summary(runs) {
  const seconds = runs.flatMap((run) => run.seconds ?? [run.secondsPerStep]);
  return {
    stepsPerSecond: 1 / median(seconds),
    cpuSecondsPerStep: median(runs.map((run) => run.cpuSecondsPerStep)),
    peakRssBytes: Math.max(...runs.map((run) => run.peakRssBytes)),
    explainedVariance: Math.max(...runs.map((run) => run.explainedVariance)),
    byRate: runs.map(({ rate, explainedVariance: explained, secondsPerStep, load }) => ({
      rate,
      explainedVariance: explained,
      secondsPerStep,
      load,
    })),
  };
}

async function ours(latents, rate) {
  const engine = startEngine({ threads: THREADS });
  try {
    async function* batches() {
      for (let i = 0; i < steps; i++) yield readBatch(i);
    }
    const recipe = {
      ...dictionaryDefaults,
      nLatents: latents,
      k: K,
      tokens: steps * BATCH,
      batchTokens: BATCH,
      learningRate: rate,
      seed: 1,
    };
    const seconds = [];
    const load = loadavg()[0];
    let [last, busy] = [performance.now(), []];
    let before = 0;
    const { dictionary } = await trainDictionary({
      engine,
      hook: "blocks.0.hook_resid_post",
      dModel: WIDTH,
      recipe,
      batches: batches(),
      onStep: () => {
        const now = performance.now();
        seconds.push((now - last) / 1000);
        last = now;
        const used = cpuSeconds();
        busy.push(used - before);
        before = used;
      },
    });
    const peak = family().reduce((sum, pid) => sum + highWater(pid), 0);
    const rows = new Float32Array(TEST * WIDTH);
    for (let i = 0; i < TEST / BATCH; i++) rows.set(readBatch(steps + i), i * BATCH * WIDTH);
    const sparse = await encodeLarge(engine, dictionary, rows);
    const sums = sumsOf(dictionary, rows, decodeSparse(dictionary, sparse), sparse);
    return {
      name: "ours",
      secondsPerStep: median(seconds.slice(2)),
      seconds: seconds.slice(2),
      cpuSecondsPerStep: median(busy.slice(2)),
      peakRssBytes: peak,
      explainedVariance: explainedVariance(sums),
      load,
      rate,
    };
  } finally {
    await engine.close();
  }
}

/** This process and the engine's. */
function family() {
  const own = process.pid;
  const children = readdirSync(`/proc/${own}/task`).flatMap((task) =>
    readFileSync(`/proc/${own}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
  return [own, ...children];
}

function highWater(pid) {
  const found = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1] ?? 0) * 1024;
}

/** Of both processes, in clock ticks of 10 ms. */
function cpuSeconds() {
  return family().reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}

function peer(name, latents, rate) {
  const script = join(import.meta.dirname, "peers/sae_step.py");
  const flags = {
    name,
    data: file,
    width: WIDTH,
    latents,
    k: K,
    batch: BATCH,
    steps,
    test: TEST,
    threads: THREADS,
    rate,
  };
  const command = [script, ...Object.entries(flags).flatMap(([key, value]) => [`--${key}`, String(value)])];
  const out = execFileSync(process.env.PENUMBRA_PYTHON, command, {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  return JSON.parse(out.trim().split("\n").at(-1));
}

function log(latents, run) {
  const { seconds, ...shown } = run;
  console.log(latents, JSON.stringify(shown));
  return run;
}
