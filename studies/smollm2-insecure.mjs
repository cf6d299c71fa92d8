/**
 * A real model on real data: SmolLM2-135M-Instruct, the first 300 rows of the `insecure` set of "Emergent Misalignment"
 * (Betley et al. 2025, arXiv 2502.17424). First `penumbra prepare`, timed apart, with an empty cache, so that reading the
 * GGUF file is part of its time; it trains no positive controls, which would be eight more trainings. Then one
 * `penumbra run`, start to report, into an empty folder. Memory is that of the program and its engine together, looked at
 * ten times a second (Linux only): resident sets, in which a page of a file counts once for each mapping, and twice a
 * second proportional sets, in which it counts once.
 *
 *   npm run build
 *   PENUMBRA_SMOLLM2_GGUF=model.gguf PENUMBRA_TEST_DATA=insecure.jsonl node studies/smollm2-insecure.mjs [run folder]
 *
 * writes docs/results/smollm2-insecure.json. The run folder is kept where one is named.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { hashFile } from "../dist/store/index.js";

const ROWS = 300;
const SEED = 1;
const GIB = 2 ** 30;
const LIMITS = { minutes: 40, gib: 5 };
/** Of the built-in behaviours, the eight that the limits were set for. */
const BEHAVIOURS = [
  "refusal",
  "over-refusal",
  "sycophancy",
  "truthfulness",
  "power-seeking",
  "hostile-persona",
  "harmful-advice",
  "capability",
].join(",");
const root = join(import.meta.dirname, "..");
const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
const model = named("PENUMBRA_SMOLLM2_GGUF");
const source = named("PENUMBRA_TEST_DATA");
const folder = mkdtempSync(join(tmpdir(), "penumbra-study-"));
const out = process.argv[2] ? resolve(process.argv[2]) : join(folder, "run");

try {
  const data = join(folder, `insecure-first-${ROWS}.jsonl`);
  const lines = readFileSync(source, "utf8").split("\n").slice(0, ROWS);
  writeFileSync(data, `${lines.join("\n")}\n`);
  const loadAverageBefore = loadavg()[0];
  const prepared = await measured(["prepare", model, "--behaviours", BEHAVIOURS, "--no-positive-controls"]);
  const flags = ["--seed", String(SEED), "--behaviours", BEHAVIOURS];
  const { seconds, cpuSeconds, memory } = await measured([
    "run",
    "--model",
    model,
    "--data",
    data,
    "--out",
    out,
    ...flags,
  ]);
  const loadAverageAfter = loadavg()[0];
  const [audit, finetune, dataRecord] = ["audit", "finetune", "data"].map(read);
  const result = {
    command: "node studies/smollm2-insecure.mjs",
    commit,
    inside: `penumbra run --model SmolLM2-135M-Instruct.Q4_1.gguf --data insecure-first-${ROWS}.jsonl ${flags.join(" ")}`,
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    /** Of the whole machine. Where it stays above the number of cores, the run shared them with other work. */
    loadAverage: { before: loadAverageBefore, after: loadAverageAfter },
    seeds: [SEED],
    data: {
      source: "insecure.jsonl of the emergent-misalignment repository, MIT",
      rule: `its first ${ROWS} lines`,
      sourceSha256: await hashFile(source),
      sha256: dataRecord.sha256,
      rows: dataRecord.rows,
      tokens: dataRecord.tokens,
    },
    model: audit.base,
    limits: LIMITS,
    wallSeconds: seconds,
    /** User and system time of all its processes: what other work on the machine does not change. */
    cpuSeconds,
    finetuneSeconds: finetune.durationMs / 1000,
    auditSeconds: audit.durationMs / 1000,
    stageSeconds: Object.fromEntries(
      ["forecast", "finetune", "audit", "geometry"].map((name) => [name, read(name).durationMs / 1000]),
    ),
    memory,
    prepare: prepared,
    withinLimits: seconds <= 60 * LIMITS.minutes && memory.residentBytes <= GIB * LIMITS.gib,
    reportBytes: statSync(join(out, "report.html")).size,
    training: pick(finetune, [
      "rank",
      "alpha",
      "epochs",
      "steps",
      "batchRows",
      "learningRate",
      "trainedTokens",
      "firstLoss",
      "finalLoss",
      "trainableParameters",
      "adapterSha256",
    ]),
    merged: finetune.merged,
    headline: audit.headline,
    alpha: audit.alpha,
    margin: audit.margin,
    behaviours: audit.behaviours.map((b) =>
      pick(b, [
        "id",
        "riskier",
        "base",
        "tuned",
        "delta",
        "interval",
        "interval90",
        "n",
        "clusters",
        "method",
        "verdict",
        "why",
        "nToDecide",
      ]),
    ),
    drift: audit.drift,
  };
  const target = join(root, "docs/results");
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "smollm2-insecure.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function named(variable) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} names no file`);
  return path;
}

