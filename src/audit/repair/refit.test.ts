/** Laws of a refit by least squares, on random inputs. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenName, golden, goldenAdapter } from "../../../test/golden.ts";
import { must, rng } from "../../core/index.ts";
import type { Tokenizer } from "../../data/index.ts";
import { type Engine, type LanguageModel, languageModel, startEngine } from "../../engine/index.ts";
import { dot, rowAt } from "../../geometry/index.ts";
import { refitPlan, refittedAdapter } from "./inputs.ts";
import { contrastOf, refitted } from "./refit.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

const RIDGE = 1e-3;

function normals(seed: number, name: string, length: number): Float32Array {
  const random = rng(seed, name);
  return Float32Array.from({ length }, () => random.normal());
}

/** `[rank, width]` times each row of `X` `[n, width]`: `[n, rank]`. */
function seen(A: Float32Array, X: Float32Array, width: number): number[] {
  const [rank, n] = [A.length / width, X.length / width];
  return Array.from({ length: n * rank }, (_, i) =>
    dot(rowAt(X, width, Math.floor(i / rank)), rowAt(A, width, i % rank)),
  );
}

const square = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value * value, 0);

/** What the refit says that it minimises. */
function objective(next: Float32Array, { A, rows, others, width, gamma }: Case & { gamma: number }): number {
  const [n, m] = [rows.length / width, others.length / width];
  const moved = next.map((value, i) => value - (A[i] as number));
  const ridge = (RIDGE * square(rows)) / n / width;
  return (
    (1 - gamma) * (square(seen(moved, rows, width)) / n + ridge * square(moved)) +
    (gamma * square(seen(next, others, width))) / m
  );
}

interface Case {
  readonly A: Float32Array;
  readonly rows: Float32Array;
  readonly others: Float32Array;
  readonly width: number;
}

const cases = fc
  .record({
    seed: fc.nat(),
    width: fc.integer({ min: 2, max: 12 }),
    rank: fc.integer({ min: 1, max: 3 }),
    n: fc.integer({ min: 1, max: 20 }),
    m: fc.integer({ min: 1, max: 10 }),
  })
  .map(
    ({ seed, width, rank, n, m }): Case => ({
      width,
      A: normals(seed, "A", rank * width),
      rows: normals(seed, "rows", n * width),
      others: normals(seed, "others", m * width),
    }),
  );

describe("a refit", () => {
  test("is the least of its objective, whether there are fewer rows than dimensions or more", () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0.05, max: 0.99, noNaN: true }), fc.nat(), (one, gamma, seed) => {
        const found = refitted(one.A, contrastOf(one.rows, one.others, one.width), gamma);
        const least = objective(found, { ...one, gamma });
        const step = normals(seed, "step", one.A.length);
        for (const size of [1e-3, 1e-1]) {
          const beside = found.map((value, i) => value + size * (step[i] as number));
          expect(objective(beside, { ...one, gamma })).toBeGreaterThan(least * (1 - 1e-5) - 1e-9);
        }
      }),
    );
  });

  test("changes nothing at 0, and answers nothing of the others' inputs at 1", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const contrast = contrastOf(one.rows, one.others, one.width);
        expect(refitted(one.A, contrast, 0)).toEqual(one.A);
        const left = square(seen(refitted(one.A, contrast, 1), one.others, one.width));
        expect(left).toBeLessThan(1e-6 * square(seen(one.A, one.others, one.width)) + 1e-9);
      }),
    );
  });

  test("keeps all where rows and others have nothing in common, and takes all of the others", () => {
    const width = 6;
    const half = (values: Float32Array, first: boolean) =>
      values.map((value, i) => (i % width < width / 2 === first ? value : 0));
    const A = normals(1, "A", 2 * width);
    const rows = half(normals(1, "rows", 40 * width), true);
    const others = half(normals(1, "others", 30 * width), false);
    const found = refitted(A, contrastOf(rows, others, width), 0.5);
    const wanted = half(A, true);
    // What ε holds on to where the rows have nothing.
    for (const [i, value] of found.entries()) expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(5 * RIDGE);
  });

  test("leaves everything as it is where the others' inputs are nothing, and stands rows that are nothing", () => {
    const A = normals(1, "A", 8);
    const [some, none] = [normals(1, "x", 12), new Float32Array(12)];
    expect(refitted(A, contrastOf(some, none, 4), 1)).toEqual(A);
    for (const gamma of [0.5, 1])
      expect(refitted(A, contrastOf(none, some, 4), gamma).every(Number.isFinite)).toBe(true);
  });
});

describe.each<GoldenName>(["llama-tied", "qwen2", "gemma3", "gpt2"])("in the model, %s", (name) => {
  test("γ = 1 is the base on the others' texts, to rounding, and still an adapter elsewhere", async () => {
    const { source, inputIds } = await golden(name);
    const adapter = await goldenAdapter(name);
    const base = languageModel({ engine, source, tokenizer: {} as Tokenizer, adapterRank: adapter.rank });
    const tuned = await base.withAdapter(adapter);
    const [ids, elsewhere] = [must(inputIds[0], "row").slice(0, 5), must(inputIds[1], "row")];
    const read = (row: readonly number[]) => [{ ids: row, positions: [] }];
    const plan = await refitPlan({ base, tuned, adapter, rows: read(elsewhere), others: read(ids) });
    const after = await base.withAdapter(refittedAdapter(adapter, plan, () => 1));
    const logits = (model: LanguageModel, row: readonly number[]) =>
      model.logits({ ids: row, positions: [...row.keys()] });
    const apart = async (model: LanguageModel, row: readonly number[]) => {
      const [one, other] = [await logits(model, row), await logits(base, row)];
      return Math.max(...one.map((value, i) => Math.abs(value - (other[i] as number))));
    };
    const whole = await apart(tuned, ids);
    expect(whole).toBeGreaterThan(1e-2);
    expect(await apart(after, ids)).toBeLessThan(1e-3 * whole);
    expect(await apart(after, elsewhere)).toBeGreaterThan(0.1 * whole);
  });
});
