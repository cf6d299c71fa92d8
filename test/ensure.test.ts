import { spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "..");
const home = mkdtempSync(join(tmpdir(), "penumbra-ensure-"));
let root = "";
const at = (...path: string[]) => join(root, ...path);

/** Stands for npm: notes how it was called and installs a link to the real TypeScript. */
const npm = `
  import fs from "node:fs";
  fs.appendFileSync("npm.log", process.argv.slice(2).join(" ") + " " + process.env.ONNXRUNTIME_NODE_INSTALL + "\\n");
  if (fs.existsSync("broken")) process.exit(3);
  fs.rmSync("node_modules", { recursive: true, force: true });
  fs.mkdirSync("node_modules");
  const real = ${JSON.stringify(join(repository, "node_modules", "typescript"))};
  setTimeout(() => fs.symlinkSync(real, "node_modules/typescript", "junction"), 200);`;

beforeEach(() => {
  root = mkdtempSync(join(home, "clone-"));
  mkdirSync(at("scripts"));
  mkdirSync(at("src", "core"), { recursive: true });
  cpSync(join(repository, "scripts", "ensure.mjs"), at("scripts", "ensure.mjs"));
  cpSync(join(repository, "tsconfig.build.json"), at("tsconfig.build.json"));
  const settings = JSON.parse(readFileSync(join(repository, "tsconfig.json"), "utf8"));
  settings.compilerOptions.types = [];
  writeFileSync(at("tsconfig.json"), JSON.stringify(settings));
  writeFileSync(at("package.json"), '{"type":"module"}');
  writeFileSync(at("package-lock.json"), "{}");
  writeFileSync(at("npm-cli.js"), npm);
  writeFileSync(at("src", "core", "a.ts"), "export const a: number = 1;\n");
});
afterAll(() => rmSync(home, { recursive: true }));

/** Runs the clone's ensure.mjs; gives its exit code and all that it said. */
function ensure(): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, npm_execpath: at("npm-cli.js") };
    const child = spawn(process.execPath, [at("scripts", "ensure.mjs")], { cwd: root, env });
    let said = "";
    child.stderr.on("data", (data) => (said += data));
    child.stdout.on("data", (data) => (said += `stdout: ${data}`));
    child.once("close", (code) => resolve({ code, said }));
  });
}

const npmCalls = () => (existsSync(at("npm.log")) ? readFileSync(at("npm.log"), "utf8").trim().split("\n") : []);
const silent = { code: 0, said: "" };

describe("ensure", () => {
  it("installs without scripts, builds, and then has nothing to do or to say", async () => {
    expect((await ensure()).code).toBe(0);
    expect(npmCalls()).toEqual(["ci --ignore-scripts --include=dev --no-audit --no-fund skip"]);
    expect(readFileSync(at("dist", "core", "a.js"), "utf8")).toContain("export const a = 1;");
    expect(await ensure()).toEqual(silent);
    expect(npmCalls()).toHaveLength(1);
  });

  it("builds what has changed and removes what no source makes any more", async () => {
    writeFileSync(at("src", "core", "old.ts"), "export const old = 1;\n");
    await ensure();
    expect(existsSync(at("dist", "core", "old.js"))).toBe(true);
    rmSync(at("src", "core", "old.ts"));
    writeFileSync(at("src", "core", "a.ts"), "export const a: number = 2;\n");
    expect((await ensure()).said).toBe("Building dist ...\n");
    expect(readdirSync(at("dist", "core")).sort()).toEqual(["a.d.ts", "a.js"]);
    expect(readFileSync(at("dist", "core", "a.js"), "utf8")).toContain("export const a = 2;");
    expect(npmCalls()).toHaveLength(1);
  });

  it("does not build for a changed test", async () => {
    await ensure();
    writeFileSync(at("src", "core", "a.test.ts"), "export const t = 1;\n");
    expect(await ensure()).toEqual(silent);
  });

  it("builds everything again where dist was lost", async () => {
    await ensure();
    rmSync(at("dist"), { recursive: true });
    await ensure();
    expect(existsSync(at("dist", "core", "a.js"))).toBe(true);
  });

  it("mends a build that was cut short", async () => {
    await ensure();
    for (const path of [".sources", "core/a.js"]) rmSync(at("dist", path));
    await ensure();
    expect(existsSync(at("dist", "core", "a.js"))).toBe(true);
  });

  it("installs again for another lock file", async () => {
    await ensure();
    writeFileSync(at("package-lock.json"), '{"other":1}');
    await ensure();
    expect(npmCalls()).toHaveLength(2);
  });

  it("says in one line that npm failed, and tries again the next time", async () => {
    writeFileSync(at("broken"), "");
    const { code, said } = await ensure();
    expect(code).toBe(1);
    expect(said).toMatch(/^Installing .*\npenumbra: npm ci failed: [^\n]*\n$/);
    rmSync(at("broken"));
    expect((await ensure()).code).toBe(0);
    expect(npmCalls()).toHaveLength(2);
  });

  it("fails where a source cannot be parsed", async () => {
    appendFileSync(at("src", "core", "a.ts"), "const = ;\n");
    expect((await ensure()).code).toBe(1);
    expect((await ensure()).code).toBe(1);
  });

  it("installs once where several start at the same time, and passes by what a dead one left", async () => {
    mkdirSync(at(".cache", "ensure"), { recursive: true });
    // No system gives out a number this high.
    writeFileSync(at(".cache", "ensure", "999999999"), "");
    const runs = await Promise.all([ensure(), ensure(), ensure()]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(npmCalls()).toHaveLength(1);
    expect(readdirSync(at(".cache", "ensure"))).toEqual([]);
  });
});
