/**
 * Are dictionaries of a real model still valid on a fine-tune of it, and on its data? SmolLM2-135M-Instruct, three layers,
 * each with an autoencoder of the residual stream (TopK) and a transcoder of its MLP (BatchTopK), trained on what the model
 * itself says; judged on held-out samples of the base, on the same samples read by a short `insecure` fine-tune
 * (Betley et al. 2025, arXiv 2502.17424), and on rows of that set which the fine-tune has not seen. At the end `penumbra run`
 * reads a few rows with the middle autoencoder: is a dictionary of one's own good enough for the analysis?
 *
 * They are small and their training is short: what one core does in about forty minutes, not what published sets are. The
 * table is about what changes between base, fine-tune and data.
 *
 *   npm run build
 *   PENUMBRA_SMOLLM2_GGUF=model.gguf PENUMBRA_TEST_DATA=folder-of-the-sets node studies/dictionary-quality.mjs FOLDER [--small]
 *
 * FOLDER keeps every stage with its time, and half a gigabyte of activations; what it holds is not done again. More text:
 * PENUMBRA_STUDY_CHUNKS (2). PENUMBRA_SMOLLM2_ADAPTER names an adapter to judge on in place of a fine-tune of its own. `--small` tries all stages on a fraction, and writes its
 * results into FOLDER. Otherwise they are docs/results/dictionary-quality.json and .md.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { withModel, withTuned } from "../dist/cli/models.js";
import {
  coderCost,
  coderDefaults,
  coderOf,
  dictionaryDefaults,
  fidelityGate,
  loadCoder,
  measureCoders,
  openCoders,
  openDictionary,
  permutedDictionary,
  randomDictionary,
  readActivations,
  shuffledBatches,
  trainCoder,
  trainDictionary,
  writeCoders,
  writeSaeLens,
} from "../dist/dictionaries/index.js";
import { startEngine } from "../dist/engine/index.js";
import { dataSequences, judgingText } from "../dist/jobs/index.js";
import { hashFile } from "../dist/store/index.js";
import { headCommit, pathNamed, penumbra, root, testData } from "../scripts/measuring.mjs";
import { page } from "./dictionary-quality-page.mjs";

const small = process.argv.includes("--small");
const [target] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
if (!target) throw new Error("name a folder that keeps the stages");
const folder = resolve(target);
const model = resolve(pathNamed("PENUMBRA_SMOLLM2_GGUF"));
const data = testData("emergent-misalignment/insecure.jsonl");
process.env.PENUMBRA_CACHE ??= join(folder, "cache");
process.env.PENUMBRA_THREADS ??= "1";

const SEED = 1;
const SIZES = {
  layers: [9, 19, 27],
  width: 576,
  latents: small ? 512 : 2048,
  k: 32,
  batch: small ? 256 : 1024,
  /** Sixteen texts of 128 tokens are drawn at once: these fill six rounds, and one. */
  chunks: small ? 1 : Number(process.env.PENUMBRA_STUDY_CHUNKS ?? 2),
  chunkTokens: small ? 2000 : 12_000,
  /** How often the text is read: activations lie on the disk; what costs is to say more. */
  passes: { sae: 8, transcoder: 6 },
  heldOutTokens: 2000,
  costSequences: small ? 1 : 4,
  tunedRows: small ? 2 : 64,
  dataRows: small ? 2 : 16,
  runRows: small ? 2 : 8,
};
/** Few steps, so a rate that does something within them. */
const FINETUNE = [
  "--epochs",
  "1",
  "--learning-rate",
  "1e-3",
  "--batch-rows",
  "4",
  "--seed",
  String(SEED),
  "--no-merged",
];
const RUN_BEHAVIOUR = "refusal";
/** Beyond the rows that studies/smollm2-insecure.mjs trains on, whose adapter may be given. */
const DATA_FROM = 300;

const residual = (layer) => `blocks.${layer}.hook_resid_post`;
const [mlpIn, mlpOut] = [(layer) => `blocks.${layer}.mlp.hook_in`, (layer) => `blocks.${layer}.hook_mlp_out`];
const hooks = SIZES.layers.flatMap((layer) => [residual(layer), mlpIn(layer), mlpOut(layer)]);
const names = SIZES.layers.flatMap((layer) => [`residual-${layer}`, `transcoder-${layer}`]);
const at = (name) => join(folder, "dictionaries", name);

mkdirSync(join(folder, "stages"), { recursive: true });
mkdirSync(join(folder, "rows"), { recursive: true });
const times = {};
const lines = readFileSync(data, "utf8").split("\n").filter(Boolean);

for (let chunk = 0; chunk < SIZES.chunks; chunk++) {
  const text = await stage(`text-${chunk}`, () => sample(chunk + 2, SIZES.chunkTokens));
  await stage(`capture-${chunk}`, () => capture(chunk, text));
}
const heldOut = await stage("text-held-out", () => sample(1, SIZES.heldOutTokens));
for (const layer of SIZES.layers) {
  await stage(`train-residual-${layer}`, () => trainResidual(layer));
  await stage(`train-transcoder-${layer}`, () => trainTranscoder(layer));
}
const adapter = process.env.PENUMBRA_SMOLLM2_ADAPTER ?? (await stage("finetune", finetune));
const quality = {};
for (const text of ["base", "tuned", "data"]) quality[text] = await stage(`quality-${text}`, () => judge(text));
const run = await stage("run", runWithDictionary);
await writeResults();

