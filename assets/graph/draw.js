/**
 * The picture, in layers that are drawn when what they show changes and laid over each other at every frame: the ground,
 * all links, all nodes, and above them what is pointed at, chosen and pinned. Links come in slices, the strongest first, so
 * that a frame never waits for tens of thousands of them.
 */
import { isLinkShown, subgraph } from "./model.js";

/** Asked for thousands of times a picture, and the same until the scheme changes. */
const colours = new Map();

function colour(name) {
  const known = colours.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  colours.set(name, known);
  return known;
}

export function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** Rows, columns and their names. */
export function drawGround(context, { model, places }) {
  colours.clear();
  const { width, height, pad, columns, rowHeight } = places;
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillStyle = colour("muted");
  for (const [row, name] of model.rows.entries())
    context.fillText(name, 6, height - pad.bottom - rowHeight * (row + 0.5));
  for (const [t, column] of columns.entries()) {
    context.fillStyle = t % 2 === 0 ? colour("band") : colour("bg");
    context.fillRect(column.x, pad.top, column.width, height - pad.top - pad.bottom);
    context.fillStyle = colour("ink");
    context.fillText(fitted(context, model.tokens[t], column.width), column.x + 3, height - pad.bottom + 12);
  }
}

export function drawNodes(context, { shown, places }) {
  context.clearRect(0, 0, places.width, places.height);
  for (const node of shown) drawNode(context, node, places.radius);
}

/** Links of one frame, and of one path: long paths that cross themselves are slow to fill in. */
const [SLICE, PATH] = [2000, 200];

/** Draws the first slice; the function that it returns draws the next, and says whether any is left. */
export function drawLinkSlices(context, { model, state, places }) {
  context.clearRect(0, 0, places.width, places.height);
  context.lineWidth = 0.5;
  context.strokeStyle = colour("line-strong");
  context.globalAlpha = 0.4;
  let next = 0;
  const slice = () => {
    let drawn = 0;
    context.beginPath();
    for (; next < model.byWeight.length && drawn < SLICE; next++) {
      const link = model.byWeight[next];
      if (link.share > state.linkShare + 1e-9) next = model.byWeight.length;
      else if (isLinkShown(link, state)) {
        context.moveTo(link.from.x, link.from.y);
        context.lineTo(link.to.x, link.to.y);
        if (++drawn % PATH === 0) {
          context.stroke();
          context.beginPath();
        }
      }
    }
    context.stroke();
    return next < model.byWeight.length;
  };
  return { slice, left: slice() };
}

/** Rings around what is pinned, and the one that is chosen. */
export function drawRings(context, { state, shown, places }) {
  for (const node of shown) {
    const pinned = state.pinned.includes(node.id);
    if (!pinned && state.clicked !== node.id) continue;
    context.lineWidth = pinned ? 2 : 1.5;
    context.strokeStyle = pinned ? colour("pin") : colour("ink");
    outline(context, node, places.radius);
    context.stroke();
  }
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width - 6) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`${kept}…`).width > width - 6) kept = kept.slice(0, -1);
  return context.measureText(`${kept}…`).width > width - 6 ? "" : `${kept}…`;
}

export function nodeColour(node) {
  if (node.change) return colour(node.change);
  return colour(node.kind);
}

function drawNode(context, node, radius) {
  context.fillStyle = nodeColour(node);
  outline(context, node, radius);
  context.fill();
}

function outline(context, node, radius) {
  context.beginPath();
  if (node.kind === "error") context.rect(node.x - radius * 0.8, node.y - radius * 0.8, radius * 1.6, radius * 1.6);
  else context.arc(node.x, node.y, radius, 0, 2 * Math.PI);
}

/** Links of one node, above the still picture. */
export function drawLinks(context, node, { state, places }, faint) {
  const links = [...node.into, ...node.out].filter((link) => isLinkShown(link, { ...state, linkShare: 1 }));
  const most = Math.max(...links.map((link) => Math.abs(link.weight)), 1e-12);
  for (const link of links) {
    context.globalAlpha = (faint ? 0.35 : 0.25) + (faint ? 0 : 0.7) * (Math.abs(link.weight) / most);
    context.lineWidth = 0.6 + 2.6 * (Math.abs(link.weight) / most);
    context.strokeStyle = colour(link.weight < 0 ? "negative" : "positive");
    context.beginPath();
    context.moveTo(link.from.x, link.from.y);
    context.lineTo(link.to.x, link.to.y);
    context.stroke();
  }
  context.globalAlpha = 1;
  for (const link of links) for (const end of [link.from, link.to]) drawNode(context, end, places.radius);
  drawNode(context, node, places.radius * 1.4);
}

/** Pinned nodes and groups as boxes, a row per layer; returns where each box stands. */
export function drawSubgraph(context, model, state, width, height) {
  context.clearRect(0, 0, width, height);
  const { units, links } = subgraph(model, state);
  const rowOf = (unit) => Math.max(...unit.nodes.map(({ row }) => row));
  const rows = [...new Set(units.map(rowOf))].sort((a, b) => b - a);
  const boxes = [];
  for (const [r, row] of rows.entries()) {
    const here = units.filter((unit) => rowOf(unit) === row);
    here.sort((a, b) => a.nodes[0].position - b.nodes[0].position);
    for (const [i, unit] of here.entries()) {
      const w = Math.min(150, width / here.length - 10);
      boxes.push({
        unit,
        w,
        h: 26,
        x: (width * (i + 0.5)) / here.length - w / 2,
        y: ((height - 30) * (r + 0.5)) / rows.length,
      });
    }
  }
  const boxOf = new Map(boxes.map((box) => [box.unit, box]));
  const most = Math.max(...links.map(({ weight }) => Math.abs(weight)), 1e-12);
  for (const { from, to, weight } of links) {
    const [a, b] = [boxOf.get(from), boxOf.get(to)];
    context.lineWidth = 0.5 + 4 * (Math.abs(weight) / most);
    context.strokeStyle = colour(weight < 0 ? "negative" : "positive");
    context.beginPath();
    context.moveTo(a.x + a.w / 2, a.y);
    context.lineTo(b.x + b.w / 2, b.y + b.h);
    context.stroke();
  }
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const { unit, x, y, w, h } of boxes) {
    context.fillStyle = colour("surface");
    context.strokeStyle = unit.group === undefined ? nodeColour(unit.nodes[0]) : colour("pin");
    context.lineWidth = 2;
    context.fillRect(x, y, w, h);
    context.strokeRect(x, y, w, h);
    context.fillStyle = colour("ink");
    const count = unit.nodes.length > 1 ? ` (${unit.nodes.length})` : "";
    context.fillText(fitted(context, unit.label + count, w), x + 5, y + h / 2);
  }
  return boxes;
}
