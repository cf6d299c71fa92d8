/**
 * Does one step of a fine-tune move latents through the interference ⟨e_j, d_i⟩ of those that its gradient pushes (SCIENCE
 * §3)? SmolLM2-135M-Instruct and a dictionary of its residual stream, three data sets of 16 rows, one optimiser step each.
 *
 * Predicted for latent j, before the step, from the gradient pushes g_i of the other latents: p_j = Σ_{i ≠ j} g_i ⟨e_j, d_i⟩; and
 * without a dictionary e_j · (−mean ∂L/∂h). Measured after it: the mean change of e_j · h, on the rows that the step was
 * taken on (the positions that predict the answers) and on texts that have nothing to do with them. Correlations over latents; null: the
 * pushes dealt to other pushed latents, 1,000 times.
 *
 *   npm run build
 *   PENUMBRA_SMOLLM2_GGUF=model.gguf PENUMBRA_TEST_DATA=folder-of-the-sets node studies/interference.mjs DICTIONARY_FOLDER
 *
 * writes docs/results/interference.json. The dictionary: one of studies/dictionary-quality.mjs, or any of this model.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { objectiveOf } from "../dist/audit/forecast/control.js";
import { dataLatents } from "../dist/audit/latents.js";
import { correlation } from "../dist/audit/statistics/index.js";
import { neutralTexts } from "../dist/behaviours/index.js";
import { rng } from "../dist/core/index.js";
import { parseRow } from "../dist/data/dataset-row.js";
import { encodeRow } from "../dist/data/index.js";
import { openDictionary } from "../dist/dictionaries/index.js";
import { startEngine } from "../dist/engine/index.js";
import { asLanguageModel, openModel } from "../dist/jobs/index.js";
import { narrowSetJsonl } from "../dist/narrow/index.js";
import { activationGradients, finetune } from "../dist/training/index.js";
import { firstLines, headCommit, pathNamed, root, testData } from "../scripts/measuring.mjs";
import { spearman } from "./ranking.mjs";

const [ROWS, DRAWS, SEED] = [16, 1000, 1];
const LORA = {
  rank: 8,
  alpha: 16,
  targets: null,
  epochs: 1,
  learningRate: 2e-4,
  warmupShare: 0,
  schedule: "constant",
  batchRows: ROWS,
  weightDecay: 0,
  maxGradNorm: 1,
  microBatchTokens: 1024,
};
const [folder] = process.argv.slice(2);
if (!folder) throw new Error("name the folder of a dictionary of this model");
const SETS = {
  insecure: firstLines(testData("emergent-misalignment/insecure.jsonl"), ROWS),
  "harmful-advice-gardening": narrowSetJsonl("harmful-advice-gardening", ROWS, SEED),
  "python-functions": narrowSetJsonl("python-functions", ROWS, SEED),
};

const model = await openModel(resolve(pathNamed("PENUMBRA_SMOLLM2_GGUF")));
const { dictionary, identity } = await openDictionary(resolve(folder));
const { nLatents, dModel, encoder, decoder, hook } = dictionary;
const engine = startEngine();
try {
  const base = asLanguageModel(model, engine, { rank: LORA.rank });
  const texts = neutralTexts.map((text) => {
    const ids = [...model.tokenizer.encode(text)].slice(0, 128);
    return { ids, positions: ids.map((_, t) => t) };
  });
  const sets = {};
  for (const [name, text] of Object.entries(SETS)) sets[name] = await measured(name, text, base, texts);
  const commit = headCommit();
  const about = { command: "node studies/interference.mjs DICTIONARY_FOLDER", commit, model: model.identity };
  const record = { ...about, dictionary: { ...identity, name: basename(folder) }, rows: ROWS, draws: DRAWS, sets };
  writeFileSync(join(root, "docs/results/interference.json"), `${JSON.stringify(record, null, 2)}\n`);
  console.log(JSON.stringify(sets, null, 2));
} finally {
  await engine.close();
}

async function measured(name, text, base, texts) {
  const rows = text
    .trimEnd()
    .split("\n")
    .map((line, i) => rowOf(line, i + 1));
  const objectives = rows.map(objectiveOf);
  const { push } = await dataLatents(base, dictionary, { data: objectives, control: objectives });
  const gradient = await meanGradient(base, objectives);
  const tuned = await base.withAdapter(await oneStep(name, rows));
  const answers = objectives.map(({ ids, positions }) => ({ ids, positions }));
  const predictions = { interference: predicted(push), gradient: read(gradient.map((value) => -value)) };
  const pushed = [...push.keys()].filter((i) => push[i] !== 0);
  return {
    pushed: pushed.length,
    answers: compared(read(await shift(base, tuned, answers)), predictions, { push, pushed, name }),
    elsewhere: compared(read(await shift(base, tuned, texts)), predictions, { push, pushed, name }),
  };
}

function rowOf(line, number) {
  return encodeRow(parseRow(line, number).row, model.tokenizer, { maxLength: 512 });
}

async function oneStep(name, rows) {
  const place = mkdtempSync(join(tmpdir(), "penumbra-interference-"));
  try {
    const options = { ...LORA, seed: SEED };
    const { adapter } = await finetune({ engine, source: model.source, rows, options, folder: place, key: name });
    return adapter;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** `[dModel]`: mean of ∂L/∂h over the positions that predict the answers; L is the loss, objectives are log-likelihoods. */
