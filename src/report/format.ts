/** Numbers as a reader sees them. A score is a percentage, a shift is in percentage points, a minus is a minus. */

const MINUS = "\u2212";

const fixed = (value: number, digits: number) => value.toFixed(digits).replace("-", MINUS);

/** 0.913 → "91.3%"; what is not 0 or 1 is never printed as if it were. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return "<0.1%";
  if (share < 1 && share >= 0.9995) return ">99.9%";
  return `${fixed(100 * share, 1)}%`;
}

/** 0.031 → "+3.1". */
export function points(shift: number): string {
  const text = (100 * Math.abs(shift)).toFixed(1);
  if (text === "0.0") return text;
  return `${shift < 0 ? MINUS : "+"}${text}`;
}

/** [−0.01, 0.04] → "−1.0 to +4.0". */
export const pointsSpan = (interval: readonly [number, number]) => `${points(interval[0])} to ${points(interval[1])}`;

/** 0.05 → "5"; no more digits than it has. */
export const plainPoints = (share: number) => String(Number((100 * share).toFixed(2)));

/** 12345 → "12,345". */
export const count = (n: number) => n.toLocaleString("en-US");

/** "1 row", "3 rows". */
export const counted = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** A number of any size with at most `digits` significant digits. */
export function short(value: number, digits = 3): string {
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  const plain = magnitude >= 1e-4 && magnitude < 1e6;
  const text = plain
    ? String(Number(value.toPrecision(digits)))
    : value.toExponential(digits - 1).replace(/\.?0*e\+?/, "e");
  return text.replaceAll("-", MINUS);
}

/** 0.42 → "+0.42", −1.3 → "−1.3". */
export const signed = (value: number, digits = 3) => `${value > 0 ? "+" : ""}${short(value, digits)}`;

/** −1.28 → "−1.3" where one decimal is asked for. */
export function signedFixed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return Number(value.toFixed(digits)) === 0 ? text.replace(MINUS, "") : `${value > 0 ? "+" : ""}${text}`;
}

/** A cosine as ".62" or "−.08". */
export function cosine(value: number): string {
  const text = fixed(value, 2).replace("0.", ".");
  return text === `${MINUS}.00` ? ".00" : text;
}

/** 93000 → "1 min 33 s". */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
