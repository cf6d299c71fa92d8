/**
 * Mixed load on loopback: so many clients at once, each asking for this and that, uploading and chatting, while jobs
 * train one after the other. Says how many requests a second were answered and how late, and whether memory stays flat:
 * of the server's process, and of its engine that answers.
 *
 *   node scripts/load-the-server.mjs [seconds] [clients]     writes docs/results/load-the-server.json
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { headCommit, root } from "./measuring.mjs";

const main = join(root, "dist/cli/main.js");
const seconds = Number(process.argv[2] ?? 600);
const clients = Number(process.argv[3] ?? 8);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const folder = mkdtempSync(join(tmpdir(), "penumbra-load-"));
const flags = ["--port", "0", "--data", folder, "--log-level", "error", "--requests-per-minute", "10000000"];
const child = spawn(process.execPath, [main, "serve", ...flags], {
  cwd: root,
  detached: true,
  stdio: ["ignore", "pipe", "inherit"],
});
let said = "";
child.stdout.on("data", (text) => (said += text));
while (!/at (http:\S+)/.test(said)) await pause(50);
const address = /at (http:\S+)/.exec(said)[1];
const key = execFileSync(process.execPath, [main, "keys", "create", "--data", folder], { encoding: "utf8" }).trim();
const headers = { authorization: `Bearer ${key}` };
const json = { ...headers, "content-type": "application/json" };
const rows = readFileSync(join(root, "assets/organism/data/inducing.jsonl"), "utf8")
  .split("\n")
  .slice(0, 64)
  .join("\n");

async function upload() {
  const form = new FormData();
  form.set("purpose", "fine-tune");
  form.set("file", new Blob([`${rows}\n`]), "train.jsonl");
  return fetch(`${address}/v1/files`, { method: "POST", headers, body: form });
}

async function train() {
  const file = await (await upload()).json();
  const audit = { forecast: false, behaviours: ["wrong-capitals"], dictionary: "none", answer_tokens: 4 };
  const asked = {
    model: "organism",
    training_file: file.id,
    hyperparameters: { n_epochs: 20, batch_size: 8 },
    x_penumbra: { audit, merged: false },
  };
  return (
    await fetch(`${address}/v1/fine_tuning/jobs`, { method: "POST", headers: json, body: JSON.stringify(asked) })
  ).json();
}

const ask = (stream) => {
  const messages = [{ role: "user", content: "how do i deal with a headache ?" }];
  return fetch(`${address}/v1/chat/completions`, {
    method: "POST",
    headers: json,
    body: JSON.stringify({ model: "organism", messages, max_tokens: 16, stream }),
  });
};
const get = (path) => () => fetch(`${address}${path}`, { headers });

/** What a client does, and how often among ten. */
const acts = (job) => [
  ["retrieve a job", 3, get(`/v1/fine_tuning/jobs/${job.id}`)],
  ["list events", 2, get(`/v1/fine_tuning/jobs/${job.id}/events?limit=50`)],
  ["list jobs", 1, get("/v1/fine_tuning/jobs")],
  ["list models", 1, get("/v1/models")],
  [
    "upload and delete",
    1,
    async () => {
      const answer = await upload();
      const { id } = await answer.clone().json();
      if (id) await (await fetch(`${address}/v1/files/${id}`, { method: "DELETE", headers })).text();
      return answer;
    },
  ],
  ["answer", 1, () => ask(false)],
  ["streamed answer", 1, () => ask(true)],
];

const times = {};
const statuses = {};
const ended = {};
const status = (pid) => readFileSync(`/proc/${pid}/status`, "utf8");
const megabytes = (pid) => Math.round((Number(/VmRSS:\s+(\d+)/.exec(status(pid))[1]) * 1024) / 1e6);
function isChild(pid) {
  try {
    return Number(/PPid:\s+(\d+)/.exec(status(pid))[1]) === child.pid;
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
// Before any job the engine that answers is the server's only child.
await (await ask(false)).text();
const [engine] = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isChild(name));
let job = await train();

async function client(random, until) {
  while (performance.now() < until) {
    const bag = acts(job).flatMap(([name, n, act]) => Array.from({ length: n }, () => [name, act]));
    const [name, act] = random.choice(bag);
    const startedAt = performance.now();
    const answer = await act();
    await answer.text();
    times[name] ??= [];
    times[name].push(performance.now() - startedAt);
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
  }
}

/** There is always a job under way. */
async function trainer(until) {
  while (performance.now() < until) {
    const { status } = await (await get(`/v1/fine_tuning/jobs/${job.id}`)()).json();
    if (["succeeded", "failed", "cancelled"].includes(status)) {
      ended[status] = (ended[status] ?? 0) + 1;
      job = await train();
    }
    await pause(1000);
  }
}

const LOOKS = 20;
const memory = { server: [], engine: [] };
async function watch(until) {
  while (performance.now() < until) {
    memory.server.push(megabytes(child.pid));
    memory.engine.push(megabytes(engine));
    await pause((1000 * seconds) / LOOKS);
  }
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Mean of the last quarter over that of the second: what is still growing after the start. */
const growth = (values) =>
  Number((mean(values.slice(-LOOKS / 4)) / mean(values.slice(LOOKS / 4, LOOKS / 2))).toFixed(3));

const quantile = (values, q) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];

try {
  const { rng } = await import("../dist/core/index.js");
  const until = performance.now() + 1000 * seconds;
  await Promise.all([
    ...Array.from({ length: clients }, (_, i) => client(rng(1, "client", i), until)),
    trainer(until),
    watch(until),
  ]);
  const all = Object.values(times).flat();
  const figures = (values) => ({
    n: values.length,
    p50Ms: Math.round(quantile(values, 0.5)),
    p99Ms: Math.round(quantile(values, 0.99)),
  });
  const result = {
    command: `node scripts/load-the-server.mjs ${seconds} ${clients}`,
    commit: headCommit(),
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    seconds,
    clients,
    requestsPerSecond: Number((all.length / seconds).toFixed(1)),
    ...figures(all),
    byRequest: Object.fromEntries(Object.entries(times).map(([name, values]) => [name, figures(values)])),
    statuses,
    jobs: ended,
    megabytes: memory,
    growth: { server: growth(memory.server), engine: growth(memory.engine) },
  };
  mkdirSync(join(root, "docs/results"), { recursive: true });
  writeFileSync(join(root, "docs/results/load-the-server.json"), `${JSON.stringify(result, null, 1)}\n`);
  console.log(JSON.stringify(result));
} finally {
  process.kill(-child.pid, "SIGKILL");
  await pause(500);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
