/** How well a dictionary rebuilds what a model computes on given text. */
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import type { Fidelity } from "../records/index.ts";
import { crossEntropies, recovered } from "./cross-entropy.ts";
import { decodeSparse } from "./decode.ts";
import type { Dictionary } from "./dictionary.ts";
import { encodeLarge } from "./encode-large.ts";
import { explainedVariance, type FidelitySums, meanL0, mergeSums, noSums, sumsOf } from "./fidelity-sums.ts";
import { concatRows, readActivations } from "./read.ts";

export interface FidelityRequest {
  readonly model: LanguageModel;
  /** One or several of one hook point: the model runs once for all of them. */
  readonly dictionaries: readonly Dictionary[];
  /** Teacher-forced text, with the positions at which the dictionaries are read. */
  readonly sequences: readonly ReadSequence[];
  /** CE-recovered is measured on that many of the sequences (the first); default 0: not measured. */
  readonly ceSequences?: number;
  readonly onDone?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface Measured {
  readonly fidelity: Fidelity;
  readonly sums: FidelitySums;
}

/** One result per dictionary, in their order. */
export async function measureFidelity(request: FidelityRequest): Promise<Measured[]> {
  const { dictionaries, model, sequences, ceSequences = 0, signal } = request;
  const sums = await streamedSums(request);
  const out: Measured[] = [];
  for (const [i, dictionary] of dictionaries.entries()) {
    const of = sums[i] as FidelitySums;
    const entropies =
      ceSequences === 0
        ? null
        : await crossEntropies({
            model,
            dictionary,
            sequences: sequences.slice(0, ceSequences),
            mean: of.mean,
            ...(signal ? { signal } : {}),
          });
    out.push({ fidelity: fidelityOf(of, entropies && recovered(entropies)), sums: of });
  }
  return out;
}

export function fidelityOf(sums: FidelitySums, ceRecovered: number | null): Fidelity {
  return { tokens: sums.tokens, explainedVariance: explainedVariance(sums), ceRecovered, l0: meanL0(sums) };
}

async function streamedSums(request: FidelityRequest): Promise<FidelitySums[]> {
  const { model, dictionaries, sequences, onDone, signal } = request;
  const [first] = dictionaries;
  if (!first) return [];
  let sums = dictionaries.map(noSums);
  let done = 0;
  for await (const group of readActivations(model, sequences, first.hook, signal ? { signal } : {})) {
    const rows = concatRows(group.rows);
    const parts: FidelitySums[] = [];
    for (const dictionary of dictionaries) {
      const sparse = await encodeLarge(model.engine, dictionary, rows, signal);
      parts.push(sumsOf(dictionary, rows, decodeSparse(dictionary, sparse), sparse));
    }
    sums = sums.map((sum, i) => mergeSums(sum, parts[i] as FidelitySums));
    done += group.sequences.length;
    onDone?.(done, sequences.length);
  }
  return sums;
}
