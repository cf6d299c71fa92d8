/** What is printed of dictionaries of any kind. Every string that comes from data is escaped here. */
import type { CoderEval } from "../records/index.ts";
import { columns, safe } from "./tables.ts";

const share = (value: number | null | undefined) => (value === null || value === undefined ? "–" : value.toFixed(3));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

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
    ...(gate
      ? [
          `unexplained variance of tuned over base ${gate.ratio.toFixed(2)}, limit ${gate.limit}: ${
            gate.abstains ? "claims made with this dictionary abstain" : "it reads the tuned model too"
          }`,
        ]
      : []),
  ]);
}
