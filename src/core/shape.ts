/** Number of elements of a static shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, dim) => count * dim, 1);
}

/** Throws (our fault) unless `data` has exactly as many elements as `shape` asks for. */
export function checkShape(name: string, data: ArrayLike<unknown>, shape: readonly number[]): void {
  const expected = elementCount(shape);
  if (data.length !== expected) {
    throw new Error(`${name}: shape [${shape.join(", ")}] needs ${expected} elements, got ${data.length}`);
  }
}
