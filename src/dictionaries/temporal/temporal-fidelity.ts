/** How well a temporal autoencoder rebuilds activations, and how much of that it had foreseen. */
import { must, UserError } from "../../core/index.ts";
import type { LanguageModel, ReadSequence } from "../../engine/index.ts";
import { runTemporal, type TemporalCoder } from "./temporal-coder.ts";

export interface TemporalFidelity {
  /** Tokens that were judged. */
  readonly tokens: number;
  /** 1 − Σ‖h − ĥ‖² / Σ‖h − h̄‖²; null where the activations do not differ. */
  readonly explainedVariance: number | null;
  /** Novel codes and predicted ones that are not 0, a token. */
  readonly novel: number;
  readonly predicted: number;
  /** Latents that are in no token's novel codes. */
  readonly dead: number;
}

export interface TemporalFidelityRequest {
  readonly model: LanguageModel;
  readonly coder: TemporalCoder;
  /** Read from their first token on; judged at their positions. */
  readonly sequences: readonly ReadSequence[];
  readonly onDone?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export async function temporalFidelity(request: TemporalFidelityRequest): Promise<TemporalFidelity> {
  const { model, coder, sequences, onDone, signal } = request;
  const { dModel, nLatents } = coder;
  const fired = new Uint8Array(nLatents);
  const sums = { tokens: 0, unexplained: 0, squares: 0, novel: 0, predicted: 0, mean: new Float64Array(dModel) };
  for (const [done, { ids, positions }] of sequences.entries()) {
    onDone?.(done, sequences.length);
    const whole = [{ ids, positions: ids.map((_, t) => t) }];
    await model.activations(whole, [coder.hook], ({ rows: [h] }) => note(must(h, "rows"), positions), ask(signal));
  }
  if (sums.tokens === 0)
    throw new UserError("dictionary eval", { expected: "text", got: "none", fix: "give a file with text to read" });
  const ofMean = sums.mean.reduce((sum, value) => sum + value * value, 0) / sums.tokens;
  const variance = sums.squares - ofMean;
  return {
    tokens: sums.tokens,
    explainedVariance: variance > 0 ? 1 - sums.unexplained / variance : null,
    novel: sums.novel / sums.tokens,
    predicted: sums.predicted / sums.tokens,
    dead: fired.reduce((count, value) => count + Number(value === 0), 0),
  };

  function note(h: Float32Array, positions: readonly number[]): void {
    const { novel, predicted, rebuilt } = runTemporal(coder, h);
    for (const t of positions) {
      sums.tokens++;
      for (let j = 0; j < dModel; j++) {
        const value = h[t * dModel + j] as number;
        sums.mean[j] = (sums.mean[j] as number) + value;
        sums.squares += value ** 2;
        sums.unexplained += (value - (rebuilt[t * dModel + j] as number)) ** 2;
      }
      for (let i = 0; i < nLatents; i++) {
        if (novel[t * nLatents + i] !== 0) fired[i] = 1;
        sums.novel += Number(novel[t * nLatents + i] !== 0);
        sums.predicted += Number(predicted[t * nLatents + i] !== 0);
      }
    }
  }
}

const ask = (signal: AbortSignal | undefined) => (signal ? { signal } : {});
