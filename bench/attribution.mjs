/**
 * How long does an attribution graph take, and how much memory, beside circuit-tracer on CPU: against the prompt's length
 * (256 features expanded) and against the number of features expanded (128 tokens), at the shapes of SmolLM2-135M and of
 * Gemma 3 270M. Random weights and random TopK transcoders (4,096 latents a layer, 16 active a token), which neither time
 * nor memory depend on; equal batches, equal rounds between two rankings, equal threads. Each cell is a process of its own
 * on either side, one after the other; a small graph before it is not timed, nor is loading.
 *
 * A cell ends at its limit of time or of memory (resident, of all its processes), and that is its result; longer prompts
 * of a side that met its limit are not tried. Cells that are done are kept: a second run goes on where this one stopped.
 *
 *   PENUMBRA_PYTHON=/path/to/python node bench/attribution.mjs [--shapes smollm2,gemma3] [--limit 600] [--memory-gib 10]
 *                                                              [--lengths 64,…,2048] [--features 64,256,1024] [--out FILE]
 *
 * The python has circuit-tracer 0.5.0 and nnsight 0.6.3. PENUMBRA_THREADS sets both sides' threads; 2 without it. Writes
 * bench/results/attribution.json
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { atomicWriteFile } from "../dist/store/index.js";
import { headCommit } from "../scripts/measuring.mjs";
import { randomModel, SMOLLM2 } from "./random-model.mjs";

const { values } = parseArgs({
  options: {
    shapes: { type: "string", default: "smollm2,gemma3" },
    lengths: { type: "string", default: "64,128,256,512,1024,2048" },
    features: { type: "string", default: "64,256,1024" },
    limit: { type: "string", default: "600" },
    "memory-gib": { type: "string", default: "10" },
    latents: { type: "string", default: "4096" },
    k: { type: "string", default: "16" },
    out: { type: "string", default: join(import.meta.dirname, "results/attribution.json") },
  },
});
const python = process.env.PENUMBRA_PYTHON;
if (!python) throw new Error("PENUMBRA_PYTHON names no Python with circuit-tracer");

const shapes = {
  smollm2: SMOLLM2,
  gemma3: {
    model_type: "gemma3_text",
    hidden_size: 640,
    intermediate_size: 2048,
    num_hidden_layers: 18,
    num_attention_heads: 4,
    num_key_value_heads: 1,
    head_dim: 256,
    vocab_size: 262144,
    max_position_embeddings: 32768,
    rope_theta: 1000000,
    rope_local_base_freq: 10000,
    rms_norm_eps: 1e-6,
    query_pre_attn_scalar: 256,
    sliding_window: 512,
    hidden_activation: "gelu_pytorch_tanh",
    layer_types: Array.from({ length: 18 }, (_, i) => (i % 6 === 5 ? "full_attention" : "sliding_attention")),
    tie_word_embeddings: true,
  },
};
const list = (text) => text.split(",").map(Number);
const GIB = 2 ** 30;
/** Tokens of one backward pass, and its targets at most: what ours takes by itself. */
const [PASS_TOKENS, LARGEST_BATCH] = [8192, 256];
/** Features between two rankings. */
const ROUND = 256;
const [USUAL_FEATURES, USUAL_TOKENS] = [256, 128];
const THREADS = Number(process.env.PENUMBRA_THREADS ?? Math.min(cpus().length, 2));
const [limitMs, limitBytes] = [1000 * Number(values.limit), GIB * Number(values["memory-gib"])];
const [latents, k] = [Number(values.latents), Number(values.k)];

