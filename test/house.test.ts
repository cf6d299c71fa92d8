import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { floors } from "../floors.mjs";

const root = join(import.meta.dirname, "..");
const text = (path: string) => readFileSync(join(root, path), "utf8");
const names = floors.flat().map(([name]) => name);
const foldersOfSrc = readdirSync(join(root, "src"));
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".ts"));

describe("the floors", () => {
  it("are the folders of src", () => {
    expect(foldersOfSrc.sort()).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it("each have an index.ts, but for the highest, from which nobody imports", () => {
    expect(names.slice(0, -1).filter((name) => !existsSync(join(root, "src", name, "index.ts")))).toEqual([]);
  });

  it("are drawn in docs/ARCHITECTURE.md as they are (node scripts/drawing.mjs --write)", () => {
    const drawing = execFileSync(process.execPath, [join(root, "scripts", "drawing.mjs")], { encoding: "utf8" });
    expect(text("docs/ARCHITECTURE.md")).toContain(drawing.trim());
  });
});

/** What is loaded with `file`, itself included: its imports that are more than types, and theirs. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [statement, from = ""] of text(file).matchAll(/^(?:import|export) [^;]*?from "(\.[^"]+)";/gms)) {
    const typesOnly =
      /^(?:import|export) type /.test(statement) || /^import \{(?:\s*type [\w$]+( as \w+)?,?)+\s*\} /.test(statement);
    if (!typesOnly) loadedWith(join(dirname(file), from), seen);
  }
  return seen;
}

describe("the house", () => {
  it("loads nothing but the command line and the lowest floor for `--help`: a command loads what it needs", () => {
    const loaded = [...loadedWith("src/cli/main.ts")];
    expect(loaded).toContain(join("src", "cli", "commands", "run.ts"));
    expect(loaded.filter((file) => !/^src[\\/](cli|core)[\\/]/.test(file))).toEqual([]);
  });

  it("has no source file over 400 lines", () => {
    // Written evaluation items are lists, not code: cutting one in two would help no reader.
    const code = sources.filter((file) => !file.startsWith(join("behaviours", "battery")));
    const long = code.filter((file) => text(join("src", file)).split("\n").length > 401);
    expect(long).toEqual([]);
  });

  it("locks packages without download addresses, so that any registry serves them", () => {
    expect(text("package-lock.json")).not.toContain('"resolved"');
  });

  it("depends on exact versions", () => {
    const { dependencies, devDependencies } = JSON.parse(text("package.json"));
    const versions = Object.values({ ...dependencies, ...devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
  });
});

describe("the import linter", () => {
  const [low = "", high = ""] = [names[1], names[2]];
  const tree = mkdtempSync(join(tmpdir(), "penumbra-house-"));
  afterAll(() => rmSync(tree, { recursive: true }));

  /** Writes `files`, lints, and gives `<rule> <file>` of each violation. */
  function violations(files: Record<string, string>): string[] {
    rmSync(tree, { recursive: true });
    for (const [path, contents] of Object.entries({ ...sound, ...files })) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), contents);
    }
    const program = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
    const args = [program, "src", "--config", join(root, ".dependency-cruiser.mjs"), "--output-type", "json"];
    const { stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8" });
    const found: { from: string; rule: { name: string } }[] = JSON.parse(stdout).summary.violations;
    return [...new Set(found.map(({ from, rule }) => `${rule.name} ${from}`))].sort();
  }

  const stubPackage = '{"name":"x","version":"1.0.0","main":"index.js"}';
  const sound = {
    "package.json": '{"name":"t","dependencies":{"onnxruntime-node":"1.0.0"},"devDependencies":{"devtool":"1.0.0"}}',
    "node_modules/onnxruntime-node/package.json": stubPackage,
    "node_modules/onnxruntime-node/index.js": "",
    "node_modules/devtool/package.json": stubPackage,
    "node_modules/devtool/index.js": "",
    "test/support.ts": "export const s = 1;",
    "src/core/index.ts": 'export { a } from "./a.ts";',
    "src/core/a.ts": "export const a = 1;",
    "src/engine/index.ts": 'import "onnxruntime-node"; export { a } from "../core/index.ts";',
    [`src/${low}/index.ts`]: 'export { a as b } from "../core/index.ts";',
    [`src/${low}/inner.ts`]: 'import { b } from "./index.ts"; export const c = b;',
    [`src/${low}/b.test.ts`]:
      'import "devtool"; import "onnxruntime-node"; import "../core/a.ts"; import "../../test/support.ts"; import "./inner.ts";',
    [`src/${high}/index.ts`]: `export type { b } from "../${low}/index.ts";`,
  };

  it("accepts a sound tree, its tests reaching below and into their own floor", () => {
    expect(violations({})).toEqual([]);
  });

  it("catches every kind of violation by its rule", () => {
    const planted = {
      "src/core/upwards.ts": `import type { b } from "../${low}/index.ts"; export type B = typeof b;`,
      "src/core/above.test.ts": `import "../${high}/index.ts";`,
      [`src/${high}/past-index.ts`]: `import "../${low}/inner.ts";`,
      [`src/${high}/circle.ts`]: 'import "./ring.ts";',
      [`src/${high}/ring.ts`]: 'import type {} from "./circle.ts"; export const r = 1;',
      [`src/${high}/alone.ts`]: "export const alone = 1;",
      [`src/${high}/tested.ts`]: `import "../${high}/t.test.ts";`,
      [`src/${high}/t.test.ts`]: 'import "./index.ts";',
      [`src/${high}/workshop.ts`]: 'import "../../test/support.ts";',
      [`src/${high}/missing.ts`]: 'import "./nowhere.ts";',
      [`src/${high}/tool.ts`]: 'import "devtool";',
      [`src/${high}/native.ts`]: 'import "onnxruntime-node";',
    };
    expect(violations(planted)).toEqual(
      [
        "core-imports-only-from-below src/core/upwards.ts",
        "core-imports-only-from-below src/core/above.test.ts",
        `other-floors-through-their-index src/${high}/past-index.ts`,
        `no-cycles src/${high}/circle.ts`,
        `no-orphans src/${high}/alone.ts`,
        `no-imports-of-tests src/${high}/tested.ts`,
        `src-stands-alone src/${high}/workshop.ts`,
        `no-unresolved src/${high}/missing.ts`,
        `users-get-what-src-imports src/${high}/tool.ts`,
        `native-memory-lives-in-engine src/${high}/native.ts`,
      ].sort(),
    );
  });
});
