/** One suite for every format: what the libraries wrote and computed is what is read and computed here. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { denseOf, dictionaryFixtures, expectedOf, fixtureFolders, worstOf } from "../../../test/dictionary-fixtures.ts";
import { must } from "../../core/index.ts";
import { decodeCoder, runCoder } from "../coders/decode.ts";
import { encodeGroup } from "../coders/encode.ts";
import { loadCoder, readLatent } from "../coders/load.ts";
import { type LoadedCoder, readsPair } from "../coders/sparse-coder.ts";
import { coderFormats, openCoders, writeCoders } from "./index.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-formats-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Asked for; float32 sums of a dozen products differ by less. */
const TOLERANCE = 1e-5;

/** Files of crosscoders do not say where they read. */
const hintsFor = (folder: string) =>
  folder.includes("crosscoder/") && !folder.includes("gemma-scope")
    ? { hook: "blocks.13.hook_resid_post" as const }
    : {};

async function loaded(folder: string) {
  const { format, coders } = await openCoders(folder, hintsFor(folder));
  const all: LoadedCoder[] = [];
  for (const coder of coders) all.push(await loadCoder(coder));
  return { format, filed: coders, coders: all };
}

/** A set of one coder per layer takes one input each; one coder of several layers takes them all. */
function run(coders: readonly LoadedCoder[], inputs: readonly Float32Array[]): Float32Array[] {
  const [only] = coders;
  if (coders.length === 1 && only) return runCoder(only, inputs);
  return coders.flatMap((coder, i) => runCoder(coder, [must(inputs[i], "input")]));
}

describe.each(fixtureFolders)("%s", (folder) => {
  const path = join(dictionaryFixtures, folder);

  test("encodes and decodes as the library that wrote it", async () => {
    const { format, coders } = await loaded(path);
    expect(folder.startsWith(format)).toBe(true);
    const expected = await expectedOf(folder);
    const groups = coders.flatMap((coder) => coder.groups);
    for (const [g, group] of groups.entries()) {
      const f = denseOf(encodeGroup(group, must(expected.inputs[g], "x")), group.nLatents);
      expect(worstOf(f, must(expected.activations[g], "f"))).toBeLessThan(TOLERANCE);
    }
    for (const [o, y] of run(coders, expected.inputs).entries())
      expect(worstOf(y, must(expected.outputs[o], "y"))).toBeLessThan(TOLERANCE);
    // Not vacuous: something is active, and something is not.
    const active = expected.activations.flatMap((f) => [...f]).filter((value) => value !== 0).length;
    expect(active).toBeGreaterThan(0);
    expect(active).toBeLessThan(expected.activations.reduce((sum, f) => sum + f.length, 0));
  });

  test("a latent read alone is its rows of the whole", async () => {
    const { filed, coders } = await loaded(path);
    for (const [c, coder] of filed.entries())
      for (const [g, { dIn, nLatents }] of coder.groups.entries()) {
        const whole = must(coders[c]?.groups[g], "group");
        const latent = nLatents - 2;
        const rows = await readLatent(coder, g, latent);
        const width = whole.decoder.length / nLatents;
        expect(rows.encoder).toEqual(whole.encoder.slice(latent * dIn, (latent + 1) * dIn));
        expect(rows.decoder).toEqual(whole.decoder.slice(latent * width, (latent + 1) * width));
        expect(rows.encoderBias).toBe(whole.encoderBias?.[latent] ?? 0);
      }
  });

  test("every format that can hold it gives it back", async () => {
    const { coders } = await loaded(path);
    const { inputs } = await expectedOf(folder);
    const before = run(coders, inputs);
    for (const { name, cannotHold } of coderFormats) {
      if (cannotHold(coders) !== null && (coders.length === 1 || cannotHold(coders.slice(0, 1)) !== null)) continue;
      expect(coders.some(readsPair)).toBe(false);
      const target = mkdtempSync(join(scratch, "layers.2.mlp-"));
      // sparsify's place is its folder's name.
      const hook = must(coders[0]?.groups[0]?.hooks[0], "hook");
      await writeCoders(name, target, coders);
      const { format, coders: filed } = await openCoders(target, { hook });
      expect(format).toBe(name);
      const back = await Promise.all(filed.map(loadCoder));
      for (const [o, y] of run(back, inputs).entries())
        expect(worstOf(y, must(before[o], "output"))).toBeLessThan(TOLERANCE);
      if (name === "sparsify") continue;
      const places = (all: readonly LoadedCoder[]) =>
        all.map(({ kind, groups, outputs }) => [
          kind,
          groups.map(({ hooks }) => hooks),
          outputs.map(({ hook }) => hook),
        ]);
      expect(places(back)).toEqual(places(coders));
    }
  });
});

describe("the suite", () => {
  test("has fixtures of every format", () => {
    const libraries = new Set(readdirSync(dictionaryFixtures).filter((name) => !name.includes(".")));
    expect([...libraries].sort()).toEqual(coderFormats.map(({ name }) => name).sort());
  });

  test("a converted dictionary computes the same: dictionary_learning to SAELens, SAELens to sparsify", async () => {
    const { coders } = await loaded(join(dictionaryFixtures, "dictionary_learning/MatryoshkaBatchTopKSAE"));
    const target = join(scratch, "converted");
    await writeCoders("sae-lens", target, coders);
    const { coders: back } = await loaded(target);
    const { inputs, outputs } = await expectedOf("dictionary_learning/MatryoshkaBatchTopKSAE");
    expect(worstOf(must(run(back, inputs)[0], "y"), must(outputs[0], "y"))).toBeLessThan(TOLERANCE);
    await expect(writeCoders("sparsify", join(scratch, "none"), coders)).rejects.toThrow(
      /what sparsify holds.*sae-lens/,
    );
    await expect(writeCoders("npz", join(scratch, "none"), coders)).rejects.toThrow(/gemma-scope-2/);
  });

  test("decoding no activations gives the biases", async () => {
    const { coders } = await loaded(join(dictionaryFixtures, "circuit-tracer/clt"));
    const coder = must(coders[0], "clt");
    const silent = coder.groups.map(() => ({
      starts: new Int32Array(2),
      latents: new Int32Array(0),
      values: new Float32Array(0),
    }));
    const rows = coder.groups.map(({ dIn }) => new Float32Array(dIn));
    expect(decodeCoder(coder, silent, rows)).toEqual(coder.outputs.map(({ bias }) => bias));
  });
});
