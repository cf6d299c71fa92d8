import { Tokenizer as LibraryTokenizer } from "@huggingface/tokenizers";
import { mendPreTokenizer } from "./mend-pretokenizer.ts";

type Json = Readonly<Record<string, unknown>>;

/** What is used of the tokenizers library, whose own types do not resolve under Node's rules for modules. */
export interface Encoder {
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: number[] };
  /** `ids` must not be empty. */
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string;
  /** Ids by token, added tokens included. */
  get_vocab(): ReadonlyMap<string, number>;
}

interface Internals {
  readonly model: { cache?: WordCache };
  readonly pre_tokenizer: (Step & { readonly tokenizers?: readonly (Step | null)[] }) | null;
}

interface WordCache {
  get(word: string): unknown;
  put(word: string, tokens: unknown): void;
}

interface Step {
  readonly byte_encoder?: unknown;
  pre_tokenize_text(text: string, options?: unknown): string[];
}

/** The library's encoder for the parsed `tokenizer.json` and `tokenizer_config.json`. Throws what the library throws. */
export function makeEncoder(tokenizer: Json, config: Json): Encoder {
  const parts = { decoder: null, post_processor: null, pre_tokenizer: null, normalizer: null, added_tokens: [] };
  const mended = { pre_tokenizer: mendPreTokenizer(tokenizer.pre_tokenizer ?? null) };
  const encoder: Encoder = new LibraryTokenizer({ ...parts, ...tokenizer, ...mended }, config);
  addMemory(encoder as unknown as Internals);
  return encoder;
}

const maxWords = 50_000;

/**
 * Words come again and again. The library (0.2.0) remembers the merges of a word in a least-recently-used cache that
 * rewrites its map at every look-up, and spells every word's bytes anew; plain maps, emptied when full, make encoding
 * more than twice as fast and change nothing else.
 */
function addMemory({ model, pre_tokenizer: first }: Internals): void {
  if (model.cache !== undefined) model.cache = plainCache();
  for (const step of [first, ...(first?.tokenizers ?? [])]) if (step?.byte_encoder !== undefined) remember(step);
}

function plainCache(): WordCache {
  const words = new Map<string, unknown>();
  return {
    get: (word) => words.get(word),
    put: (word, tokens) => {
      if (words.size >= maxWords) words.clear();
      words.set(word, tokens);
    },
  };
}

/** What the step makes of a text depends on the text alone. */
function remember(step: Step): void {
  const spell = step.pre_tokenize_text.bind(step);
  const spelt = new Map<string, string[]>();
  step.pre_tokenize_text = (text, options) => {
    const known = spelt.get(text);
    if (known !== undefined) return known;
    const words = spell(text, options);
    if (spelt.size >= maxWords) spelt.clear();
    if (text.length < 256) spelt.set(text, words);
    return words;
  };
}
