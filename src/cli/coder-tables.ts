/** What is printed of dictionaries of any kind. Every string that comes from data is escaped here. */
import { mean } from "../core/index.ts";
import type { CoderComparison, CoderEval, TemporalEval } from "../records/index.ts";
import { columns, safe } from "./tables.ts";

const share = (value: number | null | undefined) => (value === null || value === undefined ? "–" : value.toFixed(3));

export function temporalEvalLines({ hook, nLatents, quality }: TemporalEval): string[] {
  const head = ["on", "tokens", "explained variance", "novel codes", "predicted codes", "dead"];
  const rows = quality.map(({ text, tokens, explainedVariance, novel, predicted, dead }) => [
    text,
    String(tokens),
    share(explainedVariance),
    novel.toFixed(1),
    predicted.toFixed(1),
    String(dead),
  ]);
  return [
    `temporal autoencoder at ${safe(hook, 80)}, ${nLatents} latents`,
    ...columns([head, ...rows], [1, 2, 3, 4, 5]),
  ];
}

export function coderEvalLines({ dictionaries, format }: CoderEval): string[] {
  const head = [
    "on",
    "tokens",
    "explained variance",
    "SAELens' legacy",
    "CE recovered",
    "KL recovered",
    "L0",
    "dead",
    "dense",
  ];
  return dictionaries.flatMap(({ name, quality, gate }) => [
    `${safe(name, 160)} (${format})`,
    ...columns(
      [
        head,
        ...quality.map(({ text, fidelity, cost }) => [
          text,
          String(fidelity.tokens),
          share(mean(fidelity.outputs.map(({ explainedVariance }) => explainedVariance))),
          share(mean(fidelity.outputs.map(({ saeLensLegacy }) => saeLensLegacy))),
          share(cost.ceRecovered),
          share(cost.klRecovered),
          fidelity.l0.map((l0) => l0.toFixed(1)).join("+"),
          String(fidelity.dead.reduce((sum, count) => sum + count, 0)),
          String(fidelity.dense.reduce((sum, count) => sum + count, 0)),
        ]),
      ],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ),
    ...(gate ? [gateWords(gate)] : []),
  ]);
}

function gateWords({ ratio, limit, abstains }: CoderComparison["gate"]): string {
  const so = abstains ? "claims made with this dictionary abstain" : "it reads the tuned model too";
  return `unexplained variance of tuned over base ${ratio.toFixed(2)}, limit ${limit}: ${so}`;
}

export function comparisonLines({ dictionary, gate, kinds, tested, latents, ...rest }: CoderComparison): string[] {
  const { tokens, texts, explainedVariance } = rest;
  const head = [
    safe(dictionary, 160),
    `${tokens} tokens in ${texts} texts; explained variance ${share(explainedVariance.base)} in the base, ${share(explainedVariance.tuned)} in the tuned model`,
    gateWords(gate),
  ];
  if (kinds) {
    const { baseOnly, shared, tunedOnly, between } = kinds;
    const counts = `By decoder norm: ${baseOnly} of the base only, ${shared} shared, ${tunedOnly} of the tuned model only, ${between} between`;
    return [...head, counts, ...columns([PAIR_HEAD, ...latents.map(pairRow)], [0, 1, 3, 4, 5])];
  }
  const moved = `${tested?.shifted ?? 0} of ${tested?.latents ?? 0} latents shift (adjusted p below 0.05)`;
  return [...head, moved, ...columns([SHIFT_HEAD, ...latents.map(shiftRow)], [0, 1, 2, 3, 4, 5])];
}

const PAIR_HEAD = ["latent", "fires on", "whose", "relative norm", "cosine", "β base/tuned"];
const SHIFT_HEAD = ["latent", "fires in base", "in tuned", "mean shift", "interval", "effect"];

const percent = (value: number) => `${(100 * value).toFixed(2)}%`;

function pairRow({ latent, rate, pair }: CoderComparison["latents"][number]): string[] {
  const { relativeNorm = null, cosine = null, kind = "", scaling = null } = pair ?? {};
  return [String(latent), percent(rate.base), kind, share(relativeNorm), share(cosine), share(scaling)];
}

function shiftRow({ latent, rate, shift }: CoderComparison["latents"][number]): string[] {
  const interval = shift ? `${shift.interval[0].toFixed(3)} … ${shift.interval[1].toFixed(3)}` : "–";
  const effect = shift?.effect?.toFixed(2) ?? "–";
  return [String(latent), percent(rate.base), percent(rate.tuned), share(shift?.delta), interval, effect];
}
