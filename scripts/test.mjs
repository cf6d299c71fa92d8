/**
 * Everything that `npm test` checks: lint, imports between floors, types, tests. Ends with the one line
 * `N passed, N failed, N skipped`; each of the first three counts as one test. Exit code 1 where anything failed, and
 * with CI=true where anything was skipped.
 *
 *   node scripts/test.mjs [--real] [arguments of vitest, for example src/store]
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { floors } from "../floors.mjs";

const root = resolve(import.meta.dirname, "..");
/** For what hangs. A quiet pair of cores takes eight minutes; a shared one has taken more than twice as long. */
const vitestLimitMs = 45 * 60 * 1000;
const given = process.argv.slice(2);
const real = given.includes("--real");

const checks = [
  ["lint", "@biomejs/biome/bin/biome", ["check", "."]],
  ["floors", "dependency-cruiser/bin/dependency-cruise.mjs", ["src", "--config", ".dependency-cruiser.mjs"]],
  ["types", "typescript/bin/tsc", ["-p", "tsconfig.json", "--noEmit"]],
];

/** Runs a program of node_modules; gives its exit code (null where it was killed) and what it said. */
function run(program, args, { env = {}, show = false, limitMs = 0 } = {}) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(root, "node_modules", program), ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (said += text));
    const timer = limitMs && setTimeout(() => child.kill("SIGKILL"), limitMs);
    child.once("close", (code) => {
      clearTimeout(timer);
      done({ code, said });
    });
  });
}

async function runCheck([name, program, args]) {
  const { code, said } = await run(program, args);
  if (code !== 0) console.log(`\n${name} failed:\n${said}`);
  return { file: "", name, state: code === 0 ? "passed" : "failed", note: null };
}

async function runVitest() {
  const dir = mkdtempSync(join(tmpdir(), "penumbra-test-"));
  const summary = join(dir, "summary.json");
  const config = real ? "vitest.real.config.ts" : "vitest.config.ts";
  const reporters = ["--reporter=default", "--reporter=./scripts/reporter.mjs"];
  const args = ["run", "--config", config, ...reporters, ...given.filter((argument) => argument !== "--real")];
  const { code } = await run("vitest/vitest.mjs", args, {
    env: { PENUMBRA_TEST_SUMMARY: summary },
    show: true,
    limitMs: real ? 0 : vitestLimitMs,
  });
  const results = existsSync(summary) ? JSON.parse(readFileSync(summary, "utf8")) : [];
  rmSync(dir, { recursive: true });
  const fault = vitestFault(code, results);
  return fault ? [...results, { file: "", name: fault, state: "failed", note: null }] : results;
}

/** What is wrong with a run whose tests do not say so themselves. */
function vitestFault(code, results) {
  if (results.length === 0) return `vitest ended (exit code ${code}) without any test`;
  if (code !== 0 && !results.some(({ state }) => state === "failed")) return `vitest ended with exit code ${code}`;
  return null;
}

const count = (results, state) => results.filter((result) => result.state === state).length;

/** A row per floor: lines of its code (blank ones left out), and what became of its tests. */
function floorTable(results) {
  const rows = [...floors.flat().map(([floor]) => [floor, `src/${floor}/`]), ["house", "test/"]].map(
    ([name, folder]) => {
      const own = results.filter(({ file }) => file.startsWith(folder));
      const { files, lines } = sizeOf(join(root, folder));
      return [name, files, lines, count(own, "passed"), count(own, "failed"), count(own, "skipped")];
    },
  );
  const table = [["floor", "files", "lines", "passed", "failed", "skipped"], ...rows];
  return table
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(12) : String(cell).padStart(8))).join(""))
    .join("\n");
}

function sizeOf(folder) {
  if (!existsSync(folder)) return { files: 0, lines: 0 };
  const files = readdirSync(folder, { recursive: true }).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const texts = files.map((name) => readFileSync(join(folder, name), "utf8"));
  const lines = texts.flatMap((text) => text.split("\n")).filter((line) => line.trim() !== "");
  return { files: files.length, lines: lines.length };
}

function list(title, results, line) {
  if (results.length > 0) console.log(`\n${title}:\n${results.map((result) => `  ${line(result)}`).join("\n")}`);
}

const checked = real ? [] : await Promise.all(checks.map(runCheck));
const results = [...checked, ...(await runVitest())];
const of = (state) => results.filter((result) => result.state === state);
const place = ({ file, name }) => (file ? `${file}: ${name}` : name);

console.log(`\n${floorTable(results)}`);
list("Failed", of("failed"), place);
list("Skipped", of("skipped"), (result) => `${place(result)} (${result.note ?? "no reason given"})`);
const [passed, failed, skipped] = ["passed", "failed", "skipped"].map((state) => count(results, state));
if (skipped > 0 && process.env.CI === "true") console.log("\nA skip is a failure where CI=true.");
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || (skipped > 0 && process.env.CI === "true") ? 1 : 0;
