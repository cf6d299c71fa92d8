/** How the pages of docs/results print numbers. */

/** Two digits, without the 0 before the point. */
export function two(value) {
  return value === null
    ? "–"
    : value
        .toFixed(2)
        .replace(/^(-?)0\./, "$1.")
        .replace("-", "−");
}

/** Three digits of a share. */
export function three(value) {
  return value === null ? "–" : value.toFixed(3).replace(/^0\./, ".");
}

/** `{ value, interval }` as ".95 (.89–.98)". */
export function withInterval({ value, interval }) {
  return value === null || !interval ? two(value) : `${two(value)} (${two(interval[0])}–${two(interval[1])})`;
}

export function percent(share, digits = 0) {
  return `${(100 * share).toFixed(digits)}%`;
}

/** A shift of a probability in points, with its sign. */
export function points(shift) {
  const text = (100 * Math.abs(shift)).toFixed(1);
  return text === "0.0" ? text : `${shift < 0 ? "−" : "+"}${text}`;
}

/** "0% to 11%", or the one where all print alike. */
export function rangeOf(values, print) {
  const [low, high] = [print(Math.min(...values)), print(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}

export function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
