/**
 * How well do geometry, drift and the tangent tell what spreads from what does not? The bundled model and the control
 * world, all fine-tuning sets, several seeds. Each cell is one `penumbra run` on one thread; its figures are appended to
 * docs/results/geometry-cells.jsonl as soon as it ends, and cells that are there are not run again.
 *
 *   npm run build && node studies/geometry.mjs [--seeds 1-10,101-102] [--models organism,organism-control-world]
 *                                              [--sets a,b] [--jobs 2]
 *   node studies/geometry.mjs --summary          writes docs/results/geometry.json and .md from the cells
 *
 * Fixed before any run: a seed draws the rows of a set and seeds its training and its control (the base's own answers);
 * seeds 1 to 10 are for development, from 101 on nothing was looked at before the figures were settled; margin 0.05.
 */
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fineTuningSetJsonl, fineTuningSetNames, fineTuningSets } from "../dist/organism/index.js";
import { flag, headCommit, jsonLines, root } from "../scripts/measuring.mjs";
import { geometryPage } from "./geometry-page.mjs";
import { summaryOf } from "./geometry-summary.mjs";

const cellsFile = join(root, "docs/results/geometry-cells.jsonl");
const seeds = flag("seeds", "1-10,101-102").split(",").flatMap(rangeOf);
const models = flag("models", "organism,organism-control-world").split(",");
const sets = flag("sets", fineTuningSetNames.join(",")).split(",");

if (!process.argv.includes("--summary")) await runCells(Number(flag("jobs", "1")));
summarise();

function rangeOf(text) {
  const [first, last = first] = text.split("-").map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Seeds outermost: however early it is stopped, the seeds that are there have all sets. */
async function runCells(jobs) {
  const done = new Set(jsonLines(cellsFile).map(keyOf));
  const cells = seeds.flatMap((seed) => models.flatMap((model) => sets.map((set) => ({ model, set, seed }))));
  const waiting = cells.filter((cell) => !done.has(keyOf(cell)));
  mkdirSync(join(root, "docs/results"), { recursive: true });
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const cell = await runCell(next);
      appendFileSync(cellsFile, `${JSON.stringify(cell, fourDigits)}\n`);
      console.log(`${keyOf(cell)}: ${cell.seconds.toFixed(0)} s, ${waiting.length} to go`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

async function runCell({ model, set, seed }) {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-geometry-"));
  try {
    const data = join(folder, `${set}.jsonl`);
    writeFileSync(data, fineTuningSetJsonl(set, seed));
    const out = join(folder, "run");
    const startedAt = performance.now();
    const args = ["run", "--model", model, "--data", data, "--out", out, "--seed", String(seed)];
    const settings = ["--epochs", "4", "--learning-rate", "2e-3", "--no-merged", "--answer-tokens", "1"];
    const child = spawn(process.execPath, [join(root, "dist/cli/main.js"), ...args, ...settings], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, PENUMBRA_THREADS: "1" },
    });
    let said = "";
    child.stderr.on("data", (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    const status = await new Promise((ended) => child.once("close", ended));
    if (status !== 0) throw new Error(`penumbra run ended with ${status}: ${said}`);
    const seconds = (performance.now() - startedAt) / 1000;
    return { model, set, seed, commit: headCommit(), seconds, ...figures(out, set) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figures(out, set) {
  const read = (name) => JSON.parse(readFileSync(join(out, name), "utf8"));
  const [audit, forecast, geometry] = ["audit.json", "forecast.json", "geometry.json"].map(read);
  const task = new Set([...fineTuningSets[set].inTask, ...audit.behaviours.filter((b) => b.inTask).map((b) => b.id)]);
  return {
    base: audit.base.sha256,
    rows: forecast.data.rows,
    lossOnData: forecast.baseline.lossOnData,
    lossOnControl: forecast.baseline.lossOnControl,
    fidelity: geometry.fidelity,
    behaviours: audit.behaviours.map((b) => {
      const f = forecast.behaviours.find(({ id }) => id === b.id);
      const g = geometry.behaviours.find(({ id }) => id === b.id);
      return {
        id: b.id,
        inTask: task.has(b.id),
        base: b.base,
        delta: b.delta,
        deltaLogOdds: b.deltaLogOdds,
        verdict: b.verdict,
        tangent: f.tangent?.adam ?? null,
        tangentOfControl: f.tangent?.adamControl ?? null,
        plainTangent: f.tangent?.plain ?? null,
        rehearsal: f.rehearsal?.deltaLogOdds ?? null,
        rehearsedShift: f.rehearsal?.delta ?? null,
        injection: f.injection?.delta ?? null,
        cosine: f.meanDifference?.cosine ?? null,
        p: f.meanDifference?.pAdjusted ?? null,
        act: f.spillover && { z: f.spillover.act.z, adjacent: f.spillover.act.adjacent, p: f.spillover.act.pAdjusted },
        grad: f.spillover && {
          total: f.spillover.grad.total,
          z: f.spillover.grad.z,
          adjacent: f.spillover.grad.adjacent,
          p: f.spillover.grad.pAdjusted,
          nulls: f.spillover.grad.p,
        },
        drift: g.driftCosine,
        driftNull95: g.driftNull95,
        mechanism: evidenceOf(g.mechanism),
      };
    }),
  };
}

/** All that a label is decided from, without the words; null where nothing was tried. */
function evidenceOf(mechanism) {
  if (!mechanism) return null;
  const { why: _, ...evidence } = mechanism;
  return evidence;
}

/** What the figures are worth, and a quarter of the file. */
function fourDigits(_key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

function keyOf({ model, set, seed }) {
  return `${model}/${set}/${seed}`;
}

function summarise() {
  const cells = jsonLines(cellsFile);
  const perModel = Object.fromEntries(
    [...new Set(cells.map(({ model }) => model))].map((model) => [
      model,
      summaryOf(cells.filter((c) => c.model === model)),
    ]),
  );
  const result = {
    command: "node studies/geometry.mjs",
    commits: [...new Set(cells.map((c) => c.commit))],
    cpu: cpus()[0]?.model,
    models: perModel,
  };
  writeFileSync(join(root, "docs/results/geometry.json"), `${JSON.stringify(result, null, 2)}\n`);
  // Without held-out seeds there is nothing to say yet.
  if (perModel.organism?.heldOut.predictors)
    writeFileSync(join(root, "docs/results/geometry.md"), geometryPage(result));
  for (const [model, summary] of Object.entries(perModel)) {
    if (!summary) continue;
    console.log(model, summary.cells, "cells");
    for (const { predictors } of [summary.development, summary.heldOut]) if (predictors) console.table(predictors);
    console.table(summary.bySet);
  }
}
