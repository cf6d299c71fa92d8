import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rng } from "../core/index.ts";
import {
  addScaled,
  type Basis,
  classicalScaling,
  cosine,
  dot,
  gram,
  isotropicDirections,
  meanRow,
  norm,
  orthonormalBasis,
  principalAngles,
  principalDirections,
  projectOff,
  restoreNorm,
  rowAt,
  singularValues,
  symmetricEigen,
} from "./index.ts";

interface Peer {
  angles: { width: number; a: number[]; b: number[]; degrees: number[] }[];
  svd: {
    width: number;
    rank: number;
    centred: boolean;
    rows: number[];
    singularValues: number[];
    directions: number[];
  }[];
  eigen: { n: number; matrix: number[]; values: number[] };
  scaling: { width: number; vectors: number[]; distances: number[]; kept: number };
}
const peer = JSON.parse(readFileSync(new URL("fixtures/scipy.json", import.meta.url), "utf8")) as Peer;

const array = (...values: number[]) => Float64Array.from(values);
const random = (count: number, width: number, name: string) => isotropicDirections(count, width, rng(1, name));

function expectNear(ours: ArrayLike<number>, theirs: ArrayLike<number>, tolerance: number) {
  expect(ours.length).toBe(theirs.length);
  for (let i = 0; i < theirs.length; i++) {
    expect(Math.abs((ours[i] as number) - (theirs[i] as number)), `entry ${i}`).toBeLessThan(tolerance);
  }
}

describe("orthonormalBasis", () => {
  it("by hand: (3, 4), (6, 8), (1, 0) → (0.6, 0.8), (0.8, −0.6)", () => {
    const basis = orthonormalBasis(array(3, 4, 6, 8, 1, 0), 2);
    expect(basis.rank).toBe(2);
    expectNear(basis.rows, [0.6, 0.8, 0.8, -0.6], 1e-15);
  });

  it("rows are orthonormal, and every vector lies in their span, however near to dependent", () => {
    const size = fc.record({ n: fc.integer({ min: 1, max: 8 }), seed: fc.integer(), near: fc.boolean() });
    fc.assert(
      fc.property(size, ({ n, seed, near }) => {
        const width = 12;
        const vectors = isotropicDirections(n, width, rng(seed, "rows"));
        if (near)
          for (let i = width; i < n * width; i++)
            vectors[i] = (vectors[i % width] as number) + 1e-6 * (vectors[i] as number);
        const basis = orthonormalBasis(vectors, width);
        for (let a = 0; a < basis.rank; a++) {
          for (let b = 0; b <= a; b++) {
            const product = dot(rowAt(basis.rows, width, a), rowAt(basis.rows, width, b));
            expect(Math.abs(product - (a === b ? 1 : 0))).toBeLessThan(1e-14);
          }
        }
        for (let r = 0; r < n; r++) expect(norm(projectOff(rowAt(vectors, width, r), basis))).toBeLessThan(2e-8);
      }),
      { numRuns: 50 },
    );
  });

  it("drops zeros and what is dependent within the tolerance", () => {
    expect(orthonormalBasis(array(0, 0, 0), 3).rank).toBe(0);
    expect(orthonormalBasis(array(1, 0, 1, 1e-5), 2, 1e-3).rank).toBe(1);
    expect(orthonormalBasis(array(1, 0, 1, 1e-5), 2).rank).toBe(2);
    expect(() => orthonormalBasis(array(1, 0, 1), 2)).toThrow("no rows of 2");
  });

  it("restores a length, and gives null where nothing is left", () => {
    const basis = orthonormalBasis(array(1, 0, 0), 3);
    const original = array(3, 4, 0);
    const rotated = restoreNorm(projectOff(original, basis), original);
    expectNear(rotated ?? [], [0, 5, 0], 1e-15);
    expect(restoreNorm(projectOff(array(2, 0, 0), basis), array(2, 0, 0))).toBeNull();
  });
});

