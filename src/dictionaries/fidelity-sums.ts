/**
 * Streaming sums behind a dictionary's fidelity. They form a monoid: sums of two parts of the tokens merge into the sums
 * of all, whatever the cut, so batches may come in any order and from several workers.
 */
import type { Dictionary, SparseActivations } from "./dictionary.ts";

export interface FidelitySums {
  readonly tokens: number;
  /** `[dModel]`: mean activation. */
  readonly mean: Float64Array;
  /** Σ‖h − h̄‖² over the tokens: each part's own and what lies between parts (Chan et al. 1979). */
  readonly total: number;
  /** Σ‖h − ĥ‖² */
  readonly residual: number;
  /** Slots in use over all tokens. */
  readonly active: number;
  /** `[nLatents]`: tokens on which each latent fires. */
  readonly fired: Float64Array;
}

export function noSums({ dModel, nLatents }: Pick<Dictionary, "dModel" | "nLatents">): FidelitySums {
  return {
    tokens: 0,
    mean: new Float64Array(dModel),
    total: 0,
    residual: 0,
    active: 0,
    fired: new Float64Array(nLatents),
  };
}

/** Sums of one batch: `rows`, `rebuilt` `[tokens, dModel]`. */
export function sumsOf(
  { dModel, nLatents }: Pick<Dictionary, "dModel" | "nLatents">,
  rows: Float32Array,
  rebuilt: Float32Array,
  sparse: SparseActivations,
): FidelitySums {
  const mean = columnMeans(rows, dModel);
  let [total, residual, active] = [0, 0, 0];
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i] as number;
    total += (value - (mean[i % dModel] as number)) ** 2;
    residual += (value - (rebuilt[i] as number)) ** 2;
  }
  const fired = new Float64Array(nLatents);
  for (const latent of sparse.latents) {
    if (latent < 0) continue;
    active++;
    fired[latent] = (fired[latent] as number) + 1;
  }
  return { tokens: rows.length / dModel, mean, total, residual, active, fired };
}

export function mergeSums(a: FidelitySums, b: FidelitySums): FidelitySums {
  const tokens = a.tokens + b.tokens;
  const share = tokens === 0 ? 0 : b.tokens / tokens;
  let between = 0;
  const mean = a.mean.map((value, j) => {
    const difference = (b.mean[j] as number) - value;
    between += difference ** 2;
    return value + share * difference;
  });
  return {
    tokens,
    mean,
    total: a.total + b.total + between * a.tokens * share,
    residual: a.residual + b.residual,
    active: a.active + b.active,
    fired: a.fired.map((count, i) => count + (b.fired[i] as number)),
  };
}

/** 1 − Σ‖h − ĥ‖² / Σ‖h − h̄‖², over all tokens together; NaN where the tokens do not vary. */
export function explainedVariance({ residual, total }: FidelitySums): number {
  return 1 - residual / total;
}

/** Mean number of active latents a token. */
export function meanL0({ active, tokens }: FidelitySums): number {
  return active / tokens;
}

/** `[nLatents]`: share of the tokens on which each latent fires. */
export function firingRates({ fired, tokens }: FidelitySums): Float64Array {
  return fired.map((count) => count / tokens);
}

function columnMeans(rows: Float32Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) sums[i % width] = (sums[i % width] as number) + (rows[i] as number);
  const n = rows.length / width;
  return n === 0 ? sums : sums.map((sum) => sum / n);
}
