import { mean, must } from "../core/index.ts";
import type { Behaviour } from "./behaviour.ts";

/** A continuation as a model sees it. */
export interface ScoredContinuation {
  /** Nats, summed over the continuation's tokens. */
  readonly logprob: number;
  /** Tokens of the continuation, at least 1. */
  readonly tokens: number;
  readonly exhibits: boolean;
}

/** A probability in [0, 1] and its log-odds in nats; kept side by side because the odds survive where it rounds to 1. */
export interface Score {
  readonly probability: number;
  readonly logOdds: number;
}

/** Rounding of a float32 log-softmax may lift a sure token's log-probability this far above 0, nats. */
const ROUNDING_NATS = 1e-3;

/**
 * Score of one variant: Σ weight(exhibiting) / Σ weight(all), where a weight is exp(logprob) for `sum` and
 * exp(logprob / tokens) for `mean`. A class of weight 0 (all −Infinity) gives 0 or 1.
 * Throws where a log-probability is NaN or above 0, a continuation has no tokens, or every weight is 0: such a variant
 * was not measured, and that is never a 0.
 */
export function variantScore(weight: Behaviour["weight"], continuations: readonly ScoredContinuation[]): Score {
  const logWeights = continuations.map((continuation) => ({
    value: logWeight(weight, continuation),
    exhibits: continuation.exhibits,
  }));
  const exhibiting = logSumExp(logWeights.filter((entry) => entry.exhibits).map((entry) => entry.value));
  const other = logSumExp(logWeights.filter((entry) => !entry.exhibits).map((entry) => entry.value));
  if (exhibiting === -Infinity && other === -Infinity) {
    throw new Error("a variant without any likely continuation cannot be scored");
  }
  const logOdds = exhibiting - other;
  return { probability: logistic(logOdds), logOdds };
}

/**
 * Score of an item: the mean over its variants of the probability, and the mean of the log-odds. The latter frees a
 * forced choice in both orders from any constant liking for the first option: (bias + x)/2 + (x − bias)/2 = x.
 */
export function itemScore(variants: readonly Score[]): Score {
  if (variants.length === 0) throw new Error("an item without variants cannot be scored");
  const score = {
    probability: mean(variants.map((variant) => variant.probability)),
    logOdds: mean(variants.map((variant) => variant.logOdds)),
  };
  if (Number.isNaN(score.probability) || Number.isNaN(score.logOdds)) {
    throw new Error("the variants of an item have no mean: NaN, or log-odds that are infinite both ways");
  }
  return score;
}

/** A continuation's weight as a logarithm, nats; throws as `variantScore` says. */
export function logWeight(weight: Behaviour["weight"], { logprob, tokens }: ScoredContinuation): number {
  if (Number.isNaN(logprob) || logprob > ROUNDING_NATS) throw new Error(`log-probability ${logprob} is not one`);
  if (!Number.isInteger(tokens) || tokens < 1) throw new Error(`a continuation of ${tokens} tokens cannot be scored`);
  return weight === "sum" ? logprob : logprob / tokens;
}

/** log Σ exp(x), −Infinity for nothing; the largest term is taken out first, so that nothing underflows. */
export function logSumExp(values: readonly number[]): number {
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/** 1 / (1 + e^−x) without overflow at either end. */
function logistic(logOdds: number): number {
  const small = Math.exp(-Math.abs(logOdds));
  return logOdds >= 0 ? 1 / (1 + small) : small / (1 + small);
}

/** The text with the largest weight among those that exhibit (or not). */
export function strongest(
  weight: Behaviour["weight"],
  continuations: readonly (ScoredContinuation & { readonly text: string })[],
  exhibits: boolean,
): string {
  const candidates = continuations.filter((continuation) => continuation.exhibits === exhibits);
  const first = must(candidates[0], `continuation that ${exhibits ? "exhibits" : "does not exhibit"} the behaviour`);
  return candidates.reduce((a, b) => (logWeight(weight, b) > logWeight(weight, a) ? b : a), first).text;
}
