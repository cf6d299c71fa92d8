/**
 * Is the forecast right on real models, and what do narrow tasks move in them? SmolLM2-135M-Instruct and Gemma 3 270M on
 * narrow sets in plain English (benign tasks; sound and harmful advice, right and wrong facts, row by row on the same prompts)
 * and on `insecure`, `educational_insecure` and `secure` of "Emergent Misalignment" (Betley et al. 2025, arXiv 2502.17424).
 * Each cell is `penumbra study` with one set and one seed: forecast, hash, training, audit with every built-in behaviour.
 *
 *   npm run build
 *   PENUMBRA_SMOLLM2_GGUF=… PENUMBRA_GEMMA3_GGUF=… PENUMBRA_TEST_DATA=folder-of-the-sets \
 *     node studies/real-models.mjs FOLDER [--cells 40] [--models smollm2,gemma3] [--lane 1/2]
 *   node studies/real-models.mjs --summary       writes docs/results/{real-models,intent}.{json,md} from the cells
 *
 * Fixed before any cell was run: sets, rows, seeds, the training below, margin 0.05, the budget (CELLS). In the order of CELLS:
 * SmolLM2 first, the three sets of code with three seeds, then the narrow sets seed by seed. Finished cells stand in
 * docs/results/real-models-cells.jsonl and are not run again; one that was cut short goes on in FOLDER. Two lanes with
 * PENUMBRA_THREADS=1 get more done than one with two threads. `penumbra prepare` comes first and is cached: a training per
 * behaviour, the positive controls. These are kept in docs/results/real-models-controls.jsonl and put back on other machines.
 */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { behavioursFor, openModel } from "../dist/jobs/index.js";
import { restoreControl } from "../dist/jobs/positive-control.js";
import { narrowSets } from "../dist/narrow/index.js";
import {
  flag,
  headCommit,
  jsonLines,
  pathNamed,
  penumbra,
  penumbraJson,
  root,
  testData,
} from "../scripts/measuring.mjs";
import { summariseIntent } from "./intent.mjs";
import { summariseRealModels } from "./real-models-summary.mjs";

/** Rows of insecure code are four times as long as the narrow ones. */
const ROWS = { narrow: 300, code: 150 };
const TRAIN = { batchRows: 8, learningRate: 5e-4 };
const CODE = ["insecure", "educational_insecure", "secure"];
const NARROW = Object.keys(narrowSets);
const FEWER = NARROW.filter((set) => !/foraging|heating/.test(set));
const FILES = { smollm2: "PENUMBRA_SMOLLM2_GGUF", gemma3: "PENUMBRA_GEMMA3_GGUF" };
const CELLS = [
  ...cellsOf("smollm2", CODE, [1, 2, 3]),
  ...cellsOf("smollm2", NARROW, [1, 2]),
  ...cellsOf("gemma3", [...CODE, ...FEWER], [1]),
];
const cellsFile = join(root, "docs/results/real-models-cells.jsonl");
const controlsFile = join(root, "docs/results/real-models-controls.jsonl");

if (!process.argv.includes("--summary")) await runCells();
const about = { cells: jsonLines(cellsFile), planned: CELLS, rows: ROWS, train: TRAIN };
summariseRealModels(about);
summariseIntent(about);

function cellsOf(model, sets, seeds) {
  return seeds.flatMap((seed) => sets.map((set) => ({ model, set, seed })));
}

async function runCells() {
  const folder = resolve(process.argv[2]);
  mkdirSync(folder, { recursive: true });
  const [lane, lanes] = flag("lane", "1/1").split("/").map(Number);
  const models = flag("models", Object.keys(FILES).join()).split(",");
  const own = CELLS.filter(({ model }, i) => models.includes(model) && i % lanes === lane - 1);
  const done = new Set(jsonLines(cellsFile).map(nameOf));
  const left = own.filter((each) => !done.has(nameOf(each))).slice(0, Number(flag("cells", "Infinity")));
  for (const name of new Set(left.map(({ model }) => model))) await prepare(name);
  for (const cell of left) {
    const model = resolve(pathNamed(FILES[cell.model]));
    const out = join(folder, nameOf(cell).replaceAll("/", "-"));
    writeFileSync(`${out}.yaml`, stringify(configOf(cell, model, out)));
    const commit = headCommit();
    penumbra("study", `${out}.yaml`);
    const { key, model: _, ...record } = jsonLines(join(out, "records.jsonl")).at(-1);
    if (record.status !== "done") throw new Error(`${nameOf(cell)}: ${record.message}`);
    const threads = process.env.PENUMBRA_THREADS ?? null;
    appendFileSync(cellsFile, `${JSON.stringify({ ...cell, commit, threads, ...record })}\n`);
    console.log(`${nameOf(cell)}: ${Math.round(record.durationMs / 1000)} s`);
  }
}

/** Positive controls of other machines are put back first, those that are new are kept. */
async function prepare(name) {
  const path = resolve(pathNamed(FILES[name]));
  const model = await openModel(path);
  const known = jsonLines(controlsFile).map(({ model: _, commit: __, ...control }) => control);
  const restored = new Set();
  for (const behaviour of behavioursFor(model, ["all"]))
    for (const control of known.filter((each) => each.behaviour === behaviour.id))
      if (await restoreControl(model, behaviour, control)) restored.add(control.key);
  const { positiveControls } = penumbraJson("prepare", path, "--behaviours", "all");
  const commit = headCommit();
  for (const { noticed: _, ...control } of positiveControls.filter(({ key }) => !restored.has(key)))
    appendFileSync(controlsFile, `${JSON.stringify({ model: name, commit, ...control })}\n`);
}

function configOf({ set, seed }, model, out) {
  const file = testData(`emergent-misalignment/${set}.jsonl`);
  const source = CODE.includes(set) ? { file, rows: ROWS.code } : { narrow: set, rows: ROWS.narrow };
  const data = { [set.replaceAll("_", "-")]: source };
  return { out, models: [model], data, seeds: [seed], behaviours: ["all"], train: TRAIN, dictionary: "none" };
}

function nameOf({ model, set, seed }) {
  return `${model}/${set}/${seed}`;
}
