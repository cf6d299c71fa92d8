import { expect, test } from "vitest";
import { composite } from "./apply.ts";
import { gradients } from "./gradients.ts";
import { Graph, type Tensor } from "./graph.ts";
import { Add, Exp, MatMul, Mul, ReduceMax, ReduceSum, scalar } from "./ops/index.ts";

function scene() {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 2]);
  const w = graph.input("w", "float32", [2, 2]);
  const total = (y: Tensor) => ReduceSum(y, [0, 1]);
  const derive = (loss: Tensor, wrt: Tensor[]) => gradients(loss, scalar(loss, 1), wrt);
  return { graph, x, w, total, derive };
}

test("a value that is used twice gets the sum of both gradients", () => {
  const { graph, x, total, derive } = scene();
  const [dx] = derive(total(Mul(x, x)), [x]);
  expect(graph.nodes.find((node) => node.outputs[0] === dx?.name)?.op).toBe("Add");
});

test("the backward pass writes nothing on the tape, and computes nothing for what is frozen", () => {
  const { graph, x, w, total, derive } = scene();
  const loss = total(MatMul(Exp(x), w));
  const [entries, nodes] = [graph.tape.length, graph.nodes.length];
  derive(loss, [w]);
  expect(graph.tape.length).toBe(entries);
  const ops = graph.nodes.slice(nodes).map((node) => node.op);
  // Both sides of MatMul's derivative are emitted (the writer drops the unused one), Exp's is not.
  expect(ops).toContain("MatMul");
  expect(ops).not.toContain("Mul");
});

test("inside a composite the tape is off: its own derivative is the one that counts", () => {
  const { graph, x, total, derive } = scene();
  const before = graph.tape.length;
  const y = composite([x], () => ({ output: Exp(Exp(x)), backward: (g) => [Mul(g, scalar(g, 42))] }));
  expect(graph.tape.length).toBe(before + 1);
  derive(total(y), [x]);
  const values = graph.initializers.map(({ data }) =>
    data instanceof Uint8Array && data.length === 4 ? new Float32Array(data.slice().buffer)[0] : null,
  );
  expect(values).toContain(42);
});

test("a composite that throws leaves the tape on", () => {
  const { graph, x } = scene();
  expect(() =>
    composite([x], () => {
      throw new Error("inside");
    }),
  ).toThrow("inside");
  const before = graph.tape.length;
  Exp(x);
  expect(graph.tape.length).toBe(before + 1);
});

test("a loss that does not depend on what is asked, or not on all of it, is an error", () => {
  const { x, w, total, derive } = scene();
  expect(() => derive(total(Exp(x)), [w])).toThrow(/does not depend/);
  expect(() => derive(total(Exp(x)), [x, w])).toThrow(/path from the loss to w/);
});

test("an op without derivative is an error on the way, and none beside it", () => {
  const { x, w, total, derive } = scene();
  const top = ReduceMax(x, [1], true);
  expect(() => derive(total(Add(x, top)), [x])).toThrow(/no derivative/);
  expect(() => derive(total(Add(w, top)), [w])).not.toThrow();
});
