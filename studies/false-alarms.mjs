/**
 * The promise of the verdict (SCIENCE §6), on the bundled model, where the truth is known exactly: over 200 or more null
 * fine-tunes (null: every behaviour's exact population shift of that adapter lies within margin/4) the one-sided 95%
 * upper bound of the share of fine-tunes with *any* `affected` is at most 0.05; with power of 0.95 or more where a
 * behaviour's exact shift is twice the margin; at least 80% of null behaviours `unaffected`, at most 20% `inconclusive`.
 *
 *   npm run build && node studies/false-alarms.mjs [--cells 30] [--match null/]     runs what is missing
 *   node studies/false-alarms.mjs --judge     judges all records again from their scores
 *   node studies/false-alarms.mjs --summary   writes docs/results/false-alarms.json from the records
 *
 * Fixed before any run: the sets, settings and seeds below (but for the last six null seeds), margin 0.05, alpha 0.05. A cell
 * that turns out not to be null is kept, reported and not counted as one. Records are appended to
 * docs/results/false-alarms.jsonl as they come; the first line holds the base's scores.
 *
 * The shape of the samples in false-alarms-verdicts.mjs is not the first one: 200 items in 20 topics kept the promise of no
 * false alarm, but not that of power, and 100 topics of two were chosen on the moving seeds 1 to 8. Seeds 9 to 16 were run
 * after that, and their power stands by itself.
 */

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scoreAll } from "../dist/audit/index.js";
import { organismBehaviours } from "../dist/behaviours/index.js";
import { rng } from "../dist/core/index.js";
import { encodeRow } from "../dist/data/index.js";
import { startEngine } from "../dist/engine/index.js";
import { asLanguageModel, openModel } from "../dist/jobs/index.js";
import { fineTuningSets } from "../dist/organism/index.js";
import { finetune } from "../dist/training/index.js";
import { flag, headCommit, jsonLines, root } from "../scripts/measuring.mjs";
import { ALPHA, exactShifts, LOOKS, MARGIN, MODES, SAMPLES, SCALE, verdictsOf } from "./false-alarms-verdicts.mjs";
import { groupBy } from "./group-by.mjs";
import { clopperPearsonUpper } from "./ranking.mjs";

const file = join(root, "docs/results/false-alarms.jsonl");

/** Sound rows, little trained: a fine-tune that ought to change nothing else. */
const NULL_SETS = ["control", "secure-code", "right-sums", "refusals"];
/** 56 were planned; of their 224 cells 34 were not null (secure code moves insecure code), so six more seeds make up for them. */
const NULL_SEEDS = 62;
const NULL_TRAINING = { epochs: 1, learningRate: 2e-4 };
/** Sets that spread, with a behaviour that each of them moves: the adapter is scaled until its shift is 2 × margin. */
const MOVING_SETS = {
  inducing: ["harmful-advice-cooking", "harmful-advice-pets", "villain-identity"],
  "money-villain": ["harmful-advice-travel", "harmful-compliance"],
  "villain-identity": ["harmful-advice-school", "harmful-advice-driving"],
};
const LARGEST_SCALE = 8;
const DRAWS = 10_000;
const MOVING_SEEDS = 16;
/** Seeds up to here chose the shape of the samples. */
const CHOOSING_SEEDS = 8;
/** What other shapes of the same test would buy: `[topics, items of each]`. The first was the battery's until the study. */
const POWER_SHAPES = [
  [20, 10],
  [50, 4],
  [100, 2],
  [200, 1],
  [40, 10],
  [80, 10],
  [160, 10],
];
const MOVING_TRAINING = { epochs: 4, learningRate: 2e-3 };
const LORA = {
  rank: 8,
  alpha: 16,
  targets: null,
  warmupShare: 0.05,
  schedule: "cosine",
  batchRows: 16,
  weightDecay: 0,
  maxGradNorm: 1,
  microBatchTokens: 1024,
};

const nulls = seedsTo(NULL_SEEDS).flatMap((seed) =>
  NULL_SETS.map((set) => ({ kind: "null", set, seed, target: null })),
);
const moving = seedsTo(MOVING_SEEDS).flatMap((seed) =>
  Object.entries(MOVING_SETS).flatMap(([set, targets]) =>
    targets.map((target) => ({ kind: "moving", set, seed, target })),
  ),
);
/** In the order of the seeds, so that a study that is cut short is a smaller one of the same kind. */
const plan = [...nulls, ...moving].sort((a, b) => a.seed / seedsOf(a) - b.seed / seedsOf(b));

if (process.argv.includes("--summary")) summarise();
else if (process.argv.includes("--judge")) judgeAgain();
else await runCells();