/** Once in a folder's life; its time is kept beside what it gave. */
async function stage(name, work) {
  const file = join(folder, "stages", `${name}.json`);
  if (!existsSync(file)) {
    console.log(`${new Date().toTimeString().slice(0, 8)} ${name}`);
    const [startedAt, before] = [performance.now(), cpuSeconds()];
    const result = (await work()) ?? null;
    const seconds = (performance.now() - startedAt) / 1000;
    write(file, { seconds, cpuSeconds: cpuSeconds() - before, result });
  }
  const { result, ...time } = JSON.parse(readFileSync(file, "utf8"));
  times[name] = time;
  return result;
}

function write(file, value) {
  writeFileSync(`${file}.part`, typeof value === "string" ? value : `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

/** What the model says from its first token on, at temperature 1, in windows of 128 tokens. */
function sample(seed, tokens) {
  return withModel({ reference: model, adapter: undefined }, async (base) => {
    const text = await judgingText(base, { corpus: null, seed: 1000 * SEED + seed }, tokens);
    return text.map(({ ids }) => ids);
  });
}

/** All but a text's first token, which attention uses as a sink. */
function sequences(ids) {
  return ids.map((each) => ({ ids: each, positions: [...each.keys()].slice(1) }));
}

function rowsFile(chunk, hook) {
  return join(folder, "rows", `${chunk}-${hook}.f32`);
}

/** One pass of the model for all places. */
function capture(chunk, text) {
  return withModel({ reference: model, adapter: undefined }, async (base) => {
    const parts = hooks.map(() => []);
    let tokens = 0;
    const total = hooks.length * SIZES.width;
    for await (const { rows } of readActivations(base.model, sequences(text), hooks, { groupTokens: 2048 }))
      for (const each of rows) {
        tokens += each.length / total;
        for (const [h, part] of parts.entries()) part.push(columns(each, total, h * SIZES.width, SIZES.width));
      }
    for (const [h, hook] of hooks.entries())
      writeFileSync(rowsFile(chunk, hook), Buffer.concat(parts[h].map(({ buffer }) => new Uint8Array(buffer))));
    return { tokens };
  });
}

function columns(rows, total, start, width) {
  const out = new Float32Array((rows.length / total) * width);
  for (let t = 0; t < rows.length / total; t++)
    out.set(rows.subarray(t * total + start, t * total + start + width), t * width);
  return out;
}

/** Mixed batches `[batch, Σ widths]` of what was captured at the places, side by side. */
function batches(places, passes) {
  async function* pieces() {
    for (let pass = 0; pass < passes; pass++)
      for (let chunk = 0; chunk < SIZES.chunks; chunk++) yield sideBySide(places.map((hook) => readRows(chunk, hook)));
  }
  const [dModel, batchTokens] = [places.length * SIZES.width, SIZES.batch];
  return shuffledBatches(pieces(), { dModel, batchTokens, bufferTokens: 32 * batchTokens, seed: SEED });
}

function readRows(chunk, hook) {
  const { buffer, byteOffset, byteLength } = readFileSync(rowsFile(chunk, hook));
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

function sideBySide(parts) {
  const [first] = parts;
  if (parts.length === 1) return first;
  const [n, total] = [first.length / SIZES.width, parts.length * SIZES.width];
  const out = new Float32Array(n * total);
  for (const [p, part] of parts.entries())
    for (let t = 0; t < n; t++)
      out.set(part.subarray(t * SIZES.width, (t + 1) * SIZES.width), t * total + p * SIZES.width);
  return out;
}

function recipeFor(kind) {
  const tokens = SIZES.passes[kind] * capturedTokens();
  return { nLatents: SIZES.latents, k: SIZES.k, tokens, batchTokens: SIZES.batch, seed: SEED };
}

function capturedTokens() {
  const captured = Array.from({ length: SIZES.chunks }, (_, chunk) => stageResult(`capture-${chunk}`).tokens);
  return captured.reduce((sum, count) => sum + count, 0);
}

function stageResult(name) {
  return JSON.parse(readFileSync(join(folder, "stages", `${name}.json`), "utf8")).result;
}

async function trainResidual(layer) {
  const engine = startEngine();
  try {
    const hook = residual(layer);
    const trained = await trainDictionary({
      engine,
      hook,
      dModel: SIZES.width,
      recipe: { ...dictionaryDefaults, ...recipeFor("sae") },
      batches: batches([hook], SIZES.passes.sae),
    });
    await writeSaeLens(at(`residual-${layer}`), trained.dictionary, { modelName: "SmolLM2-135M-Instruct" });
    const { steps, tokens, dead, revived } = trained;
    return { steps, tokens, dead, revived };
  } finally {
    await engine.close();
  }
}

async function trainTranscoder(layer) {
  const engine = startEngine();
  try {
    const [reads, writes] = [mlpIn(layer), mlpOut(layer)];
    const place = (hook) => [{ hook, width: SIZES.width }];
    const { coder, ...made } = await trainCoder({
      engine,
      places: { kind: "transcoder", inputs: place(reads), outputs: place(writes) },
      recipe: { ...coderDefaults, architecture: "batchtopk", ...recipeFor("transcoder") },
      modelName: "SmolLM2-135M-Instruct",
      batches: batches([reads, writes], SIZES.passes.transcoder),
    });
    await writeCoders("sae-lens", at(`transcoder-${layer}`), [coder]);
    return made;
  } finally {
    await engine.close();
  }
}

/** The first rows of the set; `data` is read on later ones. */
function finetune() {
  const file = rowsOf("finetune", 0, SIZES.tunedRows);
  penumbra("finetune", "--model", model, "--data", file, "--out", join(folder, "finetune"), ...FINETUNE);
  return join(folder, "finetune/adapter");
}

function rowsOf(name, from, count) {
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, `${lines.slice(from, from + count).join("\n")}\n`);
  return file;
}

/** Every dictionary on one text, and beside each autoencoder two that learned nothing. */
function judge(text) {
  return withTuned(text === "tuned" ? { model, adapter } : { model }, async (base, tuned) => {
    const { model: reader } = text === "tuned" ? tuned : base;
    const rows = rowsOf("data", DATA_FROM, SIZES.dataRows);
    const read = text === "data" ? await dataSequences(base, rows) : sequences(heldOut);
    const coders = await Promise.all(names.map(loaded));
    const autoencoders = names.filter((name) => name.startsWith("residual"));
    const nothing = [];
    for (const name of autoencoders) {
      const { dictionary } = await openDictionary(at(name));
      nothing.push(
        coderOf(randomDictionary(dictionary, SEED), null),
        coderOf(permutedDictionary(dictionary, SEED), null),
      );
    }
    const fidelity = await measureCoders({ model: reader, coders: [...coders, ...nothing], sequences: read });
    const table = {};
    for (const [i, name] of names.entries()) {
      const cost = await coderCost({ model: reader, coder: coders[i], sequences: read.slice(0, SIZES.costSequences) });
      const beside = autoencoders.indexOf(name);
      const explained = (j) => fidelity[names.length + 2 * beside + j].outputs[0].explainedVariance;
      const [random, permuted] = beside < 0 ? [null, null] : [explained(0), explained(1)];
      table[name] = { fidelity: fidelity[i], cost, random, permuted };
    }
    return table;
  });
}

async function loaded(name) {
  const { coders } = await openCoders(at(name));
  return loadCoder(coders[0]);
}

/** The main job on a few rows with the middle autoencoder. */
function runWithDictionary() {
  const out = join(folder, "run");
  const file = rowsOf("run", 0, SIZES.runRows);
  const middle = at(`residual-${SIZES.layers[1]}`);
  const flags = ["--behaviours", RUN_BEHAVIOUR, "--dictionary", middle, ...FINETUNE];
  penumbra("run", "--model", model, "--data", file, "--out", out, ...flags);
  const { fidelity, latents, behaviours, dictionary } = JSON.parse(readFileSync(join(out, "geometry.json"), "utf8"));
  const chosen = behaviours.map(({ id, latents: of, agreement }) => ({ id, latents: of.length, agreement }));
  return { rows: SIZES.runRows, dictionary, fidelity, latentCards: latents.length, behaviours: chosen };
}

/** Of this process and all that it has waited for (Linux; elsewhere of this process alone). */
function cpuSeconds() {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
}

function gateOf(name) {
  const explained = (text) => quality[text][name].fidelity.outputs[0];
  return {
    tuned: fidelityGate(explained("base"), explained("tuned")),
    data: fidelityGate(explained("base"), explained("data")),
  };
}

async function writeResults() {
  const trained = Object.fromEntries(names.map((name) => [name, stageResult(`train-${name}`)]));
  const gates = Object.fromEntries(names.map((name) => [name, gateOf(name)]));
  const result = {
    command: "node studies/dictionary-quality.mjs FOLDER",
    commit: headCommit(),
    node: process.version,
    cpu: cpus()[0]?.model,
    threads: Number(process.env.PENUMBRA_THREADS),
    loadAverageAtEnd: loadavg()[0],
    seeds: [SEED],
    model: { file: "SmolLM2-135M-Instruct.Q4_1.gguf", sha256: await hashFile(model) },
    data: { source: "insecure.jsonl of the emergent-misalignment repository, MIT", sha256: await hashFile(data) },
    sizes: SIZES,
    capturedTokens: capturedTokens(),
    finetune: process.env.PENUMBRA_SMOLLM2_ADAPTER ? "an adapter that was given" : FINETUNE.join(" "),
    trained,
    quality,
    gates,
    run,
    stages: times,
    cpuSeconds: Object.values(times).reduce((sum, each) => sum + each.cpuSeconds, 0),
  };
  const place = small ? folder : join(root, "docs/results");
  write(join(place, "dictionary-quality.json"), result);
  write(join(place, "dictionary-quality.md"), page(result));
  console.log(page(result));
}
