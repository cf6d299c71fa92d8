/**
 * The text of an answer as its tokens come. Told are only characters that no later token can change: none of a
 * character begun, and none of what may turn out to be a stop sequence.
 */
import type { Tokenizer } from "../../data/index.ts";

export class AnswerText {
  readonly #tokenizer: Tokenizer;
  readonly #stops: readonly string[];
  readonly #ids: number[] = [];
  #told = "";
  #whole = "";
  #stopped = false;

  constructor(tokenizer: Tokenizer, stops: readonly string[]) {
    this.#tokenizer = tokenizer;
    this.#stops = stops;
  }

  /** A stop sequence has come: what follows is not part of the answer. */
  get stopped(): boolean {
    return this.#stopped;
  }

  get text(): string {
    return this.#whole;
  }

  get tokens(): number {
    return this.#ids.length;
  }

  /** Gives what is new of the text for sure. */
  add(id: number): string {
    if (this.#stopped) return "";
    this.#ids.push(id);
    const text = this.#tokenizer.decode(this.#ids, { skipSpecialTokens: true });
    const at = firstOf(text, this.#stops);
    this.#stopped = at >= 0;
    this.#whole = at >= 0 ? text.slice(0, at) : text;
    return this.#tell(at >= 0 ? this.#whole.length : safeLength(text, this.#stops));
  }

  /** The answer is over: gives what was held back. */
  end(): string {
    return this.#tell(this.#whole.length);
  }

  #tell(length: number): string {
    // A decoder that changes what it said (rare: it joins words anew) is told no more of until the end.
    if (length <= this.#told.length || !this.#whole.startsWith(this.#told)) return "";
    const fresh = this.#whole.slice(this.#told.length, length);
    this.#told += fresh;
    return fresh;
  }
}

/** Where the first of the sequences begins; -1 where there is none. */
function firstOf(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return found.length > 0 ? Math.min(...found) : -1;
}

/** Characters of `text` that can be told: before a beginning of a stop sequence or of a character at its end. */
function safeLength(text: string, stops: readonly string[]): number {
  let end = text.length;
  while (end > 0 && text[end - 1] === "\uFFFD") end--;
  let safe = end;
  for (const stop of stops) {
    // Of characters that are whole: what the one begun will be, nobody knows yet.
    const whole = text.slice(0, end);
    for (let length = Math.min(stop.length - 1, end); length > 0; length--) {
      if (!whole.endsWith(stop.slice(0, length))) continue;
      safe = Math.min(safe, end - length);
      break;
    }
  }
  return safe;
}
