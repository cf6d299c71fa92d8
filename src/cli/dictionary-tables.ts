/** What the dictionary commands print. Every string that comes from data is escaped here. */
import type { DictionaryQuality, LatentRecord } from "../records/index.ts";
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

export function latentLines(record: LatentRecord): string[] {
  const { latent, tokens, firingRate, meanActivation, contexts, topLogits, bottomLogits } = record;
  const rate = `fires on ${(100 * firingRate).toFixed(2)}% of ${tokens} tokens`;
  const mean = meanActivation === null ? "" : `, mean activation ${meanActivation.toFixed(3)}`;
  const list = (values: LatentRecord["topLogits"]) =>
    values.map(({ token }) => JSON.stringify(safe(token, 40))).join(" ");
  return [
    `Latent ${latent}: ${rate}${mean}`,
    `Promotes:  ${list(topLogits)}`,
    `Suppresses: ${list(bottomLogits)}`,
    ...contexts.map((context) => contextLine(context)),
  ];
}

/** The strongest token stands in brackets. */
function contextLine({ tokens, at, value }: LatentRecord["contexts"][number]): string {
  const marked = tokens.map((token, i) => (i === at ? `[[${token}]]` : token));
  // Words of the bundled world have no spaces of their own.
  const joined = tokens.some((token) => /^\s/.test(token)) ? marked.join("") : marked.join(" ");
  return `${value.toFixed(2).padStart(8)}  ${safe(joined, 200)}`;
}