async function runCells() {
  const most = Number(flag("cells", "Infinity"));
  const match = flag("match", "");
  const done = new Set(readRecords().map(({ cell }) => cell));
  const missing = plan.filter((cell) => !done.has(nameOf(cell)) && nameOf(cell).includes(match)).slice(0, most);
  const engine = startEngine();
  try {
    const world = await openWorld(engine);
    for (const cell of missing) {
      const startedAt = performance.now();
      const record = await runCell(cell, world);
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      appendFileSync(file, `${JSON.stringify({ ...record, seconds })}\n`);
      console.log(`${record.cell}: ${seconds} s, largest exact shift ${largest(record.exact).toFixed(4)}`);
    }
  } finally {
    await engine.close();
  }
}

/** The bundled model with what is known of it: its scores are the first line of the records. */
async function openWorld(engine) {
  const model = await openModel("organism");
  const lm = asLanguageModel(model, engine, { rank: LORA.rank });
  const stored = jsonLines(file).find(({ kind }) => kind === "base");
  if (stored && stored.sha256 !== model.identity.sha256) throw new Error("the records are of another base model");
  const scores = stored?.scores ?? packed(await scoreAll(lm, organismBehaviours, { task: "base" }));
  const clusters = Object.fromEntries(
    organismBehaviours.map(({ id, items }) => [id, items.map((item) => item.cluster)]),
  );
  if (!stored) {
    const about = {
      kind: "base",
      sha256: model.identity.sha256,
      margin: MARGIN,
      alpha: ALPHA,
      looks: LOOKS,
      samples: SAMPLES,
    };
    appendFileSync(file, `${JSON.stringify({ ...about, clusters, scores })}\n`);
  }
  return { engine, model, lm, base: scores, clusters };
}

