/** What a judge is asked, and how its reply is read. A rubric is data; its hash stands in every record. */
import type { ChatTurn } from "../endpoints/index.ts";
import { hashJson } from "../store/index.ts";

export interface Rubric<T> {
  readonly id: string;
  /** Where the wording comes from. */
  readonly source: string;
  /** The prompt, with `{name}` where a case's text goes. */
  readonly template: string;
  readonly maxTokens: number;
  /** What a reply says; `unparsable` or `contradictory` where it says nothing, or two things. */
  read(text: string): { readonly value: T } | "unparsable" | "contradictory";
  /** The reply is a number: then its expectation is read where probabilities are given. */
  readonly scale?: Scale<T>;
}

export interface Scale<T> {
  readonly numbers: readonly number[];
  /** Words that may stand in a number's place. */
  readonly outs: readonly string[];
  value(expected: number): T;
  out(word: string): T;
}

/** Holes are filled in one pass, so that what is put in is never filled itself. */
export function rubricTurns(
  { template }: Pick<Rubric<unknown>, "template">,
  texts: Readonly<Record<string, string>>,
): readonly ChatTurn[] {
  const content = template.replace(/\{(\w+)\}/g, (hole, name: string) =>
    Object.hasOwn(texts, name) ? (texts[name] ?? "") : hole,
  );
  return [{ role: "user", content }];
}

/** Identifies the question: its words, the length of the reply, and that the likeliest reply is taken. */
export function promptSha256({ id, template, maxTokens, scale }: Rubric<unknown>): string {
  return hashJson({ id, template, maxTokens, temperature: 0, numbers: scale?.numbers ?? null });
}

/** Reads one of `labels` as it follows `marker` (a regular expression's source); all occurrences must agree. */
export function labelReader<L extends string>(labels: readonly L[], marker: string): Rubric<L>["read"] {
  const pattern = new RegExp(`${marker}(${labels.join("|")})(?![A-Za-z])`, "gi");
  return (text) => {
    const found = [...text.matchAll(pattern)].map((match) => match[1]?.toUpperCase());
    const label = labels.find((each) => each.toUpperCase() === found[0]);
    if (label === undefined) return "unparsable";
    return found.every((each) => each === found[0]) ? { value: label } : "contradictory";
  };
}

/** A verdict of one word, yes or no, alone or after `ANSWER:`. */
export function yesNoRubric(id: string, source: string, template: string): Rubric<boolean> {
  const read = labelReader(["YES", "NO"], "(?:^\\s*[*\"'(]*|ANSWER\\s*:\\s*[*\"'(]*)");
  return {
    id,
    source,
    template,
    maxTokens: 16,
    read: (text) => {
      const label = read(text);
      return typeof label === "string" ? label : { value: label.value === "YES" };
    },
  };
}

/** A judgement on the scale 0 to 100, or one of the `outs` (`CODE`, `REFUSAL`). */
export interface ScaleValue {
  readonly score: number | null;
  readonly out: string | null;
}

export function scaleRubric(id: string, source: string, template: string, outs: readonly string[]): Rubric<ScaleValue> {
  return {
    id,
    source,
    template,
    maxTokens: 8,
    scale: {
      numbers: Array.from({ length: 101 }, (_, n) => n),
      outs,
      value: (score) => ({ score, out: null }),
      out: (out) => ({ score: null, out }),
    },
    read: (text) => {
      const numbers = [...new Set((text.match(/(?<![\d.])\d+(?:\.\d+)?/g) ?? []).map(Number))];
      const said = outs.filter((out) => new RegExp(`\\b${out}\\b`).test(text));
      if (numbers.length + said.length > 1) return "contradictory";
      if (said[0] !== undefined) return { value: { score: null, out: said[0] } };
      const [score] = numbers;
      const alone = /^\W*\d+(?:\.\d+)?\W*$/.test(text);
      return score !== undefined && alone && score <= 100 ? { value: { score, out: null } } : "unparsable";
    },
  };
}
