/**
 * Requests made up from the API's own document (schemathesis, from pip), against a service in which another project has a
 * file and a job that has ended: no 5xx, no answer that is late, nothing of the other project in any answer.
 *
 *   SCHEMATHESIS=/path/of/schemathesis node scripts/fuzz-the-api.mjs [examples] [seconds]
 *
 * writes docs/results/fuzz-the-api.json
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { headCommit, root } from "./measuring.mjs";

const main = join(root, "dist/cli/main.js");
const program = process.env.SCHEMATHESIS ?? "schemathesis";
const examples = Number(process.argv[2] ?? 100);
const seconds = Number(process.argv[3] ?? 300);
const LATE_S = 10;
/** What the service says of itself is checked; what a client of it may send is for it to decide. */
const CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function started(folder) {
  const limits = ["--requests-per-minute", "1000000", "--log-level", "error"];
  const child = spawn(process.execPath, [main, "serve", "--port", "0", "--data", folder, ...limits], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [said, told] = ["", ""];
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (told += text));
  for (let i = 0; i < 600; i++) {
    const address = /at (http:\S+)/.exec(said)?.[1];
    if (address && (await fetch(`${address}/readyz`).catch(() => null))?.ok) return { child, address, log: () => told };
    await pause(100);
  }
  throw new Error(`the server did not start: ${told}`);
}

const keyOf = (folder, project) =>
  execFileSync(
    process.execPath,
    [main, "keys", "create", "--data", folder, "--project", project, "--role", "reviewer"],
    { encoding: "utf8" },
  ).trim();

/** A file and a finished job of a project that the fuzzer has no key of. Gives all that must never be seen. */
async function fill(address, key) {
  const headers = { authorization: `Bearer ${key}` };
  const form = new FormData();
  form.set("purpose", "fine-tune");
  const rows = readFileSync(join(root, "assets/organism/data/inducing.jsonl"), "utf8")
    .split("\n")
    .slice(0, 16)
    .join("\n");
  form.set("file", new Blob([`${rows}\n`]), "secret-name.jsonl");
  const file = await (await fetch(`${address}/v1/files`, { method: "POST", headers, body: form })).json();
  const audit = { forecast: false, behaviours: ["wrong-capitals"], dictionary: "none", answer_tokens: 4 };
  const asked = {
    model: "organism",
    training_file: file.id,
    suffix: "secret-suffix",
    hyperparameters: { n_epochs: 1 },
    x_penumbra: { audit, merged: false },
  };
  const answer = await fetch(`${address}/v1/fine_tuning/jobs`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(asked),
  });
  const job = await answer.json();
  await (await fetch(`${address}/v1/fine_tuning/jobs/${job.id}/events?stream=true`, { headers })).text();
  return [file.id, job.id, job.organization_id, "secret-name", "secret-suffix", key];
}

const folder = mkdtempSync(join(tmpdir(), "penumbra-fuzz-"));
const server = await started(folder);
try {
  const secrets = await fill(server.address, keyOf(folder, "owner"));
  const key = keyOf(folder, "fuzzer");
  const report = join(folder, "report");
  const args = [
    "run",
    `${server.address}/openapi.json`,
    "-H",
    `Authorization: Bearer ${key}`,
    "--checks",
    CHECKS,
    "-n",
    String(examples),
    "--max-time",
    String(seconds),
    "--request-timeout",
    String(LATE_S),
    "--continue-on-failure",
    "--seed",
    "1",
    "--report",
    "ndjson",
    "--report-ndjson-path",
    report,
    "--output-sanitize",
    "false",
    "--output-truncate",
    "false",
    "--no-color",
    "--suppress-health-check",
    "all",
  ];
  const fuzzer = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  fuzzer.stdout.on("data", (text) => (told += text));
  const code = await new Promise((done, failed) => {
    fuzzer.once("error", failed);
    fuzzer.once("close", done);
  });
  const text = readFileSync(report, "utf8");
  // Bodies are kept in base64.
  const bodies = [...text.matchAll(/"\$base64":\s*"([^"]+)"/g)].map(([, packed]) =>
    Buffer.from(packed, "base64").toString(),
  );
  const seen = secrets.filter((secret) => text.includes(secret) || bodies.some((body) => body.includes(secret)));
  const statuses = {};
  for (const [, status] of text.matchAll(/"status_code":\s*(\d+)/g)) statuses[status] = (statuses[status] ?? 0) + 1;
  const alive = (await fetch(`${server.address}/readyz`).catch(() => null))?.ok === true;
  const result = {
    command: `node scripts/fuzz-the-api.mjs ${examples} ${seconds}`,
    commit: headCommit(),
    schemathesis: execFileSync(program, ["--version"], { encoding: "utf8" }).trim(),
    examples,
    exitCode: code,
    statuses,
    serverErrors: Object.entries(statuses)
      .filter(([status]) => status >= 500)
      .reduce((sum, [, n]) => sum + n, 0),
    leaks: seen.length,
    aliveAfterwards: alive,
  };
  console.log(told.split("\n").slice(-60).join("\n"));
  console.log(server.log().split("\n").slice(-10).join("\n"));
  mkdirSync(join(root, "docs/results"), { recursive: true });
  writeFileSync(join(root, "docs/results/fuzz-the-api.json"), `${JSON.stringify(result, null, 1)}\n`);
  console.log(JSON.stringify(result));
  if (process.env.KEEP_REPORT) writeFileSync(process.env.KEEP_REPORT, text + told);
} finally {
  process.kill(-server.child.pid, "SIGKILL");
  await pause(500);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
