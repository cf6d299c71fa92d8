/** The lower factor L of a positive definite matrix `[n, n]`, L Lᵀ = M; throws where it is not one. */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  if (matrix.length !== n * n) throw new Error(`${matrix.length} values are no ${n} × ${n} matrix`);
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = L.subarray(i * n, i * n + i);
    for (let j = 0; j <= i; j++) {
      const other = L.subarray(j * n, j * n + j);
      let rest = matrix[i * n + j] as number;
      for (let k = 0; k < j; k++) rest -= (row[k] as number) * (other[k] as number);
      if (j < i) row[j] = rest / (L[j * n + j] as number);
      else if (rest > 0) L[i * n + i] = Math.sqrt(rest);
      else throw new Error(`row ${i}: not positive definite`);
    }
  }
  return L;
}

/** x of M x = b, by M's lower factor L `[n, n]`. */
export function choleskySolve(L: Float64Array, b: ArrayLike<number>): Float64Array {
  const n = b.length;
  if (L.length !== n * n) throw new Error(`a factor of ${L.length} values for ${n} equations`);
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let rest = x[i] as number;
    for (let k = 0; k < i; k++) rest -= (L[i * n + k] as number) * (x[k] as number);
    x[i] = rest / (L[i * n + i] as number);
  }
  // By rows of L, which lie together in memory: x_i is known once all rows below have given their part.
  for (let i = n - 1; i >= 0; i--) {
    const known = (x[i] as number) / (L[i * n + i] as number);
    x[i] = known;
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - known * (L[i * n + k] as number);
  }
  return x;
}
