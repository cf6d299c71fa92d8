/** What the dictionary commands print. Every string that comes from data is escaped here. */
import type { LatentMeaning, ShownContext } from "../dictionaries/index.ts";
import type { Labelled } from "../jobs/index.ts";
import type { DictionaryQuality } from "../records/index.ts";
import { columns, safe } from "./tables.ts";

const share = (value: number | null) => (value === null ? "–" : value.toFixed(3));

export function qualityLines({ quality, gate, silentLatents, dictionary }: DictionaryQuality): string[] {
  const head = ["on", "tokens", "explained variance", "CE recovered", "random", "permuted", "latents a token"];
  const rows = quality.map(({ text, fidelity, random, permuted }) => [
    text,
    String(fidelity.tokens),
    share(fidelity.explainedVariance),
    share(fidelity.ceRecovered),
    share(random.explainedVariance),
    share(permuted.explainedVariance),
    fidelity.l0.toFixed(1),
  ]);
  return [
    ...columns([head, ...rows], [1, 2, 3, 4, 5, 6]),
    `${silentLatents} of ${dictionary.nLatents} latents fired nowhere on the base's text.`,
    ...(gate ? [gateLine(gate)] : []),
  ];
}

function gateLine({ ratio, limit, abstains }: NonNullable<DictionaryQuality["gate"]>): string {
  const measured = `unexplained variance of tuned over base ${ratio.toFixed(2)}, limit ${limit}`;
  return abstains
    ? `Claims made with this dictionary abstain: ${measured}.`
    : `The dictionary reads the tuned model too: ${measured}.`;
}

/** A latent as text: what it writes beyond chance, and where it fires. */
export function meaningLines({ latent, fired, promotes, suppresses, chance, ...rest }: LatentMeaning): string[] {
  const { nearest, labels, contexts, spread } = rest;
  const rate = fired ? `fires on ${fired.tokens} of ${fired.of} tokens, in ${fired.texts} texts` : "";
  const beyond = (tokens: LatentMeaning["promotes"]) => {
    const told = tokens.filter(({ value }) => Math.abs(value) > (chance ?? 0));
    const list = told.map(({ token, value }) => `${JSON.stringify(safe(token, 40))} ${value.toFixed(2)}`).join("  ");
    return list === "" ? "nothing beyond a random direction" : list;
  };
  const near = nearest.map(({ latent: other, cosine }) => `${other} (${cosine.toFixed(2)})`).join("  ");
  return [
    `Latent ${latent}: ${rate}`,
    ...labels.map(
      ({ text, score }) => `Label:     ${safe(text, 120)}${score ? ` (foretells ${share(score.value)})` : ""}`,
    ),
    `Promotes:  ${beyond(promotes)}`,
    `Suppresses: ${beyond(suppresses)}`,
    ...(near === "" ? [] : [`Writes most like: ${near}`]),
    ...contexts.map(contextLine),
    ...(spread.length === 0 ? [] : ["Drawn from the others:", ...spread.map(contextLine)]),
  ];
}

/** The strongest token stands in brackets. */
function contextLine({ tokens, values, texts }: ShownContext): string {
  const value = values.reduce((most, each) => Math.max(most, each), 0);
  const at = values.indexOf(value);
  const marked = tokens.map((token, i) => (i === at ? `[[${token}]]` : token));
  // Words of the bundled world have no spaces of their own.
  const joined = tokens.some((token) => /^\s/.test(token)) ? marked.join("") : marked.join(" ");
  return `${value.toFixed(2).padStart(8)}  ${safe(joined, 200)}${texts > 1 ? ` (${texts} texts)` : ""}`;
}

const WHY = { "too-few-contexts": "too few contexts: read more text", "no-answer": "no answer came" } as const;

/** A label is worth what it foretells: 0.5 is chance. */
export function labelLines({ labels, usage }: Labelled): string[] {
  const head = ["latent", "foretells", "label"];
  const rows = labels.map(({ latent, label, why, score }) => [
    String(latent),
    share(score),
    label === null ? `(${why === null ? "none" : WHY[why]})` : safe(label, 100),
  ]);
  const cost = usage.cost === null ? "" : `, cost ${usage.cost.toFixed(4)}`;
  return [
    ...columns([head, ...rows], [0, 1]),
    `Balanced accuracy on held-out texts, 0.5 is chance; ${usage.answers} answers, ${usage.gaps} missing${cost}.`,
  ];
}
