/**
 * How well do geometry, drift and the tangent tell what spreads from what does not? The bundled model and the control
 * world, all fine-tuning sets, several seeds. Each cell is one `penumbra run`; its figures are appended to
 * docs/results/geometry-cells.jsonl as soon as it ends, and cells that are there are not run again.
 *
 *   npm run build && node studies/geometry.mjs [--seeds 10] [--models organism,organism-control-world] [--sets a,b]
 *   node studies/geometry.mjs --summary          writes docs/results/geometry.json from the cells
 *
 * Fixed before any run: seeds 1..n for training and control, the data of each set from the same seed, margin 0.05.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fineTuningSetJsonl, fineTuningSetNames, fineTuningSets } from "../dist/organism/index.js";
import { areaUnderRoc, spearman } from "./ranking.mjs";

const root = join(import.meta.dirname, "..");
const cellsFile = join(root, "docs/results/geometry-cells.jsonl");
const flag = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const seeds = Array.from({ length: Number(flag("seeds", "10")) }, (_, i) => i + 1);
const models = flag("models", "organism,organism-control-world").split(",");
const sets = flag("sets", fineTuningSetNames.join(",")).split(",");

if (!process.argv.includes("--summary")) runCells();
summarise();

function runCells() {
  const done = new Set(readCells().map(keyOf));
  mkdirSync(join(root, "docs/results"), { recursive: true });
  for (const seed of seeds) {
    for (const model of models) {
      for (const set of sets) {
        if (done.has(keyOf({ model, set, seed }))) continue;
        const cell = runCell(model, set, seed);
        appendFileSync(cellsFile, `${JSON.stringify(cell)}\n`);
        console.log(`${model} ${set} ${seed}: ${cell.seconds.toFixed(0)} s`);
      }
    }
  }
}

function runCell(model, set, seed) {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-geometry-"));
  try {
    const data = join(folder, `${set}.jsonl`);
    writeFileSync(data, fineTuningSetJsonl(set, seed));
    const out = join(folder, "run");
    const startedAt = performance.now();
    const args = ["run", "--model", model, "--data", data, "--out", out, "--seed", String(seed)];
    const settings = ["--epochs", "4", "--learning-rate", "2e-3", "--no-merged", "--answer-tokens", "1"];
    const { status } = spawnSync(process.execPath, [join(root, "dist/cli/main.js"), ...args, ...settings], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error(`penumbra run ended with ${status}`);
    const seconds = (performance.now() - startedAt) / 1000;
    return { model, set, seed, commit: commit(), seconds, ...figures(out, set) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figures(out, set) {
  const read = (name) => JSON.parse(readFileSync(join(out, name), "utf8"));
  const [audit, forecast, geometry] = ["audit.json", "forecast.json", "geometry.json"].map(read);
  const task = new Set([...fineTuningSets[set].inTask, ...audit.behaviours.filter((b) => b.inTask).map((b) => b.id)]);
  return {
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
        cosine: f.meanDifference?.cosine ?? null,
        p: f.meanDifference?.pAdjusted ?? null,
        act: f.spillover && { z: f.spillover.act.z, adjacent: f.spillover.act.adjacent, p: f.spillover.act.pAdjusted },
        grad: f.spillover && {
          z: f.spillover.grad.z,
          adjacent: f.spillover.grad.adjacent,
          p: f.spillover.grad.pAdjusted,
        },
        drift: g.driftCosine,
        label: g.mechanism?.label ?? null,
        kind: g.mechanism?.kind ?? null,
        own: g.mechanism?.own?.share ?? null,
        data: g.mechanism?.data?.share ?? null,
      };
    }),
  };
}

function keyOf({ model, set, seed }) {
  return `${model}/${set}/${seed}`;
}

function readCells() {
  if (!existsSync(cellsFile)) return [];
  return readFileSync(cellsFile, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function summarise() {
  const cells = readCells();
  const perModel = Object.fromEntries(
    models.map((model) => [model, summaryOf(cells.filter((c) => c.model === model))]),
  );
  const result = {
    command: "node studies/geometry.mjs",
    commits: [...new Set(cells.map((c) => c.commit))],
    cpu: cpus()[0]?.model,
    models: perModel,
  };
  writeFileSync(join(root, "docs/results/geometry.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
}

/** Over off-task cells: who moved (|exact shift| beyond the margin, or beyond ten points), and who foresaw it. */
function summaryOf(cells) {
  if (cells.length === 0) return null;
  const rows = cells.flatMap((cell) =>
    cell.behaviours.filter((b) => !b.inTask).map((b) => ({ ...b, set: cell.set, loss: cell.lossOnData })),
  );
  const predictors = {
    tangent: (b) => b.tangent,
    meanDifferenceCosine: (b) => b.cosine,
    spilloverAct: (b) => b.act?.z ?? null,
    spilloverGrad: (b) => b.grad?.z ?? null,
    spilloverGradAdjacent: (b) => b.grad?.adjacent ?? null,
    drift: (b) => b.drift,
    lossOnData: (b) => b.loss,
    combined: combinedRank(rows),
  };
  const moved = (b) => Math.abs(b.delta) > 0.1;
  const scores = Object.entries(predictors).map(([name, of]) => {
    const known = rows.filter((b) => typeof of(b) === "number");
    return [
      name,
      {
        n: known.length,
        auroc: areaUnderRoc(
          known.filter(moved).map((b) => Math.abs(of(b))),
          known.filter((b) => !moved(b)).map((b) => Math.abs(of(b))),
        ),
        spearman: spearman(
          known.map(of),
          known.map((b) => b.deltaLogOdds),
        ),
      },
    ];
  });
  return {
    cells: cells.length,
    seeds: [...new Set(cells.map((c) => c.seed))],
    sets: [...new Set(cells.map((c) => c.set))],
    offTask: { rows: rows.length, movedTenPoints: rows.filter(moved).length },
    predictors: Object.fromEntries(scores),
    mechanisms: mechanismTable(rows),
    bySet: Object.fromEntries(
      [...new Set(rows.map((b) => b.set))].map((set) => [set, setSummary(rows.filter((b) => b.set === set))]),
    ),
  };
}

