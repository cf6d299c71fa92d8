/** Lets requests through: so many at once, so many a minute, none while the server wants a pause. */
import { setTimeout as sleepFor } from "node:timers/promises";

export interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

export const wallClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleepFor(ms, undefined, signal ? { signal } : {});
  },
};

export class Turnstile {
  readonly #clock: Clock;
  readonly #spacingMs: number;
  #nextAt = -Infinity;
  #closedUntil = -Infinity;

  constructor(clock: Clock, requestsPerMinute: number | undefined) {
    this.#clock = clock;
    this.#spacingMs = requestsPerMinute === undefined ? 0 : 60_000 / requestsPerMinute;
  }

  /** Waits for this request's turn. */
  async pass(signal: AbortSignal | undefined): Promise<void> {
    const now = this.#clock.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#spacingMs;
    if (at > now) await this.#clock.sleep(at - now, signal);
    for (let left = this.#left(); left > 0; left = this.#left()) await this.#clock.sleep(left, signal);
  }

  /** Nobody passes for so long: the server is full for all of us. */
  close(ms: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, this.#clock.now() + ms);
  }

  #left(): number {
    return this.#closedUntil - this.#clock.now();
  }
}

/** `work` over `items`, at most `width` at once, results in their order. The first failure stops what has not begun. */
export async function pooled<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  const broken = lanes.find((lane) => lane.status === "rejected");
  if (broken) throw broken.reason;
  return results;
}
