/** Matrices held off subspaces: what a guard and a repair do to A and B. Sums run in double precision. */

/** Orthonormal rows `[rank, width]`. */
export interface Subspace {
  readonly rank: number;
  readonly width: number;
  readonly rows: Float32Array | Float64Array;
}

/** Rows of B that are held off a subspace of their own width. */
export interface RowBlock {
  readonly first: number;
  /** Width = number of rows. */
  readonly basis: Subspace;
}

/** (I − γPPᵀ)B on each block of rows; `B [dOut, rank]`. */
export function offOutputs(B: Float32Array, rank: number, blocks: readonly RowBlock[], gamma: number): Float32Array {
  const out = Float64Array.from(B);
  for (const { first, basis } of blocks) {
    for (let r = 0; r < rank; r++) {
      const column = Float64Array.from({ length: basis.width }, (_, o) => B[(first + o) * rank + r] as number);
      const taken = alongBasis(column, basis);
      for (let o = 0; o < basis.width; o++) {
        const at = (first + o) * rank + r;
        out[at] = (out[at] as number) - gamma * (taken[o] as number);
      }
    }
  }
  return Float32Array.from(out);
}

/** A(I − γQQᵀ); `A [rank, dIn]`. */
export function offInputs(A: Float32Array, basis: Subspace, gamma: number): Float32Array {
  const out = new Float32Array(A.length);
  for (let start = 0; start < A.length; start += basis.width) {
    const row = Float64Array.from(A.subarray(start, start + basis.width));
    const taken = alongBasis(row, basis);
    for (let i = 0; i < basis.width; i++) out[start + i] = (row[i] as number) - gamma * (taken[i] as number);
  }
  return out;
}

/** PPᵀx, P's columns being the basis' rows. */
export function alongBasis(x: Float64Array, { rank, width, rows }: Subspace): Float64Array {
  const out = new Float64Array(width);
  for (let k = 0; k < rank; k++) {
    let share = 0;
    for (let i = 0; i < width; i++) share += (rows[k * width + i] as number) * (x[i] as number);
    for (let i = 0; i < width; i++) out[i] = (out[i] as number) + share * (rows[k * width + i] as number);
  }
  return out;
}
