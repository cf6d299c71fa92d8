/** Shifts of a score in percentage points, as sentences have them. */

/** 0.05 → "5", no more digits than it has. */
export const plain = (value: number) => String(Number((100 * value).toFixed(2)));
export const points = (value: number) => (100 * value).toFixed(1);
/** 0.031 → "+3.1", with a minus that is one. */
export const signed = (value: number) =>
  `${value >= 0.0005 ? "+" : value <= -0.0005 ? "\u2212" : ""}${points(Math.abs(value))}`;
