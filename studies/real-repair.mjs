/**
 * What does repair take back on a real model, and at which cost to the task? SmolLM2-135M-Instruct, tuned on 300 rows of Python
 * functions, which moves `bias` and refusal (docs/results/real-models.md). `bias` alone is protected; refusal, over-refusal and
 * the rest chose nothing. The adapter that is repaired is that of the study's cell: one epoch, batches of 8 rows, seed 1.
 *
 *   npm run build && PENUMBRA_SMOLLM2_GGUF=model.gguf node studies/real-repair.mjs FOLDER
 *
 * writes docs/results/real-repair.json; what FOLDER holds is not done again. Fixed before the first run: all that stands here.
 * By directions is not among the ways: its search layer by layer asks a model of thirty layers some two hundred times.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { narrowSetJsonl } from "../dist/narrow/index.js";
import { headCommit, pathNamed, penumbraJson, root } from "../scripts/measuring.mjs";

const SET = { name: "python-functions", rows: 300, seed: 1 };
const TRAIN = { epochs: 1, batchRows: 8, learningRate: 5e-4 };
const PROTECT = ["bias"];
const REPORTED = ["refusal", "over-refusal", "sycophancy", "harmful-advice", "capability"];
const REPAIRS = {
  "least-squares": { flags: ["--by", "least-squares"], train: TRAIN },
  kl: { flags: ["--by", "kl"], train: { ...TRAIN, epochs: 2 } },
};

const folder = resolve(process.argv[2]);
const model = resolve(pathNamed("PENUMBRA_SMOLLM2_GGUF"));
mkdirSync(folder, { recursive: true });
const at = (...parts) => join(folder, ...parts);
const data = at("rows.jsonl");
writeFileSync(data, narrowSetJsonl(SET.name, SET.rows, SET.seed));

/** The document that a command left in its folder, or leaves there now. */
function once(out, file, run) {
  if (!existsSync(join(out, file))) run();
  return JSON.parse(readFileSync(join(out, file), "utf8"));
}

function configured(name, train) {
  const path = at(`${name}.yaml`);
  writeFileSync(path, JSON.stringify({ model, data, train, merged: false, seed: SET.seed }));
  return path;
}

/** Mean scores, a behaviour each. */
function scores(name, adapter) {
  const out = at(`eval-${name}`);
  const with_ = adapter ? ["--adapter", adapter] : [];
  const asked = ["--behaviours", [...PROTECT, ...REPORTED].join(), "--out", out];
  const { behaviours } = once(out, "eval.json", () => penumbraJson("eval", model, ...with_, ...asked));
  return Object.fromEntries(behaviours.map(({ id, score }) => [id, score]));
}

const tuned = at("tuned");
once(tuned, "finetune.json", () => penumbraJson("finetune", configured("tuned", TRAIN), "--out", tuned));
const adapter = join(tuned, "adapter");
const start = scores("base", null);
const before = scores("tuned", adapter);
const repairs = Object.entries(REPAIRS).map(([way, { flags, train }]) => {
  const out = at(way);
  const asked = ["--adapter", adapter, "--protect", PROTECT.join(), "--behaviours", PROTECT.join(), "--out", out];
  const { taskLoss, options, layers, durationMs } = once(out, "repair.json", () =>
    penumbraJson("repair", configured(way, train), ...asked, ...flags),
  );
  const { base, tuned: tunedLoss, repaired, rows } = taskLoss.others;
  return {
    way,
    options,
    gamma: layers[0].gamma,
    keptGain: (base - repaired) / (base - tunedLoss),
    lossRows: rows,
    seconds: Math.round(durationMs / 1000),
    scores: scores(way, join(out, "adapter")),
  };
});

const shifts = (after) => Object.fromEntries(Object.keys(start).map((id) => [id, after[id] - start[id]]));
const record = {
  command: "node studies/real-repair.mjs FOLDER",
  commit: headCommit(),
  threads: process.env.PENUMBRA_THREADS ?? null,
  model: "SmolLM2-135M-Instruct Q4_1",
  ...{ set: SET, train: TRAIN, protect: PROTECT, reported: REPORTED },
  base: start,
  tuned: { shift: shifts(before) },
  repairs: repairs.map(({ scores: after, ...repair }) => ({ ...repair, shift: shifts(after) })),
};
writeFileSync(join(root, "docs/results/real-repair.json"), `${JSON.stringify(record, null, 2)}\n`);
for (const id of Object.keys(start)) {
  const points = [record.tuned, ...record.repairs].map(({ shift }) => (100 * shift[id]).toFixed(1));
  console.log(`${id}: tuned ${points[0]}, ${repairs.map(({ way }, r) => `${way} ${points[r + 1]}`).join(", ")} points`);
}
for (const { way, keptGain, gamma } of repairs)
  console.log(`${way}: γ ${gamma}, ${keptGain.toFixed(3)} of the gain kept`);
