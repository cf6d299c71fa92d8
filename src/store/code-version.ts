import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { hashBytes, hashJson } from "./hash.ts";

let version: string | undefined;

/**
 * What this program is: the package's version and a hash over all code that may run (`dist`, or `src` under test), so
 * that no result of other code is ever taken for one of this. For example `0.1.0+6f1c…` with 64 hex digits.
 */
export function codeVersion(): string {
  version ??= versionOf(join(import.meta.dirname, ".."));
  return version;
}

/** The same of the program whose floors stand in `root`, beside its package.json's folder. */
export function versionOf(root: string): string {
  const { version: released } = JSON.parse(readFileSync(join(root, "..", "package.json"), "utf8"));
  const code = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|ts)$/.test(entry.name) && !/\.(d|test)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [relative(root, path).split(sep).join("/"), hashBytes(readFileSync(path))]);
  return `${released}+${hashJson(code)}`;
}
