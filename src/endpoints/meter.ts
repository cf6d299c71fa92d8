import type { Answer, Usage } from "./speaker.ts";
import type { Read } from "./wire.ts";

/** Counts what an endpoint used up. Answers from the disk cost nothing again. */
export class Meter {
  readonly #price: { readonly input: number; readonly output: number } | null;
  readonly #adapted: () => readonly string[];
  #counts = { answers: 0, cached: 0, retries: 0, gaps: 0 };
  #promptTokens: number | null = null;
  #completionTokens: number | null = null;
  #cost: number | null = null;

  constructor(price: { readonly input: number; readonly output: number } | null, adapted: () => readonly string[]) {
    this.#price = price;
    this.#adapted = adapted;
  }

  answered({ answer, cost }: Read, cached: boolean): Answer {
    this.#counts.answers++;
    if (cached) this.#counts.cached++;
    else this.#spend(answer, cost);
    return { ...answer, cached };
  }

  retried(): void {
    this.#counts.retries++;
  }

  missed(): void {
    this.#counts.gaps++;
  }

  usage(): Usage {
    return {
      ...this.#counts,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      cost: this.#cost,
      adapted: this.#adapted(),
    };
  }

  #spend({ promptTokens, completionTokens }: Read["answer"], reported: number | null): void {
    this.#promptTokens = added(this.#promptTokens, promptTokens);
    this.#completionTokens = added(this.#completionTokens, completionTokens);
    const priced =
      this.#price === null || promptTokens === null || completionTokens === null
        ? null
        : (promptTokens * this.#price.input + completionTokens * this.#price.output) / 1e6;
    this.#cost = added(this.#cost, reported ?? priced);
  }
}

function added(sum: number | null, more: number | null): number | null {
  return more === null ? sum : (sum ?? 0) + more;
}