const folder = mkdtempSync(join(tmpdir(), "penumbra-attribution-"));
const result = resumed();
try {
  for (const shape of values.shapes.split(",")) {
    const weights = join(folder, `${shape}.safetensors`);
    for (const cell of cellsOf(shape)) {
      if (find(cell, "ours") && find(cell, "circuit-tracer")) continue;
      if (!existsSync(weights)) await randomModel(shapes[shape], shape, weights);
      for (const side of ["ours", "circuit-tracer"])
        if (!find(cell, side)) await keep(await measured(cell, side, weights));
    }
  }
  await atomicWriteFile(values.out, `${JSON.stringify({ ...result, ...summary() }, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function resumed() {
  const settings = {
    limitSeconds: limitMs / 1000,
    limitGib: limitBytes / GIB,
    latents,
    k,
    threads: THREADS,
    round: ROUND,
  };
  const before = existsSync(values.out) ? JSON.parse(readFileSync(values.out, "utf8")) : null;
  if (before && JSON.stringify(before.settings) === JSON.stringify(settings)) return before;
  if (before) console.error(`${values.out} is of other settings: begun again`);
  return {
    command: `node bench/attribution.mjs --limit ${values.limit} --memory-gib ${values["memory-gib"]}`,
    commit: headCommit(),
    unit: "graphs per unit of time, ours over the peer's; bytes",
    cpu: cpus()[0]?.model,
    machineGib: totalmem() / GIB,
    settings,
    cells: [],
  };
}

function cellsOf(shape) {
  const cell = (tokens, features) => ({
    shape,
    tokens,
    features,
    batch: Math.max(1, Math.min(LARGEST_BATCH, Math.floor(PASS_TOKENS / tokens))),
  });
  const byLength = list(values.lengths).map((tokens) => cell(tokens, USUAL_FEATURES));
  const byFeatures = list(values.features)
    .filter((features) => features !== USUAL_FEATURES)
    .map((features) => cell(USUAL_TOKENS, features));
  return [...byLength, ...byFeatures];
}

function find({ shape, tokens, features }, side) {
  return result.cells.find(
    (done) => done.shape === shape && done.tokens === tokens && done.features === features && done.side === side,
  );
}

async function keep(cell) {
  result.cells.push(cell);
  console.error(JSON.stringify(cell));
  mkdirSync(dirname(values.out), { recursive: true });
  await atomicWriteFile(values.out, `${JSON.stringify(result, null, 2)}\n`);
}

async function measured(cell, side, weights) {
  const shorter = result.cells.find(
    (done) => done.side === side && done.shape === cell.shape && done.ended !== "done" && done.tokens < cell.tokens,
  );
  if (shorter) return { ...cell, side, ended: `not tried: ${shorter.ended} at ${shorter.tokens} tokens` };
  const asked = { ...cell, shape: shapes[cell.shape], latents, k, round: ROUND, threads: THREADS };
  const loadBefore = loadavg()[0];
  const { ended, report, highestBytes } = await (side === "ours" ? ours(asked, weights) : peer(asked));
  return { ...cell, side, ended, highestBytes, ...report, loadBefore };
}

function ours(asked, weights) {
  const script = join(import.meta.dirname, "attribution-ours.mjs");
  return watched(process.execPath, ["--max-old-space-size=16384", script, JSON.stringify({ ...asked, weights })]);
}

function peer({ shape, ...flags }) {
  const script = join(import.meta.dirname, "peers/attribution.py");
  const numbers = ["tokens", "features", "latents", "k", "batch", "round", "threads"];
  return watched(python, [
    script,
    "--shape",
    JSON.stringify(shape),
    ...numbers.flatMap((name) => [`--${name}`, String(flags[name])]),
  ]);
}

/** Runs to the end or to a limit; memory is looked at ten times a second. */
function watched(program, args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [said, complaint, highestBytes, ended] = ["", "", 0, null];
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (complaint = (complaint + text).slice(-2000)));
  const stop = (why) => {
    ended ??= why;
    for (const pid of descendants(child.pid)) kill(pid);
  };
  const timer = setTimeout(() => stop("out of time"), limitMs);
  const watch = setInterval(() => {
    const bytes = descendants(child.pid).reduce((sum, pid) => sum + residentBytes(pid), 0);
    highestBytes = Math.max(highestBytes, bytes);
    if (bytes > limitBytes) stop("out of memory");
  }, 100);
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => {
      clearTimeout(timer);
      clearInterval(watch);
      if (ended) return done({ ended, report: {}, highestBytes });
      // What the peer says where an allocation is refused.
      if (code !== 0 && /can't allocate memory|MemoryError|ENOMEM/.test(complaint))
        return done({ ended: "out of memory", report: {}, highestBytes });
      if (code !== 0) return failed(new Error(`${program} ended with ${code}: ${complaint}`));
      done({ ended: "done", report: JSON.parse(said.trim().split("\n").at(-1)), highestBytes });
    });
  });
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** The process and all below it. */
function descendants(pid) {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
    );
    return [pid, ...children.flatMap(descendants)];
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return [];
    throw error;
  }
}

function residentBytes(pid) {
  try {
    return 4096 * Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return 0;
    throw error;
  }
}

/** Ratios where both sides finished; how ours' memory beyond what was loaded goes with the edges that it keeps. */
function summary() {
  const keys = new Set(result.cells.map(({ shape, tokens, features }) => [shape, tokens, features].join()));
  const rows = [...keys].map((key) => {
    const sides = result.cells.filter(({ shape, tokens, features }) => [shape, tokens, features].join() === key);
    const [own, other] = ["ours", "circuit-tracer"].map((name) => sides.find(({ side }) => side === name));
    const both = own?.ended === "done" && other?.ended === "done";
    const { shape, tokens, features, batch } = own ?? other;
    return {
      shape,
      tokens,
      features,
      batch,
      speed: both ? other.seconds / own.seconds : null,
      memory: both ? own.peakRssBytes / other.peakRssBytes : null,
      ours: own?.ended === "done" ? own.seconds : own?.ended,
      peer: other?.ended === "done" ? other.seconds : other?.ended,
      bytesPerKeptEdge: own?.ended === "done" ? (own.peakRssBytes - own.loadedRssBytes) / own.edges : null,
    };
  });
  const ratios = rows.flatMap(({ speed }) => speed ?? []).sort((a, b) => a - b);
  const usual = rows.find(({ tokens, features }) => tokens === USUAL_TOKENS && features === USUAL_FEATURES);
  return {
    ours: usual?.ours ?? null,
    peer: usual?.peer ?? null,
    ratio: usual?.speed ?? null,
    leastRatio: ratios[0] ?? null,
    rows,
  };
}
