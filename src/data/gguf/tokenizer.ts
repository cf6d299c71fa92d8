import { pick } from "../../core/index.ts";
import { gpt2Words } from "../mend-pretokenizer.ts";
import type { Metadata } from "./metadata.ts";

type Json = Readonly<Record<string, unknown>>;

/** `tokenizer.json` and `tokenizer_config.json` of a GGUF's metadata. */
export interface TokenizerJson {
  readonly tokenizer: Json;
  readonly tokenizerConfig: Json;
}

/** The values of `tokenizer.ggml.token_type`. */
const tokenType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

interface Vocabulary {
  readonly tokens: readonly string[];
  /** `tokenType` of each token. */
  readonly types: readonly number[];
  readonly ids: ReadonlyMap<string, number>;
}

/** Builds the tokenizer's files from metadata. `UserError` for kinds that are not known to give the same ids. */
export function tokenizerFiles(metadata: Metadata): TokenizerJson {
  const kind = metadata.text("tokenizer.ggml.model");
  const build = pick({ gpt2: byteLevelBpe, llama: sentencePieceBpe }, kind, "tokenizer.ggml.model");
  const vocabulary = readVocabulary(metadata);
  const special = specialTokens(metadata, vocabulary);
  const addBos = metadata.flag("tokenizer.ggml.add_bos_token", kind === "llama");
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens(vocabulary),
    ...build(metadata, vocabulary),
    post_processor: addBos ? bosFirst(special.bos_token, vocabulary, metadata) : null,
  };
  const template = "tokenizer.chat_template";
  return {
    tokenizer,
    tokenizerConfig: {
      tokenizer_class: "PreTrainedTokenizerFast",
      add_bos_token: addBos,
      clean_up_tokenization_spaces: false,
      ...special,
      ...(metadata.has(template) ? { chat_template: metadata.text(template) } : {}),
    },
  };
}

function readVocabulary(metadata: Metadata): Vocabulary {
  const tokens = metadata.texts("tokenizer.ggml.tokens");
  const types = metadata.has("tokenizer.ggml.token_type")
    ? metadata.numbers("tokenizer.ggml.token_type")
    : tokens.map(() => tokenType.normal);
  if (types.length !== tokens.length) {
    throw metadata.fault(`${tokens.length} entries of tokenizer.ggml.token_type`, `${types.length}`);
  }
  const ids = new Map(tokens.map((token, id) => [token, id]));
  if (ids.size !== tokens.length) throw metadata.fault("every token once", `${tokens.length - ids.size} twice`);
  return { tokens, types, ids };
}

function specialTokens(metadata: Metadata, { tokens }: Vocabulary): Record<string, string> {
  const keys = { bos_token: "bos", eos_token: "eos", unk_token: "unknown", pad_token: "padding" };
  const out: Record<string, string> = {};
  for (const [name, key] of Object.entries(keys)) {
    const full = `tokenizer.ggml.${key}_token_id`;
    if (!metadata.has(full)) continue;
    const token = tokens[metadata.count(full)];
    if (token === undefined) throw metadata.fault(`${full} below ${tokens.length}`, `${metadata.count(full)}`);
    out[name] = token;
  }
  return out;
}

/** Control tokens are special; what the user defined is found in the text before anything else, but is shown. */
function addedTokens({ tokens, types }: Vocabulary): Json[] {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return tokens.flatMap((content, id) => {
    const type = types[id];
    const special = type === tokenType.control || type === tokenType.unknown;
    return special || type === tokenType.userDefined ? [{ id, content, ...flags, special }] : [];
  });
}

