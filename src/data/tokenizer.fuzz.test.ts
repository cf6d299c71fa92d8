/** Hostile tokenizer files: whatever they say, they are refused as the user's mistake, or encode text to numbers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../core/index.ts";
import { withinTime } from "./time-limit.ts";
import { makeTokenizer, type TokenizerFiles } from "./tokenizer.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One of each kind: words by white space; byte-level BPE with what GPT-2's has; SentencePiece's unigrams as BPE. */
const tokenizers: Readonly<Record<string, Json>> = {
  words: {
    added_tokens: [{ id: 0, content: "<unk>", special: true, normalized: false }],
    normalizer: { type: "Lowercase" },
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: null,
    model: { type: "WordLevel", vocab: { "<unk>": 0, hello: 1, world: 2 }, unk_token: "<unk>" },
  },
  bytes: {
    added_tokens: [{ id: 4, content: "<|end|>", special: true, normalized: false, lstrip: false }],
    normalizer: {
      type: "Sequence",
      normalizers: [{ type: "NFC" }, { type: "Replace", pattern: { Regex: " {2,}" }, content: " " }],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: "\\p{L}+|\\s" }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab: { h: 0, e: 1, l: 2, he: 3 }, merges: ["h e"], unk_token: null, byte_fallback: false },
  },
  pieces: {
    added_tokens: [{ id: 0, content: "<unk>", special: true }],
    normalizer: { type: "Prepend", prepend: "▁" },
    pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: true },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ Sequence: { id: "A", type_id: 0 } }],
      pair: [],
      special_tokens: {},
    },
    decoder: { type: "Sequence", decoders: [{ type: "Metaspace", replacement: "▁" }, { type: "Fuse" }] },
    model: {
      type: "Unigram",
      unk_id: 0,
      vocab: [
        ["<unk>", 0],
        ["▁hello", -1],
        ["h", -2.5],
      ],
    },
  },
};

const hostile = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    -1,
    0,
    0.5,
    1e308,
    2 ** 53,
    "",
    "(",
    "(a+)+$",
    "\u0000",
    "__proto__",
    [],
    {},
    [[]],
    [null],
  ),
  fc.constantFrom<Json>("BPE", "Unigram", "WordPiece", "ByteLevel", "Precompiled", "BertNormalizer", "Digits", "CTC"),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

/** `value` with what stands at a random place replaced, left out, or written twice. */
function mutated(value: Json): fc.Arbitrary<Json> {
  return fc
    .tuple(fc.array(fc.nat(50), { minLength: 1, maxLength: 6 }), fc.constantFrom("replace", "omit"), hostile)
    .map(([path, act, put]) => changed(value, path, act === "omit" ? undefined : put) ?? null);
}

function changed(value: Json, [at, ...rest]: readonly number[], put: Json | undefined): Json | undefined {
  const keys = value !== null && typeof value === "object" ? Object.keys(value) : [];
  const key = at === undefined ? undefined : keys[at % keys.length];
  if (key === undefined) return put;
  const inner = changed((value as { [key: string]: Json })[key] ?? null, rest, put);
  const entries = Object.entries(value as object).flatMap(([name, old]) => {
    if (name !== key) return [[name, old]];
    return inner === undefined ? [] : [[name, inner]];
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

const TEXT = "Hello  world é 12\n<|end|> hello";

function outcome(tokenizer: Json, config: Json): string {
  const none = { generationConfig: {}, modelConfig: {}, templateJinja: null, templateJson: null };
  const files = { ...none, tokenizer, config } as unknown as TokenizerFiles;
  try {
    const made = makeTokenizer("x", files);
    const ids = made.encode(TEXT, { addSpecialTokens: true });
    if (!ids.every(Number.isInteger) || typeof made.decode(ids) !== "string") return "something else";
    return Number.isInteger(made.vocabSize) ? "encoded" : "no size";
  } catch (error) {
    return error instanceof UserError ? "refused" : String((error as Error).stack);
  }
}

describe.each(Object.entries(tokenizers))("%s", (_, tokenizer) => {
  test("as it is, it encodes", () => {
    expect(outcome(tokenizer, {})).toBe("encoded");
  });

  test("changed anywhere, it is refused or encodes", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        mutated(tokenizer),
        mutated({ unk_token: "<unk>", eos_token: "</s>", add_bos_token: true }),
        (t, c) => {
          const got = outcome(t, typeof c === "object" && c !== null && !Array.isArray(c) ? c : {});
          seen.add(got);
          expect(["refused", "encoded"]).toContain(got);
        },
      ),
      { numRuns: 400 },
    );
    expect(seen.size).toBe(2);
  });
});

test("a regular expression that never ends is stopped", () => {
  const forever = () => /^(a+)+$/.test(`${"a".repeat(50)}!`);
  expect(() => withinTime(200, forever)).toThrow(/timed out/);
});
