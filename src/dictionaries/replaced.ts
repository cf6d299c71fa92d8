/** The feeds of a forward pass in which values at hook points are replaced: token sequences, padded together. */
import { float32, type HostTensor, int64, paddedTo, type ReadSequence, type Tap, tapInput } from "../engine/index.ts";

export interface TokenFeeds {
  readonly feeds: Record<"tokens" | "positions" | "select", HostTensor>;
  /** The token that each place of `select` predicts; `select` may be longer, by padding. */
  readonly targets: readonly number[];
  readonly batch: number;
  readonly seq: number;
}

/** Every position of a sequence but the text's last predicts a token. The number selected is a multiple of `chunks`. */
export function tokenFeeds(sequences: readonly ReadSequence[], chunks: number): TokenFeeds {
  const batch = sequences.length;
  const seq = paddedTo(Math.max(...sequences.map(({ ids }) => ids.length)));
  const tokens = new Int32Array(batch * seq);
  const [select, targets]: [number[], number[]] = [[], []];
  for (const [b, { ids, positions }] of sequences.entries()) {
    tokens.set(ids, b * seq);
    for (const position of positions) {
      if (position + 1 >= ids.length) continue;
      select.push(b * seq + position);
      targets.push(ids[position + 1] as number);
    }
  }
  while (select.length % chunks !== 0 || select.length === 0) select.push(0);
  const feeds = {
    tokens: int64([batch, seq], tokens),
    positions: int64(
      [batch, seq],
      tokens.map((_, i) => i % seq),
    ),
    select: int64([select.length], Int32Array.from(select)),
  };
  return { feeds, targets, batch, seq };
}

/** What a `replace` tap puts at the sequences' positions: `rowsOf(b)` `[positions, width]`; null: nothing. */
export function replacementFeeds(
  tap: Tap,
  shape: readonly number[],
  sequences: readonly ReadSequence[],
  { batch, seq }: Pick<TokenFeeds, "batch" | "seq">,
  rowsOf: (sequence: number) => Float32Array | null,
): Record<string, HostTensor> {
  const width = shape.reduce((product, size) => product * size, 1);
  const weight = new Float32Array(batch * seq);
  const value = new Float32Array(batch * seq * width);
  for (const [b, { positions }] of sequences.entries()) {
    const rows = rowsOf(b);
    if (!rows) continue;
    for (const [i, position] of positions.entries()) {
      weight[b * seq + position] = 1;
      value.set(rows.subarray(i * width, (i + 1) * width), (b * seq + position) * width);
    }
  }
  return {
    [tapInput(tap, "weight")]: float32([batch, seq], weight),
    [tapInput(tap, "value")]: float32([batch, seq, ...shape], value),
  };
}
