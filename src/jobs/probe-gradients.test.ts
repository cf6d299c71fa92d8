import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { must } from "../core/index.ts";
import { cachedProbes, type ProbesRequest } from "./probe-gradients.ts";

const before = process.env.PENUMBRA_CACHE;
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "penumbra-probes-"));
  process.env.PENUMBRA_CACHE = cache;
});
afterEach(() => {
  if (before === undefined) delete process.env.PENUMBRA_CACHE;
  else process.env.PENUMBRA_CACHE = before;
  rmSync(cache, { recursive: true });
});

const request: ProbesRequest = {
  sha256: "a".repeat(64),
  behaviours: [],
  shape: { rank: 8, alpha: 16, targets: null },
  seed: 1,
  machine: "test",
};
const probes = [{ id: "refusal", pairs: 20, value: -1.25, gradient: Float32Array.of(0.5, -2, 3) }];

/** How often the gradients were computed, and what came back last. */
async function asked(requests: readonly ProbesRequest[], between: () => void = () => undefined) {
  let computed = 0;
  let last: unknown;
  for (const each of requests) {
    last = await cachedProbes(each, async () => {
      computed++;
      return probes;
    });
    between();
  }
  return { computed, last };
}

test("gradients are computed once and come back as they were", async () => {
  expect(await asked([request, request])).toEqual({ computed: 1, last: probes });
});

test("another seed, base, program or any other shape asks again", async () => {
  const others: ProbesRequest[] = [
    { ...request, seed: 2 },
    ...[
      { rank: 4 },
      { layers: [0] },
      { rankPattern: { q_proj: 2 } },
      { alphaPattern: { q_proj: 2 } },
      { rslora: true },
    ].map((other) => ({ ...request, shape: { ...request.shape, ...other } })),
    { ...request, sha256: "b".repeat(64) },
    { ...request, machine: "another" },
  ];
  expect((await asked([request, ...others])).computed).toBe(9);
});

test("a file that somebody touched is not believed", async () => {
  const touch = () => {
    const folder = join(cache, "probes");
    appendFileSync(join(folder, must(readdirSync(folder)[0], "folder"), "probes.safetensors"), "x");
  };
  expect(await asked([request, request], touch)).toEqual({ computed: 2, last: probes });
});
