/** How many tokens files come to. Contents never change, so that each file is counted once for each way to train on it. */
import { Counts, type Reading, type ReadingOrder } from "./reading.ts";

/** Counts that are remembered; the oldest goes first. */
const MOST_KNOWN = 1000;

export interface Counted extends Omit<Extract<ReadingOrder, { task: "count" }>, "task"> {
  readonly sha256: string;
}

export class TokenCounts {
  readonly #reading: Pick<Reading, "ask">;
  readonly #known = new Map<string, Promise<Counts>>();

  constructor(reading: Pick<Reading, "ask">) {
    this.#reading = reading;
  }

  /** Whoever asks while it is being counted gets the same count. Throws what `Reading` throws. */
  of({ sha256, ...asked }: Counted): Promise<Counts> {
    const { tokenizer, maxLength, objective } = asked;
    const key = JSON.stringify([sha256, tokenizer, maxLength, objective]);
    const known = this.#known.get(key);
    if (known) return known;
    const counting = this.#reading.ask({ task: "count", ...asked }, Counts);
    this.#known.set(key, counting);
    counting.catch(() => this.#known.delete(key));
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    return counting;
  }
}
