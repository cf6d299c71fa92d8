/**
 * Adjusted p-values that control the false discovery rate under independence or positive dependence
 * (Benjamini and Hochberg 1995): with p sorted, adjusted(k) = min over l ≥ k of p(l) · m / l, at most 1; m = p.length.
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  if (p.some((value) => !(value >= 0 && value <= 1))) throw new Error("p-values must lie in [0, 1]");
  const order = p.map((_, i) => i).sort((a, b) => (p[b] as number) - (p[a] as number));
  const adjusted = new Array<number>(p.length);
  let smallest = 1;
  for (const [place, i] of order.entries()) {
    smallest = Math.min(smallest, ((p[i] as number) * p.length) / (p.length - place));
    adjusted[i] = smallest;
  }
  return adjusted;
}
