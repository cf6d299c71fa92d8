/**
 * The attribution graph of a prompt (Ameisen et al. 2025, "Circuit Tracing", transformer-circuits.pub):
 *
 * 1. Incoming edges of the logits.
 * 2. Best first: the features that the logits reach most strongly through the edges known so far get their incoming edges
 *    next; after each round of `roundFeatures` the rest is ranked again, until `maxFeatures` are in.
 * 3. Edges from features that stayed out are dropped with them.
 */
import { type OnProgress, UserError } from "../core/index.ts";
import { type EdgeEngine, edgeEngine } from "./backward.ts";
import { type EdgeRow, keepEdges, sparseRow } from "./edges.ts";
import { type AttributionGraph, featureKey, nodeLayout } from "./graph.ts";
import { influence } from "./influence.ts";
import type { Target } from "./passes.ts";
import type { LocalReplacement } from "./replacement.ts";
import type { LogitTarget } from "./targets.ts";

export interface AttributeOptions {
  /** Default 7500, as circuit-tracer has it. */
  readonly maxFeatures?: number;
  /** Features between two rankings; default 1024 (circuit-tracer's 4 batches of 256). */
  readonly roundFeatures?: number;
  /** Targets of one backward pass; default: as many as hold 8,192 tokens together, at most 256. */
  readonly batch?: number;
  /** Keys of features (`featureKey`) that are in whatever their rank, where they are active. */
  readonly required?: ReadonlySet<string>;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** In ranking, rows that sum to less are divided by this: circuit-tracer's value, which decides ties of dead targets. */
const SMALLEST_IN_RANKING = 1e-8;

export async function attribute(
  replacement: LocalReplacement,
  targets: readonly LogitTarget[],
  options: AttributeOptions = {},
): Promise<AttributionGraph> {
  if (targets.length === 0) throw new Error("a graph needs a target");
  const engine = await edgeEngine(replacement, options.batch);
  try {
    return await expand(replacement, targets, engine, options);
  } finally {
    await engine.close();
  }
}

async function expand(
  replacement: LocalReplacement,
  targets: readonly LogitTarget[],
  engine: EdgeEngine,
  { maxFeatures = 7500, roundFeatures = 1024, required, onProgress, signal }: AttributeOptions,
): Promise<AttributionGraph> {
  if (!(maxFeatures >= 1)) {
    throw new UserError("the number of features", { expected: "1 or more", got: String(maxFeatures), fix: "raise it" });
  }
  const { features, encoders, ids, transcoders } = replacement;
  const nLayers = transcoders.layers.length;
  const layout = nodeLayout({ ids, nLayers, features, targets });
  const total = Math.min(maxFeatures, features.length);
  const rows: EdgeRow[] = [];
  const known = new Set<number>();
  const ask = async (wanted: readonly Target[], nodes: readonly number[]) => {
    const found = new Map<number, EdgeRow>();
    const visit = (t: number, row: Float32Array) => void found.set(t, sparseRow(nodes[t] as number, row));
    await engine.rows(wanted, visit, signal);
    for (const t of wanted.keys()) rows.push(found.get(t) as EdgeRow);
  };
  const take = async (nodes: readonly number[]) => {
    for (const node of nodes) known.add(node);
    await ask(
      nodes.map((node) => {
        const { layer: level, position } = features[node] as (typeof features)[number];
        return { level, position, vector: encoders[node] as Float32Array };
      }),
      nodes,
    );
    onProgress?.({ task: "attribution", step: Math.min(known.size, total), total });
  };

  const last = ids.length - 1;
  await ask(
    targets.map(({ vector }) => ({ level: nLayers, position: last, vector })),
    targets.map((_, t) => layout.logits + t),
  );
  if (required)
    await take([...features.keys()].filter((f) => required.has(featureKey(features[f] as (typeof features)[number]))));
  const weights = new Float64Array(layout.nodes);
  for (const [t, { weight }] of targets.entries()) weights[layout.logits + t] = weight;
  while (known.size < total) {
    const room = Math.min(total - known.size, roundFeatures);
    await take(
      total === features.length
        ? nextInOrder(features.length, known, room)
        : strongest(rows, weights, features.length, known, room),
    );
  }
  return compact(replacement, targets, rows, known);
}

function nextInOrder(count: number, known: ReadonlySet<number>, room: number): number[] {
  return [...Array(count).keys()].filter((f) => !known.has(f)).slice(0, room);
}

/** Unknown features that the logits reach most strongly; of equal ones the earlier. */
function strongest(
  rows: readonly EdgeRow[],
  weights: Float64Array,
  count: number,
  known: ReadonlySet<number>,
  room: number,
): number[] {
  const reached = influence(rows, weights, { smallest: SMALLEST_IN_RANKING });
  const rest = [...Array(count).keys()].filter((f) => !known.has(f));
  rest.sort((a, b) => (reached[b] as number) - (reached[a] as number) || a - b);
  return rest.slice(0, room).sort((a, b) => a - b);
}

/** The graph over the features that are in: nodes move up, edges from the others go. */
function compact(
  { features, ids, transcoders }: LocalReplacement,
  targets: readonly LogitTarget[],
  rows: readonly EdgeRow[],
  known: ReadonlySet<number>,
): AttributionGraph {
  const chosen = [...known].sort((a, b) => a - b);
  const moved = new Map(chosen.map((f, i) => [f, i]));
  const shift = features.length - chosen.length;
  const name = (node: number) => (node < features.length ? (moved.get(node) ?? -1) : node - shift);
  const renamed = rows.map((row) => keepEdges(row, { target: name(row.target), source: name }));
  return {
    ids,
    nLayers: transcoders.layers.length,
    features: chosen.map((f) => features[f] as (typeof features)[number]),
    activeFeatures: features.length,
    targets: targets.map(({ token, label, weight }) => ({ token, label, weight })),
    rows: renamed.sort((a, b) => a.target - b.target),
  };
}
