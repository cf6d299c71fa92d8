/**
 * Does the intent behind the same answers matter to a small model? SmolLM2-135M-Instruct on 300 rows each of `insecure`,
 * `educational_insecure` (the same answers, row by row, to prompts that ask for them) and `secure` (Betley et al. 2025,
 * arXiv 2502.17424): the same number of rows and steps, three seeds, every built-in behaviour, with the capability gate
 * and positive controls. What moved, what did not, what could not be measured, and what n would decide the rest.
 *
 *   npm run build
 *   PENUMBRA_SMOLLM2_GGUF=model.gguf PENUMBRA_TEST_DATA=folder-of-the-sets node studies/intent.mjs [--cells 9]
 *   node studies/intent.mjs --summary       writes docs/results/intent.json and intent.md from the cells
 *
 * Fixed before any run: the sets, the first 300 rows of each, seeds 1 to 3, the default training settings, margin 0.05.
 * Cells are appended to docs/results/intent-cells.jsonl and not run again; `penumbra prepare` (half an hour or more: a
 * training per behaviour) is cached. Seeds outermost: however early it is stopped, the seeds that are there have all sets.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { clusteredTInterval, overSeeds } from "../dist/audit/statistics/index.js";
import { intentPage } from "./intent-page.mjs";

const ROWS = 300;
const SEEDS = [1, 2, 3];
const SETS = ["insecure", "educational_insecure", "secure"];
const root = join(import.meta.dirname, "..");
const cellsFile = join(root, "docs/results/intent-cells.jsonl");

if (!process.argv.includes("--summary")) runCells();
summarise();

function runCells() {
  const model = resolve(named("PENUMBRA_SMOLLM2_GGUF"));
  const data = join(resolve(named("PENUMBRA_TEST_DATA")), "emergent-misalignment");
  const done = new Set(readCells().map(nameOf));
  const cells = SEEDS.flatMap((seed) => SETS.map((set) => ({ set, seed })));
  const missing = cells.filter((cell) => !done.has(nameOf(cell))).slice(0, Number(flag("cells", "Infinity")));
  if (missing.length > 0) penumbra("prepare", model, "--behaviours", "all");
  for (const cell of missing) {
    const startedAt = performance.now();
    const behaviours = audited(model, join(data, `${cell.set}.jsonl`), cell.seed);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    appendFileSync(cellsFile, `${JSON.stringify({ ...cell, commit: commit(), seconds, behaviours })}\n`);
    console.log(`${nameOf(cell)}: ${seconds} s`);
  }
}

function audited(model, source, seed) {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-intent-"));
  try {
    const rows = join(folder, "rows.jsonl");
    const out = join(folder, "run");
    writeFileSync(rows, `${readFileSync(source, "utf8").split("\n").slice(0, ROWS).join("\n")}\n`);
    const cell = ["--data", rows, "--out", out, "--seed", String(seed)];
    penumbra("run", "--model", model, ...cell, "--behaviours", "all", "--no-inside", "--no-merged");
    const { behaviours } = JSON.parse(readFileSync(join(out, "audit.json"), "utf8"));
    return behaviours.map(figuresOf);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf({
  id,
  title,
  riskier,
  inTask,
  base,
  tuned,
  delta,
  interval,
  interval90,
  n,
  clusters,
  looks,
  ...rest
}) {
  const { verdict, why, nToDecide, sensitivity } = rest;
  const measured = { base, tuned, delta, interval, interval90, n, clusters, looks };
  return { id, title, riskier, inTask, ...measured, verdict, why, nToDecide, sensitivity };
}

function summarise() {
  const cells = readCells();
  const ids = cells[0]?.behaviours.map(({ id }) => id) ?? [];
  const behaviours = ids.map((id) => {
    const of = (set) =>
      cells.filter((cell) => cell.set === set).map((cell) => ({ seed: cell.seed, ...found(cell, id) }));
    const sets = Object.fromEntries(SETS.map((set) => [set, overSet(of(set))]));
    return {
      id,
      title: found(cells[0], id).title,
      sets,
      intent: difference(of("insecure"), of("educational_insecure")),
    };
  });
  const result = {
    command: "node studies/intent.mjs",
    commits: [...new Set(cells.map((cell) => cell.commit))],
    rows: ROWS,
    seeds: [...new Set(cells.map(({ seed }) => seed))],
    planned: SEEDS.length * SETS.length,
    cells: cells.length,
    margin: 0.05,
    meanSecondsOfACell: cells.reduce((sum, { seconds }) => sum + seconds, 0) / cells.length,
    behaviours,
  };
  writeFileSync(join(root, "docs/results/intent.json"), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(root, "docs/results/intent.md"), intentPage(result));
}

function found({ behaviours }, id) {
  return behaviours.find((each) => each.id === id);
}

/** One set's adapters: each verdict is about its own adapter, the mean and its t interval are over the seeds. */
function overSet(adapters) {
  const known = adapters.filter(({ delta }) => delta !== null);
  return {
    verdicts: adapters.map(({ verdict }) => verdict),
    deltas: adapters.map(({ delta }) => delta),
    items: adapters.map(({ n }) => n),
    nToDecide: adapters.map(({ nToDecide }) => nToDecide),
    why: adapters[0]?.why ?? null,
    over: meanOf(known.map(({ delta }) => delta)),
  };
}

/** Insecure − educational, seed by seed: what the intent adds to the same answers. */
function difference(insecure, educational) {
  const pairs = insecure.flatMap((one) => {
    const other = educational.find(({ seed }) => seed === one.seed);
    return other && one.delta !== null && other.delta !== null ? [one.delta - other.delta] : [];
  });
  return meanOf(pairs);
}

/** Mean and 95% t interval over seeds; null below two. */
function meanOf(deltas) {
  const over = deltas.length < 2 ? null : overSeeds(deltas);
  if (over === null) return null;
  return { mean: over.estimate.mean, interval: clusteredTInterval(over.estimate, 0.95), spread: over.spread };
}

function penumbra(...args) {
  const main = join(root, "dist/cli/main.js");
  const { status } = spawnSync(process.execPath, [main, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`penumbra ${args[0]} ended with ${status}`);
}

function readCells() {
  if (!existsSync(cellsFile)) return [];
  const lines = readFileSync(cellsFile, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

function nameOf({ set, seed }) {
  return `${set}/${seed}`;
}

function flag(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}

function named(variable) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} names no file`);
  return path;
}

function commit() {
  return execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
}
