/**
 * Writes a graph as ONNX bytes (onnx.proto, IR version 10, opset 21). Only the messages that we emit; field numbers
 * beside each. The model holds no weights, so protobuf's 2 GB limit is never near.
 */
import { basename } from "node:path";
import type { Attribute, DType, Graph, GraphNode, Initializer, Shape, Tensor } from "./graph.ts";
import { sameShape } from "./shape.ts";

const IR_VERSION = 10;
const OPSET = 21;
/** ONNX Runtime's own ops (`ops/fused.ts`). */
const RUNTIME = { domain: "com.microsoft", version: 1 };

const ELEMENT_TYPE: Record<DType, number> = {
  float32: 1,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

/**
 * The ONNX model of `graph`. Every value tells its shape, symbols included: the runtime cannot follow one through a
 * Reshape, and for each value of a shape that it does not know its planner searches all free buffers in vain (23 s for
 * a training step of SmolLM2, 1 s with them). External weights are named by the base name of their file.
 */
export function onnxBytes(graph: Graph): Uint8Array {
  const message = [
    ...integer(1, IR_VERSION),
    ...text(2, "penumbra"),
    ...bytes(7, graphProto(graph)),
    ...bytes(8, join([...text(1, ""), ...integer(2, OPSET)])),
    ...(graph.nodes.some(({ domain }) => domain === RUNTIME.domain)
      ? bytes(8, join([...text(1, RUNTIME.domain), ...integer(2, RUNTIME.version)]))
      : []),
  ];
  return join(message);
}

function graphProto(graph: Graph): Uint8Array {
  const { nodes, nameOf } = withoutDetours(graph);
  const produced = reachable(
    graph.outputs.map(({ tensor }) => nameOf(tensor.name)),
    nodes,
  );
  const handedOut = graph.outputs.map(({ name, tensor: { name: from, dtype, shape } }) => ({
    op: "Identity",
    domain: "",
    inputs: [nameOf(from)],
    outputs: [name],
    attributes: {},
    types: [{ dtype, shape }],
  }));
  return join([
    ...[...produced, ...handedOut].flatMap((node) => bytes(1, nodeProto(node))),
    ...text(2, "graph"),
    ...graph.initializers.flatMap((initializer) => bytes(5, tensorProto(initializer))),
    ...graph.inputs.flatMap((input) => bytes(11, valueInfo(input.name, input.dtype, input.shape))),
    ...graph.outputs.flatMap(({ name, tensor }) => bytes(12, outputInfo(name, tensor))),
    ...produced.flatMap(({ outputs, types }) =>
      types.flatMap(({ dtype, shape }, i) => bytes(13, valueInfo(outputs[i] ?? "", dtype, shape))),
    ),
  ]);
}

/**
 * A reshape of what was only reshaped reads the first; where that has the wanted shape already, it stands in its place. Each
 * costs the runtime some microseconds, of which a decoding step of SmolLM2 spent one in thirty.
 */
function withoutDetours(graph: Graph): { nodes: GraphNode[]; nameOf: (name: string) => string } {
  const shapes = new Map<string, Shape>(
    [...graph.inputs, ...graph.initializers].map(({ name, shape }) => [name, shape]),
  );
  const sameAs = new Map<string, string>();
  const reshapedFrom = new Map<string, string>();
  const nameOf = (name: string) => sameAs.get(name) ?? name;
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    for (const [i, output] of node.outputs.entries()) shapes.set(output, node.types[i]?.shape ?? []);
    const inputs = node.inputs.map(nameOf);
    if (node.op !== "Reshape") return [{ ...node, inputs }];
    const [from = "", target = ""] = inputs;
    const [output = ""] = node.outputs;
    const source = reshapedFrom.get(from) ?? from;
    if (sameShape(shapes.get(source) ?? [], shapes.get(output) ?? [])) {
      sameAs.set(output, source);
      return [];
    }
    reshapedFrom.set(output, source);
    return [{ ...node, inputs: [source, target] }];
  });
  return { nodes, nameOf };
}

/** The nodes that some output needs: backward passes emit gradients that nobody asks for. */
function reachable(outputs: readonly string[], nodes: readonly GraphNode[]): GraphNode[] {
  const wanted = new Set(outputs);
  const kept: GraphNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    for (const input of node.inputs) wanted.add(input);
    kept.push(node);
  }
  return kept.reverse();
}

function nodeProto(node: GraphNode): Uint8Array {
  return join([
    ...node.inputs.flatMap((input) => text(1, input)),
    ...node.outputs.flatMap((output) => text(2, output)),
    ...text(3, node.outputs[0] ?? ""),
    ...text(4, node.op),
    ...Object.entries(node.attributes).flatMap(([name, value]) => bytes(5, attributeProto(name, value))),
    ...(node.domain === "" ? [] : text(7, node.domain)),
  ]);
}

function attributeProto(name: string, value: Attribute): Uint8Array {
  const head = text(1, name);
  if (typeof value === "number") return join([...head, ...integer(3, value), ...integer(20, 2)]);
  if (typeof value === "string") return join([...head, ...text(4, value), ...integer(20, 3)]);
  if ("float" in value) return join([...head, ...float(2, value.float), ...integer(20, 1)]);
  return join([...head, ...value.flatMap((item) => integer(8, item)), ...integer(20, 7)]);
}

function tensorProto({ name, dtype, shape, data }: Initializer): Uint8Array {
  const head = [...shape.flatMap((dim) => integer(1, dim)), ...integer(2, ELEMENT_TYPE[dtype]), ...text(8, name)];
  if (data instanceof Uint8Array) return join([...head, ...bytes(9, data)]);
  const entries = { location: basename(data.file), offset: String(data.offset), length: String(data.byteLength) };
  return join([
    ...head,
    ...Object.entries(entries).flatMap(([key, value]) => bytes(13, join([...text(1, key), ...text(2, value)]))),
    ...integer(14, 1),
  ]);
}

function valueInfo(name: string, dtype: DType, shape: Shape): Uint8Array {
  const dims = shape.flatMap((dim) => bytes(1, join(typeof dim === "number" ? integer(1, dim) : text(2, dim))));
  const tensorType = join([...integer(1, ELEMENT_TYPE[dtype]), ...bytes(2, join(dims))]);
  return join([...text(1, name), ...bytes(2, join(bytes(1, tensorType)))]);
}

/** Outputs leave their shape to the runtime: our symbols may name sizes that only we know. */
function outputInfo(name: string, tensor: Tensor): Uint8Array {
  const tensorType = join(integer(1, ELEMENT_TYPE[tensor.dtype]));
  return join([...text(1, name), ...bytes(2, join(bytes(1, tensorType)))]);
}

// Protobuf's wire format: a varint key (field number and wire type), then a varint, 4 bytes, or a length and bytes.
function integer(field: number, value: number): Uint8Array[] {
  return [varint(BigInt(field * 8)), varint(BigInt.asUintN(64, BigInt(value)))];
}

function float(field: number, value: number): Uint8Array[] {
  return [varint(BigInt(field * 8 + 5)), new Uint8Array(Float32Array.of(value).buffer)];
}

function bytes(field: number, value: Uint8Array): Uint8Array[] {
  return [varint(BigInt(field * 8 + 2)), varint(BigInt(value.length)), value];
}

function text(field: number, value: string): Uint8Array[] {
  return bytes(field, new TextEncoder().encode(value));
}

function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  let left = value;
  while (left >= 0x80n) {
    out.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  out.push(Number(left));
  return Uint8Array.from(out);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