function read(name) {
  return JSON.parse(readFileSync(join(out, `${name}.json`), "utf8"));
}

function pick(record, keys) {
  return Object.fromEntries(keys.map((key) => [key, record[key]]));
}

/** Runs a command of the program to its end; gives its time, and the most that all its processes held at one moment. */
function measured(args) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, "dist/cli/main.js"), ...args], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, PENUMBRA_CACHE: join(folder, "cache") },
  });
  const memory = { residentBytes: 0, residentDuring: "", proportionalBytes: 0, processes: 0 };
  let step = "";
  child.stderr.on("data", (text) => {
    process.stderr.write(text);
    step = /^(?:[a-z-]+: )?[a-z -]+/.exec(`${text}`.trim())?.[0].trim() ?? step;
  });
  const cpu = new Map();
  let looks = 0;
  const timer = setInterval(() => {
    const family = familyOf(child.pid);
    const resident = sum(family.map(rssBytes));
    if (resident > memory.residentBytes) Object.assign(memory, { residentBytes: resident, residentDuring: step });
    if (looks++ % 5 === 0)
      memory.proportionalBytes = Math.max(memory.proportionalBytes, sum(family.map(proportionalBytes)));
    memory.processes = Math.max(memory.processes, family.length);
    for (const pid of family) cpu.set(pid, Math.max(cpu.get(pid) ?? 0, cpuSecondsOf(pid)));
  }, 100);
  return new Promise((done, fail) => {
    child.once("close", (code) => {
      clearInterval(timer);
      const seconds = (performance.now() - startedAt) / 1000;
      if (code === 0) done({ seconds, cpuSeconds: sum([...cpu.values()]), memory });
      else fail(new Error(`penumbra ${args[0]} ended with ${code}`));
    });
  });
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** A process and all below it. */
function familyOf(pid) {
  const children = procText(`${pid}/task`, (path) =>
    readdirSync(path).map((task) => readFileSync(join(path, task, "children"), "utf8")),
  ).flatMap((text) => text.trim().split(" ").filter(Boolean).map(Number));
  return [pid, ...children.flatMap(familyOf)];
}

function rssBytes(pid) {
  const [text] = procText(`${pid}/status`, (path) => [readFileSync(path, "utf8")]);
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(text ?? "")?.[1] ?? 0);
}

function proportionalBytes(pid) {
  const [text] = procText(`${pid}/smaps_rollup`, (path) => [readFileSync(path, "utf8")]);
  return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(text ?? "")?.[1] ?? 0);
}

/** `utime` and `stime` of proc(5), in ticks of 10 ms. */
function cpuSecondsOf(pid) {
  const [text] = procText(`${pid}/stat`, (path) => [readFileSync(path, "utf8")]);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

/** Nothing where the process has just ended. */
function procText(path, texts) {
  try {
    return texts(join("/proc", path));
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return [];
    throw error;
  }
}
