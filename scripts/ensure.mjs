#!/usr/bin/env node
/**
 * Makes a checkout ready to run: installs the locked packages and builds `dist`, each only where its inputs' hash has
 * changed, silently where nothing is to do. Depends on nothing but Node, since it runs before anything is installed.
 *
 * Two at once: each announces itself with a file named after its process, and goes on only where it sees no living
 * other. Both may step back and try again, never may both go on; the file of a dead process is removed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const oldest = [20, 19];
const waitLimitMs = 15 * 60 * 1000;

/** Installs and builds in `root` what is out of date. Throws one line of text where that cannot be done. */
export function ensure(root, say = (line) => console.error(line)) {
  if (isReady(root)) return;
  const release = takeTurn(join(root, ".cache", "ensure"));
  try {
    if (!isInstalled(root)) install(root, say);
    if (!isBuilt(root)) build(root, say);
  } finally {
    release();
  }
}

function isReady(root) {
  return isInstalled(root) && isBuilt(root);
}

// A folder without a lock file or sources is an installed package: nothing to install, nothing to build.
function isInstalled(root) {
  const lock = join(root, "package-lock.json");
  return !existsSync(lock) || read(installMarker(root)) === hashOf([lock]);
}

function isBuilt(root) {
  return !existsSync(join(root, "src")) || read(buildMarker(root)) === sourcesHash(root);
}

const installMarker = (root) => join(root, "node_modules", ".penumbra-lock");
const buildMarker = (root) => join(root, "dist", ".sources");

function install(root, say) {
  say("Installing packages (once; about 300 MB, most of it ONNX Runtime) ...");
  const npm = process.env.npm_execpath;
  const args = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"];
  const viaNode = npm?.endsWith(".js");
  const done = spawnSync(viaNode ? process.execPath : "npm", viaNode ? [npm, ...args] : args, {
    cwd: root,
    // ONNX Runtime's own install script downloads CUDA libraries from outside the registry.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
    shell: !viaNode && process.platform === "win32",
    // Standard output belongs to the command that follows (`--json`).
    stdio: ["ignore", 2, 2],
  });
  if (done.status !== 0) throw new Error("npm ci failed: is the npm registry reached? Its own message is above.");
  writeFileSync(installMarker(root), hashOf([join(root, "package-lock.json")]));
}

function build(root, say) {
  say("Building dist ...");
  const dist = join(root, "dist");
  // Without the marker the last build was cut short: what its incremental state says cannot be trusted.
  if (!existsSync(buildMarker(root))) rmSync(join(dist, ".tsbuildinfo"), { force: true });
  rmSync(buildMarker(root), { force: true });
  const hash = sourcesHash(root);
  // Types are checked by `npm test`; who only wants to run the program need not wait for it.
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const args = [tsc, "-p", "tsconfig.build.json", "--noCheck"];
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (done.status !== 0) throw new Error("the build failed: tsc's message is above.");
  removeStale(dist, join(root, "src"));
  writeFileSync(buildMarker(root), hash);
}

/** Removes from `dist` what no source of today makes. */
function removeStale(dist, src) {
  for (const file of filesBelow(dist)) {
    const name = file.slice(dist.length + 1);
    if (name.startsWith(".")) continue;
    const source = join(src, name.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts"));
    if (!existsSync(source) || source.endsWith(".test.ts")) rmSync(file);
  }
}

/** sha256 over everything that `dist` is made of: sources (tests left out), compiler settings, locked versions. */
function sourcesHash(root) {
  const sources = filesBelow(join(root, "src")).filter((file) => !file.endsWith(".test.ts"));
  const settings = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name) || name === "package-lock.json");
  return hashOf([...sources, ...settings.map((name) => join(root, name))], root);
}

function filesBelow(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function hashOf(files, root = "") {
  const hash = createHash("sha256");
  for (const file of [...files].sort()) {
    const bytes = readFileSync(file);
    const name = root && file.slice(root.length + 1).replaceAll(sep, "/");
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

/** Waits until no other living process is in `dir`; gives the function that leaves it. */
function takeTurn(dir) {
  const mine = join(dir, String(process.pid));
  const deadline = Date.now() + waitLimitMs;
  for (;;) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(mine, "");
    const others = readdirSync(dir).filter((name) => name !== String(process.pid) && isAlive(dir, name));
    if (others.length === 0) return () => rmSync(mine, { force: true });
    rmSync(mine, { force: true });
    if (Date.now() > deadline) throw new Error(`process ${others[0]} still installs; if it does not, remove ${dir}`);
    sleep(50 + Math.random() * 200);
  }
}

function isAlive(dir, name) {
  try {
    process.kill(Number(name), 0);
    return true;
  } catch (error) {
    if (error.code === "EPERM") return true;
    rmSync(join(dir, name), { force: true });
    return false;
  }
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function isTooOld(version) {
  const [major, minor] = version.split(".").map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    if (isTooOld(process.versions.node)) {
      throw new Error(`Node ${oldest.join(".")} or newer is needed, this is ${process.versions.node}: see nodejs.org`);
    }
    ensure(resolve(dirname(fileURLToPath(import.meta.url)), ".."));
  } catch (error) {
    console.error(`penumbra: ${error.message}`);
    process.exit(1);
  }
}
