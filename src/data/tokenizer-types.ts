import type { ChatMessage } from "./messages.ts";

/** Text to token ids and back, with the model's chat template. */
export interface Tokenizer {
  readonly vocabSize: number;
  /** Special tokens written out in `text` become their ids. `addSpecialTokens` (default false) adds BOS where the model wants one. */
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[];
  /** `skipSpecialTokens`: default false. */
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string;
  /** What one token looks like to a reader; not UTF-8 by itself where it is part of a character. */
  tokenText(id: number): string;
  readonly bosId: number | null;
  /** All ids that end an answer; the tokenizer's own `eos_token` first. */
  readonly eosIds: readonly number[];
  readonly padId: number | null;
  /** The template's text. `UserError` where the model has no template or the template refuses the messages. */
  renderChat(messages: readonly ChatMessage[], options: ChatOptions): string;
  /** Ids of `renderChat`; BOS only where the template writes it. */
  encodeChat(messages: readonly ChatMessage[], options: ChatOptions): number[];
}

export interface ChatOptions {
  /** Open the assistant's turn at the end. */
  readonly addGenerationPrompt: boolean;
}
