import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Graph, type Shape } from "./graph.ts";
import {
  Add,
  Concat,
  Expand,
  Gemm,
  MatMul,
  Pad,
  ReduceMean,
  ReduceSum,
  Reshape,
  Slice,
  Unsqueeze,
} from "./ops/index.ts";
import { axisOf, broadcastShape, staticDim } from "./shape.ts";

describe("broadcasting", () => {
  test.each<[Shape, Shape, Shape]>([
    [[2, 3], [3], [2, 3]],
    [
      [2, 1],
      [1, 3],
      [2, 3],
    ],
    [[], [4], [4]],
    [["batch", "seq", 8], [8], ["batch", "seq", 8]],
    [
      ["batch", 1],
      [1, "seq"],
      ["batch", "seq"],
    ],
    [
      ["n", 3],
      [1, 1],
      ["n", 3],
    ],
  ])("%j with %j is %j, either way round", (a, b, out) => {
    expect(broadcastShape(a, b)).toEqual(out);
    expect(broadcastShape(b, a)).toEqual(out);
  });

  test.each<[Shape, Shape]>([
    [[2], [3]],
    [["n"], ["m"]],
    [["n"], [4]],
  ])("%j with %j is refused: the runtime would refuse it later, or for some sizes only", (a, b) => {
    expect(() => broadcastShape(a, b)).toThrow(/do not broadcast/);
  });

  test("is associative where it is defined, and repeating a shape changes nothing", () => {
    const dim = fc.constantFrom<number | string>(1, 2, 3, "n");
    const shape = fc.array(dim, { maxLength: 4 });
    const tried = (make: () => Shape) => {
      try {
        return make();
      } catch {
        return null;
      }
    };
    fc.assert(
      fc.property(shape, shape, shape, (a, b, c) => {
        expect(broadcastShape(a, a)).toEqual(a);
        const left = tried(() => broadcastShape(broadcastShape(a, b), c));
        const right = tried(() => broadcastShape(a, broadcastShape(b, c)));
        expect(left).toEqual(right);
      }),
    );
  });
});

describe("shapes of ops", () => {
  const graph = new Graph();
  const rows = graph.input("rows", "float32", ["n", 3]);
  const cube = graph.input("cube", "float32", [2, 3, 4]);

  test.each<[string, () => { shape: Shape }, Shape]>([
    ["ReduceSum of two axes", () => ReduceSum(cube, [0, -1]), [3]],
    ["ReduceSum that keeps them", () => ReduceSum(cube, [0, -1], true), [1, 3, 1]],
    [
      "MatMul of a batch with a matrix",
      () => MatMul(cube, graph.constant("float32", Array(8).fill(0), [4, 2])),
      [2, 3, 2],
    ],
    ["Gemm with both transposed", () => Gemm(rows, Reshape(cube, [8, 3]), { transB: true }), ["n", 8]],
    ["Concat of a named size", () => Concat([rows, rows], 0, "2n"), ["2n", 3]],
    ["Pad on a static axis", () => Pad(rows, [0, 1, 0, 2]), ["n", 6]],
    ["Slice from the right", () => Slice(cube, -1, 1, 3), [2, 3, 2]],
    ["Unsqueeze in the middle", () => Unsqueeze(cube, 1), [2, 1, 3, 4]],
  ])("%s", (_, make, shape) => {
    expect(make().shape).toEqual(shape);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["inner sizes that differ", () => MatMul(cube, rows), /inner sizes 4 and n/],
    ["Gemm likewise", () => Gemm(rows, rows), /inner sizes 3 and n/],
    ["a mean over a size known at run time only", () => ReduceMean(rows, [0]), /symbolic/],
    ["padding an axis known at run time only", () => Pad(rows, [1, 0, 0, 0]), /symbolic/],
    ["an axis that is not there", () => axisOf(rows, 2), /axis 2/],
    ["a static size that is none", () => staticDim(rows, 0), /symbolic/],
    ["element types that differ", () => Add(rows, graph.constant("float64", [1], [])), /float32 and float64/],
    ["two sizes that no input carries", () => Reshape(rows, ["a", "b"]), /several sizes/],
    ["a size that no input carries", () => graph.dimTensor("nowhere"), /nowhere/],
    ["an output name twice", () => [graph.output("o", rows), graph.output("o", cube)], /two outputs/],
  ])("%s: thrown", (_, make, message) => {
    expect(make).toThrow(message);
  });

  test("nothing is emitted where nothing changes", () => {
    const before = graph.nodes.length;
    expect(Reshape(rows, ["n", 3])).toBe(rows);
    expect(Expand(rows, ["n", 3])).toBe(rows);
    expect(Pad(rows, [0, 0, 0, 0])).toBe(rows);
    expect(graph.nodes.length).toBe(before);
  });
});
