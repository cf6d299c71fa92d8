/** Texts that are nearly YAML: any text at all, or these words among the marks that YAML knows. */
import fc from "fast-check";

const MARKS = [":", "[", "]", "{", "}", "&a", "*a", "*b", "\n", "- ", "<<: ", "!!binary", "1"];

export function yamlTexts(...words: readonly string[]): fc.Arbitrary<string> {
  const pieces = fc.array(fc.constantFrom(...words, ...MARKS));
  return fc.oneof(
    fc.string(),
    pieces.map((parts) => parts.join(" ")),
  );
}
