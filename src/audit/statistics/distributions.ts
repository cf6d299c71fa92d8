/**
 * Student's t and the normal distribution, in float64, without tables of coefficients.
 *
 * 1. ln Γ by Stirling's series after shifting the argument above 15 (Abramowitz and Stegun 1964, 6.1.41).
 * 2. The regularised incomplete beta function by its continued fraction (26.5.8), evaluated by Lentz's method as
 *    modified by Thompson and Barnett (1986).
 * 3. Student's CDF from it (26.7.1); the normal CDF from the incomplete gamma function P(1/2, x²/2)
 *    (6.5.29 below x² = 3, 6.5.31 above).
 * 4. Quantiles by Newton steps kept inside a bracket.
 * Agreement with SciPy is held to 1e-10 relative by the fixture `fixtures/scipy.json`.
 */

const TINY = 1e-300;
const EPSILON = 1e-16;

/** ln Γ(x) for x > 0. */
export function lnGamma(x: number): number {
  if (!(x > 0)) throw new Error(`lnGamma needs x > 0, got ${x}`);
  let shifted = x;
  let product = 1;
  while (shifted < 15) product *= shifted++;
  const z = 1 / (shifted * shifted);
  const series =
    (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - (z * 691) / 360360))))) / shifted;
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** I_x(a, b), the regularised incomplete beta function, for a, b > 0 and x in [0, 1]. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) throw new Error(`incompleteBeta out of range: x ${x}, a ${a}, b ${b}`);
  if (x === 0 || x === 1) return x;
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast below the mean; above it the symmetry I_x(a, b) = 1 − I_{1−x}(b, a) is used.
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guarded(1 + even * d);
    c = guarded(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guarded(1 + odd * d);
    c = guarded(1 + odd / c);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 4 * EPSILON) return value;
  }
  throw new Error(`incomplete beta did not converge at x ${x}, a ${a}, b ${b}`);
}

const guarded = (value: number) => (Math.abs(value) < TINY ? TINY : value);

/** P(T ≤ t) for Student's t with `df` > 0 degrees of freedom, not necessarily whole; `Infinity` is the normal. */
export function studentCdf(t: number, df: number): number {
  if (!(df > 0)) throw new Error(`studentCdf needs df > 0, got ${df}`);
  if (df > 1e8) return normalCdf(t);
  if (t === 0) return 0.5;
  if (!Number.isFinite(t)) return t > 0 ? 1 : 0;
  const square = t * t;
  // In the tail the small number itself is computed, near zero its complement: no digits are lost on either side.
  const tail =
    square < 1
      ? 0.5 * (1 - incompleteBeta(square / (df + square), 0.5, df / 2))
      : 0.5 * incompleteBeta(df / (df + square), df / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** P(Z ≤ x) for the standard normal. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) throw new Error("normalCdf of NaN");
  const half = (x * x) / 2;
  const tail = half < 1.5 ? 0.5 * (1 - gammaSeries(half)) : 0.5 * gammaFraction(half);
  return x > 0 ? 1 - tail : tail;
}

/** P(1/2, x) by its series. */
function gammaSeries(x: number): number {
  if (x === 0) return 0;
  let term = 2;
  let sum = term;
  for (let k = 1; term > sum * EPSILON; k++) {
    term *= x / (0.5 + k);
    sum += term;
  }
  return (sum * Math.sqrt(x) * Math.exp(-x)) / Math.sqrt(Math.PI);
}

/** Q(1/2, x) by its continued fraction. */
function gammaFraction(x: number): number {
  if (x > 745) return 0;
  let b = x + 0.5;
  let c = 1 / TINY;
  let d = 1 / b;
  let value = d;
  for (let k = 1; k < 10_000; k++) {
    const a = -k * (k - 0.5);
    b += 2;
    d = 1 / guarded(a * d + b);
    c = guarded(b + a / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 4 * EPSILON) break;
  }
  return (value * Math.sqrt(x) * Math.exp(-x)) / Math.sqrt(Math.PI);
}

const normalPdf = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

function studentPdf(t: number, df: number): number {
  const logConstant = lnGamma((df + 1) / 2) - lnGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  return Math.exp(logConstant - ((df + 1) / 2) * Math.log1p((t * t) / df));
}

/** The x with P(Z ≤ x) = p; ±Infinity at 0 and 1. */
export function normalQuantile(p: number): number {
  return symmetricQuantile(p, normalCdf, normalPdf);
}

/** The t with P(T ≤ t) = p for Student's t with `df` degrees of freedom; ±Infinity at 0 and 1. */
export function studentQuantile(p: number, df: number): number {
  if (!(df > 0)) throw new Error(`studentQuantile needs df > 0, got ${df}`);
  if (df > 1e8) return normalQuantile(p);
  return symmetricQuantile(
    p,
    (t) => studentCdf(t, df),
    (t) => studentPdf(t, df),
  );
}

type Curve = (x: number) => number;

/** Inverts the CDF of a distribution that is symmetric about 0, in its lower tail where no digits are lost. */
function symmetricQuantile(p: number, cdf: Curve, pdf: Curve): number {
  if (!(p >= 0 && p <= 1)) throw new Error(`a quantile needs p in [0, 1], got ${p}`);
  if (p === 0.5) return 0;
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  if (p > 0.5) return -symmetricQuantile(1 - p, cdf, pdf);
  let low = -1;
  while (cdf(low) > p) low *= 2;
  return newtonInBracket(p, cdf, pdf, [low, 0]);
}

function newtonInBracket(p: number, cdf: Curve, pdf: Curve, bracket: readonly [number, number]): number {
  let [low, high] = bracket;
  let x = (low + high) / 2;
  for (let step = 0; step < 200; step++) {
    const error = cdf(x) - p;
    if (error > 0) high = x;
    else low = x;
    const newton = x - error / pdf(x);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-15 * Math.abs(x)) return next;
    x = next;
  }
  return x;
}
