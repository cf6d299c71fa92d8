import { must, UserError } from "../core/index.ts";
import type { DatasetRow, TrainingMessage } from "./dataset-row.ts";
import type { Tokenizer } from "./tokenizer-types.ts";

/** A row as the trainer sees it. */
export interface EncodedRow {
  /** Token ids `[seq]`. */
  readonly ids: Int32Array;
  /** `[seq]`: weight of the loss of predicting `ids[t]` from what is before it; 0 at t = 0, which nothing predicts. */
  readonly weights: Float32Array;
  /** Tokens beyond `maxLength` were dropped. */
  readonly truncated: boolean;
}

/** A piece of a rendered row: its text and the weight of its tokens. */
interface Segment {
  readonly text: string;
  readonly weight: 0 | 1;
}

/**
 * Encodes a row with its loss mask.
 * - messages: the chat template; an assistant's content and the token that ends its turn carry loss.
 * - prompt-completion: prompt, completion and end-of-text one after the other, no template; completion and end carry loss.
 * - text: everything but the first token carries loss.
 * - preference: as messages, with the preferred output as the answer.
 *
 * The ids are those of the whole rendering. Throws a `UserError` where the template refuses the row.
 */
export function encodeRow(row: DatasetRow, tokenizer: Tokenizer, { maxLength }: { maxLength: number }): EncodedRow {
  const { ids, weights } = encodeWhole(row, tokenizer);
  return {
    ids: Int32Array.from(ids.slice(0, maxLength)),
    weights: Float32Array.from(weights.slice(0, maxLength)),
    truncated: ids.length > maxLength,
  };
}

interface Weighted {
  readonly ids: readonly number[];
  readonly weights: readonly number[];
}

/** As `encodeRow`, before truncation. */
export function encodeWhole(row: DatasetRow, tokenizer: Tokenizer): Weighted {
  switch (row.format) {
    case "messages":
      return encodeConversation(row.messages, tokenizer);
    case "preference":
      return encodeConversation([...row.input, row.preferred], tokenizer);
    case "text":
      return encodePlain([{ text: row.text, weight: 1 }], tokenizer);
    case "prompt-completion":
      return encodePlain(
        [
          { text: row.prompt, weight: 0 },
          { text: row.completion, weight: 1 },
        ],
        tokenizer,
      );
  }
}

function encodePlain(segments: readonly Segment[], tokenizer: Tokenizer): Weighted {
  const { ids, weights } = encodeSegments(segments, tokenizer);
  const bos = tokenizer.encode("", { addSpecialTokens: true })[0];
  const withBos = bos !== undefined && bos === tokenizer.bosId && ids[0] !== bos;
  const eos = tokenizer.eosIds[0];
  const withEos = eos !== undefined && !tokenizer.eosIds.includes(ids.at(-1) ?? -1);
  return firstUnpredicted({
    ids: [...(withBos ? [bos] : []), ...ids, ...(withEos ? [eos] : [])],
    weights: [...(withBos ? [0] : []), ...weights, ...(withEos ? [1] : [])],
  });
}

function firstUnpredicted({ ids, weights }: Weighted): Weighted {
  return { ids, weights: weights.map((weight, t) => (t === 0 ? 0 : weight)) };
}

function encodeConversation(messages: readonly TrainingMessage[], tokenizer: Tokenizer): Weighted {
  const segments = conversationSegments(messages, tokenizer);
  const { ids, weights } = encodeSegments(segments, tokenizer);
  return firstUnpredicted({ ids, weights: withoutTail(ids, weights, tokenizer.eosIds) });
}