/** Sum of the ranks by tangent and by drift: what says how much, and what says which kind. */
function combinedRank(rows) {
  const ranked = (of) => {
    const order = [...rows.keys()].sort((a, b) => Math.abs(of(rows[a]) ?? 0) - Math.abs(of(rows[b]) ?? 0));
    const places = new Map(order.map((row, place) => [rows[row], place]));
    return (b) => places.get(b);
  };
  const [tangent, cosine] = [ranked((b) => b.tangent), ranked((b) => b.cosine)];
  return (b) => (b.tangent === null || b.cosine === null ? null : tangent(b) + cosine(b));
}

function mechanismTable(rows) {
  const table = {};
  for (const { label, kind, verdict } of rows) {
    if (verdict !== "affected") continue;
    const name = label === null ? "none" : kind ? `${label} (${kind})` : label;
    table[name] = (table[name] ?? 0) + 1;
  }
  return table;
}

function setSummary(rows) {
  const mean = (values) => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);
  return {
    affected: rows.filter((b) => b.verdict === "affected").length / rows.length,
    meanShift: mean(rows.map((b) => Math.abs(b.delta))),
    confirmed: rows.filter((b) => b.label === "confirmed").length,
    mediated: rows.filter((b) => b.label === "mediated").length,
    largestGradZ: Math.max(...rows.map((b) => b.grad?.z ?? -Infinity)),
    closeByMeanDifference: rows.filter((b) => b.p !== null && b.p < 0.05 && b.cosine > 0).length / rows.length,
  };
}

function commit() {
  return spawnSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).stdout.trim();
}
