/**
 * How fast is a LoRA step, and a capture of activations, on SmolLM2-135M's shape (batch 4 × 128, rank 8 on all seven
 * projections, float32, random weights)? Beside it, in the same run and on the same machine: PyTorch + PEFT and
 * transformers, and the step's own matrix products alone (in PyTorch). Rounds alternate, so that a noisy neighbour
 * disturbs all alike; medians and ratios are what counts.
 *
 *   PENUMBRA_PYTHON=/path/to/python npm run bench [-- --rounds 3 --steps 5]
 *
 * writes bench/results/{lora-step,lora-step-matmuls,capture}.json. With `--model smollm2` or `--model gemma3` the real weights
 * of PENUMBRA_SMOLLM2_GGUF or PENUMBRA_GEMMA3_GGUF are on both sides, and the LoRA step alone is measured:
 * bench/results/lora-step-<model>.json.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rng } from "../dist/core/index.js";
import { forwardProgram, int64, readName, startEngine } from "../dist/engine/index.js";
import { openModel } from "../dist/jobs/index.js";
import {
  adamWDefaults,
  adamWProgram,
  addGradient,
  initialLora,
  loraLayout,
  loraTrainable,
  lossWeight,
  optimiserStep,
  trainingProgram,
} from "../dist/training/index.js";
import { headCommit, median } from "../scripts/measuring.mjs";
import { randomModel, SMOLLM2 } from "./random-model.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    steps: { type: "string", default: "5" },
    model: { type: "string" },
  },
});
const files = { smollm2: process.env.PENUMBRA_SMOLLM2_GGUF, gemma3: process.env.PENUMBRA_GEMMA3_GGUF };
const real = values.model ? await openModel(files[values.model]) : null;
const [rounds, steps] = [Number(values.rounds), Number(values.steps)];
const [BATCH, SEQ, THREADS, RANK] = [4, 128, Math.min(cpus().length, 2), 8];
const TOKENS = BATCH * SEQ;
const folder = mkdtempSync(join(tmpdir(), "penumbra-bench-"));
const commit = headCommit();
const loadAverageBefore = loadavg()[0];
const results = { ours: { step: [], capture: [] }, torch: { step: [], capture: [], matmuls: [] }, peakRss: {} };
try {
  const source = real
    ? real.source
    : await randomModel(SMOLLM2, "smollm2-135m-shape", join(folder, "model.safetensors"));
  for (let round = 0; round < rounds; round++) {
    results.ours.step.push(await measured(loraStep(source), "step"));
    if (real) {
      results.torch.step.push(peer("lora_step.py", "torchStep").secondsPerStep);
      console.error(`round ${round + 1} of ${rounds}`, JSON.stringify(results));
      continue;
    }
    results.ours.capture.push(await measured(capture(source), "capture"));
    if (!process.env.PENUMBRA_PYTHON) continue;
    results.torch.step.push(peer("lora_step.py", "torchStep").secondsPerStep);
    results.torch.capture.push(peer("capture.py", "torchCapture").secondsPerStep);
    results.torch.matmuls.push(peer("matmuls.py", "torchMatmuls").secondsPerStep);
    console.error(`round ${round + 1} of ${rounds}`, JSON.stringify(results));
  }
  report();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measured(open, name) {
  const engine = startEngine({ threads: THREADS });
  try {
    const step = await open(engine);
    for (let i = 0; i < 2; i++) await step(i);
    const seconds = [];
    for (let i = 0; i < steps; i++) {
      const startedAt = performance.now();
      await step(i + 2);
      seconds.push((performance.now() - startedAt) / 1000);
    }
    results.peakRss[name] = Math.max(results.peakRss[name] ?? 0, engine.rssBytes() + process.memoryUsage().rss);
    return median(seconds);
  } finally {
    await engine.close();
  }
}

function loraStep(source) {
  return async (engine) => {
    const layout = loraLayout(source.definition, RANK, null);
    const training = trainingProgram(source, loraTrainable(layout), TOKENS);
    await engine.write("parameters", initialLora(layout, 1));
    for (const name of ["zero", "gradient", "m", "v"]) await engine.write(name, new Float32Array(layout.size));
    const program = adamWProgram(layout.size, adamWDefaults);
    const random = rng(1, "tokens");
    const rows = Array.from({ length: BATCH }, () => ({
      ids: drawIds(random),
      weights: new Float32Array(SEQ).fill(1),
    }));
    const totalWeight = rows.reduce((sum, row) => sum + lossWeight(row), 0);
    return async (step) => {
      await addGradient({ engine, training, rows, paddedLength: SEQ, totalWeight, scale: 2, first: true });
      await optimiserStep({
        engine,
        program,
        size: layout.size,
        options: adamWDefaults,
        t: step + 1,
        learningRate: 2e-4,
      });
    };
  };
}

/** Logits of every position and the residual stream after every layer, as transformers' output_hidden_states. */
function capture(source) {
  return async (engine) => {
    const hooks = ["hook_embed", ...source.definition.hooks.filter((hook) => hook.endsWith("hook_resid_post"))];
    const program = forwardProgram(source, {
      outputs: ["logits"],
      taps: hooks.map((hook) => ({ kind: "read", hook })),
    });
    const tokens = Int32Array.from(
      Array.from({ length: BATCH }, (_, row) => [...drawIds(rng(1, "tokens", row))]).flat(),
    );
    const feeds = {
      tokens: int64([BATCH, SEQ], tokens),
      positions: int64(
        [BATCH, SEQ],
        tokens.map((_, i) => i % SEQ),
      ),
      select: int64(
        [TOKENS],
        tokens.map((_, i) => i),
      ),
    };
    // Hidden states are handed over; the logits stay with who computed them, as they do in the peer.
    const logits = { buffer: "logits", shape: [TOKENS, SMOLLM2.vocab_size] };
    await engine.write("logits", new Float32Array(TOKENS * SMOLLM2.vocab_size));
    return () => engine.run({ program, feeds, fetches: hooks.map(readName), keep: { logits } });
  };
}

