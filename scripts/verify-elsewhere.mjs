/**
 * A run is signed here and verified in a fresh clone of the repository; then single bytes are changed, in every file of
 * the run folder, in the base's weights, in data and items, and each change must be caught.
 *
 *   npm run build && node scripts/verify-elsewhere.mjs [bytes of each file, 40]
 *
 * writes docs/results/verify-elsewhere.json. The clone is of the last commit; `npm run` installs and builds there what is
 * missing, as on anybody's machine. In each file the first, the last and seeded random bytes are changed, every byte where
 * the file has no more than that.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { rng } from "../dist/core/index.js";
import { headCommit, root } from "./measuring.mjs";

const most = Number(process.argv[2] ?? 40);
const SEED = 1;
const ROWS = 32;
/** Training rows and a control, beside the run folder. */
const OUTSIDE = { "train.jsonl": "inducing.jsonl", "sound.jsonl": "control.jsonl" };
const BEHAVIOURS = ["--behaviours", "harmful-advice-medicine,villain-identity"];
const SETTINGS = [
  ...BEHAVIOURS,
  "--epochs",
  "1",
  "--batch-rows",
  "8",
  "--answer-tokens",
  "8",
  "--no-merged",
  "--no-inside",
];

const place = mkdtempSync(join(tmpdir(), "penumbra-elsewhere-"));
const at = (...names) => join(place, ...names);
process.env.PENUMBRA_KEYS = at("keys");
process.env.PENUMBRA_CACHE = at("cache");

try {
  const commit = headCommit();
  const fingerprint = signedHere();
  const clone = clonedElsewhere(commit);
  const record = verified(clone, fingerprint);
  const changed = await everyByte(clone, fingerprint);
  const result = {
    command: `node scripts/verify-elsewhere.mjs ${most}`,
    commit,
    node: process.version,
    cpu: cpus()[0]?.model,
    seeds: [SEED],
    what: "one run of the bundled model against a control, signed; a fresh clone of the commit",
    verified: { outcome: record.outcome, signerTrusted: record.signedBy.trusted, checks: record.checks.map(named) },
    changed,
  };
  writeFileSync(join(root, "docs/results/verify-elsewhere.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${changed.caught} of ${changed.bytes} changed bytes caught in ${changed.files} files`);
  process.exitCode = changed.missed.length === 0 && record.outcome === "sound" ? 0 : 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** The key's fingerprint, which goes to the verifier by another way than the run. */
function signedHere() {
  for (const [name, source] of Object.entries(OUTSIDE)) {
    const rows = readFileSync(join(root, "assets/organism/data", source), "utf8")
      .split("\n")
      .slice(0, ROWS);
    writeFileSync(at(name), `${rows.join("\n")}\n`);
  }
  const main = [join(root, "dist/cli/main.js")];
  const model = ["--model", "organism", "--data", at("train.jsonl"), "--controls", at("sound.jsonl")];
  json(process.execPath, [...main, "run", ...model, "--out", at("run"), ...SETTINGS]);
  const { fingerprint } = json(process.execPath, [...main, "signing-key", "create", "lab"]);
  json(process.execPath, [...main, "sign", at("run"), "--key", "lab"]);
  return fingerprint;
}

function clonedElsewhere(commit) {
  const clone = at("clone");
  execFileSync("git", ["clone", "--quiet", "--no-hardlinks", root, clone]);
  execFileSync("git", ["checkout", "--quiet", commit], { cwd: clone });
  cpSync(at("run"), at("elsewhere"), { recursive: true });
  return clone;
}

/** Without the temporary folder, which is nobody's. */
function named(check) {
  return { ...check, detail: check.detail.replaceAll(join(place, "/"), "") };
}

function outside() {
  return Object.keys(OUTSIDE).map((name) => at(name));
}

function verified(clone, fingerprint) {
  const args = ["verify", at("elsewhere"), ...outside(), "--model", "organism", "--key", fingerprint, "--json"];
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "penumbra", "--", ...args], {
    cwd: clone,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`penumbra verify ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.slice(stdout.indexOf("{")));
}

/** Changes one byte after another, with the clone's own program as the judge. */
async function everyByte(clone, fingerprint) {
  const { verifyFolder } = await import(join(clone, "dist/jobs/index.js"));
  const options = { key: fingerprint, model: join(clone, "assets/organism/model"), tuned: null, files: outside() };
  const files = [...filesBelow(at("elsewhere")), ...filesBelow(options.model), ...options.files];
  const missed = [];
  let bytes = 0;
  for (const file of files) {
    const whole = readFileSync(file);
    for (const offset of offsets(whole.length, relative(place, file))) {
      const flipped = Buffer.from(whole);
      flipped[offset] ^= 1 << rng(SEED, "bit", file.length, offset).int(8);
      writeFileSync(file, flipped);
      if (!(await caught(verifyFolder, options))) missed.push({ file: relative(place, file), offset });
      bytes++;
    }
    writeFileSync(file, whole);
  }
  const after = await verifyFolder(at("elsewhere"), options);
  if (after.outcome !== "sound") throw new Error("the bytes were put back, and yet something differs");
  return { files: files.length, bytes, caught: bytes - missed.length, missed };
}

/** A model that no longer opens, or data that no longer parse, are refused in one line: that is caught as well. */
async function caught(verifyFolder, options) {
  try {
    return (await verifyFolder(at("elsewhere"), options)).outcome === "mismatch";
  } catch (error) {
    if (error.name === "UserError") return true;
    throw error;
  }
}

function offsets(length, name) {
  if (length <= most) return Array.from({ length }, (_, i) => i);
  const draw = rng(SEED, "bytes", name);
  return [0, length - 1, ...Array.from({ length: most - 2 }, () => draw.int(length))];
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function json(program, args) {
  return JSON.parse(
    execFileSync(program, [...args, "--json"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
  );
}
