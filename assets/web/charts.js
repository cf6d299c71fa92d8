/** Two small drawings in SVG, with their numbers as text for those who do not see them. */
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

const short = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** `points`: `[step, loss]`, rising. */
export function lossChart(points) {
  if (points.length === 0) return document.createTextNode("No step yet.");
  const losses = points.map(([, loss]) => loss);
  const [low, high] = [Math.min(...losses, 0), Math.max(...losses)];
  const last = points.at(-1);
  const svg = canvas(`Loss ${short(losses[0])} at step ${points[0][0]}, ${short(last[1])} at step ${last[0]}`);
  const x = (step) => LEFT + ((WIDTH - LEFT - 8) * (step - points[0][0])) / Math.max(1, last[0] - points[0][0]);
  const y = (loss) => TOP + ((HEIGHT - BOTTOM - TOP) * (high - loss)) / Math.max(1e-9, high - low);
  svg.append(
    element("polyline", { class: "line", points: points.map(([step, loss]) => `${x(step)},${y(loss)}`).join(" ") }),
  );
  svg.append(element("circle", { class: "bar", cx: x(last[0]), cy: y(last[1]), r: 3 }));
  svg.append(element("text", { x: 0, y: y(high) + 8 }, short(high)));
  svg.append(element("text", { x: 0, y: y(low) }, short(low)));
  svg.append(element("text", { x: LEFT, y: HEIGHT - 6 }, `step ${points[0][0]}`));
  svg.append(element("text", { x: WIDTH - 8, y: HEIGHT - 6, "text-anchor": "end" }, `step ${last[0]}`));
  return svg;
}

/** `layers`: the drift records of an audit. */
export function driftChart(layers) {
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
