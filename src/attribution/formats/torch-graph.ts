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
  readWholes,
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
  const fault: Fault = (expected, got) =>
    new UserError(`graph ${basename(file)}`, { expected, got, fix: "save it with circuit-tracer's Graph.to_pt" });
  const saved = await readTorchFile(file, { inert: true });
  if (!(saved instanceof Map)) throw fault("a saved graph", "something else");
  const adjacency = tensorOf(saved, "adjacency_matrix", 2, fault);
  const graph = await nodesOf(saved, adjacency, fault);
  const rows = await rowsOf(adjacency, graph, fault);
  return { graph: { ...graph, rows }, prompt: textOf(saved.get("input_string")), scan: scanOf(saved.get("scan")) };
}

type Fault = (expected: string, got: string) => UserError;
type Saved = ReadonlyMap<PickleValue, PickleValue>;

function tensorOf(saved: Saved, key: string, axes: number, fault: Fault): TensorView {
  const value = saved.get(key);
  if (value instanceof TorchTensor && value.view.shape.length === axes) return value.view;
  throw fault(
    `${key}, a tensor of ${axes} ${axes === 1 ? "axis" : "axes"}`,
    saved.has(key) ? "something else" : "none",
  );
}

async function wholesOf(saved: Saved, key: string, axes: number, fault: Fault): Promise<number[]> {
  const values = await readWholes(tensorOf(saved, key, axes, fault));
  if (values.every((value) => Number.isSafeInteger(value) && value >= 0)) return values;
  throw fault(`whole numbers in ${key}`, "others");
}

/** The graph without its edges. */
async function nodesOf(saved: Saved, adjacency: TensorView, fault: Fault): Promise<AttributionGraph> {
  const ids = await wholesOf(saved, "input_tokens", 1, fault);
  const active = await wholesOf(saved, "active_features", 2, fault);
  const selected = await wholesOf(saved, "selected_features", 1, fault);
  const activations = await readView(tensorOf(saved, "activation_values", 1, fault));
  const weights = await readView(tensorOf(saved, "logit_probabilities", 1, fault));
  const targets = await targetsOf(saved.get("logit_targets"), fault);
  if (active.length !== 3 * activations.length || selected.some((f) => f >= activations.length))
    throw fault("active features with three numbers and an activation each", "others");
  const counts = { features: selected.length, tokens: ids.length, targets: targets.length };
  const nLayers = layersOf(adjacency, counts, fault);
  if (weights.length !== targets.length || ![...weights, ...activations].every(Number.isFinite))
    throw fault("a finite probability for each target", "others");
  const features = [...selected].map((f) => ({
    layer: must(active[3 * f], "layer"),
    position: must(active[3 * f + 1], "position"),
    latent: must(active[3 * f + 2], "latent"),
    activation: must(activations[f], "activation"),
  }));
  const stray = features.find(({ layer, position }) => layer >= nLayers || position >= ids.length);
  if (stray) throw fault(`features on ${nLayers} layers and ${ids.length} tokens`, JSON.stringify(stray));
  const weighted = targets.map((target, t) => ({ ...target, weight: must(weights[t], "probability") }));
  return { ids: [...ids], nLayers, features, activeFeatures: activations.length, targets: weighted, rows: [] };
}

/** Layers are what is left of the nodes for errors. */
function layersOf(
  { shape: [nodes = 0, columns] }: TensorView,
  { features, tokens, targets }: { readonly features: number; readonly tokens: number; readonly targets: number },
  fault: Fault,
): number {
  if (columns !== nodes || nodes > MAX_NODES)
    throw fault(`a square matrix of at most ${MAX_NODES} nodes`, `${nodes} × ${columns}`);
  const nLayers = (nodes - features - tokens - targets) / Math.max(1, tokens);
  if (tokens > 0 && targets > 0 && Number.isInteger(nLayers) && nLayers >= 1) return nLayers;
  throw fault("a matrix over features, errors, tokens and logits", `${nodes} nodes for ${tokens} tokens`);
}

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
  const tokens = saved instanceof TorchTensor && saved.view.shape.length === 1 ? await readWholes(saved.view) : null;
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