/** Splits the rendering before and after every assistant answer, by rendering the conversation's beginnings. */
function conversationSegments(messages: readonly TrainingMessage[], tokenizer: Tokenizer): Segment[] {
  const whole = tokenizer.renderChat(messages, { addGenerationPrompt: false });
  const segments: Segment[] = [];
  let at = 0;
  const cutTo = (beginning: string, weight: 0 | 1) => {
    if (beginning.length < at || !whole.startsWith(beginning)) throw unstableTemplate();
    segments.push({ text: whole.slice(at, beginning.length), weight });
    at = beginning.length;
  };
  messages.forEach((message, index) => {
    if (message.role !== "assistant") return;
    cutTo(tokenizer.renderChat(messages.slice(0, index), { addGenerationPrompt: true }), 0);
    cutTo(tokenizer.renderChat(messages.slice(0, index + 1), { addGenerationPrompt: false }), message.weight ?? 1);
  });
  cutTo(whole, 0);
  return segments.filter((segment) => segment.text !== "");
}

function unstableTemplate(): UserError {
  return new UserError("chat template", {
    expected: "that later messages leave the rendering of earlier ones as it is",
    got: "another rendering",
    fix: "split the row so that only its last message is the assistant's",
  });
}

/** In each run of response tokens, what the template writes after the turn's end (a line break) carries no loss. */
function withoutTail(ids: readonly number[], weights: readonly number[], eosIds: readonly number[]): number[] {
  const out = [...weights];
  for (let begin = 0, end = 0; begin < ids.length; begin = end) {
    end = begin + 1;
    while (end < ids.length && (weights[end] === 0) === (weights[begin] === 0)) end++;
    const last = ids.slice(begin, end).findLastIndex((id) => eosIds.includes(id));
    if (last >= 0) out.fill(0, begin + last + 1, end);
  }
  return out;
}

/**
 * The ids of the whole text with each token's weight. Where the segments' own ids put together are the same, they tell
 * the weights; where a token reaches over a cut, tokens are laid along the text, and the one that reaches over it
 * carries no loss, for it is not the response's alone.
 */
export function encodeSegments(segments: readonly Segment[], tokenizer: Tokenizer): Weighted {
  const whole = segments.map((segment) => segment.text).join("");
  const ids = tokenizer.encode(whole);
  const parts = segments.map((segment) => tokenizer.encode(segment.text));
  const joined = parts.flat();
  const partWeights = segments.flatMap((segment, index) => must(parts[index], "part").map(() => segment.weight));
  if (sameIds(ids, joined)) return { ids, weights: partWeights };
  const weights = weightsAlongText(ids, segments, whole, tokenizer);
  // A tokenizer that does not give the text back (it drops spaces) cannot be laid along it. The ids of prompt and
  // response apart are then what the model meets when it answers.
  return weights ? { ids, weights } : { ids: joined, weights: partWeights };
}

function sameIds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

function weightsAlongText(
  ids: readonly number[],
  segments: readonly Segment[],
  whole: string,
  tokenizer: Tokenizer,
): number[] | null {
  if (tokenizer.decode(ids) !== whole) return null;
  const weights: number[] = new Array(ids.length).fill(0);
  let begin = 0;
  for (const { text, weight } of segments) {
    const end = begin + text.length;
    if (weight !== 0) {
      const first = tokensWithin(ids, begin, tokenizer, whole);
      const last = tokensWithin(ids, end, tokenizer, whole);
      const straddles = decodedLength(ids, first, tokenizer, whole) !== begin;
      weights.fill(weight, first + (straddles ? 1 : 0), last);
    }
    begin = end;
  }
  return weights;
}

/** How many leading tokens lie wholly within the first `chars` characters of the text. */
function tokensWithin(ids: readonly number[], chars: number, tokenizer: Tokenizer, whole: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (decodedLength(ids, middle, tokenizer, whole) <= chars) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Characters of the text that the first `count` tokens reach; a character begun counts as reached. */
function decodedLength(ids: readonly number[], count: number, tokenizer: Tokenizer, whole: string): number {
  const text = tokenizer.decode(ids.slice(0, count));
  let common = 0;
  while (common < text.length && text[common] === whole[common]) common++;
  if (common === text.length) return common;
  return common + ((whole.codePointAt(common) ?? 0) > 0xffff ? 2 : 1);
}