function bosFirst(bos: string | undefined, { ids }: Vocabulary, metadata: Metadata): Json {
  if (bos === undefined) throw metadata.fault("tokenizer.ggml.bos_token_id, as add_bos_token is true", "no such key");
  const first = { SpecialToken: { id: bos, type_id: 0 } };
  return {
    type: "TemplateProcessing",
    single: [first, { Sequence: { id: "A", type_id: 0 } }],
    pair: [first, { Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { [bos]: { id: bos, ids: [ids.get(bos)], tokens: [bos] } },
  };
}

const contractions = "'s|'t|'re|'ve|'m|'ll|'d";
const llama3Words = (digits: string) =>
  `(?i:${contractions})|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/** How text is cut into words before merging, by `tokenizer.ggml.pre`; one pattern after the other. */
const wordPatterns: Readonly<Record<string, { patterns: string[]; normalizer?: string; wholeWords?: boolean }>> = {
  "gpt-2": { patterns: [gpt2Words] },
  smollm: { patterns: ["\\p{N}", gpt2Words] },
  "llama-bpe": { patterns: [llama3Words("\\p{N}{1,3}")], wholeWords: true },
  qwen2: { patterns: [llama3Words("\\p{N}")], normalizer: "NFC" },
};

function byteLevelBpe(metadata: Metadata, vocabulary: Vocabulary): Json {
  const { patterns, normalizer, wholeWords } = pick(
    wordPatterns,
    metadata.text("tokenizer.ggml.pre"),
    "tokenizer.ggml.pre",
  );
  const splits = patterns.map((Regex) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false }));
  const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    normalizer: normalizer ? { type: normalizer } : null,
    pre_tokenizer: { type: "Sequence", pretokenizers: [...splits, bytes] },
    decoder: bytes,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: wholeWords ?? false,
      vocab: Object.fromEntries(vocabulary.ids),
      merges: metadata.texts("tokenizer.ggml.merges").map((merge) => splitMerge(merge, metadata)),
    },
  };
}

/** Two tokens with one space between; a byte-level token has no space of its own. */
function splitMerge(merge: string, metadata: Metadata): [string, string] {
  const [left, right, ...rest] = merge.split(" ");
  if (left && right && rest.length === 0) return [left, right];
  throw metadata.fault("merges of two tokens", JSON.stringify(merge.slice(0, 40)));
}

/**
 * A SentencePiece vocabulary merges whichever neighbours give the piece of the highest score. As a list of merges: all
 * splits of all pieces into two pieces, by the score of the whole.
 */
function sentencePieceBpe(metadata: Metadata, vocabulary: Vocabulary): Json {
  const scores = metadata.numbers("tokenizer.ggml.scores");
  if (scores.length !== vocabulary.tokens.length) {
    throw metadata.fault(`${vocabulary.tokens.length} entries of tokenizer.ggml.scores`, `${scores.length}`);
  }
  const prefix = metadata.flag("tokenizer.ggml.add_space_prefix", true);
  const spaces = { type: "Replace", pattern: { String: " " }, content: "▁" };
  const unk = vocabulary.tokens[metadata.count("tokenizer.ggml.unknown_token_id")];
  const back = [
    { type: "Replace", pattern: { String: "▁" }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
  ];
  return {
    normalizer: prefix ? { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, spaces] } : spaces,
    pre_tokenizer: null,
    decoder: {
      type: "Sequence",
      decoders: prefix ? [...back, { type: "Strip", content: " ", start: 1, stop: 0 }] : back,
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: unk ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(vocabulary.ids),
      merges: mergesOf(vocabulary, scores),
    },
  };
}

function mergesOf({ tokens, types, ids }: Vocabulary, scores: readonly number[]): [string, string][] {
  const isPiece = (piece: string) => {
    const id = ids.get(piece);
    return id !== undefined && types[id] === tokenType.normal;
  };
  const pieces = tokens.flatMap((_, id) => (types[id] === tokenType.normal ? [id] : []));
  pieces.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  return pieces.flatMap((id) => splitsOf(tokens[id] ?? "", isPiece));
}

/** Every way to put `piece` together from two pieces, the longer left one first. */
function splitsOf(piece: string, isPiece: (piece: string) => boolean): [string, string][] {
  const splits: [string, string][] = [];
  for (let at = piece.length - 1; at > 0; at--) {
    const [left, right] = [piece.slice(0, at), piece.slice(at)];
    if (isPiece(left) && isPiece(right)) splits.push([left, right]);
  }
  return splits;
}
