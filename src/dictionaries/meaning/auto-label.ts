/**
 * Labels for latents, written by a language model from some of their contexts and scored on others (detection score, Paulo
 * et al. 2024, arXiv 2410.13928): a label is worth what it foretells.
 *
 * 1. The strongest contexts are dealt in turn: even ones are shown, odd ones held out.
 * 2. The model reads the shown ones, the tokens that fire in «», and answers with one short phrase.
 * 3. The model reads the label and held-out contexts mixed with contexts of the same text on which the latent is silent, in
 *    an order drawn from the seed, without marks, and says which fire.
 * 4. Score: balanced accuracy, (hits/fires + quiet/silent)/2; 0.5 is chance. A reply that does not parse scores nothing: null,
 *    with what was said kept. No answer, no label.
 *
 * All latents are asked about in two rounds, so that whoever answers may answer many at once.
 */
import { must, rng } from "../../core/index.ts";

export interface Context {
  readonly tokens: readonly string[];
  /** Activation on each token. */
  readonly values: readonly number[];
}

export interface Message {
  readonly role: "system" | "user";
  readonly content: string;
}

/** Asks a language model; the text of each answer in the conversations' order, null where none came. */
export type Complete = (conversations: readonly (readonly Message[])[]) => Promise<readonly (string | null)[]>;

export interface LabelSubject {
  readonly latent: number;
  /** Where it fires, strongest first. */
  readonly active: readonly Context[];
  /** Where it does not. */
  readonly silent: readonly Context[];
}

export interface ScoredLabel {
  readonly latent: number;
  /** Null where it could not be asked for: `why`. */
  readonly label: string | null;
  readonly why: "too-few-contexts" | "no-answer" | null;
  /** Balanced accuracy on held-out contexts; null where the reply could not be read. */
  readonly score: number | null;
  /** Held-out contexts: firing, silent. */
  readonly n: readonly [number, number];
  /** What the model said when it was asked which fire. */
  readonly reply: string | null;
}

const MAX_LABEL = 120;
/** Contexts of each kind that a score needs. */
const LEAST_HELD = 2;

/** One per subject, in their order. */
export async function labelLatents(
  subjects: readonly LabelSubject[],
  complete: Complete,
  seed: number,
): Promise<ScoredLabel[]> {
  const dealt = subjects.map(deal);
  const asked = dealt.filter(({ enough }) => enough);
  const names = await answered(
    complete,
    asked.map(({ shown }) => explainMessages(shown)),
  );
  const named = asked.flatMap((each, i) => {
    const label = cleaned(names[i] ?? "");
    return label === "" ? [] : [{ ...each, label, mixed: mix(each, seed) }];
  });
  const replies = await answered(
    complete,
    named.map(({ label, mixed }) => detectMessages(label, mixed)),
  );
  const scored = new Map(named.map((each, i) => [each.latent, scoredLabel(each, replies[i] ?? null)]));
  return dealt.map(({ latent, enough, held, quiet }) => {
    const n = [held.length, quiet.length] as const;
    const none = { latent, label: null, score: null, n, reply: null };
    return scored.get(latent) ?? { ...none, why: enough ? "no-answer" : "too-few-contexts" };
  });
}

/** A round without questions asks nobody. */
async function answered(complete: Complete, conversations: readonly (readonly Message[])[]) {
  return conversations.length === 0 ? [] : complete(conversations);
}

interface Dealt {
  readonly latent: number;
  readonly shown: readonly Context[];
  readonly held: readonly Context[];
  readonly quiet: readonly Context[];
  readonly enough: boolean;
}

function deal({ latent, active, silent }: LabelSubject): Dealt {
  const shown = active.filter((_, i) => i % 2 === 0);
  const held = active.filter((_, i) => i % 2 === 1);
  const quiet = silent.slice(0, held.length);
  return { latent, shown, held, quiet, enough: held.length >= LEAST_HELD && quiet.length >= LEAST_HELD };
}

type Mixed = readonly { readonly context: Context; readonly fires: boolean }[];

function mix({ latent, held, quiet }: Dealt, seed: number): Mixed {
  return rng(seed, "label", latent).shuffle([
    ...held.map((context) => ({ context, fires: true })),
    ...quiet.map((context) => ({ context, fires: false })),
  ]);
}

function scoredLabel(
  { latent, label, held, quiet, mixed }: Dealt & { readonly label: string; readonly mixed: Mixed },
  reply: string | null,
): ScoredLabel {
  const said = reply === null ? null : parseNumbers(reply, mixed.length);
  const score = said && balanced(mixed.map(({ fires }, i) => ({ fires, said: said.has(i + 1) })));
  return { latent, label, why: null, score, n: [held.length, quiet.length], reply };
}

/** One line, without quotes around it. */
function cleaned(text: string): string {
  const [first = ""] = text.trim().split("\n");
  return first.replace(/^["'`]+|["'`.]+$/g, "").slice(0, MAX_LABEL);
}

function explainMessages(contexts: readonly Context[]): Message[] {
  const system =
    "You name what makes one unit of a neural network fire. You see texts; tokens on which it fires stand in « ». Answer with one short phrase that says what these tokens or their contexts have in common, and nothing else.";
  return [
    { role: "system", content: system },
    { role: "user", content: contexts.map((context, i) => `${i + 1}. ${oneLine(marked(context))}`).join("\n") },
  ];
}

function marked(context: Context): Context {
  const most = context.values.reduce((largest, value) => Math.max(largest, value), 0);
  // Only what is strong beside the strongest: weak tokens would hide it.
  const strong = (t: number) => must(context.values[t], "an activation") > most / 2;
  return { ...context, tokens: context.tokens.map((token, t) => (strong(t) ? `«${token}»` : token)) };
}

/** Each text is one numbered line: a line break within it would begin another. Words of a model without spaces get some. */
function oneLine({ tokens }: Context): string {
  const gap = tokens.some((token) => /\s/.test(token)) ? "" : " ";
  return tokens.join(gap).replace(/\s*\n\s*/g, " ⏎ ");
}

function detectMessages(label: string, mixed: Mixed): Message[] {
  const system =
    "A unit of a neural network fires on certain texts. You get a description of what makes it fire, and numbered texts. Answer with the numbers of the texts in which it fires, as a JSON list such as [1, 4], or [] for none, and nothing else.";
  const texts = mixed.map(({ context }, i) => `${i + 1}. ${oneLine(context)}`).join("\n");
  return [
    { role: "system", content: system },
    { role: "user", content: `Description: ${label}\n\n${texts}` },
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
