import { expect, test } from "vitest";
import { randomDictionary } from "../../../test/language.ts";
import { must } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import { featureMap } from "./feature-map.ts";

/** Decoder rows in the plane, by their angles in degrees. */
function fan(...degrees: readonly number[]): Dictionary {
  const decoder = Float32Array.from(
    degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]),
  );
  const nLatents = degrees.length;
  const encoderBias = new Float32Array(nLatents);
  const hook = "blocks.0.hook_resid_post";
  return { hook, dModel: 2, nLatents, k: 1, encoder: decoder, encoderBias, decoder, decoderBias: new Float32Array(2) };
}

test("three directions by hand: distances are the chords, bins hold their cosines", () => {
  // Cosines: 0–60° 0.5; 0–180° −1; 60–180° −0.5. Latent 3 stands apart and is not shown.
  const dictionary = fan(0, 60, 180, 90);
  const map = must(featureMap({ dictionary, data: [0], behaviours: [1, 2, 0], seed: 1 }) ?? undefined, "map");
  expect(map.points.map(({ latent }) => latent)).toEqual([0, 1, 2]);
  // Three points always fit into a plane.
  expect(map.kept).toBeCloseTo(1, 6);
  const chord = (a: number, b: number) => {
    const [p, q] = [must(map.points[a], "a"), must(map.points[b], "b")];
    return Math.hypot(p.x - q.x, p.y - q.y);
  };
  expect(chord(0, 1)).toBeCloseTo(1, 6);
  expect(chord(0, 2)).toBeCloseTo(2, 6);
  expect(chord(1, 2)).toBeCloseTo(Math.sqrt(3), 6);
  // |cosine| 0.5 and 1; a latent is no neighbour of itself.
  expect(map.bins.length).toBe(21);
  expect(map.observed.flatMap((count, bin) => (count > 0 ? [[bin, count]] : []))).toEqual([
    [
      must(
        [9, 10].find((bin) => must(map.observed[bin], "bin") > 0),
        "bin",
      ),
      1,
    ],
    [19, 1],
  ]);
  expect(map.expected.reduce((sum, count) => sum + count, 0)).toBeCloseTo(2, 9);
});

test("random latents are as far apart as expected; a planted pair is not", () => {
  const dictionary = randomDictionary("blocks.0.hook_resid_post", 64, 500, 4);
  const data = Array.from({ length: 40 }, (_, i) => i);
  const behaviours = Array.from({ length: 40 }, (_, i) => 100 + i);
  const map = must(featureMap({ dictionary, data, behaviours, seed: 1 }) ?? undefined, "map");
  for (const [bin, count] of map.observed.entries()) {
    const expected = must(map.expected[bin], "bin");
    // 1,600 pairs, nearly independent; five standard deviations of a count, twice as wide where it is small.
    expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected) + 10);
  }
  dictionary.decoder.copyWithin(100 * 64, 0, 64);
  const planted = must(featureMap({ dictionary, data, behaviours, seed: 1 }) ?? undefined, "map");
  expect(planted.observed[19]).toBe(1);
  expect(planted.expected[19]).toBeLessThan(0.5);
});

test("nothing to show, no pool to draw from", () => {
  const dictionary = fan(0, 90);
  expect(featureMap({ dictionary, data: [], behaviours: [], seed: 1 })).toBeNull();
  const map = featureMap({ dictionary, data: [0], behaviours: [1], pool: [0], seed: 1 });
  expect(map?.expected.every((count) => count === 0)).toBe(true);
});
