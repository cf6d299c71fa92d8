/** When to ask again, and how long to wait before. Pure. */

/** A server that asks for a longer wait than this is not waited for. */
export const LONGEST_WAIT_MS = 120_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;

/** Statuses after which the same request may succeed. */
export function isTransient(status: number, headers: Pick<Headers, "get">): boolean {
  const told = headers.get("x-should-retry");
  if (told === "true") return true;
  if (told === "false") return false;
  return [408, 409, 425, 429].includes(status) || status >= 500;
}

/** Milliseconds that the server asks for (`retry-after-ms`, `retry-after` in seconds or as a date); null: it does not. */
export function askedWaitMs(headers: Pick<Headers, "get">, nowMs: number): number | null {
  const ms = nonNegative(headers.get("retry-after-ms"));
  if (ms !== null) return ms;
  const after = headers.get("retry-after");
  const seconds = nonNegative(after);
  if (seconds !== null) return seconds * 1000;
  // A bare negative or fractional number would parse as a year.
  const date = after !== null && /[a-z]/i.test(after) ? Date.parse(after) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function nonNegative(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** Doubling from 0.5 s to 8 s, of which a random half is taken off (`draw` in [0, 1)), so that clients do not march. */
export function backoffMs(attempt: number, draw: number): number {
  const full = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
  return full * (1 - draw / 2);
}
