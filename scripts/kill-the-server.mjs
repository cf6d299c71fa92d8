/**
 * A service that is killed without warning, at random moments: the server alone, the process of its job, or all of them.
 * Whatever comes, each job ends once, with the adapter that an undisturbed server makes, and nothing is told twice.
 *
 *   node scripts/kill-the-server.mjs [kills]     writes docs/results/kill-the-server.json
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { headCommit, root } from "./measuring.mjs";

const main = join(root, "dist/cli/main.js");

const ROWS = 32;
/** Evaluated on while the job trains. */
const VALIDATION_ROWS = 8;
const STEPS_OF_EPOCH = 4;
/** One behaviour; of ten epochs' 40 steps every fifth leaves a checkpoint. */
const jobOf = (epochs) => ({
  model: "organism",
  seed: 7,
  hyperparameters: { n_epochs: epochs, batch_size: 8, learning_rate_multiplier: 10 },
  x_penumbra: {
    audit: { forecast: false, behaviours: ["wrong-capitals"], dictionary: "none", answer_tokens: 4 },
    merged: false,
  },
});
const READY_MS = 60_000;
const DONE_MS = 300_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts a server in a process group of its own; gives its address once it answers. */
async function start(folder) {
  const args = [main, "serve", "--port", "0", "--data", folder, "--log-level", "warn"];
  const child = spawn(process.execPath, args, { cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let [said, told] = ["", ""];
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (told += text));
  const ended = new Promise((done) => child.once("close", done));
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const address = /at (http:\S+)/.exec(said)?.[1];
    if (address && (await fetch(`${address}/readyz`).catch(() => null))?.ok) return { child, address, ended };
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`the server did not start: ${told}${said}`);
    await pause(50);
  }
}

