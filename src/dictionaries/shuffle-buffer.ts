/** Mixes a stream of activations: neighbouring tokens are alike, and a batch should not be one text. */
import { rng } from "../core/index.ts";

export interface ShuffleOptions {
  readonly dModel: number;
  /** Rows of a batch. */
  readonly batchTokens: number;
  /** Rows held at once; the further a row may travel, the better mixed. */
  readonly bufferTokens: number;
  readonly seed: number;
}

/**
 * Batches `[batchTokens, dModel]` from `source`'s pieces `[n, dModel]`: the buffer fills, half of it leaves in random
 * order, and it fills again. Rows that do not fill a last batch are dropped.
 */
export async function* shuffledBatches(
  source: AsyncIterable<Float32Array>,
  { dModel, batchTokens, bufferTokens, seed }: ShuffleOptions,
): AsyncGenerator<Float32Array> {
  const random = rng(seed, "shuffle buffer");
  const capacity = Math.max(bufferTokens, 2 * batchTokens);
  const buffer = new Float32Array(capacity * dModel);
  let held = 0;
  const take = () => {
    const batch = new Float32Array(batchTokens * dModel);
    for (let i = 0; i < batchTokens; i++) {
      const from = random.int(held) * dModel;
      batch.set(buffer.subarray(from, from + dModel), i * dModel);
      held--;
      buffer.copyWithin(from, held * dModel, (held + 1) * dModel);
    }
    return batch;
  };
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      const rows = Math.min((piece.length - at) / dModel, capacity - held);
      buffer.set(piece.subarray(at, at + rows * dModel), held * dModel);
      held += rows;
      at += rows * dModel;
      if (held === capacity) while (held > capacity / 2 && held >= batchTokens) yield take();
    }
  }
  while (held >= batchTokens) yield take();
}
