/** The page: reads the graph and the address, draws, and listens. */
import { drawGround, drawLinkSlices, drawLinks, drawNodes, drawRings, drawSubgraph, sized } from "./draw.js";
import { layOut, nearest, neighbour } from "./layout.js";
import { buildModel, isShown, titleOf } from "./model.js";
import { showFound, showGroups, showNode } from "./panel.js";
import { readState, writeState } from "./state.js";

const byId = (id) => document.getElementById(id);
const model = buildModel(JSON.parse(byId("data").textContent));
let state = readState(model);
let shown = [];
let places = null;
let boxes = [];
let hovered = null;
const layers = { ground: document.createElement("canvas"), links: document.createElement("canvas") };
layers.nodes = document.createElement("canvas");
/** Of the links that are being drawn; a newer one ends it. */
let drawing = 0;

/** All of it again: after a change of what is shown. */
function renew() {
  const canvas = byId("picture");
  const { width, height } = canvas.getBoundingClientRect();
  shown = model.nodes.filter((node) => isShown(node, state));
  places = layOut(model, shown, width, height);
  const scene = { model, state, shown, places };
  drawing++;
  drawGround(sized(layers.ground, width, height), scene);
  drawNodes(sized(layers.nodes, width, height), scene);
  const { slice, left } = drawLinkSlices(sized(layers.links, width, height), scene);
  sized(canvas, width, height);
  overlay();
  if (left) continueWith(slice);
  selection();
  const links = model.links.filter((link) => link.share <= state.linkShare + 1e-9).length;
  byId("count").textContent = `${shown.length} of ${model.nodes.length} nodes, ${links} of ${model.links.length} links`;
  byId("node-share").value = String(state.nodeShare);
  byId("link-share").value = String(state.linkShare);
  byId("node-share-value").textContent = state.nodeShare.toFixed(2);
  byId("link-share-value").textContent = state.linkShare.toFixed(2);
  byId("errors").checked = state.errors;
  for (const box of document.querySelectorAll("[data-change]"))
    box.checked = state.changes.size === 0 || state.changes.has(box.dataset.change);
  search();
}

/** The remaining links, a slice a frame. */
function continueWith(slice) {
  const own = drawing;
  const step = () => {
    if (own !== drawing) return;
    const left = slice();
    overlay();
    if (left) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

/** What follows from pins and groups alone. */
function selection() {
  const small = byId("subgraph");
  const box = small.getBoundingClientRect();
  boxes = drawSubgraph(sized(small, box.width, box.height), model, state, box.width, box.height);
  showGroups(byId("groups"), state, act);
}

/** The layers, and above them the links of what is pointed at and chosen. */
function overlay() {
  const canvas = byId("picture");
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, places.width, places.height);
  for (const layer of [layers.ground, layers.links, layers.nodes])
    context.drawImage(layer, 0, 0, places.width, places.height);
  const chosen = model.byId.get(state.clicked);
  if (chosen && shown.includes(chosen)) drawLinks(context, chosen, { state, places }, false);
  if (hovered && hovered !== chosen) drawLinks(context, hovered, { state, places }, true);
  drawRings(context, { state, shown, places });
}

function change(next, redraw = true) {
  state = { ...state, ...next };
  writeState(state);
  if (redraw) renew();
  else {
    overlay();
    if (next.pinned || next.groups) selection();
  }
  showNode(byId("node"), model, state, act);
  const node = model.byId.get(state.clicked);
  byId("said").textContent = node ? `${titleOf(node)}, ${node.rowName}, on ${node.token}` : "";
}

const act = {
  choose: (id) => change({ clicked: id }, !shown.includes(model.byId.get(id))),
  pin: (id) => {
    const pinned = state.pinned.includes(id) ? state.pinned.filter((each) => each !== id) : [...state.pinned, id];
    const node = model.byId.get(id);
    // A node that the thresholds hide is shown for as long as it is pinned.
    change({ pinned }, isShown(node, state) !== isShown(node, { ...state, pinned }));
  },
  pinAll: (ids) => change({ pinned: [...new Set([...state.pinned, ...ids])] }),
  ungroup: (g) => change({ groups: state.groups.filter((_, i) => i !== g) }),
  /** What is pinned and in no group yet becomes one. */
  group: (label) => {
    const grouped = new Set(state.groups.flatMap(([, ...ids]) => ids));
    const free = state.pinned.filter((id) => !grouped.has(id));
    if (free.length > 0) change({ groups: [...state.groups, [label || `group ${state.groups.length + 1}`, ...free]] });
  },
};

function search() {
  const words = byId("search").value.toLowerCase();
  const text = (node) => `${node.id} ${titleOf(node)} ${node.token}`.toLowerCase();
  const found = shown.filter((node) => text(node).includes(words));
  found.sort((a, b) => (a.influence ?? 0) - (b.influence ?? 0));
  showFound(byId("found"), found, act);
}

function at(event) {
  const box = event.currentTarget.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

byId("picture").addEventListener("pointermove", (event) => {
  const node = nearest(shown, ...at(event), places.radius + 6);
  if (node === hovered) return;
  hovered = node;
  byId("picture").title = node ? `${titleOf(node)} (${node.id})` : "";
  overlay();
});
byId("picture").addEventListener("pointerleave", () => {
  hovered = null;
  overlay();
});
byId("picture").addEventListener("click", (event) => {
  const node = nearest(shown, ...at(event), places.radius + 6);
  if (node && (event.shiftKey || event.metaKey || event.ctrlKey)) act.pin(node.id);
  else change({ clicked: node ? node.id : "" }, false);
});
byId("subgraph").addEventListener("click", (event) => {
  const [x, y] = at(event);
  const box = boxes.find((each) => x >= each.x && x <= each.x + each.w && y >= each.y && y <= each.y + each.h);
  if (box) act.choose(box.unit.nodes[0].id);
});
byId("node-share").addEventListener("input", (event) => change({ nodeShare: Number(event.currentTarget.value) }));
byId("link-share").addEventListener("input", (event) => change({ linkShare: Number(event.currentTarget.value) }));
byId("errors").addEventListener("change", (event) => change({ errors: event.currentTarget.checked }));
for (const box of document.querySelectorAll("[data-change]"))
  box.addEventListener("change", () => {
    const all = [...document.querySelectorAll("[data-change]")];
    const ticked = all.filter((each) => each.checked).map((each) => each.dataset.change);
    change({ changes: new Set(ticked.length === all.length ? [] : ticked) });
  });
byId("search").addEventListener("input", search);
byId("group").addEventListener("submit", (event) => {
  event.preventDefault();
  act.group(byId("group-name").value.trim());
  byId("group-name").value = "";
});
byId("clear").addEventListener("click", () => change({ pinned: [], groups: [], clicked: "" }));

const keys = {
  p: () => state.clicked && act.pin(state.clicked),
  g: () => byId("group-name").focus(),
  e: () => change({ errors: !state.errors }),
  "/": () => byId("search").focus(),
  "?": () => byId("help").toggleAttribute("open"),
  Escape: () => change({ clicked: "" }, false),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key.startsWith("Arrow")) {
    const from = model.byId.get(state.clicked);
    const node = from && shown.includes(from) ? neighbour(shown, from, event.key) : shown.at(-1);
    if (node) change({ clicked: node.id }, false);
    event.preventDefault();
  } else if (keys[event.key]) {
    keys[event.key]();
    event.preventDefault();
  }
});
window.addEventListener("resize", renew);
window.addEventListener("hashchange", () => change(readState(model)));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", renew);
change({});