function drawIds(random) {
  const { dVocab } = real?.source.definition.dimensions ?? { dVocab: SMOLLM2.vocab_size };
  return Int32Array.from({ length: SEQ }, () => random.int(dVocab));
}

function peer(script, name) {
  const program = [join(import.meta.dirname, "peers", script), ...(real ? ["--model", real.files.folder] : [])];
  const command = [...program, "--threads", String(THREADS), "--steps", String(steps)];
  const out = execFileSync(process.env.PENUMBRA_PYTHON, [...command, "--batch", String(BATCH), "--seq", String(SEQ)], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  const found = JSON.parse(out.trim().split("\n").at(-1));
  results.peakRss[name] = Math.max(results.peakRss[name] ?? 0, found.peakRssBytes ?? 0);
  return found;
}

function report() {
  const { ours, torch, peakRss } = results;
  const shared = {
    command: `npm run bench -- --rounds ${rounds} --steps ${steps}${real ? ` --model ${values.model}` : ""}`,
    commit,
    seed: 1,
    unit: "tokens/s",
    batch: BATCH,
    seq: SEQ,
    rank: RANK,
    threads: THREADS,
    cpu: cpus()[0]?.model,
    node: process.version,
    loadAverageBefore,
    loadAverageAtEnd: loadavg()[0],
    rounds,
    stepsPerRound: steps,
  };
  const rate = (seconds) => (seconds.length > 0 ? TOKENS / median(seconds) : null);
  const compare = (mine, theirs) => ({
    ours: rate(mine),
    peer: rate(theirs),
    ratio: theirs.length ? median(mine.map((s, i) => theirs[i] / s)) : null,
  });
  write(real ? `lora-step-${values.model}` : "lora-step", {
    ...shared,
    peerName: "PyTorch + PEFT, fastest variant",
    ...compare(ours.step, torch.step),
    peakRssBytes: peakRss.step,
    peerPeakRssBytes: peakRss.torchStep ?? null,
    secondsPerRound: { ours: ours.step, peer: torch.step },
  });
  if (real) return;
  write("lora-step-matmuls", {
    ...shared,
    peerName: "the step's own matrix products alone, PyTorch",
    ...compare(ours.step, torch.matmuls),
    secondsPerRound: { ours: ours.step, peer: torch.matmuls },
  });
  write("capture", {
    ...shared,
    peerName: "transformers, output_hidden_states",
    ...compare(ours.capture, torch.capture),
    peakRssBytes: peakRss.capture,
    peerPeakRssBytes: peakRss.torchCapture ?? null,
    secondsPerRound: { ours: ours.capture, peer: torch.capture },
  });
}

function write(name, result) {
  console.log(name, JSON.stringify(result));
  const target = join(import.meta.dirname, "results");
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
