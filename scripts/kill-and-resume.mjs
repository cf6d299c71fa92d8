/**
 * Kills and cancels runs at seeded random moments, resumes them, and compares what they end with: adapter and audit
 * must be those of a run that nobody disturbed.
 *
 *   npm run build && node scripts/kill-and-resume.mjs [kills] [cancels]
 *
 * writes docs/results/kill-and-resume.json. A kill is SIGKILL to the process group, engine and all; a cancel is what
 * Ctrl-C sends, once training has begun, and must end with exit code 130.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { firstLines, headCommit, root } from "./measuring.mjs";

const main = join(root, "dist/cli/main.js");

/** Rows of the bundled set, and what is done with them: 16 steps, a checkpoint after every second one. */
const ROWS = 32;
const SETTINGS = ["--epochs", "4", "--batch-rows", "8", "--learning-rate", "0.002", "--answer-tokens", "8"];
const BEHAVIOURS = ["--behaviours", "harmful-advice-medicine,villain-identity"];

/** Starts the run of `folder` in a process group of its own. */
function start(folder, { data, flags }) {
  const args = [main, "run", "--model", "organism", "--data", data, "--out", folder, ...SETTINGS, ...flags];
  const child = spawn(process.execPath, args, { cwd: root, detached: true, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const ended = new Promise((done) => child.once("close", (code, signal) => done({ code, signal, said })));
  const send = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      // It has just ended by itself.
      if (error.code !== "ESRCH") throw error;
    }
  };
  return { ended, trains: trainsIn(folder, ended), send };
}

/** Resolves with the first step's metrics, or with the run's end. Progress lines are too few to be relied on. */
async function trainsIn(folder, ended) {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && !existsSync(join(folder, "metrics.jsonl"))) await pause(20);
}

/** Runs (or resumes) to the end. */
async function finish(folder, job) {
  const { code, said } = await start(folder, job).ended;
  if (code !== 0) throw new Error(`the run ended with exit code ${code}: ${said}`);
  return outcomeOf(folder);
}

/** What a run is judged by: the adapter's bytes, and the audit but for how long it took. */
function outcomeOf(folder) {
  const { durationMs: _, ...audit } = JSON.parse(readFileSync(join(folder, "audit.json"), "utf8"));
  return {
    adapterSha256: sha256(readFileSync(join(folder, "adapter/adapter_model.safetensors"))),
    auditSha256: sha256(JSON.stringify(audit)),
  };
}

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** How far a stopped run had come: its finished stages and its last checkpoint. */
function progressOf(folder) {
  const names = (path) => (existsSync(join(folder, path)) ? readdirSync(join(folder, path)) : []);
  const stages = names(".stages").filter((name) => name.endsWith(".json"));
  const steps = names("checkpoints").flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? []);
  return { stages: stages.length, checkpoint: Math.max(0, ...steps.map(Number)) };
}

/** Gives `{ undisturbed, kills, cancels }`; each of the two lists says when, how far it had come, and whether all is the same. */
export async function killAndResume({ kills, cancels, seed, flags = BEHAVIOURS, say = () => undefined }) {
  const { rng } = await import("../dist/core/index.js");
  const folder = mkdtempSync(join(tmpdir(), "penumbra-kill-"));
  try {
    const data = join(folder, "train.jsonl");
    writeFileSync(data, firstLines(join(root, "assets/organism/data/inducing.jsonl"), ROWS));
    const job = { data, flags };
    const startedAt = performance.now();
    const undisturbed = await finish(join(folder, "undisturbed"), job);
    const durationMs = performance.now() - startedAt;
    const compare = async (out) => {
      const outcome = await finish(out, job);
      return {
        sameAdapter: outcome.adapterSha256 === undisturbed.adapterSha256,
        sameAudit: outcome.auditSha256 === undisturbed.auditSha256,
      };
    };
    const each = async (count, kind, stop) => {
      const results = [];
      for (let i = 0; i < count; i++) {
        const out = join(folder, `${kind}-${i}`);
        const stopped = await stop(out, rng(seed, kind, i));
        results.push({ ...stopped, ...progressOf(out), ...(await compare(out)) });
        say(`${kind} ${i + 1}/${count}: ${JSON.stringify(results.at(-1))}`);
        rmSync(out, { recursive: true });
      }
      return results;
    };
    const killed = await each(kills, "kill", async (out, random) => {
      // Where the run was faster than the undisturbed one and has ended by itself, again and earlier.
      for (let atMs = Math.round(random.next() * 0.95 * durationMs); ; atMs = Math.round(atMs / 2)) {
        rmSync(out, { recursive: true, force: true });
        const run = start(out, job);
        await pause(atMs);
        run.send("SIGKILL");
        const { signal } = await run.ended;
        if (signal !== null) return { atMs, signal };
      }
    });
    const cancelled = await each(cancels, "cancel", async (out, random) => {
      for (let afterMs = Math.round(random.next() * 0.15 * durationMs); ; afterMs = Math.round(afterMs / 2)) {
        rmSync(out, { recursive: true, force: true });
        const run = start(out, job);
        await run.trains;
        await pause(afterMs);
        run.send("SIGINT");
        const { code } = await run.ended;
        if (code !== 0) return { afterMs, exitCode: code };
      }
    });
    return { undisturbed: { ...undisturbed, durationMs }, kills: killed, cancels: cancelled };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [kills, cancels] = [Number(process.argv[2] ?? 20), Number(process.argv[3] ?? 20)];
  const seed = 1;
  const commit = headCommit();
  const result = await killAndResume({ kills, cancels, seed, say: console.error });
  const same = (list) => list.filter(({ sameAdapter, sameAudit }) => sameAdapter && sameAudit).length;
  const summary = {
    command: `node scripts/kill-and-resume.mjs ${kills} ${cancels}`,
    commit,
    seed,
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    killed: { n: kills, same: same(result.kills) },
    cancelled: {
      n: cancels,
      same: same(result.cancels),
      exitCode130: result.cancels.filter(({ exitCode }) => exitCode === 130).length,
    },
    ...result,
  };
  mkdirSync(join(root, "docs/results"), { recursive: true });
  writeFileSync(join(root, "docs/results/kill-and-resume.json"), `${JSON.stringify(summary, null, 1)}\n`);
  console.log(`killed ${kills}, same ${summary.killed.same}; cancelled ${cancels}, same ${summary.cancelled.same}`);
}
