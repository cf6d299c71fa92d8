import { normalCdf, normalQuantile } from "./distributions.ts";

/**
 * Items come in batches, and after each batch one looks whether the case is clear. Looking often at a fixed level would
 * find something sooner or later, so the error is spent over the looks: Lan and DeMets (1983, Biometrika 70:659) with
 * the O'Brien–Fleming-like function, 2 − 2Φ(Φ⁻¹(1 − α/4)/√t) on each side (as programs for group sequential trials have
 * it), which spends next to nothing early, so that the last look is hardly harder than a single one would have been.
 *
 * The boundary z_k of look k solves P(|Z_1| < z_1, …, |Z_{k−1}| < z_{k−1}, |Z_k| ≥ z_k) = α*(t_k) − α*(t_{k−1}), where
 * Z_k √t_k is a Brownian motion; by the recursion of Armitage, McPherson and Rowe (1969, JRSS A 132:235):
 *
 * 1. The density of the score S_k = Z_k √t_k among the paths that have not stopped, on a grid between ±z_k √t_k.
 * 2. The exit probability of the next look from it, one normal tail for each grid point; z_k by bisection.
 * 3. The next density is the convolution with a normal of variance t_{k+1} − t_k (Simpson's rule).
 *
 * What is returned are *nominal levels* 2 − 2Φ(z_k): a t interval at that level is the repeated confidence interval of
 * look k (Jennison and Turnbull 1989, JRSS B 51:305), with its own degrees of freedom (their book of 2000, §3.8).
 */
export function spentLevels(alpha: number, fractions: readonly number[]): readonly number[] {
  check(alpha, fractions);
  const spent = fractions.map((t) => obrienFlemingSpending(alpha, t));
  const levels: number[] = [];
  let paths: Paths | null = null;
  for (const [k, t] of fractions.entries()) {
    const now = (spent[k] ?? 0) - (k === 0 ? 0 : (spent[k - 1] ?? 0));
    const before = k === 0 ? 0 : (fractions[k - 1] ?? 0);
    const bound = paths === null ? -normalQuantile(now / 2) : boundaryOf(paths, t, t - before, now);
    levels.push(2 * normalCdf(-bound));
    paths = nextPaths(paths, bound * Math.sqrt(t), t - before);
  }
  return levels;
}

/** α*(t), both sides together: the error that may be spent when the share `t` of the information is in. */
export function obrienFlemingSpending(alpha: number, t: number): number {
  return t >= 1 ? alpha : 4 * normalCdf(normalQuantile(alpha / 4) / Math.sqrt(t));
}

/** Scores that have not stopped: grid points with density × Simpson weight. */
interface Paths {
  readonly points: Float64Array;
  readonly masses: Float64Array;
}

/** Even; Simpson's error at 400 intervals is below 1e-8 of the boundary. */
const INTERVALS = 400;

/** |S| ≥ `bound` after a step of variance `step`, over all paths; they are symmetric, so twice the upper side. */
function exitProbability({ points, masses }: Paths, bound: number, step: number): number {
  const sd = Math.sqrt(step);
  let total = 0;
  for (const [i, point] of points.entries()) {
    const z = (point - bound) / sd;
    if (z > NOTHING_BELOW) total += (masses[i] ?? 0) * normalCdf(z);
  }
  return 2 * total;
}

/** Φ(−12) is 2e-33: no error that is spent is so small. */
const NOTHING_BELOW = -12;

/** By the secant rule on the logarithm of the exit probability, which is nearly a parabola in z. */
function boundaryOf(paths: Paths, t: number, step: number, asked: number): number {
  const error = (z: number) => Math.log(exitProbability(paths, z * Math.sqrt(t), step) / asked);
  let [a, b] = [1, -normalQuantile(asked / 2)];
  let [atA, atB] = [error(a), error(b)];
  for (let i = 0; i < 60 && Math.abs(atB) > 1e-12 && a !== b; i++) {
    const next = b - (atB * (b - a)) / (atB - atA);
    [a, atA, b] = [b, atB, Number.isFinite(next) ? Math.min(40, Math.max(0, next)) : (a + b) / 2];
    atB = error(b);
  }
  return b;
}

function nextPaths(before: Paths | null, bound: number, step: number): Paths {
  const sd = Math.sqrt(step);
  const width = Math.min(bound, 8);
  const h = (2 * width) / INTERVALS;
  const points = Float64Array.from({ length: INTERVALS + 1 }, (_, i) => -width + i * h);
  const density = (x: number) => Math.exp(-((x / sd) ** 2) / 2) / (sd * Math.sqrt(2 * Math.PI));
  const masses = points.map((point, i) => {
    const weight = (h / 3) * (i === 0 || i === INTERVALS ? 1 : i % 2 === 1 ? 4 : 2);
    if (before === null) return weight * density(point);
    let sum = 0;
    for (const [j, from] of before.points.entries()) sum += (before.masses[j] ?? 0) * density(point - from);
    return weight * sum;
  });
  return { points, masses };
}

function check(alpha: number, fractions: readonly number[]): void {
  const rising = fractions.every((t, k) => t > (k === 0 ? 0 : (fractions[k - 1] ?? 0)));
  if (alpha > 0 && alpha < 1 && rising && fractions.length > 0 && Math.abs((fractions.at(-1) ?? 0) - 1) < 1e-12) return;
  throw new Error(`alpha spending needs 0 < alpha < 1 and rising fractions that end at 1, got ${alpha}, ${fractions}`);
}
