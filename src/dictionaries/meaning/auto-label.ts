/**
 * A label for a latent, written by a language model from some of its contexts and scored on others (detection score, Paulo
 * et al. 2024, arXiv 2410.13928): a label is worth what it foretells.
 *
 * 1. The strongest contexts are dealt in turn: even ones are shown, odd ones held out.
 * 2. The model reads the shown ones, the token that fires in «», and answers with one short phrase.
 * 3. The model reads the label and held-out contexts mixed with contexts of the same text on which the latent is silent, in
 *    an order drawn from the seed, without marks, and says which fire.
 * 4. Score: balanced accuracy, (hits/fires + quiet/silent)/2; 0.5 is chance. A reply that does not parse scores nothing: null,
 *    with what was said kept.
 */
import { rng, UserError } from "../../core/index.ts";

export interface Context {
  readonly tokens: readonly string[];
  /** Activation on each token. */
  readonly values: readonly number[];
}

/** Asks a language model; gives its answer's text. */
export type Complete = (
  messages: readonly { readonly role: "system" | "user"; readonly content: string }[],
) => Promise<string>;

export interface LabelRequest {
  readonly latent: number;
  /** Where it fires, strongest first; at least 4. */
  readonly active: readonly Context[];
  /** Where it does not; at least 2. */
  readonly silent: readonly Context[];
  readonly complete: Complete;
  readonly seed: number;
}

export interface ScoredLabel {
  readonly latent: number;
  readonly label: string;
  /** Balanced accuracy on held-out contexts; null where the reply could not be read. */
  readonly score: number | null;
  /** Held-out contexts: firing, silent. */
  readonly n: readonly [number, number];
  /** What the model said when it was asked which fire. */
  readonly reply: string;
}

const MAX_LABEL = 120;

export async function labelLatent({ latent, active, silent, complete, seed }: LabelRequest): Promise<ScoredLabel> {
  const shown = active.filter((_, i) => i % 2 === 0);
  const held = active.filter((_, i) => i % 2 === 1);
  if (held.length < 2 || silent.length < 2)
    throw new UserError(`latent ${latent}`, {
      expected: "at least 4 contexts in which it fires and 2 in which it does not",
      got: `${active.length} and ${silent.length}`,
      fix: "read more text",
    });
  const label = cleaned(await complete(explainMessages(shown)));
  const quiet = silent.slice(0, held.length);
  const mixed = rng(seed, "label", latent).shuffle([
    ...held.map((context) => ({ context, fires: true })),
    ...quiet.map((context) => ({ context, fires: false })),
  ]);
  const reply = await complete(
    detectMessages(
      label,
      mixed.map(({ context }) => context),
    ),
  );
  const said = parseNumbers(reply, mixed.length);
  const score = said && balanced(mixed.map(({ fires }, i) => ({ fires, said: said.has(i + 1) })));
  return { latent, label, score, n: [held.length, quiet.length], reply };
}

/** One line, without quotes around it. */
function cleaned(text: string): string {
  const [first = ""] = text.trim().split("\n");
  return first.replace(/^["'`]+|["'`.]+$/g, "").slice(0, MAX_LABEL);
}

function explainMessages(contexts: readonly Context[]) {
  const system =
    "You name what makes one unit of a neural network fire. You see texts; tokens on which it fires stand in « ». Answer with one short phrase that says what these tokens or their contexts have in common, and nothing else.";
  const user = contexts.map((context, i) => `${i + 1}. ${marked(context)}`).join("\n");
  return [
    { role: "system" as const, content: system },
    { role: "user" as const, content: user },
  ];
}

function marked({ tokens, values }: Context): string {
  const most = values.reduce((largest, value) => Math.max(largest, value), 0);
  // Only what is strong beside the strongest: weak tokens would hide it.
  return tokens.map((token, t) => ((values[t] ?? 0) > most / 2 ? `«${token}»` : token)).join("");
}

function detectMessages(label: string, contexts: readonly Context[]) {
  const system =
    "A unit of a neural network fires on certain texts. You get a description of what makes it fire, and numbered texts. Answer with the numbers of the texts in which it fires, as a JSON list such as [1, 4], or [] for none, and nothing else.";
  const texts = contexts.map(({ tokens }, i) => `${i + 1}. ${tokens.join("")}`).join("\n");
  return [
    { role: "system" as const, content: system },
    { role: "user" as const, content: `Description: ${label}\n\n${texts}` },
  ];
}

/** The numbers of the first list in the reply; null where there is none, or a number that was not asked about. */
export function parseNumbers(reply: string, count: number): ReadonlySet<number> | null {
  const list = /\[[\d,\s]*\]/.exec(reply)?.[0];
  if (list === undefined) return null;
  const found = (list.match(/\d+/g) ?? []).map(Number);
  return found.every((number) => number >= 1 && number <= count) ? new Set(found) : null;
}

function balanced(answers: readonly { readonly fires: boolean; readonly said: boolean }[]): number {
  const share = (fires: boolean) => {
    const of = answers.filter((answer) => answer.fires === fires);
    return of.filter(({ said }) => said === fires).length / of.length;
  };
  return (share(true) + share(false)) / 2;
}
