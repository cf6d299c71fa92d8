/** What the script of every measurement asks: where the project stands, at which commit, and what it was given. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = join(import.meta.dirname, "..");

/** The commit that is measured. */
export function headCommit() {
  return execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
}

/** Runs `penumbra ...args` to its end and gives what it prints; its progress goes to stderr. */
export function penumbra(...args) {
  return execFileSync(process.execPath, [join(root, "dist/cli/main.js"), ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** The document of `penumbra ...args --json`. */
export const penumbraJson = (...args) => JSON.parse(penumbra(...args, "--json"));

/** The last line that a program prints, a JSON document; what it says besides goes to stderr. */
export function printedJson(program, args) {
  const out = execFileSync(program, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(out.trim().split("\n").at(-1));
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What follows `--name` on the command line. */
export function flag(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}

/** The file or folder that an environment variable names. */
export function pathNamed(variable) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} names no file`);
  return path;
}

/** A file of the sets that measurements are taken on, below the folder that PENUMBRA_TEST_DATA names. */
export const testData = (path) => join(resolve(pathNamed("PENUMBRA_TEST_DATA")), path);

/** The first `count` lines of a file. */
export const firstLines = (file, count) => `${readFileSync(file, "utf8").split("\n").slice(0, count).join("\n")}\n`;

/** The documents of a file that has one a line; none where there is no file. */
export function jsonLines(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
