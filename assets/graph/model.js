/** The graph as the page holds it: nodes with their places, links by end, and what the thresholds leave visible. */

/** Rows of the picture from below: tokens, then layers, then logits. */
export function buildModel(data) {
  const byId = new Map();
  const nodes = data.nodes.map((node, index) => {
    const made = { ...node, index, into: [], out: [] };
    byId.set(node.id, made);
    return made;
  });
  const links = data.links.map((link, index) => ({
    ...link,
    index,
    from: byId.get(link.source),
    to: byId.get(link.target),
  }));
  for (const link of links) {
    link.from.out.push(link);
    link.to.into.push(link);
  }
  for (const node of nodes) {
    node.into.sort(stronger);
    node.out.sort(stronger);
  }
  // A link's rank: the share of all absolute weight that it and the stronger ones hold.
  const total = links.reduce((sum, link) => sum + Math.abs(link.weight), 0);
  let running = 0;
  const byWeight = [...links].sort(stronger);
  for (const link of byWeight) {
    running += Math.abs(link.weight);
    link.share = total > 0 ? running / total : 1;
  }
  return { ...data, nodes, links, byWeight, byId };
}

const stronger = (a, b) => Math.abs(b.weight) - Math.abs(a.weight);

/** Tokens and logits are always shown; pinned nodes too. */
export function isShown(node, state) {
  if (state.changes.size > 0 && node.change && !state.changes.has(node.change)) return false;
  if (node.kind === "token" || node.kind === "logit" || state.pinned.includes(node.id)) return true;
  if (node.kind === "error" && !state.errors) return false;
  return node.influence === null || node.influence <= state.nodeShare + 1e-9;
}

export function isLinkShown(link, state) {
  return link.share <= state.linkShare + 1e-9 && isShown(link.from, state) && isShown(link.to, state);
}

/** What a node is called: its label, what it makes likelier, or its number. */
export function titleOf(node) {
  if (node.label) return node.label;
  if (node.kind === "error") return `error of layer ${node.layer}`;
  return node.gist ? `“${node.gist}”` : `#${node.latent}`;
}

/** Links between pinned nodes and groups of them; weights of several are added. */
export function subgraph(model, state) {
  const groupOf = new Map();
  for (const [g, [, ...ids]] of state.groups.entries()) for (const id of ids) groupOf.set(id, g);
  const units = new Map();
  for (const id of state.pinned) {
    const node = model.byId.get(id);
    if (!node) continue;
    const g = groupOf.get(id);
    const key = g === undefined ? id : `group ${g}`;
    const unit = units.get(key) ?? {
      key,
      group: g,
      nodes: [],
      label: g === undefined ? titleOf(node) : state.groups[g][0],
    };
    unit.nodes.push(node);
    units.set(key, unit);
  }
  const unitOf = new Map([...units.values()].flatMap((unit) => unit.nodes.map((node) => [node, unit])));
  const weights = new Map();
  for (const link of [...unitOf.keys()].flatMap((node) => node.out)) {
    const [a, b] = [unitOf.get(link.from), unitOf.get(link.to)];
    if (!b || a === b) continue;
    const key = `${a.key} → ${b.key}`;
    const sum = weights.get(key) ?? { from: a, to: b, weight: 0 };
    sum.weight += link.weight;
    weights.set(key, sum);
  }
  return { units: [...units.values()], links: [...weights.values()] };
}
