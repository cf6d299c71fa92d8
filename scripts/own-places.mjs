/**
 * Vitest's global set-up: a run has a cache and a state folder of its own. What it finds there does not depend on what ran
 * before, and a user's stay as they were.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder;

export function setup() {
  folder = mkdtempSync(join(tmpdir(), "penumbra-tests-"));
  process.env.PENUMBRA_CACHE = join(folder, "cache");
  process.env.PENUMBRA_STATE = join(folder, "state");
}

export function teardown() {
  rmSync(folder, { recursive: true, force: true });
}
