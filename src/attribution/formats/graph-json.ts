/** An attribution graph as the JSON that circuit-tracer and Neuronpedia read and write, and back. */
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { must, UserError } from "../../core/index.ts";
import {
  type AttributionCard,
  type AttributionExtra,
  AttributionGraphRecord,
  type AttributionLink,
  type AttributionNode,
  EMBEDDING,
  ERROR,
  FEATURE,
  LOGIT,
} from "../../records/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import { type AttributionGraph, nodeAt, nodeLayout } from "../graph.ts";
import type { PrunedGraph } from "../prune.ts";

export interface GraphText {
  readonly slug: string;
  /** Names the transcoders. */
  readonly scan: string;
  readonly prompt: string;
  readonly promptTokens: readonly string[];
  /** Of features: what they stand for, by `layer_latent`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly cards?: Readonly<Record<string, AttributionCard>>;
  readonly supernodes?: readonly (readonly string[])[];
  readonly nodeShare: number;
  readonly edgeShare: number;
  readonly extra?: Omit<AttributionExtra, "schemaVersion" | "cards">;
}

/** One number for layer and latent, as their pages expect it. */
export function cantor(layer: number, latent: number): number {
  return ((layer + latent) * (layer + latent + 1)) / 2 + latent;
}

/** The inverse; exact below 2⁵³. */
export function uncantor(paired: number): { readonly layer: number; readonly latent: number } {
  const w = Math.floor((Math.sqrt(8 * paired + 1) - 1) / 2);
  const latent = paired - (w * (w + 1)) / 2;
  return { layer: w - latent, latent };
}

/** The kept part of a graph. Tokens and logits are always there, other nodes where an edge touches them. */
export function graphRecord(pruned: PrunedGraph, text: GraphText): AttributionGraphRecord {
  const { graph, kept, rows, cumulative } = pruned;
  const { tokens } = nodeLayout(graph);
  const touched = new Set(rows.flatMap(({ target, sources }) => (sources.length > 0 ? [target, ...sources] : [])));
  const shown = [...kept.keys()].filter((node) => kept[node] === 1 && (node >= tokens || touched.has(node)));
  const nodes = new Map(shown.map((node) => [node, nodeRecord(graph, node, must(cumulative[node], "share"), text)]));
  const links = rows.flatMap(({ target, sources, weights }) =>
    [...sources].map(
      (source, e): AttributionLink => ({
        source: must(nodes.get(source), "source").node_id,
        target: must(nodes.get(target), "target").node_id,
        weight: must(weights[e], "weight"),
      }),
    ),
  );
  return {
    metadata: {
      slug: text.slug,
      scan: text.scan,
      transcoder_list: [],
      prompt_tokens: [...text.promptTokens],
      prompt: text.prompt,
      node_threshold: text.nodeShare,
      schema_version: 1,
      pruning_settings: { node_threshold: text.nodeShare, edge_threshold: text.edgeShare },
      info: { generator: { name: "penumbra" } },
    },
    qParams: {
      pinnedIds: [],
      supernodes: (text.supernodes ?? []).map((each) => [...each]),
      linkType: "both",
      clickedId: "",
      sg_pos: "",
    },
    nodes: [...nodes.values()],
    links,
    ...(text.extra ? { penumbra: { schemaVersion: 1 as const, ...text.extra, cards: { ...text.cards } } } : {}),
  };
}

/** A node under its id, as circuit-tracer names it; errors in the newer way, which no feature's id can equal. */
export function nodeRecord(
  graph: AttributionGraph,
  node: number,
  influence: number,
  { promptTokens, labels = {} }: Pick<GraphText, "promptTokens" | "labels">,
): AttributionNode {
  const at = nodeAt(graph, node);
  const common = {
    token_prob: 0,
    is_target_logit: false,
    run_idx: 0,
    reverse_ctx_idx: 0,
    influence,
    activation: null,
    clerp: "",
  };
  switch (at.kind) {
    case "feature": {
      const { layer, latent, position, activation } = at.feature;
      const place = {
        node_id: `${layer}_${latent}_${position}`,
        jsNodeId: `${layer}_${latent}-0`,
        layer: String(layer),
      };
      const clerp = labels[`${layer}_${latent}`] ?? "";
      return {
        ...common,
        ...place,
        feature: cantor(layer, latent),
        ctx_idx: position,
        feature_type: FEATURE,
        activation,
        clerp,
      };
    }
    case "error": {
      const { layer, position } = at;
      const place = { node_id: errorId(layer, position), jsNodeId: `${layer}_-1-${position}`, layer: String(layer) };
      return { ...common, ...place, feature: -1, ctx_idx: position, feature_type: ERROR };
    }
    case "token": {
      const { position } = at;
      const id = must(graph.ids[position], "token");
      const place = { node_id: `E_${id}_${position}`, jsNodeId: `E_${id}-${position}`, layer: "E" };
      const clerp = promptTokens[position] ?? "";
      return { ...common, ...place, feature: position, ctx_idx: position, feature_type: EMBEDDING, clerp };
    }
    case "logit": {
      const { token, label, weight } = must(graph.targets[at.target], "target");
      const [layer, position] = [String(graph.nLayers + 1), graph.ids.length - 1];
      const place = { node_id: `${layer}_${token}_${position}`, jsNodeId: `L_${token}-${position}`, layer };
      const clerp = `Output "${label}" (p=${weight.toFixed(3)})`;
      const own = {
        feature: token,
        ctx_idx: position,
        feature_type: LOGIT,
        token_prob: weight,
        is_target_logit: at.target === 0,
      };
      return { ...common, ...place, ...own, influence: null, clerp };
    }
  }
}

const errorId = (layer: number | string, position: number) => `${layer}_-1_${position}`;

const MAX_BYTES = 2 ** 28;

const fault = (file: string, expected: string, got: string) =>
  new UserError(`graph ${basename(file)}`, {
    expected,
    got,
    fix: "give a graph of circuit-tracer, Neuronpedia or `penumbra trace --out`",
  });

export interface ReadGraph {
  readonly record: AttributionGraphRecord;
  /** Links whose source may be a feature of layer 0 or an error under its old id; read as the feature's. */
  readonly ambiguousLinks: number;
}

export async function readGraphJson(file: string): Promise<ReadGraph> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw fault(file, "a file", found ? "a folder" : "nothing there");
  if (found.size > MAX_BYTES) throw fault(file, "at most 256 MiB", `${found.size} bytes`);
  return parseGraphJson(await readFile(file, "utf8"), file);
}

