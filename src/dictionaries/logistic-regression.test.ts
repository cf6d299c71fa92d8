import { describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import { type LogisticExamples, logisticRegression } from "./logistic-regression.ts";

/**
 * Standardised columns that one factor all but makes up (its eigenvalue is nearly `width`); the classes differ along another
 * direction, by less than the columns' own noise.
 */
function correlated(width: number, n: number, gap: number): LogisticExamples {
  const random = rng(4, "correlated columns", width);
  const normals = () => Float64Array.from({ length: width }, () => random.normal());
  const [loads, other] = [normals().map((load) => 2 + 0.1 * load), normals()];
  const labels = Array.from({ length: n }, (_, i) => i % 2 === 0);
  const raw = labels.map((has) => {
    const [factor, noise, along] = [random.normal(), normals(), 0.3 * random.normal() + (has ? gap : -gap)];
    return loads.map((load, j) => load * factor + 0.1 * along * must(other[j], "o") + 0.1 * must(noise[j], "e"));
  });
  const moments = Array.from({ length: width }, (_, j) => {
    const column = raw.map((row) => must(row[j], "x"));
    const mean = column.reduce((sum, x) => sum + x, 0) / n;
    return { mean, spread: Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n) };
  });
  const rows = raw.map((row) => row.map((x, j) => (x - must(moments[j], "m").mean) / must(moments[j], "m").spread));
  return { rows, labels, weights: labels.map(() => 1 / n), ridge: 1e-3 };
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, j) => sum + value * must(b[j], "b"), 0);

/**
 * The loss at (w, b), and a bound that no weights at all can go below (weak duality): for α_i in [0, 1] with Σ c_i y_i α_i = 0,
 * Σ c_i h(α_i) − ‖Σ c_i y_i α_i x_i‖² / 2λ, h the entropy of a coin; α_i is the probability of the other class.
 */
function lossAndBound({ rows, labels, weights, ridge }: LogisticExamples) {
  const { w, bias } = logisticRegression({ rows, labels, weights, ridge });
  const sign = labels.map((has) => (has ? 1 : -1));
  const margins = rows.map((row, i) => must(sign[i], "y") * (dot(row, w) + bias));
  const of = (i: number) => must(weights[i], "c");
  const loss = margins.reduce((sum, m, i) => sum + of(i) * Math.log1p(Math.exp(-m)), 0) + 0.5 * ridge * dot(w, w);
  const free = margins.map((m) => 1 / (1 + Math.exp(m)));
  const mass = (y: number) => free.reduce((sum, a, i) => sum + (sign[i] === y ? of(i) * a : 0), 0);
  const least = Math.min(mass(1), mass(-1));
  const alpha = free.map((a, i) => (a * least) / mass(must(sign[i], "y")));
  const pulled = new Float64Array(w.length);
  for (const [i, row] of rows.entries())
    for (const [j, x] of row.entries())
      pulled[j] = must(pulled[j], "sum") + of(i) * must(sign[i], "y") * must(alpha[i], "α") * x;
  const entropy = (a: number) => -a * Math.log(a) - (1 - a) * Math.log1p(-a);
  const bound = alpha.reduce((sum, a, i) => sum + of(i) * entropy(a), 0) - dot(pulled, pulled) / (2 * ridge);
  return { loss, bound };
}

describe("logistic regression", () => {
  test("by hand: two examples, whose slope −σ(−w) + λ w is 0 at w = 2", () => {
    const ridge = 1 / (1 + Math.exp(2)) / 2;
    const rows = [Float64Array.of(1), Float64Array.of(-1)];
    const { w, bias } = logisticRegression({ rows, labels: [true, false], weights: [0.5, 0.5], ridge });
    // A loss within 1e-5 of the least, at a curvature of 0.16.
    expect(Math.abs(must(w[0], "w") - 2)).toBeLessThan(0.011);
    expect(bias).toBeCloseTo(0, 12);
  });

  test("columns that say nothing leave the bias at the classes' log-odds", () => {
    const rows = Array.from({ length: 4 }, () => Float64Array.of(0, 0));
    const labels = [true, true, true, false];
    const { w, bias } = logisticRegression({ rows, labels, weights: labels.map(() => 0.25), ridge: 1e-3 });
    expect([...w]).toEqual([0, 0]);
    expect(bias).toBeCloseTo(Math.log(3), 3);
  });

  // Classes that overlap, and classes that the columns part: there the ridge alone bounds the weights.
  test.each([
    [64, 200, 0.1],
    [576, 200, 0.1],
    [64, 200, 2],
    [576, 120, 2],
  ])(
    "strongly correlated columns: %d of them, %d examples, gap %d: nobody's loss is lower by 1e-3",
    (width, n, gap) => {
      const { loss, bound } = lossAndBound(correlated(width, n, gap));
      expect(loss - bound).toBeLessThan(1e-3);
      expect(loss - bound).toBeGreaterThanOrEqual(0);
      expect(loss).toBeLessThan(Math.LN2);
    },
  );
});
