import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rng, seedOf } from "./rng.ts";

const draws = (n: number, draw: () => number) => Array.from({ length: n }, draw);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("seedOf", () => {
  it("is the first 16 bytes of sha256 over seed and names as JSON", () => {
    const digest = createHash("sha256").update('[7,"a",3]').digest();
    expect([...seedOf(7, "a", 3)]).toEqual([0, 4, 8, 12].map((at) => digest.readUInt32LE(at)));
  });

  it("tells names apart however they are cut", () => {
    expect(seedOf(1, "ab", "c")).not.toEqual(seedOf(1, "a", "bc"));
    expect(seedOf(1, "2")).not.toEqual(seedOf(1, 2));
  });
});

describe("rng", () => {
  it("is sfc32, here written with integers of any size", () => {
    const mask = 2n ** 32n - 1n;
    let [a = 0n, b = 0n, c = 0n, counter = 0n] = [...seedOf(42, "x")].map(BigInt);
    const expected = draws(200, () => {
      const t = (a + b + counter) & mask;
      counter = (counter + 1n) & mask;
      a = b ^ (b >> 9n);
      b = (c + (c << 3n)) & mask;
      c = ((((c << 21n) & mask) | (c >> 11n)) + t) & mask;
      return Number(t) / 2 ** 32;
    });
    expect(draws(200, rng(42, "x").next)).toEqual(expected);
  });

  it("gives the same stream for the same names, whatever else was drawn", () => {
    const first = rng(1, "data");
    rng(1, "init").next();
    const second = rng(1, "data");
    expect(draws(20, first.next)).toEqual(draws(20, second.next));
    expect(rng(1, "data").next()).not.toBe(rng(2, "data").next());
  });

  it("draws uniformly in [0, 1)", () => {
    const values = draws(40_000, rng(3).next);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const cells = new Array<number>(16).fill(0);
    for (const value of values) cells[Math.floor(value * 16)] = (cells[Math.floor(value * 16)] ?? 0) + 1;
    const chiSquare = cells.reduce((sum, n) => sum + (n - 2500) ** 2 / 2500, 0);
    // 15 degrees of freedom: 37.7 is passed by chance once in a thousand.
    expect(chiSquare).toBeLessThan(37.7);
  });

  it("draws normal numbers of mean 0, variance 1 and kurtosis 3", () => {
    const values = draws(40_000, rng(4).normal);
    expect(values.every(Number.isFinite)).toBe(true);
    // Five standard errors each: 1/sqrt(n), sqrt(2/n), sqrt(96/n).
    expect(Math.abs(mean(values))).toBeLessThan(0.025);
    expect(Math.abs(mean(values.map((z) => z ** 2)) - 1)).toBeLessThan(0.036);
    expect(Math.abs(mean(values.map((z) => z ** 4)) - 3)).toBeLessThan(0.25);
  });

  it("shuffles into a permutation and leaves the items alone", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items];
        const shuffled = rng(seed).shuffle(items);
        expect(items).toEqual(before);
        expect([...shuffled].sort()).toEqual([...items].sort());
      }),
    );
  });

  it("shuffles three items into each of their six orders alike", () => {
    const random = rng(5);
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(["a", "b", "c"]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    // 1000 each, standard deviation sqrt(6000 · 1/6 · 5/6) = 29.
    for (const n of orders.values()) expect(Math.abs(n - 1000)).toBeLessThan(145);
  });

  it("chooses and weighs as told", () => {
    const random = rng(6);
    expect(new Set(draws(200, () => random.choice([1, 2, 3])))).toEqual(new Set([1, 2, 3]));
    expect(new Set(draws(200, () => random.int(3)))).toEqual(new Set([0, 1, 2]));
    const picks = draws(8000, () => random.weighted([1, 0, 3]));
    expect(picks).not.toContain(1);
    // sqrt(0.25 · 0.75 / 8000) = 0.0048, five of them.
    expect(Math.abs(mean(picks.map((i) => i / 2)) - 0.75)).toBeLessThan(0.025);
  });

  it("throws where there is nothing to choose from", () => {
    expect(() => rng(1).choice([])).toThrow("no items");
    for (const weights of [[], [0, 0], [Number.NaN], [2, -1]])
      expect(() => rng(1).weighted(weights)).toThrow("positive");
  });
});
