/** Temporal autoencoders: what SAELens wrote and computed is what is read and computed here. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { must, UserError } from "../../core/index.ts";
import { openSafetensors, readTensor } from "../../data/index.ts";
import { isTemporal, openTemporal } from "./open-temporal.ts";
import { runTemporal } from "./temporal-coder.ts";

const fixtures = new URL("../../../test/fixtures/dictionaries-temporal", import.meta.url).pathname;
const folders = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const scratch = mkdtempSync(join(tmpdir(), "penumbra-temporal-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const worst = (ours: ArrayLike<number>, theirs: Float32Array) =>
  Math.max(...Array.from(theirs, (value, i) => Math.abs((ours[i] ?? Number.NaN) - value)));

describe.each(folders)("%s", (name) => {
  test("gives SAELens' novel codes, predicted codes and rows", async () => {
    const folder = join(fixtures, name);
    expect(await isTemporal(folder)).toBe(true);
    const coder = await openTemporal(folder);
    const tensors = await openSafetensors(join(folder, "expected.safetensors"));
    const read = async (key: string) => readTensor(must(tensors.get(key), key));
    const run = runTemporal(coder, await read("x"));
    // Float32 sums there, float64 here; predictions are scaled by what may be a small number.
    const predicted = await read("predicted");
    const scale = Math.max(1, ...predicted.map(Math.abs));
    expect(worst(run.novel, await read("novel"))).toBeLessThan(1e-5);
    expect(worst(run.predicted, predicted)).toBeLessThan(1e-5 * scale);
    expect(worst(run.rebuilt, await read("y"))).toBeLessThan(1e-4);
    expect(run.novel.some((value) => value !== 0)).toBe(true);
    expect(run.predicted.some((value) => value !== 0)).toBe(true);
  });
});

describe("openTemporal", () => {
  const changed = (change: (config: Record<string, unknown>) => Record<string, unknown>) => {
    const folder = mkdtempSync(join(scratch, "changed-"));
    cpSync(join(fixtures, "tied-topk"), folder, { recursive: true });
    const file = join(folder, "cfg.json");
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")))));
    return folder;
  };

  test.each([
    ["an unknown key", { spin: 1 }, /spin/],
    ["heads that do not divide the latents", { n_heads: 3 }, /bottleneck_factor × n_heads/],
    ["a layer more than the file has", { n_attn_layers: 2 }, /attn_layers\.1/],
    ["another width", { d_in: 6 }, /W_dec/],
    ["no place", { metadata: {} }, /hook_name/],
  ])("refuses %s in one line", async (_, values, message) => {
    const folder = changed((config) => ({ ...config, ...values }));
    await expect(openTemporal(folder)).rejects.toThrow(UserError);
    await expect(openTemporal(folder)).rejects.toThrow(message);
  });

  test("any value of any key is taken or refused, and never hangs or allocates", async () => {
    const keys = Object.keys(JSON.parse(readFileSync(join(fixtures, "tied-topk", "cfg.json"), "utf8")));
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, -1, 2 ** 31, 1e300, "x", [], {}));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), value, async (key, other) => {
        const folder = changed((config) => ({ ...config, [key]: other }));
        const outcome = await openTemporal(folder).catch((error: unknown) => error);
        rmSync(folder, { recursive: true });
        expect(outcome instanceof Error ? outcome instanceof UserError : true).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("knows what is none", async () => {
    expect(await isTemporal(join(scratch, "nothing"))).toBe(false);
    expect(await isTemporal(changed((config) => ({ ...config, architecture: "topk" })))).toBe(false);
  });
});
