/**
 * Does the analysis find what was planted? A's feature overlaps with the task's, B is served by the task's own, C by one
 * at a right angle to it. All twenty constructions.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type Engine, startEngine } from "../../src/engine/index.ts";
import { plantedTruth } from "./truth.ts";

let engine: Engine;
const folder = mkdtempSync(join(tmpdir(), "penumbra-planted-mechanism-"));
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

plantedTruth(
  Array.from({ length: 20 }, (_, seed) => seed),
  () => ({ engine, folder }),
  { record: true },
);
