import type { Rng } from "../core/index.ts";

export interface SamplingOptions {
  /** 0: greedy. */
  readonly temperature: number;
  /** Keep the smallest set of tokens with this much probability (Holtzman et al. 2019, arXiv 1904.09751). */
  readonly topP: number;
}

/** The next token id from `logits [dVocab]`; greedy ties go to the lowest id, as in PyTorch's argmax. */
export function nextToken(logits: Float32Array, { temperature, topP }: SamplingOptions, random: Rng): number {
  if (temperature === 0) return argmax(logits);
  const probabilities = softmax(logits, temperature);
  return topP >= 1 ? drawn(probabilities, random.next()) : drawnFromNucleus(probabilities, topP, random.next());
}

export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

function softmax(logits: Float32Array, temperature: number): Float64Array {
  const top = logits[argmax(logits)] as number;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const weight = Math.exp(((logits[i] as number) - top) / temperature);
    weights[i] = weight;
    total += weight;
  }
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) / total;
  return weights;
}

function drawn(probabilities: Float64Array, u: number): number {
  let left = u;
  for (let i = 0; i < probabilities.length; i++) {
    left -= probabilities[i] as number;
    if (left < 0) return i;
  }
  return probabilities.length - 1;
}

function drawnFromNucleus(probabilities: Float64Array, topP: number, u: number): number {
  const order = likeliest(probabilities, topP);
  let mass = 0;
  const kept: number[] = [];
  for (const index of order) {
    kept.push(index);
    mass += probabilities[index] as number;
    if (mass >= topP) break;
  }
  let left = u * mass;
  for (const index of kept) {
    left -= probabilities[index] as number;
    if (left < 0) return index;
  }
  return kept.at(-1) ?? probabilities.length - 1;
}

/**
 * Indices in falling order of probability, of so many that they hold more than `topP` of it: all that are below
 * (1 − topP) / 2n hold at most half of what may be left out. Sorting a few hundred and not a vocabulary.
 */
function likeliest(probabilities: Float64Array, topP: number): number[] {
  const least = (1 - topP) / (2 * probabilities.length);
  const kept: number[] = [];
  for (let i = 0; i < probabilities.length; i++) if ((probabilities[i] as number) >= least) kept.push(i);
  return kept.sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b);
}

/** Log-probabilities (nats) of `token` and of the `count` likeliest tokens under `logits [dVocab]`. */
export function logprobsOf(
  logits: Float32Array,
  token: number,
  count: number,
): { readonly logprob: number; readonly top: { readonly token: number; readonly logprob: number }[] } {
  const most = logits[argmax(logits)] as number;
  const norm = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
  const logprob = (id: number) => (logits[id] as number) - norm;
  return { logprob: logprob(token), top: largest(logits, count).map((id) => ({ token: id, logprob: logprob(id) })) };
}

/** Indices of the `count` largest values, falling; of equal ones the lower index first. */
function largest(values: Float32Array, count: number): number[] {
  const kept: number[] = [];
  for (let id = 0; id < values.length && count > 0; id++) {
    const value = values[id] as number;
    if (kept.length === count && value <= (values[kept[count - 1] as number] as number)) continue;
    const at = kept.findIndex((other) => (values[other] as number) < value);
    kept.splice(at < 0 ? kept.length : at, 0, id);
    if (kept.length > count) kept.pop();
  }
  return kept;
}
