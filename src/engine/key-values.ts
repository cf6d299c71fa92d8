/** The key-value cache of a generation, in the engine's process. */
import { must } from "../core/index.ts";
import type { KeyValueCache } from "../models/index.ts";
import { type HostTensor, int64 } from "./program.ts";

export interface CacheSizes {
  readonly kind: KeyValueCache["kind"];
  readonly nLayers: number;
  readonly nKvHeads: number;
  readonly dHead: number;
}

/** What a run is fed of the cache, hands out for it and writes into it. */
interface CacheFeeds {
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly fetches: readonly string[];
  readonly into: Readonly<Record<string, HostTensor>>;
}

const FIRST_CAPACITY = 64;

/** Keys and values `[batch, nKvHeads, capacity, dHead]` per layer; of row b, the first `lengths[b]` are valid. */
export class KeyValues {
  readonly lengths: Int32Array;
  copyMs = 0;
  readonly #sizes: CacheSizes;
  readonly #batch: number;
  readonly #names: readonly { readonly key: string; readonly value: string }[];
  #capacity = 0;
  #keys: Float32Array[] = [];
  #values: Float32Array[] = [];

  constructor(sizes: CacheSizes, batch: number) {
    this.#sizes = sizes;
    this.#batch = batch;
    this.lengths = new Int32Array(batch);
    this.#names = Array.from({ length: sizes.nLayers }, (_, layer) => ({
      key: `key.${layer}`,
      value: `value.${layer}`,
    }));
  }

  /** Makes room for `counts[row]` new positions of each row. An appended cache is not read before something is in it. */
  before(counts: readonly number[]): CacheFeeds {
    const fresh = this.#names.flatMap(({ key, value }) => [key, value]);
    const isEmpty = this.lengths.every((length) => length === 0);
    this.#grow(Math.max(...this.lengths.map((length, row) => length + (counts[row] ?? 0))));
    if (this.#sizes.kind === "appended") {
      const lengths = int64([this.#batch], Int32Array.from(this.lengths));
      return {
        feeds: isEmpty ? {} : { ...this.#tensors("cache."), "cache.lengths": lengths },
        fetches: fresh,
        into: {},
      };
    }
    const last = this.lengths.map((length, row) => length + (counts[row] ?? 0) - 1);
    const int32 = (data: Int32Array): HostTensor => ({ dtype: "int32", shape: [data.length], data });
    const ends = { "cache.last": int32(last), "cache.longest": int32(Int32Array.of(Math.max(...last) + 1)) };
    return { feeds: { ...this.#tensors("cache."), ...ends }, fetches: [], into: this.#tensors("") };
  }

  /** Takes in what a run made of `counts[row]` new positions of each row. */
  after(out: Readonly<Record<string, HostTensor>>, counts: readonly number[]): void {
    const startedAt = performance.now();
    if (this.#sizes.kind === "appended") {
      for (const [layer, { key, value }] of this.#names.entries()) {
        this.#append(must(out[key], key), this.#keys[layer] as Float32Array, counts);
        this.#append(must(out[value], value), this.#values[layer] as Float32Array, counts);
      }
    }
    for (const [row, count] of counts.entries()) this.lengths[row] = (this.lengths[row] ?? 0) + count;
    this.copyMs += performance.now() - startedAt;
  }

  #tensors(prefix: string): Record<string, HostTensor> {
    const { nKvHeads, dHead } = this.#sizes;
    const shape = [this.#batch, nKvHeads, this.#capacity, dHead];
    const tensor = (data: Float32Array | undefined): HostTensor => ({
      dtype: "float32",
      shape,
      data: must(data, "cache"),
    });
    return Object.fromEntries(
      this.#names.flatMap(({ key, value }, layer) => [
        [prefix + key, tensor(this.#keys[layer])],
        [prefix + value, tensor(this.#values[layer])],
      ]),
    );
  }

  /** `fresh` `[batch, seq, nKvHeads, dHead]` */
  #append(fresh: HostTensor, into: Float32Array, counts: readonly number[]): void {
    const { nKvHeads, dHead } = this.#sizes;
    const seq = must(fresh.shape[1], "seq");
    const data = fresh.data as Float32Array;
    for (let row = 0; row < this.#batch; row++) {
      const start = this.lengths[row] as number;
      for (let t = 0; t < (counts[row] ?? 0); t++) {
        for (let head = 0; head < nKvHeads; head++) {
          const from = ((row * seq + t) * nKvHeads + head) * dHead;
          const to = ((row * nKvHeads + head) * this.#capacity + start + t) * dHead;
          into.set(data.subarray(from, from + dHead), to);
        }
      }
    }
  }

  #grow(needed: number): void {
    if (needed <= this.#capacity) return;
    const startedAt = performance.now();
    const { nLayers, nKvHeads, dHead } = this.#sizes;
    const old = this.#capacity * dHead;
    let capacity = Math.max(this.#capacity, FIRST_CAPACITY);
    while (capacity < needed) capacity *= 2;
    this.#capacity = capacity;
    const blocks = this.#batch * nKvHeads;
    const grown = (each: readonly Float32Array[]) =>
      Array.from({ length: nLayers }, (_, layer) => spread(each[layer], blocks, old, capacity * dHead));
    this.#keys = grown(this.#keys);
    this.#values = grown(this.#values);
    this.copyMs += performance.now() - startedAt;
  }
}

/** `rows` rows of width `from` in rows of width `to`. */
function spread(source: Float32Array | undefined, rows: number, from: number, to: number): Float32Array {
  const target = new Float32Array(rows * to);
  if (source) for (let row = 0; row < rows; row++) target.set(source.subarray(row * from, (row + 1) * from), row * to);
  return target;
}
