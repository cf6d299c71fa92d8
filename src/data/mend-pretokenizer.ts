type Json = Readonly<Record<string, unknown>>;

/** Words of GPT-2, as `ByteLevel` with `use_regex` cuts them. */
export const gpt2Words = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * The tokenizers library (0.2.0) cuts words differently from the Rust one in three of its pre-tokenizers: its `Digits`
 * and `Whitespace` know ASCII only, and its `ByteLevel` takes JavaScript's white space (with U+FEFF, without U+0085).
 * Its `Split` is true to the original, so they are written as that.
 */
export function mendPreTokenizer(preTokenizer: unknown): unknown {
  if (typeof preTokenizer !== "object" || preTokenizer === null) return preTokenizer;
  const given = preTokenizer as Json;
  if (given.type === "Sequence" && Array.isArray(given.pretokenizers)) {
    return { ...given, pretokenizers: given.pretokenizers.map(mendPreTokenizer) };
  }
  if (given.type === "Digits") return split(given.individual_digits ? "\\p{N}" : "\\p{N}+");
  if (given.type === "Whitespace") return { ...split("\\w+|[^\\w\\s]+"), behavior: "Removed", invert: true };
  if (given.type !== "ByteLevel" || given.use_regex === false || given.add_prefix_space === true) return given;
  return sequence(split(gpt2Words), { ...given, use_regex: false });
}

function split(Regex: string): Json {
  return { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false };
}

function sequence(...pretokenizers: readonly Json[]): Json {
  return { type: "Sequence", pretokenizers };
}