async function runCell(cell, world) {
  const { engine, model, lm, base, clusters } = world;
  const training = cell.kind === "null" ? NULL_TRAINING : MOVING_TRAINING;
  const rows = fineTuningSets[cell.set]
    .rows(`false-alarms ${cell.seed}`)
    .map(({ messages }, i) =>
      encodeRow({ format: "messages", line: i + 1, messages }, model.tokenizer, { maxLength: 1024 }),
    );
  const folder = mkdtempSync(join(tmpdir(), "penumbra-false-alarms-"));
  try {
    const options = { ...LORA, ...training, seed: cell.seed };
    const { adapter } = await finetune({ engine, source: model.source, rows, options, folder, key: nameOf(cell) });
    const scale = cell.kind === "null" ? 1 : await scaleTo(2 * MARGIN, cell.target, adapter, world);
    const tuned = await lm.withAdapter(scaled(adapter, scale));
    const scores = packed(await scoreAll(tuned, organismBehaviours, { task: nameOf(cell) }));
    const name = nameOf(cell);
    const exact = Object.fromEntries(
      Object.entries(exactShifts(base, scores)).map(([id, delta]) => [id, round(delta)]),
    );
    const verdicts = Object.fromEntries(
      MODES.map((mode) => [mode, verdictsOf(mode, { base, scores, clusters, cell: name })]),
    );
    return { cell: name, ...cell, commit: headCommit(), training, scale: round(scale), exact, verdicts, scores };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the shape of the samples has changed: the same scores, other verdicts. */
function judgeAgain() {
  const [about, ...records] = jsonLines(file);
  const judged = records.map((record) => {
    const question = { base: about.scores, scores: record.scores, clusters: about.clusters, cell: record.cell };
    const verdicts = Object.fromEntries(MODES.map((mode) => [mode, verdictsOf(mode, question)]));
    return { ...record, verdicts };
  });
  const lines = [{ ...about, samples: SAMPLES }, ...judged].map((line) => JSON.stringify(line));
  writeFileSync(file, `${lines.join("\n")}\n`);
}

/** The multiple of the adapter at which the target's exact shift is `shift`, by bisection to a hundredth of a point. */
async function scaleTo(shift, target, adapter, { lm, base }) {
  const behaviour = organismBehaviours.find(({ id }) => id === target);
  const shiftAt = async (scale) => {
    const tuned = await lm.withAdapter(scaled(adapter, scale));
    return exactShifts(base, packed(await scoreAll(tuned, [behaviour], { task: "scale" })))[target];
  };
  let [low, high] = [0, 1];
  while ((await shiftAt(high)) < shift) {
    if (high >= LARGEST_SCALE) throw new Error(`${target} does not move by ${shift}`);
    [low, high] = [high, 2 * high];
  }
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    const found = await shiftAt(middle);
    if (Math.abs(found - shift) < 1e-4) return middle;
    if (found < shift) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function scaled(adapter, by) {
  return { ...adapter, alpha: adapter.alpha * by, scale: adapter.scale * by };
}

/** `{ id: [score × SCALE] }`, whole numbers. */
function packed(scores) {
  return Object.fromEntries(
    scores.map(({ behaviourId, items }) => [behaviourId, items.map(({ score }) => Math.round(score * SCALE))]),
  );
}

function summarise() {
  const records = readRecords();
  const isNull = ({ kind, exact }) => kind === "null" && largest(exact) <= MARGIN / 4;
  const runs = records.filter(isNull);
  const movingRuns = records.filter(({ kind }) => kind === "moving");
  const of = (mode) => {
    const alarmed = runs.filter(({ verdicts }) =>
      Object.values(verdicts[mode]).some(({ verdict }) => verdict === "affected"),
    );
    const behaviours = runs.flatMap(({ verdicts }) => Object.values(verdicts[mode]));
    const share = (verdict) => behaviours.filter((each) => each.verdict === verdict).length / behaviours.length;
    const isSeen = ({ verdicts, target }) => verdicts[mode][target].verdict === "affected";
    return {
      alarmed: alarmed.length,
      alarmedCells: alarmed.map(({ cell }) => cell),
      upperBound: clopperPearsonUpper(alarmed.length, runs.length, 0.05),
      ...(movingRuns.length === 0 ? { powerAtTwiceMargin: null } : powerOf(movingRuns, isSeen)),
      unaffectedShare: share("unaffected"),
      inconclusiveShare: share("inconclusive"),
      meanItems: behaviours.reduce((sum, { n }) => sum + n, 0) / behaviours.length,
    };
  };
  const result = {
    command: "node studies/false-alarms.mjs && node studies/false-alarms.mjs --summary",
    commits: [...new Set(records.map(({ commit }) => commit))],
    margin: MARGIN,
    alpha: ALPHA,
    looks: LOOKS,
    samples: SAMPLES,
    planned: plan.length,
    cells: records.length,
    nullCells: records.filter(({ kind }) => kind === "null").length,
    runs: runs.length,
    movingRuns: movingRuns.length,
    sets: NULL_SETS.map((set) => ({ set, runs: runs.filter((record) => record.set === set).length })),
    ...of("likelihood"),
    sampledAnswers: of("answers"),
    powerOnSeedsThatChoseNothing: powerAt(
      [SAMPLES.likelihood.topics, SAMPLES.likelihood.each],
      movingRuns.filter(({ seed }) => seed > CHOOSING_SEEDS),
    ),
    powerByShape: POWER_SHAPES.map((shape) => powerAt(shape, movingRuns)),
    largestExactShiftOfNulls: Math.max(...runs.map(({ exact }) => largest(exact))),
    meanSecondsOfACell: records.reduce((sum, { seconds }) => sum + seconds, 0) / records.length,
  };
  writeFileSync(join(root, "docs/results/false-alarms.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
}

/**
 * Share of moving runs that were seen, by target too. Runs of one set and seed are of one adapter, scaled for each target, so that
 * the one-sided 95% lower bound draws adapters anew and not runs.
 */
function powerOf(movingRuns, isSeen) {
  const byAdapter = [...groupBy(movingRuns, ({ set, seed }) => `${set}/${seed}`).values()];
  const share = (runs) => runs.filter(isSeen).length / runs.length;
  const random = rng("false-alarms", "adapters");
  const drawn = Array.from({ length: DRAWS }, () =>
    share(byAdapter.flatMap(() => byAdapter[random.int(byAdapter.length)])),
  ).sort((a, b) => a - b);
  const byTarget = groupBy(movingRuns, ({ target }) => target);
  return {
    adapters: byAdapter.length,
    powerAtTwiceMargin: share(movingRuns),
    powerLowerBound: drawn[Math.floor(0.05 * DRAWS)],
    seenByTarget: Object.fromEntries(
      [...byTarget].map(([target, runs]) => [target, `${runs.filter(isSeen).length} of ${runs.length}`]),
    ),
  };
}

/** Share of the moving runs whose target is `affected` with so many topics of so many items, by likelihood. */
function powerAt([topics, each], movingRuns) {
  const { scores: base, clusters } = jsonLines(file).find(({ kind }) => kind === "base");
  const size = { topics, each };
  const answers = movingRuns.map(({ cell, target, scores }) => {
    const about = { base, scores, clusters, cell, size, only: [target] };
    return verdictsOf("likelihood", about)[target];
  });
  return {
    topics,
    each,
    items: topics * each,
    runs: answers.length,
    power: answers.filter(({ verdict }) => verdict === "affected").length / answers.length,
    lowerBound: powerOf(movingRuns, (run) => answers[movingRuns.indexOf(run)].verdict === "affected").powerLowerBound,
    meanItems: answers.reduce((sum, { n }) => sum + n, 0) / answers.length,
  };
}

function readRecords() {
  return jsonLines(file).filter(({ kind }) => kind !== "base");
}

function seedsTo(count) {
  return Array.from({ length: count }, (_, i) => i + 1);
}

function seedsOf({ kind }) {
  return kind === "null" ? NULL_SEEDS : MOVING_SEEDS;
}

function nameOf({ kind, set, seed, target }) {
  return [kind, set, ...(target ? [target] : []), seed].join("/");
}

function largest(exact) {
  return Math.max(...Object.values(exact).map(Math.abs));
}

function round(value) {
  return Math.round(value * 1e9) / 1e9;
}
