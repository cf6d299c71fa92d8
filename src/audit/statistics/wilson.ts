import { normalQuantile } from "./distributions.ts";

/**
 * Wilson's score interval (1927, JASA 22:209) of a rate of `count` in `n` independent samples. [0, 1] where n = 0.
 */
export function wilsonInterval(count: number, n: number, level = 0.95): [number, number] {
  if (!(n >= 0 && count >= 0 && count <= n)) throw new Error(`a rate needs 0 ≤ count ≤ n, got ${count} of ${n}`);
  if (n === 0) return [0, 1];
  const z2 = normalQuantile(0.5 + level / 2) ** 2;
  const rate = count / n;
  const centre = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const half = Math.sqrt(z2 * ((rate * (1 - rate)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return [count === 0 ? 0 : Math.max(0, centre - half), count === n ? 1 : Math.min(1, centre + half)];
}