export function parseGraphJson(text: string, file: string): ReadGraph {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fault(file, "JSON", "something else");
  }
  const parsed = AttributionGraphRecord.safeParse(value);
  if (!parsed.success) {
    const issue = must(parsed.error.issues[0], "an issue");
    throw fault(file, "an attribution graph", `${issue.path.join(".") || "the file"}: ${issue.message}`);
  }
  return renamed(parsed.data, file);
}

/** Error nodes get their new ids, in nodes, links and what the page was left at. */
function renamed(record: AttributionGraphRecord, file: string): ReadGraph {
  const features = new Set(
    record.nodes.filter(({ feature_type }) => feature_type === FEATURE).map(({ node_id }) => node_id),
  );
  const errors = new Map<string, AttributionNode>();
  const nodes = record.nodes.map((node) => {
    if (node.feature_type !== ERROR) return node;
    const moved = { ...node, node_id: errorId(node.layer, node.ctx_idx), jsNodeId: `${node.layer}_-1-${node.ctx_idx}` };
    errors.set(node.node_id, moved);
    return moved;
  });
  const byId = new Map(nodes.map((node) => [node.node_id, node]));
  if (byId.size < nodes.length) throw fault(file, "nodes with ids of their own", "one id twice");
  const positions = record.metadata.prompt_tokens.length;
  const beyond = nodes.find(({ ctx_idx }) => ctx_idx >= positions);
  if (beyond) throw fault(file, `nodes on the prompt's ${positions} tokens`, `${beyond.node_id} at ${beyond.ctx_idx}`);
  let ambiguousLinks = 0;
  const seen = new Set<string>();
  const links = record.links.map((link) => {
    const error = errors.get(link.source);
    let source = link.source;
    if (error && !features.has(source)) source = error.node_id;
    else if (error && error.node_id !== source) {
      // Features stand before errors, so the second of two links between one pair of ids is the error's.
      if (seen.has(`${source} ${link.target}`)) source = error.node_id;
      else ambiguousLinks++;
    }
    seen.add(`${link.source} ${link.target}`);
    if (!byId.has(source) || !byId.has(link.target))
      throw fault(file, "links between its nodes", `${link.source} → ${link.target}`);
    return { ...link, source };
  });
  const newId = (id: string) => (features.has(id) ? id : (errors.get(id)?.node_id ?? id));
  const { qParams } = record;
  const params = {
    ...qParams,
    pinnedIds: qParams.pinnedIds.map(newId),
    supernodes: qParams.supernodes.map(([label = "", ...ids]) => [label, ...ids.map(newId)]),
    clickedId: newId(qParams.clickedId),
  };
  return { record: { ...record, nodes, links, qParams: params }, ambiguousLinks };
}

export async function writeGraphJson(file: string, record: AttributionGraphRecord): Promise<void> {
  await atomicWriteFile(file, `${JSON.stringify(record)}\n`);
}