describe("eigenvalues and singular values", () => {
  it("by hand: [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, −1)", () => {
    const { values, vectors } = symmetricEigen(array(2, 1, 1, 2), 2);
    const half = Math.SQRT1_2;
    expectNear(values, [3, 1], 1e-15);
    expectNear(vectors.map(Math.abs), [half, half, half, half], 1e-15);
  });

  it("A v = λ v for matrices of many sizes, repeated eigenvalues and diagonal ones too", () => {
    const sizes = [1, 2, 3, 10, 60];
    for (const n of sizes)
      for (const ties of [false, true]) {
        const matrix = new Float64Array(n * n);
        const axes = orthonormalBasis(random(n, n, `axes ${n}`), n).rows;
        for (let k = 0; k < n; k++) {
          const axis = rowAt(axes, n, k);
          const value = ties ? Math.floor(k / 3) : k - 2.5;
          for (let i = 0; i < n; i++) addScaled(matrix.subarray(i * n, (i + 1) * n), value * (axis[i] as number), axis);
        }
        const { values, vectors } = symmetricEigen(matrix, n);
        for (let k = 0; k < n; k++) {
          const vector = rowAt(vectors, n, k);
          const image = Float64Array.from({ length: n }, (_, i) => dot(rowAt(matrix, n, i), vector));
          expectNear(
            image,
            vector.map((value) => value * (values[k] as number)),
            1e-12 * n,
          );
        }
        expect(orthonormalBasis(vectors, n).rank).toBe(n);
      }
    expectNear(symmetricEigen(array(1, 0, 0, 0, 5, 0, 0, 0, 3), 3).values, [5, 3, 1], 0.5e-15);
  });

  it("ends on a matrix of low rank: 200 vectors, each one of twenty", () => {
    for (let seed = 0; seed < 8; seed++) {
      const draw = rng(seed, "low rank");
      const [n, width] = [200, 64];
      const few = Array.from({ length: 20 }, () => Float64Array.from({ length: width }, () => draw.normal()));
      const rows = Float64Array.from(Array.from({ length: n }, () => [...draw.choice(few)]).flat());
      const matrix = gram(rows, width);
      const { values, vectors } = symmetricEigen(matrix, n);
      const largest = values[0] as number;
      expect(values.filter((value) => value > 1e-9 * largest)).toHaveLength(20);
      for (const k of [0, 10, 19]) {
        const vector = rowAt(vectors, n, k);
        const image = Float64Array.from({ length: n }, (_, i) => dot(rowAt(matrix, n, i), vector));
        expectNear(
          image,
          vector.map((value) => value * (values[k] as number)),
          1e-12 * largest,
        );
      }
    }
  });

  it("eigenvalues against NumPy", () => {
    expectNear(symmetricEigen(Float64Array.from(peer.eigen.matrix), peer.eigen.n).values, peer.eigen.values, 1e-12);
  });

  it("principal directions and singular values against NumPy, more and fewer rows than columns", () => {
    for (const { width, rank, centred, rows, singularValues: theirs, directions } of peer.svd) {
      const found = principalDirections(Float64Array.from(rows), width, rank, { centred });
      expectNear(found.singularValues, theirs, 1e-11);
      expectNear(found.rows, directions, 1e-10);
      if (!centred)
        expectNear(
          singularValues(Float64Array.from(rows), rows.length / width, width).subarray(0, rank),
          theirs,
          1e-12,
        );
    }
  });

  it("by hand: rows (3, 0), (0, 4), (0, 0)", () => {
    const found = principalDirections(array(3, 0, 0, 4, 0, 0), 2, 5, { centred: false });
    expectNear(found.singularValues, [4, 3], 1e-14);
    expectNear(found.rows, [0, 1, 1, 0], 1e-14);
    expect(found.totalSquare).toBe(25);
  });

  it("finds no more directions than the rows have", () => {
    const one = principalDirections(array(1, 2, 3, 2, 4, 6), 3, 3, { centred: false });
    expect(one.rank).toBe(1);
    expect(principalDirections(array(1, 2, 3), 3, 2, { centred: true }).rank).toBe(0);
    expect(principalDirections(new Float64Array(), 3, 2, { centred: true }).rank).toBe(0);
  });

  it("keeps tiny singular values to their own precision", () => {
    const values = singularValues(array(1, 1, 1, 1 + 1e-12), 2, 2);
    expect(Math.abs((values[1] as number) / 5e-13 - 1)).toBeLessThan(1e-3);
  });
});