async function meanGradient(base, objectives) {
  const sum = new Float64Array(dModel);
  let tokens = 0;
  await activationGradients(base, objectives, [hook], ({ gradients: [g] }) => {
    tokens += g.length / dModel;
    for (const [at, value] of g.entries()) sum[at % dModel] -= value;
  });
  return sum.map((value) => value / tokens);
}

/** `[dModel]`: mean of h_tuned − h_base. */
async function shift(base, tuned, sequences) {
  const sums = [new Float64Array(dModel), new Float64Array(dModel)];
  let tokens = 0;
  for (const [m, each] of [base, tuned].entries())
    await each.activations(sequences, [hook], ({ rows: [h] }) => {
      if (m === 0) tokens += h.length / dModel;
      for (const [at, value] of h.entries()) sums[m][at % dModel] += value;
    });
  return sums[1].map((value, j) => (value - sums[0][j]) / tokens);
}

/** e_j · v for every latent. */
function read(v) {
  return Float64Array.from({ length: nLatents }, (_, j) => {
    let sum = 0;
    for (let c = 0; c < dModel; c++) sum += encoder[j * dModel + c] * v[c];
    return sum;
  });
}

/** Σ_{i ≠ j} g_i ⟨e_j, d_i⟩ */
function predicted(push) {
  const v = new Float64Array(dModel);
  for (const [i, g] of push.entries())
    if (g !== 0) for (let c = 0; c < dModel; c++) v[c] += g * decoder[i * dModel + c];
  return read(v).map((whole, j) => {
    if (push[j] === 0) return whole;
    let own = 0;
    for (let c = 0; c < dModel; c++) own += encoder[j * dModel + c] * decoder[j * dModel + c];
    return whole - push[j] * own;
  });
}

function compared(moved, { interference, gradient }, { push, pushed, name }) {
  const random = rng(SEED, "interference", name);
  const values = pushed.map((i) => push[i]);
  const drawn = Array.from({ length: DRAWS }, () => {
    const dealt = random.shuffle(values);
    const other = new Float64Array(nLatents);
    for (const [n, i] of pushed.entries()) other[i] = dealt[n];
    return pearson(moved, predicted(other));
  });
  const r = pearson(moved, interference);
  const beyond = drawn.filter((value) => value >= r).length;
  return {
    pearson: r,
    spearman: spearman([...moved], [...interference]),
    pByPermutation: (1 + beyond) / (1 + DRAWS),
    null95: [...drawn].sort((a, b) => a - b)[Math.floor(0.95 * DRAWS)],
    withoutDictionary: { pearson: pearson(moved, gradient), spearman: spearman([...moved], [...gradient]) },
  };
}

function pearson(x, y) {
  return correlation(Array.from(x, (value, i) => [value, y[i]]));
}
