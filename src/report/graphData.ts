/** What the page of a graph is given: the record's nodes and links under short names, every text made visible. */
import {
  type AttributionCard,
  type AttributionDiffRecord,
  type AttributionGraphRecord,
  type AttributionNode,
  EMBEDDING,
  ERROR,
  LOGIT,
} from "../records/index.ts";
import { shorten, visible } from "./escape.ts";

type DiffNode = AttributionDiffRecord["nodes"][number];
type DiffLink = AttributionDiffRecord["links"][number];

export interface PageNode {
  readonly id: string;
  readonly kind: "feature" | "error" | "token" | "logit";
  readonly layer: string;
  /** Of `rows`, from below. */
  readonly row: number;
  readonly rowName: string;
  readonly position: number;
  readonly token: string;
  readonly latent: string;
  readonly label: string;
  readonly gist: string;
  /** Key of `cards`. */
  readonly card: string;
  readonly activation: number | null;
  readonly influence: number | null;
  readonly probability: number;
  readonly change?: DiffNode["change"];
  readonly sides?: Pick<DiffNode, "activation" | "influence">;
  readonly confirmation?: DiffNode["confirmation"];
}

export interface PageLink {
  readonly source: string;
  readonly target: string;
  readonly weight: number;
  readonly change?: DiffLink["change"];
  readonly base?: number | null;
  readonly tuned?: number | null;
  readonly confirmation?: DiffLink["confirmation"];
}

export interface PageData {
  readonly nodes: readonly PageNode[];
  readonly links: readonly PageLink[];
  /** Names of the rows, from below. */
  readonly rows: readonly string[];
  readonly tokens: readonly string[];
  readonly cards: Readonly<Record<string, AttributionCard>>;
  readonly pinned: readonly string[];
  readonly groups: readonly (readonly string[])[];
  readonly clicked: string;
}

const LONGEST_LABEL = 160;
const shown = (text: string) => shorten(visible(text), LONGEST_LABEL);

export function graphData(record: AttributionGraphRecord, diff: AttributionDiffRecord | null): PageData {
  const tokens = record.metadata.prompt_tokens.map(shown);
  const records = diff ? diff.nodes.map(({ node }) => node) : record.nodes;
  const layers = layerNames(records);
  const cards = shownCards(diff?.cards ?? record.penumbra?.cards ?? {});
  const place = (node: AttributionNode) => pageNode(node, layers, tokens, cards);
  const { qParams } = record;
  return {
    nodes: diff ? changedNodes(diff.nodes, place) : record.nodes.map(place),
    links: diff ? changedLinks(diff) : record.links.map(({ source, target, weight }) => ({ source, target, weight })),
    rows: ["tokens", ...layers.map((layer) => `layer ${layer}`), "logits"],
    tokens,
    cards,
    pinned: qParams.pinnedIds,
    groups: qParams.supernodes.map(([label = "", ...ids]) => [shown(label), ...ids]),
    clicked: qParams.clickedId,
  };
}

/** Layers that have nodes, ascending. */
function layerNames(nodes: readonly AttributionNode[]): string[] {
  const inner = nodes.filter(({ feature_type }) => feature_type !== EMBEDDING && feature_type !== LOGIT);
  return [...new Set(inner.map(({ layer }) => layer))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

function pageNode(
  node: AttributionNode,
  layers: readonly string[],
  tokens: readonly string[],
  cards: Readonly<Record<string, AttributionCard>>,
): PageNode {
  const kind = kindOf(node);
  const row = kind === "token" ? 0 : kind === "logit" ? layers.length + 1 : layers.indexOf(node.layer) + 1;
  const latent = kind === "feature" ? (node.node_id.split("_")[1] ?? "") : "";
  const card = `${node.layer}_${latent}`;
  return {
    id: node.node_id,
    kind,
    layer: node.layer,
    row,
    rowName: kind === "feature" || kind === "error" ? `layer ${node.layer}` : kind,
    position: node.ctx_idx,
    token: tokens[node.ctx_idx] ?? "",
    latent,
    label: shown(node.clerp),
    gist:
      cards[card]?.promotes
        .slice(0, 3)
        .map(({ token }) => token.trim())
        .join(" ") ?? "",
    card,
    activation: node.activation,
    influence: kind === "logit" ? null : node.influence,
    probability: node.token_prob,
  };
}

function kindOf({ feature_type }: AttributionNode): PageNode["kind"] {
  if (feature_type === EMBEDDING) return "token";
  if (feature_type === LOGIT) return "logit";
  return feature_type === ERROR ? "error" : "feature";
}

/** Ranked by how much of the influence moved: the slider keeps the nodes that hold a share of the whole change. */
function changedNodes(nodes: readonly DiffNode[], place: (node: AttributionNode) => PageNode): PageNode[] {
  const moved = ({ influence: { base, tuned } }: DiffNode) => Math.abs((tuned ?? 0) - (base ?? 0));
  const order = [...nodes].sort((a, b) => moved(b) - moved(a));
  const total = order.reduce((sum, each) => sum + moved(each), 0);
  const cumulative = new Map<DiffNode, number>();
  let running = 0;
  for (const each of order) {
    running += moved(each);
    cumulative.set(each, total > 0 ? Math.min(1, running / total) : 1);
  }
  return nodes.map((each) => {
    const { node, change, activation, influence, confirmation } = each;
    const placed = place(node);
    const rank = placed.kind === "logit" ? null : (cumulative.get(each) ?? null);
    return { ...placed, change, sides: { activation, influence }, confirmation, influence: rank };
  });
}

function changedLinks({ links, nodes }: AttributionDiffRecord): PageLink[] {
  const known = new Set(nodes.map(({ node }) => node.node_id));
  return links
    .filter(({ source, target }) => known.has(source) && known.has(target))
    .map(({ source, target, change, weight: { base, tuned }, confirmation }) => {
      const weight = (tuned ?? 0) - (base ?? 0);
      return { source, target, weight, change, base, tuned, confirmation };
    });
}

function shownCards(cards: Readonly<Record<string, AttributionCard>>): Record<string, AttributionCard> {
  const words = (tokens: AttributionCard["promotes"]) =>
    tokens.map(({ token, value }) => ({ token: shown(token), value }));
  return Object.fromEntries(
    Object.entries(cards).map(([key, { promotes, suppresses, contexts }]) => [
      key,
      {
        promotes: words(promotes),
        suppresses: words(suppresses),
        contexts: contexts.map(({ tokens, values }) => ({ tokens: tokens.map(shown), values })),
      },
    ]),
  );
}
