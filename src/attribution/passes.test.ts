import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { must } from "../core/index.ts";
import { type PassLimits, type PassWork, planPasses, type Target } from "./passes.ts";

const work: PassWork = (targets, length) => 5 + length ** 2 + targets * length * 3;
const limits: PassLimits = { nLayers: 6, depthStep: 2, batch: 4, work };
const target = fc.record({ level: fc.integer({ min: 0, max: 6 }), position: fc.integer({ min: 0, max: 20 }) });
const asTargets = (places: readonly { level: number; position: number }[]): Target[] =>
  places.map((place) => ({ ...place, vector: new Float32Array(0) }));

describe("passes", () => {
  test("serve every target once, deep and long enough, in batches that are allowed", () => {
    fc.assert(
      fc.property(fc.array(target, { maxLength: 60 }), (places) => {
        const passes = planPasses(asTargets(places), limits);
        const served = passes.flatMap(({ targets }) => targets);
        expect(served.toSorted((a, b) => a - b)).toEqual([...places.keys()]);
        for (const { targets, depth, length } of passes) {
          expect(targets.length).toBeLessThanOrEqual(limits.batch);
          for (const t of targets) {
            expect(must(places[t], "place").level).toBeLessThanOrEqual(depth);
            expect(must(places[t], "place").position).toBeLessThan(length);
          }
        }
      }),
    );
  });

  test("take the least work of all cuts", () => {
    const level = 6;
    const positions = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(positions, (found) => {
        const sorted = found.toSorted((a, b) => a - b);
        const passes = planPasses(asTargets(sorted.map((position) => ({ level, position }))), limits);
        const taken = passes.reduce((sum, { targets, length }) => sum + work(targets.length, length), 0);
        expect(taken).toBe(leastOf(sorted));
      }),
    );
  });

  /** By trying every length of the first run. */
  function leastOf([...sorted]: readonly number[]): number {
    if (sorted.length === 0) return 0;
    const tries = Array.from({ length: Math.min(limits.batch, sorted.length) }, (_, i) => {
      const last = must(sorted[i], "position");
      return work(i + 1, last + 1) + leastOf(sorted.slice(i + 1));
    });
    return Math.min(...tries);
  }
});
