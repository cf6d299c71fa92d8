/** The side: one node with its links and its card, the nodes that a search finds, the groups. Text is only ever text. */
import { titleOf } from "./model.js";

const LONGEST_LIST = 60;

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const number = (value, digits = 3) =>
  value === null || value === undefined ? "none" : value.toFixed(digits).replace("-", "−");

function nodeButton(node, aside, choose) {
  const button = element("button", { type: "button", class: "node", "data-id": node.id });
  button.append(
    element("span", { class: `dot ${node.change ?? node.kind}` }),
    element("span", { class: "name" }, titleOf(node)),
  );
  button.append(
    element("span", { class: "where" }, `${node.rowName} · ${node.token}`),
    element("span", { class: "aside" }, aside),
  );
  button.addEventListener("click", () => choose(node.id));
  return button;
}

function linkList(title, links, end, choose) {
  const list = element("ul");
  for (const link of links.slice(0, LONGEST_LIST)) {
    const told = link.change ? `${number(link.base)} → ${number(link.tuned)}` : number(link.weight);
    const item = element("li", {}, nodeButton(link[end], told, choose));
    if (link.confirmation) item.append(confirmed(link.confirmation));
    list.append(item);
  }
  const more =
    links.length > LONGEST_LIST ? ` (the strongest ${LONGEST_LIST} of ${links.length})` : ` (${links.length})`;
  return element("section", {}, element("h3", {}, title + more), list);
}

function confirmed({ intervention, predicted, measured, takenBack }) {
  const parts = [`${intervention}: moves by ${number(measured)}`];
  if (predicted !== null) parts.push(`the graph predicts ${number(predicted)}`);
  if (takenBack !== null) parts.push(`${(100 * takenBack).toFixed(0)}% of the shift`);
  return element("p", { class: "confirmed" }, parts.join("; "));
}

function facts(node) {
  const rows = [
    ["id", node.id],
    ["token", node.token],
    ...(node.activation === null ? [] : [["activation", number(node.activation)]]),
    ...(node.influence === null
      ? []
      : [[node.change ? "cumulative share of the change" : "cumulative influence", number(node.influence)]]),
    ...(node.kind === "logit" ? [["probability", number(node.probability)]] : []),
  ];
  if (node.change) {
    rows.push(["change", node.change]);
    rows.push(["share of influence", `${number(node.sides.influence.base)} → ${number(node.sides.influence.tuned)}`]);
    if (node.kind === "feature")
      rows.push(["activation", `${number(node.sides.activation.base)} → ${number(node.sides.activation.tuned)}`]);
  }
  const list = element("dl");
  for (const [name, value] of rows) list.append(element("dt", {}, name), element("dd", {}, value));
  return list;
}

function card({ promotes, suppresses, contexts }) {
  const words = (title, tokens) => {
    const list = element("p", { class: "words" }, element("b", {}, `${title} `));
    for (const { token, value } of tokens)
      list.append(element("span", { class: "token", title: number(value) }, token), " ");
    return list;
  };
  const made = element(
    "section",
    { class: "card" },
    words("Makes likelier", promotes),
    words("Less likely", suppresses),
  );
  for (const { tokens, values } of contexts) {
    const most = Math.max(...values, 1e-12);
    const line = element("p", { class: "context" });
    for (const [t, token] of tokens.entries()) {
      const strength = Math.max(0, Math.min(4, Math.ceil((4 * values[t]) / most)));
      line.append(element("span", { class: `on${strength}` }, token), " ");
    }
    made.append(line);
  }
  return made;
}

export function showNode(place, model, state, act) {
  const node = model.byId.get(state.clicked);
  if (!node) {
    place.replaceChildren(element("p", { class: "hint" }, "Choose a node: click it, or move with the arrow keys."));
    return;
  }
  const pinned = state.pinned.includes(node.id);
  const pin = element(
    "button",
    { type: "button", class: "pin", "aria-pressed": String(pinned) },
    pinned ? "Unpin (p)" : "Pin (p)",
  );
  pin.addEventListener("click", () => act.pin(node.id));
  const parts = [element("h2", {}, titleOf(node)), pin, facts(node)];
  if (node.confirmation) parts.push(confirmed(node.confirmation));
  const of = model.cards[node.card];
  if (of) parts.push(card(of));
  parts.push(linkList("Comes from", node.into, "from", act.choose), linkList("Leads to", node.out, "to", act.choose));
  place.replaceChildren(...parts);
}

/** Of the influence, before and after. */
function sharesOf({ influence: { base, tuned } }) {
  const percent = (share) => (share === null ? "none" : `${(100 * share).toFixed(1)}%`);
  return `${percent(base)} → ${percent(tuned)}`;
}

export function showFound(place, nodes, act) {
  const list = element("ul");
  for (const node of nodes.slice(0, LONGEST_LIST))
    list.append(
      element("li", {}, nodeButton(node, node.sides ? sharesOf(node.sides) : number(node.influence), act.choose)),
    );
  place.replaceChildren(list);
}

export function showGroups(place, state, act) {
  const list = element("ul");
  for (const [g, [label, ...ids]] of state.groups.entries()) {
    const pin = element("button", { type: "button" }, "pin all");
    pin.addEventListener("click", () => act.pinAll(ids));
    const drop = element("button", { type: "button", "aria-label": `Ungroup ${label}` }, "ungroup");
    drop.addEventListener("click", () => act.ungroup(g));
    list.append(
      element("li", { class: "group" }, element("span", { class: "name" }, `${label} (${ids.length})`), pin, drop),
    );
  }
  place.replaceChildren(list);
}
