import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "..");
const root = mkdtempSync(join(tmpdir(), "penumbra-test-command-"));

const config = 'export default { test: { include: ["src/**/*.test.ts"], maxWorkers: 2 } };\n';
const resting = 'import { it } from "vitest";\nit("rests", ({ skip }) => skip("no moon"));\n';

const files = {
  "package.json": '{"name":"t","type":"module"}\n',
  "biome.json":
    '{ "formatter": { "enabled": false }, "assist": { "enabled": false }, "files": { "includes": ["src/**"] } }\n',
  "tsconfig.json":
    '{"compilerOptions":{"noEmit":true,"skipLibCheck":true,"types":[],"module":"NodeNext","allowImportingTsExtensions":true},"include":["src"],"exclude":["src/**/*.test.ts"]}',
  "vitest.config.ts": config,
  "vitest.real.config.ts": config,
  "src/core/index.ts": 'export { one } from "./one.ts";\n',
  "src/core/one.ts": "export const one = 1;\n\n",
  "src/core/good.test.ts": 'import { expect, it } from "vitest";\nit("holds", () => expect(1).toBe(1));\n',
  "src/store/bad.test.ts":
    'import { expect, it } from "vitest";\nit("breaks", () => expect(1).toBe(2));\nit("rests", ({ skip }) => skip("no moon"));\n',
  "src/store/torn.test.ts":
    'import { it } from "vitest";\nit("never runs", () => undefined);\nthrow new Error("torn");\n',
  "src/data/stray.test.ts":
    'import { it } from "vitest";\nit("leaves an error behind", async () => {\n  setTimeout(() => { throw new Error("stray"); }, 0);\n  await new Promise((done) => setTimeout(done, 50));\n});\n',
  "src/data/dies.test.ts": 'import { it } from "vitest";\nit("dies", () => process.kill(process.pid, "SIGKILL"));\n',
};

beforeAll(() => {
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }
  mkdirSync(join(root, "scripts"));
  const own = ["scripts/test.mjs", "scripts/reporter.mjs", "floors.mjs", ".dependency-cruiser.mjs"];
  for (const path of own) cpSync(join(repository, path), join(root, path));
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"), "junction");
});
afterAll(() => rmSync(root, { recursive: true }));

/** Runs the copied test command as a fresh process would; gives its exit code and lines. */
function run(args: string[], ci = "") {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV|PENUMBRA)/.test(name));
  const env = { ...Object.fromEntries(inherited), CI: ci, NO_COLOR: "1" };
  const { status, stdout } = spawnSync(process.execPath, [join(root, "scripts", "test.mjs"), ...args], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  return { status, text: stdout, last: stdout.trimEnd().split("\n").at(-1) };
}

describe("the test command", () => {
  it("counts the checks with the tests and exits with 0 where all passed", () => {
    const { status, text, last } = run(["src/core"]);
    expect(last, text).toBe("4 passed, 0 failed, 0 skipped");
    expect(status).toBe(0);
    expect(text).toMatch(/^core +2 +2 +1 +0 +0$/m);
  });

  it("fails for a type error, a lint error and a forbidden import", () => {
    writeFileSync(
      join(root, "src", "core", "wrong.ts"),
      'import "../store/up.ts";\ndebugger;\nexport const n: number = "1";\n',
    );
    writeFileSync(join(root, "src", "store", "up.ts"), 'import "../core/wrong.ts";\n');
    const { status, text, last } = run(["src/core"]);
    expect(last).toBe("1 passed, 3 failed, 0 skipped");
    expect(status).toBe(1);
    expect(text).toMatch(/\nFailed:\n {2}lint\n {2}floors\n {2}types\n/);
  });

  // From here on without the checks, which take most of the time.

  it("fails for a failing test, a broken file, a stray error and a dead worker, and tells why a test was skipped", () => {
    const { status, text, last } = run(["--real"]);
    const failed = text.slice(text.indexOf("\nFailed:"));
    for (const why of ["bad.test.ts: breaks", "torn", "stray", "dies"]) expect(failed).toContain(why);
    expect(failed).toContain("src/store/bad.test.ts: rests (no moon)");
    expect(last).toMatch(/^\d+ passed, [4-9] failed, 1 skipped$/);
    expect(status).toBe(1);
  });

  it("fails for a skip in CI only", () => {
    writeFileSync(join(root, "src", "store", "bad.test.ts"), resting);
    expect(run(["--real", "src/store/bad"]).status).toBe(0);
    expect(run(["--real", "src/store/bad"], "true").status).toBe(1);
  });

  it("fails where no test was found", () => {
    const { status, text, last } = run(["--real", "src/nowhere"]);
    expect(last).toBe("0 passed, 1 failed, 0 skipped");
    expect(status).toBe(1);
    expect(text).toContain("vitest ended (exit code 1) without any test");
  });
});
