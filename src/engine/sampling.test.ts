import fc from "fast-check";
import { expect, test } from "vitest";
import { rng } from "../core/index.ts";
import { nextToken } from "./sampling.ts";

/** The nucleus by its definition: all probabilities sorted, the smallest set with so much mass, one number drawn. */
function byDefinition(logits: readonly number[], temperature: number, topP: number, u: number): number {
  const top = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((logit - top) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const probability = (i: number) => (weights[i] ?? 0) / total;
  const order = [...logits.keys()].sort((a, b) => probability(b) - probability(a) || a - b);
  const kept: number[] = [];
  let mass = 0;
  for (const i of order) {
    if (mass >= topP) break;
    kept.push(i);
    mass += probability(i);
  }
  let left = u * mass;
  return (
    kept.find((i) => {
      left -= probability(i);
      return left < 0;
    }) ??
    kept.at(-1) ??
    -1
  );
}

test("what is drawn from the nucleus is what its definition draws", () => {
  // Halves, so that equal logits occur: ties go to the lower index.
  const logits = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });
  const real = fc.double({ min: 0.01, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(
      logits,
      real,
      fc.double({ min: 0.1, max: 3, noNaN: true }),
      fc.nat(),
      (halves, topP, temperature, seed) => {
        const values = halves.map((half) => half / 2);
        const token = nextToken(Float32Array.from(values), { temperature, topP }, rng(seed, "draw"));
        return token === byDefinition(values, temperature, topP, rng(seed, "draw").next());
      },
    ),
    { numRuns: 500 },
  );
});

test("without a nucleus a token is drawn as often as its probability says", () => {
  const logits = Float32Array.from([0, Math.log(3), Math.log(6)]);
  const random = rng(1, "draw");
  const drawn = Array.from({ length: 5000 }, () => nextToken(logits, { temperature: 1, topP: 1 }, random));
  // Four standard errors of a share of 0.6 in 5,000 draws.
  for (const [id, share] of [0.1, 0.3, 0.6].entries())
    expect(Math.abs(drawn.filter((token) => token === id).length / 5000 - share)).toBeLessThan(0.028);
});
