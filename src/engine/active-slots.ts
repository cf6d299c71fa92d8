/** Who speaks in a batch, from what the runtime's TopK gives: row by row, or over the whole batch. */

/** Slots of activations: those of row t from `starts[t]` to `starts[t + 1]`. */
export interface Active {
  readonly n: number;
  /** `[n + 1]` */
  readonly starts: Int32Array;
  /** Per slot: its row, its latent (−1: free) and its value. */
  readonly rows: Int32Array;
  readonly latents: Int32Array;
  readonly values: Float32Array;
  readonly floor: number;
}

/** Numbers that are appended one by one. */
export class Growing {
  #numbers = new Int32Array(1024);
  #count = 0;

  push(value: number): void {
    if (this.#count === this.#numbers.length) {
      const larger = new Int32Array(2 * this.#count);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#count++] = value;
  }

  get count(): number {
    return this.#count;
  }

  get numbers(): Int32Array {
    return this.#numbers.subarray(0, this.#count);
  }
}

/** k slots a row, as TopK gives them. `low`: every other number is an index. */
export function slotsOfRows(n: number, values: Float32Array, low: Int32Array): Active {
  const k = values.length / n;
  const latents = new Int32Array(values.length);
  for (let slot = 0; slot < latents.length; slot++)
    latents[slot] = (values[slot] as number) > 0 ? (low[2 * slot] as number) : -1;
  const starts = Int32Array.from({ length: n + 1 }, (_, t) => t * k);
  return { n, starts, rows: latents.map((_, slot) => Math.floor(slot / k)), latents, values, floor: 0 };
}

/** The largest of the whole batch, sorted by row (counting sort). */
export function slotsOfBatch(n: number, nLatents: number, values: Float32Array, low: Int32Array): Active {
  const starts = new Int32Array(n + 1);
  let count = 0;
  // Largest first: what is not positive stands behind.
  for (; count < values.length && (values[count] as number) > 0; count++) {
    const row = Math.floor((low[2 * count] as number) / nLatents);
    starts[row + 1] = (starts[row + 1] as number) + 1;
  }
  for (let t = 0; t < n; t++) starts[t + 1] = (starts[t + 1] as number) + (starts[t] as number);
  const next = starts.slice();
  const [rows, latents, sorted] = [new Int32Array(count), new Int32Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    const index = low[2 * i] as number;
    const row = Math.floor(index / nLatents);
    const slot = next[row] as number;
    next[row] = slot + 1;
    rows[slot] = row;
    latents[slot] = index - row * nLatents;
    sorted[slot] = values[i] as number;
  }
  const floor = count < values.length ? 0 : (values[count - 1] ?? 0);
  return { n, starts, rows, latents, values: sorted, floor };
}
