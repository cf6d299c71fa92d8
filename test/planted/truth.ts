/** What an analysis of the planted models has to say, as tests over the seeds given. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, startEngine } from "../../src/engine/index.ts";
import type { Mechanism } from "../../src/records/index.ts";
import { type Analysis, analysed } from "./analysis.ts";
import { latentOf } from "./dictionary.ts";

/** `record`: writes what was found to docs/results/planted-truth.json. */
export function plantedTruth(seeds: readonly number[], options: { record?: boolean } = {}): void {
  let engine: Engine;
  const folder = mkdtempSync(join(tmpdir(), "penumbra-planted-mechanism-"));
  beforeAll(() => {
    engine = startEngine({ threads: 2 });
  });
  const found: object[] = [];
  const note = (seed: number, dictionary: boolean, { mechanism }: Analysis) =>
    found.push({
      seed,
      dictionary,
      ...Object.fromEntries(Object.entries(mechanism).map(([k, m]) => [k, figuresOf(m)])),
    });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
    if (options.record) writeRecord(seeds.length, found);
  });
  describe.each(seeds)("planted model %i", (seed) => {
    it("with its dictionary: A adjacent, B shared, C neither", async () => {
      const analysis = await analysed(engine, { seed, folder, withDictionary: true });
      note(seed, true, analysis);
      expectTruth(seed, analysis);
      const setOf = (topic: "A" | "B" | "C") =>
        analysis.prepared.latents?.sets.get(analysis.planted.behaviours[topic].id)?.map(({ latent }) => latent);
      expect(setOf("A")?.[0]).toBe(latentOf.A);
      expect(setOf("A")).not.toContain(latentOf.task);
      expect(setOf("B")?.[0]).toBe(latentOf.task);
      expect(setOf("C")?.[0]).toBe(latentOf.C);
    });

    it("from mean differences alone: the same", async () => {
      const analysis = await analysed(engine, { seed, folder, withDictionary: false });
      note(seed, false, analysis);
      expectTruth(seed, analysis);
    });
  });
}

/**
 * Constructions whose direction raises the loss on neutral text by more than the 2% that are allowed, so that what is
 * planted there is missed. The rise is noise of the unembedding here, −1.8 to 2.2% over the twenty.
 */
const DEAR: readonly number[] = [7];

function expectTruth(seed: number, { mechanism: { task, A, B, C } }: Analysis): void {
  expect([task.label, task.kind]).toEqual(["confirmed", "shared"]);
  expect([A.label, A.kind]).toEqual(DEAR.includes(seed) ? ["mediated", null] : ["confirmed", "adjacent"]);
  expect([B.label, B.kind]).toEqual(["confirmed", "shared"]);
  expect(C.label).not.toBe("confirmed");
  expect(C.kind).toBeNull();
}

function figuresOf({ label, kind, own, data, cosine, sharedWeight, steering }: Mechanism) {
  const rotated = steering?.rotated ?? null;
  return { label, kind, own: own?.share ?? null, data: data?.share ?? null, cosine, sharedWeight, rotated };
}

function writeRecord(n: number, found: readonly object[]): void {
  const command = "npx vitest run -c vitest.real.config.ts test/planted/mechanism.real.test.ts";
  const file = join(import.meta.dirname, "../../docs/results/planted-truth.json");
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  writeFileSync(file, `${JSON.stringify({ command, commit, n, constructions: found }, null, 1)}\n`);
}
