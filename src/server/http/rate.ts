/** Token buckets: each name may take `perMinute` a minute, at most as many at once. Pure but for the clock handed in. */

interface Bucket {
  left: number;
  at: number;
}

export interface Taken {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Until one more may be taken; 0 where that is now. */
  readonly waitMs: number;
}

/** Full buckets are forgotten when there are so many. */
const MOST_BUCKETS = 10_000;

export class Rate {
  readonly perMinute: number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;

  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.perMinute = perMinute;
    this.#now = now;
  }

  take(name: string): Taken {
    const bucket = this.#filled(name);
    const allowed = bucket.left >= 1;
    if (allowed) bucket.left -= 1;
    return { allowed, remaining: Math.floor(bucket.left), waitMs: this.#waitMs(bucket) };
  }

  #waitMs({ left }: Bucket): number {
    return left >= 1 ? 0 : ((1 - left) * 60_000) / this.perMinute;
  }

  #filled(name: string): Bucket {
    const now = this.#now();
    const known = this.#buckets.get(name);
    const bucket = known ?? { left: this.perMinute, at: now };
    bucket.left = Math.min(this.perMinute, bucket.left + ((now - bucket.at) * this.perMinute) / 60_000);
    bucket.at = now;
    if (!known) {
      if (this.#buckets.size >= MOST_BUCKETS) this.#forgetOldest();
      this.#buckets.set(name, bucket);
    }
    return bucket;
  }

  #forgetOldest(): void {
    const oldest = [...this.#buckets].sort(([, a], [, b]) => a.at - b.at).slice(0, MOST_BUCKETS / 2);
    for (const [name] of oldest) this.#buckets.delete(name);
  }
}
