import type { Basis } from "./basis.ts";
import { projectOff } from "./basis.ts";
import { singularValues } from "./singularValues.ts";
import { dot, rowAt } from "./vectors.ts";

/**
 * Principal angles between two subspaces, in degrees, smallest first, as many as the smaller one has dimensions
 * (Björck and Golub 1973). Cosines are the singular values of A Bᵀ; below 45° the angle is taken from the sines, the
 * singular values of the smaller basis taken off the larger, because arccos loses half the digits near 1.
 */
export function principalAngles(a: Basis, b: Basis): number[] {
  if (a.width !== b.width) throw new Error(`subspaces of ${a.width} and ${b.width} dimensions`);
  const [small, large] = a.rank <= b.rank ? [a, b] : [b, a];
  if (small.rank === 0) return [];
  const cosines = singularValues(products(small, large), small.rank, large.rank);
  const sines = singularValues(remainders(small, large), small.rank, small.width).reverse();
  return Array.from(cosines, (cos, k) => {
    const radians = cos * cos > 0.5 ? Math.asin(clamp(sines[k] as number)) : Math.acos(clamp(cos));
    return (radians * 180) / Math.PI;
  });
}

const clamp = (value: number) => Math.min(1, Math.max(-1, value));

function products(a: Basis, b: Basis): Float64Array {
  return Float64Array.from({ length: a.rank * b.rank }, (_, at) =>
    dot(rowAt(a.rows, a.width, Math.floor(at / b.rank)), rowAt(b.rows, b.width, at % b.rank)),
  );
}

function remainders(small: Basis, large: Basis): Float64Array {
  const out = new Float64Array(small.rows.length);
  for (let k = 0; k < small.rank; k++) {
    out.set(projectOff(rowAt(small.rows, small.width, k), large), k * small.width);
  }
  return out;
}
