/** The program as its users start it: `dist/cli/main.js` in a process of its own. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");
export const main = join(root, "dist/cli/main.js");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own with empty caches; `remove` takes it away. */
export function workplace(): { folder: string; path: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-cli-"));
  mkdirSync(join(folder, "cache"));
  return { folder, path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const homes = (folder: string) => ({
  PENUMBRA_CACHE: join(folder, "cache"),
  PENUMBRA_STATE: join(folder, "state"),
  HF_HOME: join(folder, "hub"),
});

/** Runs `penumbra <args>` in `folder`; `through` wraps the command, for example in a shell with limits. */
export function penumbra(
  folder: string,
  args: readonly string[],
  { input = "", through = [] }: { readonly input?: string; readonly through?: readonly string[] } = {},
): Promise<Ended> {
  const [program = "", ...rest] = [...through, process.execPath, main, ...args];
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const child = spawn(program, rest, {
    cwd: folder,
    env: { ...env, ...homes(folder), NO_COLOR: "1" },
  });
  child.stdin.end(input);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done({ code, stdout, stderr }));
  });
}

/** Rows of the bundled training set, as text. */
export function bundledRows(count: number): string {
  const rows = readFileSync(join(root, "assets/organism/data/inducing.jsonl"), "utf8").split("\n");
  return `${rows.slice(0, count).join("\n")}\n`;
}

/** Files below a folder, relative to it; none where there is no folder. */
export function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  } catch {
    return [];
  }
}
