/**
 * Graphs as `Graph.to_pt` of circuit-tracer saves them: tensors and plain values in a pickle, of which nothing is run.
 * The adjacency matrix `[nodes, nodes]` is read row by row into sparse rows.
 */
import { basename } from "node:path";
import { must, UserError } from "../../core/index.ts";
import {
  PickleObject,
  type PickleValue,
  readTorchFile,
  readView,
  rowView,
  type TensorView,
  TorchTensor,
} from "../../data/index.ts";
import { sparseRow } from "../edges.ts";
import { type AttributionGraph, nodeLayout } from "../graph.ts";

export interface TorchGraph {
  readonly graph: AttributionGraph;
  readonly prompt: string;
  readonly scan: string | null;
}

const MAX_NODES = 200_000;

export async function readTorchGraph(file: string): Promise<TorchGraph> {
  const fault = (expected: string, got: string) =>
    new UserError(`graph ${basename(file)}`, { expected, got, fix: "save it with circuit-tracer's Graph.to_pt" });
  const saved = await readTorchFile(file, { inert: true });
  if (!(saved instanceof Map)) throw fault("a saved graph", "something else");
  const tensor = (key: string, axes: number): TensorView => {
    const value = saved.get(key);
    if (value instanceof TorchTensor && value.view.shape.length === axes) return value.view;
    throw fault(
      `${key}, a tensor of ${axes} ${axes === 1 ? "axis" : "axes"}`,
      saved.has(key) ? "something else" : "none",
    );
  };
  const wholes = async (key: string, axes: number) => {
    const values = await readView(tensor(key, axes));
    if (values.every((value) => Number.isSafeInteger(value) && value >= 0)) return values;
    throw fault(`whole numbers in ${key}`, "others");
  };
  const adjacency = tensor("adjacency_matrix", 2);
  const [ids, active, selected] = [
    await wholes("input_tokens", 1),
    await wholes("active_features", 2),
    await wholes("selected_features", 1),
  ];
  const activations = await readView(tensor("activation_values", 1));
  const weights = await readView(tensor("logit_probabilities", 1));
  const targets = await targetsOf(saved.get("logit_targets"), fault);
  const nodes = adjacency.shape[0] ?? 0;
  if (adjacency.shape[1] !== nodes || nodes > MAX_NODES)
    throw fault(`a square matrix of at most ${MAX_NODES} nodes`, `[${adjacency.shape.join(", ")}]`);
  if (active.length !== 3 * activations.length || selected.some((f) => f >= activations.length))
    throw fault("active features with three numbers and an activation each", "others");
  const nLayers = (nodes - selected.length - ids.length - targets.length) / Math.max(1, ids.length);
  if (
    ids.length === 0 ||
    targets.length === 0 ||
    weights.length !== targets.length ||
    !Number.isInteger(nLayers) ||
    nLayers < 1
  )
    throw fault("a matrix over features, errors, tokens and logits", `${nodes} nodes for ${ids.length} tokens`);
  const features = [...selected].map((f) => ({
    layer: must(active[3 * f], "layer"),
    position: must(active[3 * f + 1], "position"),
    latent: must(active[3 * f + 2], "latent"),
    activation: must(activations[f], "activation"),
  }));
  const stray = features.find(({ layer, position }) => layer >= nLayers || position >= ids.length);
  if (stray) throw fault(`features on ${nLayers} layers and ${ids.length} tokens`, JSON.stringify(stray));
  const graph: AttributionGraph = {
    ids: [...ids],
    nLayers,
    features,
    activeFeatures: activations.length,
    targets: targets.map((target, t) => ({ ...target, weight: must(weights[t], "probability") })),
    rows: [],
  };
  return {
    graph: { ...graph, rows: await rowsOf(adjacency, graph, fault) },
    prompt: textOf(saved.get("input_string")),
    scan: scanOf(saved.get("scan")),
  };
}

type Fault = (expected: string, got: string) => UserError;

async function rowsOf(adjacency: TensorView, graph: AttributionGraph, fault: Fault) {
  const { errors: features, logits, nodes } = nodeLayout(graph);
  const rows = [];
  for (let node = 0; node < nodes; node++) {
    if (node >= features && node < logits) continue;
    const dense = await readView(rowView(adjacency, node));
    if (!dense.every(Number.isFinite)) throw fault("finite edges", `another in row ${node}`);
    rows.push(sparseRow(node, dense));
  }
  return rows;
}

/** Today a list of (label, token); earlier a tensor of tokens, which names no labels. */
async function targetsOf(
  saved: PickleValue | undefined,
  fault: Fault,
): Promise<{ readonly token: number; readonly label: string }[]> {
  const isToken = (token: unknown): token is number => Number.isSafeInteger(token) && (token as number) >= 0;
  const tokens =
    saved instanceof TorchTensor && saved.view.shape.length === 1 ? [...(await readView(saved.view))] : null;
  if (tokens?.every(isToken)) return tokens.map((token) => ({ token, label: "" }));
  if (!Array.isArray(saved)) throw fault("logit_targets, a list", "something else");
  return saved.map((target) => {
    const parts = target instanceof PickleObject ? target.args : target;
    const [label, token] = Array.isArray(parts) ? parts : [];
    if (typeof label === "string" && isToken(token)) return { label, token };
    throw fault("targets with a label and a token", "something else");
  });
}

const textOf = (value: PickleValue | undefined) => (typeof value === "string" ? value : "");

function scanOf(value: PickleValue | undefined): string | null {
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? value.join(",") : null;
}