describe("principalAngles", () => {
  const plane = (...rows: number[]): Basis => orthonormalBasis(Float64Array.from(rows), 3);

  it("by hand: a line at 30° to a plane, two planes that share a line", () => {
    expectNear(principalAngles(plane(1, 0, 0, 0, 1, 0), plane(Math.sqrt(3), 0, 1)), [30], 1e-12);
    expectNear(principalAngles(plane(1, 0, 0, 0, 1, 0), plane(1, 0, 0, 0, 0, 1)), [0, 90], 1e-12);
    expect(principalAngles(plane(1, 0, 0), plane())).toEqual([]);
  });

  it("against SciPy, angles of 1e-9 too", () => {
    for (const { width, a, b, degrees } of peer.angles) {
      const bases = [a, b].map((rows) => orthonormalBasis(Float64Array.from(rows), width, 1e-12));
      expectNear(principalAngles(bases[0] as Basis, bases[1] as Basis), degrees, 1e-6);
    }
  });

  it("is symmetric and does not see how a subspace is spanned", () => {
    const [a, b] = [random(3, 9, "a"), random(4, 9, "b")];
    const basis = orthonormalBasis(a, 9);
    const mixed = Float64Array.from(a);
    addScaled(mixed.subarray(0, 9), 2, a.subarray(9, 18));
    const angles = principalAngles(basis, orthonormalBasis(b, 9));
    expectNear(principalAngles(orthonormalBasis(b, 9), basis), angles, 1e-10);
    expectNear(principalAngles(orthonormalBasis(mixed, 9), orthonormalBasis(b, 9)), angles, 1e-10);
    expectNear(principalAngles(basis, orthonormalBasis(mixed, 9)), [0, 0, 0], 1e-10);
  });
});

describe("mean differences", () => {
  it("planted in random activations are recovered", () => {
    const [n, width] = [400, 64];
    const source = rng(7, "activations");
    const planted = isotropicDirections(1, width, source);
    const noise = () => Float64Array.from({ length: n * width }, () => source.normal());
    const [plain, shifted] = [noise(), noise()];
    for (let r = 0; r < n; r++) addScaled(shifted.subarray(r * width, (r + 1) * width), 2, planted);
    const difference = meanRow(shifted, width);
    addScaled(difference, -1, meanRow(plain, width));
    // The noise of the mean has norm √(2·64/400) ≈ 0.57 against 2: cosine about 2 / √(4 + 0.32) = 0.96.
    expect(cosine(difference, planted)).toBeGreaterThan(0.94);
    const [first] = [principalDirections(shifted, width, 1, { centred: false })];
    expect(cosine(first.rows, planted)).toSatisfy((value: number) => Math.abs(value) > 0.9);
  });
});

describe("classicalScaling", () => {
  it("by hand: three orthogonal directions are an equilateral triangle with sides √2", () => {
    const { points, kept } = classicalScaling(array(2, 0, 0, 0, 1, 0, 0, 0, 5), 3);
    expect(kept).toBeCloseTo(1, 12);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const [a, b] = [points[i], points[j]];
      expect(Math.hypot((a?.x ?? 0) - (b?.x ?? 0), (a?.y ?? 0) - (b?.y ?? 0))).toBeCloseTo(Math.SQRT2, 12);
    }
  });

  it("distances and share against NumPy", () => {
    const { width, vectors, distances, kept } = peer.scaling;
    const map = classicalScaling(Float64Array.from(vectors), width);
    const ours = map.points.flatMap((a) => map.points.map((b) => Math.hypot(a.x - b.x, a.y - b.y)));
    expectNear(ours, distances, 1e-10);
    expect(map.kept).toBeCloseTo(kept, 12);
  });

  it("one direction, and equal ones, are one point", () => {
    expect(classicalScaling(array(1, 2), 2)).toEqual({ points: [{ x: 0, y: 0 }], kept: 1 });
    const same = classicalScaling(array(1, 1, 2, 2), 2);
    expect(same.kept).toBe(1);
    expect(Math.abs(same.points[0]?.x ?? 1)).toBeLessThan(1e-7);
    expect(() => classicalScaling(array(0, 0), 2)).toThrow("no direction");
  });
});