/** Processes below `pid`, from Linux's /proc. */
function below(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return children.flatMap((child) => {
    try {
      return [child, ...below(child)];
    } catch {
      // It has just ended.
      return [child];
    }
  });
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** What is killed: everything at once, the server alone, or one of the processes below it. */
const WAYS = ["all", "server", "below"];

function strike({ child }, way, random) {
  if (way === "all") return kill(-child.pid);
  if (way === "server") return kill(child.pid);
  const processes = below(child.pid);
  if (processes.length > 0) kill(random.choice(processes));
}

async function api(address, key, path, body) {
  const headers = { authorization: `Bearer ${key}`, ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(`${address}${path}`, {
    headers,
    ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function begin({ address, key, epochs }, name) {
  const rows = readFileSync(join(root, "assets/organism/data/inducing.jsonl"), "utf8").split("\n");
  const upload = async (some) => {
    const form = new FormData();
    form.set("purpose", "fine-tune");
    form.set("file", new Blob([`${some.join("\n")}\n`]), "rows.jsonl");
    const headers = { authorization: `Bearer ${key}` };
    return (await (await fetch(`${address}/v1/files`, { method: "POST", headers, body: form })).json()).id;
  };
  const training_file = await upload(rows.slice(0, ROWS));
  const validation_file = await upload(rows.slice(ROWS, ROWS + VALIDATION_ROWS));
  const asked = { ...jobOf(epochs), suffix: name, training_file, validation_file };
  return api(address, key, "/v1/fine_tuning/jobs", asked);
}

const over = ({ status }) => ["succeeded", "failed", "cancelled"].includes(status);
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** What is true of a job at its end. */
async function outcomeOf({ address, key, folder, epochs, id }) {
  const job = await api(address, key, `/v1/fine_tuning/jobs/${id}`);
  const events = [];
  for (let after = ""; ; ) {
    const page = await api(address, key, `/v1/fine_tuning/jobs/${id}/events?limit=100${after}`);
    events.push(...page.data);
    if (!page.has_more) break;
    after = `&after=${page.last_id}`;
  }
  const metrics = events.filter(({ type }) => type === "metrics").map(({ data }) => data);
  const steps = metrics.map(({ step }) => step);
  // Losses, of the validation rows too, and drift; not what depends on the clock.
  const told = metrics.map(({ tokens_per_second: _, ...measured }) => measured).toSorted((a, b) => a.step - b.step);
  const fences = readdirSync(join(folder, "runs", id)).filter((name) => /^\d+$/.test(name));
  const adapter =
    fences.length === 1 && job.status === "succeeded"
      ? readFileSync(join(folder, "runs", id, fences[0], "adapter/adapter_model.safetensors"))
      : null;
  return {
    status: job.status,
    trainedTokens: job.trained_tokens,
    resultFiles: job.result_files.length,
    evaluations: told.filter(({ valid_loss }) => valid_loss !== undefined).length,
    looks: told.filter(({ drift }) => drift !== undefined).length,
    toldSha256: sha256(JSON.stringify(told)),
    eachStepOnce: steps.length === epochs * STEPS_OF_EPOCH && new Set(steps).size === steps.length,
    endedOnce: events.filter(({ message }) => message.startsWith("The job has succeeded")).length === 1,
    oneFolder: fences.length === 1,
    adapterSha256: adapter && sha256(adapter),
    model: job.fine_tuned_model,
  };
}

export async function killTheServer({ kills, seed, epochs = 10, say = () => undefined }) {
  const { rng } = await import("../dist/core/index.js");
  const folder = mkdtempSync(join(tmpdir(), "penumbra-killed-"));
  const struck = [];
  let server = await start(folder);
  try {
    const key = execFileSync(process.execPath, [main, "keys", "create", "--data", folder], {
      cwd: root,
      encoding: "utf8",
    }).trim();
    const startedAt = performance.now();
    const here = () => ({ address: server.address, key, folder, epochs });
    const calm = await begin(here(), "calm");
    while (!over(await api(server.address, key, `/v1/fine_tuning/jobs/${calm.id}`))) await pause(200);
    const durationMs = performance.now() - startedAt;
    const undisturbed = await outcomeOf({ ...here(), id: calm.id });
    const jobs = [];
    const isOver = async (id) => over(await api(server.address, key, `/v1/fine_tuning/jobs/${id}`));
    for (let i = 0; i < kills; i++) {
      // There is always a job under way.
      if (jobs.length === 0 || (await isOver(jobs.at(-1)))) jobs.push((await begin(here(), `job-${i}`)).id);
      const random = rng(seed, "kill", i);
      const way = WAYS[i % WAYS.length];
      const afterMs = Math.round(random.next() * 0.6 * durationMs);
      await pause(afterMs);
      strike(server, way, random);
      if (way !== "below") {
        await server.ended;
        server = await start(folder);
      }
      struck.push({ way, afterMs });
      say(`kill ${i + 1}/${kills}: ${way} after ${afterMs} ms`);
    }
    const deadline = performance.now() + DONE_MS;
    for (const id of jobs) while (!(await isOver(id)) && performance.now() < deadline) await pause(200);
    const outcomes = [];
    for (const id of jobs) outcomes.push(await outcomeOf({ ...here(), id }));
    const models = (await api(server.address, key, "/v1/models")).data.map(({ id }) => id);
    const left = readdirSync(join(folder, "incoming")).length;
    return {
      undisturbed: { ...undisturbed, durationMs },
      kills: struck,
      jobs: outcomes,
      models: models.length - 1,
      left,
    };
  } finally {
    kill(-server.child.pid);
    await server.ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Jobs that ended as the undisturbed one did, and told everything once. */
export function soundJobs({ undisturbed, jobs }) {
  return jobs.filter(
    (job) =>
      job.status === "succeeded" &&
      job.eachStepOnce &&
      job.endedOnce &&
      job.oneFolder &&
      job.resultFiles === 1 &&
      job.trainedTokens === undisturbed.trainedTokens &&
      job.toldSha256 === undisturbed.toldSha256 &&
      job.adapterSha256 === undisturbed.adapterSha256,
  ).length;
}

if (process.argv[1] && resolve(process.argv[1]) === import.meta.filename) {
  const kills = Number(process.argv[2] ?? 50);
  const seed = 1;
  const commit = headCommit();
  const result = await killTheServer({ kills, seed, say: console.error });
  const summary = {
    command: `node scripts/kill-the-server.mjs ${kills}`,
    commit,
    seed,
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    n: kills,
    jobsSound: soundJobs(result),
    ...result,
  };
  mkdirSync(join(root, "docs/results"), { recursive: true });
  writeFileSync(join(root, "docs/results/kill-the-server.json"), `${JSON.stringify(summary, null, 1)}\n`);
  console.log(
    `killed ${kills} times; ${summary.jobsSound} of ${result.jobs.length} jobs as undisturbed; ${result.models} models`,
  );
}
