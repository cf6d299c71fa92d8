/** What the writer writes, read back by the runtime itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { Graph } from "./graph.ts";
import { onnxBytes } from "./onnx.ts";
import { Add, Cast, Concat, Exp, Gather, Gemm, Less, Mul, Range, Reshape, Slice, scalar, Where } from "./ops/index.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

async function run(graph: Graph, feeds: Record<string, ort.Tensor>) {
  const session = await ort.InferenceSession.create(onnxBytes(graph));
  const out = await session.run(feeds);
  await session.release();
  return out;
}

const list = (tensor: ort.Tensor | undefined): unknown[] => Array.from((tensor?.data ?? []) as ArrayLike<unknown>);
const f32 = (values: number[], dims: number[]) => new ort.Tensor("float32", Float32Array.from(values), dims);

describe("ONNX bytes", () => {
  test("open in the runtime with the graph's inputs and outputs, and compute", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["n", 2]);
    graph.output("tripled", Mul(x, scalar(x, 3)));
    graph.output("same", x);
    const session = await ort.InferenceSession.create(onnxBytes(graph));
    expect(session.inputNames).toEqual(["x"]);
    expect(session.outputNames).toEqual(["tripled", "same"]);
    const out = await session.run({ x: f32([1, 2, 3, 4], [2, 2]) });
    expect(list(out.tripled)).toEqual([3, 6, 9, 12]);
    expect(out.same?.dims).toEqual([2, 2]);
    await session.release();
  });

  test("symbols take their value from the input that carries them", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["batch", "seq", 2]);
    graph.output("flat", Reshape(x, ["rows", 2]));
    graph.output("swapped", Reshape(x, ["seq", "batch", 2]));
    graph.output("index", Range(x, "seq"));
    const out = await run(graph, { x: f32(Array(12).fill(1), [2, 3, 2]) });
    expect(out.flat?.dims).toEqual([6, 2]);
    expect(out.swapped?.dims).toEqual([3, 2, 2]);
    expect(list(out.index)).toEqual([0n, 1n, 2n]);
  });

  test("a reshape of a reshape reads the first, and one that leads back is none; values stay", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["batch", "seq", 6]);
    const heads = Reshape(Reshape(x, ["rows", 6]), ["batch", "seq", 2, 3]);
    const back = Reshape(heads, ["batch", "seq", 6]);
    graph.output("heads", heads);
    graph.output("back", back);
    graph.output("doubled", Add(back, back));
    graph.output("rows", Reshape(back, ["rows", 6]));
    const written = text(onnxBytes(graph));
    // Of the four reshapes two are left: x to heads, and x to rows.
    expect(written.split(`${String.fromCharCode(7)}Reshape`)).toHaveLength(3);
    const values = Array.from({ length: 12 }, (_, i) => i);
    const out = await run(graph, { x: f32(values, [1, 2, 6]) });
    expect([out.heads?.dims, out.back?.dims, out.rows?.dims]).toEqual([
      [1, 2, 2, 3],
      [1, 2, 6],
      [2, 6],
    ]);
    for (const name of ["heads", "back", "rows"]) expect(list(out[name])).toEqual(values);
    expect(list(out.doubled)).toEqual(values.map((value) => 2 * value));
  });

  test("attributes and constants of every kind survive", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 2]);
    const leaky = graph.emit("LeakyRelu", [x], "float32", [2, 2], { alpha: { float: 0.25 } });
    graph.output("leaky", leaky);
    graph.output("reversed", graph.emit("Transpose", [x], "float32", [2, 2], { perm: [1, 0] }));
    const at = graph.constant("int64", [-1, 2 ** 40], [2]);
    graph.output("large", Add(at, scalar(at, -1)));
    graph.output("double", Cast(graph.constant("float64", [1 / 3, Number.NEGATIVE_INFINITY]), "float64"));
    graph.output("chosen", Where(graph.constant("bool", [1, 0]), x, Slice(x, 0, 0, 1)));
    graph.output("less", Less(x, scalar(x, 0)));
    graph.output("gemm", Gemm(x, x, { transB: true, c: scalar(x, 1) }));
    const out = await run(graph, { x: f32([-1, 2, -3, 4], [2, 2]) });
    expect(list(out.leaky)).toEqual([-0.25, 2, -0.75, 4]);
    expect(list(out.reversed)).toEqual([-1, -3, 2, 4]);
    expect(list(out.large)).toEqual([-2n, 2n ** 40n - 1n]);
    expect(list(out.double)).toEqual([1 / 3, Number.NEGATIVE_INFINITY]);
    expect(list(out.chosen)).toEqual([-1, 2, -3, 2]);
    expect(list(out.less)).toEqual([1, 0, 1, 0]);
    expect(list(out.gemm)).toEqual([6, 12, 12, 26]);
  });

  test("every value tells its shape, also one that the runtime could not infer", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["batch", "seq", 2]);
    graph.output("y", Exp(Reshape(x, ["rows", 2])));
    expect(text(onnxBytes(graph)).match(/rows/g)?.length).toBe(2);
  });

  test("nodes that no output needs are left out", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const dead = Exp(Exp(x));
    const alive = Mul(x, x);
    graph.output("y", alive);
    const bytes = text(onnxBytes(graph));
    expect(bytes).toContain(alive.name);
    expect(bytes).not.toContain(dead.name);
    expect(bytes).not.toContain("Exp");
  });

  test("equal constants are one; NaN, infinities and different types or shapes stay apart", () => {
    const graph = new Graph();
    const one = graph.constant("float32", [1], []);
    expect(graph.constant("float32", [1], [])).toBe(one);
    const apart = [
      one,
      graph.constant("float32", [1]),
      graph.constant("float64", [1], []),
      graph.constant("float32", [Number.NaN], []),
      graph.constant("float32", [Number.POSITIVE_INFINITY], []),
      graph.constant("float32", [Number.NEGATIVE_INFINITY], []),
    ];
    expect(new Set(apart).size).toBe(apart.length);
  });

  test("the same graph gives the same bytes", () => {
    const build = () => {
      const graph = new Graph();
      const x = graph.input("x", "float32", ["n", 2]);
      graph.output("y", Concat([Exp(x), x], 1));
      return onnxBytes(graph);
    };
    expect(build()).toEqual(build());
  });
});

describe("weights in files", () => {
  test("are read at their offset, aligned or not; half-precision ones are cast", async () => {
    const folder = mkdtempSync(join(tmpdir(), "penumbra-onnx-"));
    const file = join(folder, "weights.bin");
    const values = Float32Array.from({ length: 6 }, (_, i) => i + 0.5);
    // 3 stray bytes, then float32, then bfloat16 (the upper half of a float32).
    const half = Uint16Array.from(values, (_, i) => (new Uint32Array(values.buffer)[i] ?? 0) >>> 16);
    writeFileSync(file, Buffer.concat([Buffer.alloc(3), Buffer.from(values.buffer), Buffer.from(half.buffer)]));
    const graph = new Graph();
    const rows = graph.input("rows", "int64", ["n"]);
    const full = graph.weight("full", "float32", [3, 2], { file, offset: 3, byteLength: 24 });
    const short = graph.weight("short", "bfloat16", [3, 2], { file, offset: 27, byteLength: 12 });
    graph.output("full_rows", Gather(full, rows));
    graph.output("short_rows", Gather(Cast(short, "float32"), rows));
    const session = await ort.InferenceSession.create(onnxBytes(graph), {
      extra: { session: { model_external_initializers_file_folder_path: folder } },
    });
    const out = await session.run({ rows: new ort.Tensor("int64", BigInt64Array.of(2n, 0n), [2]) });
    for (const name of ["full_rows", "short_rows"]) {
      expect(list(out[name])).toEqual([4.5, 5.5, 0.5, 1.5]);
    }
    await session.release();
    rmSync(folder, { recursive: true });
  });

  test("offsets beyond 4 GiB are written whole", () => {
    const graph = new Graph();
    const weight = graph.weight("w", "float32", [2], {
      file: "/some/where/model.safetensors",
      offset: 2 ** 33 + 7,
      byteLength: 8,
    });
    graph.output("y", Exp(weight));
    const bytes = text(onnxBytes(graph));
    expect(bytes).toContain("8589934599");
    expect(bytes).toContain("model.safetensors");
    expect(bytes).not.toContain("/some/where");
  });
});
