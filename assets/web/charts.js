/** Drawings in SVG, with their numbers as text for those who do not see them. */
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [420, 180, 44, 22, 8];

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function canvas(title) {
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title });
  svg.append(element("line", { class: "axis", x1: LEFT, x2: WIDTH, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }));
  return svg;
}

export const short = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Places of steps and values; `lines`: lists of `[step, value]`, rising by step. */
function scales(lines, values) {
  const steps = lines.flat().map(([step]) => step);
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (step) => LEFT + ((WIDTH - LEFT - 8) * (step - first)) / Math.max(1, last - first);
  const y = (value) => TOP + ((HEIGHT - BOTTOM - TOP) * (high - value)) / Math.max(1e-9, high - low);
  return { x, y, first, last, low, high };
}

function labelAxes(svg, { y, first, last, low, high }) {
  svg.append(element("text", { x: 0, y: y(high) + 8 }, short(high)));
  svg.append(element("text", { x: 0, y: y(low) }, short(low)));
  svg.append(element("text", { x: LEFT, y: HEIGHT - 6 }, `step ${first}`));
  svg.append(element("text", { x: WIDTH - 8, y: HEIGHT - 6, "text-anchor": "end" }, `step ${last}`));
}

function drawLine(svg, points, { x, y }, name) {
  const places = points.map(([step, value]) => `${x(step)},${y(value)}`).join(" ");
  const [step, value] = points.at(-1);
  svg.append(element("polyline", { class: `line ${name}`, points: places }));
  svg.append(element("circle", { class: `dot ${name}`, cx: x(step), cy: y(value), r: 3 }));
}

/** Loss of the training rows and, dashed, of the rows held out. */
export function lossChart(training, validation) {
  if (training.length === 0) return document.createTextNode("No step yet.");
  const [first, last] = [training[0], training.at(-1)];
  const heldOut = validation.length > 0 ? `; of the validation file ${short(validation.at(-1)[1])}` : "";
  const svg = canvas(`Loss ${short(first[1])} at step ${first[0]}, ${short(last[1])} at step ${last[0]}${heldOut}`);
  const scale = scales([training, validation], [...training, ...validation].map(([, loss]) => loss).concat(0));
  drawLine(svg, training, scale, "s0");
  if (validation.length > 0) drawLine(svg, validation, scale, "s1 dashed");
  labelAxes(svg, scale);
  return svg;
}

/** How many behaviours have a colour and a line of the legend; the others are drawn faintly behind. */
const NAMED = 5;

/** `lines`: by behaviour, `[step, drift]` rising. Gives the drawing and its legend, strongest first. */
export function driftChart(lines) {
  const sorted = [...lines].sort(([, a], [, b]) => Math.abs(b.at(-1)[1]) - Math.abs(a.at(-1)[1]));
  if (sorted.length === 0) return { drawing: document.createTextNode("Nobody has looked yet."), legend: [] };
  const legend = sorted.slice(0, NAMED).map(([id, points], i) => ({ id, last: points.at(-1)[1], name: `s${i}` }));
  const svg = canvas(legend.map(({ id, last }) => `${id} ${short(last)}`).join(", "));
  const points = sorted.map(([, own]) => own);
  const scale = scales(
    points,
    points
      .flat()
      .map(([, value]) => value)
      .concat(0),
  );
  svg.append(element("line", { class: "axis", x1: LEFT, x2: WIDTH, y1: scale.y(0), y2: scale.y(0) }));
  for (const [i, own] of [...points.entries()].reverse()) drawLine(svg, own, scale, i < NAMED ? `s${i}` : "faint");
  labelAxes(svg, scale);
  return { drawing: svg, legend };
}

/** `layers`: the drift records of an audit. */
export function layerChart(layers) {
  if (layers.length === 0) return document.createTextNode("Not measured yet.");
  const high = Math.max(...layers.map(({ relative }) => relative), 1e-9);
  const step = (WIDTH - LEFT) / layers.length;
  const svg = canvas(layers.map(({ layer, relative }) => `layer ${layer}: ${short(relative)}`).join(", "));
  for (const [i, { layer, relative }] of layers.entries()) {
    const height = ((HEIGHT - BOTTOM - TOP) * relative) / high;
    const x = LEFT + i * step;
    svg.append(
      element("rect", { class: "bar", x: x + step * 0.15, y: HEIGHT - BOTTOM - height, width: step * 0.7, height }),
    );
    svg.append(element("text", { x: x + step / 2, y: HEIGHT - 6, "text-anchor": "middle" }, String(layer)));
  }
  svg.append(element("text", { x: 0, y: TOP + 8 }, short(high)));
  return svg;
}
