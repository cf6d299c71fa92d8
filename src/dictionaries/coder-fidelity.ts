/** How well a dictionary of any kind rebuilds what a model computes: per output, over streamed text. */
import { must } from "../core/index.ts";
import type { Engine, LanguageModel, ReadSequence } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import type { CoderQuality } from "../records/index.ts";
import { decodeCoder } from "./coders/decode.ts";
import type { GroupActivations } from "./coders/encode.ts";
import { encodeGroupLarge } from "./coders/encode-large.ts";
import type { LoadedCoder } from "./coders/sparse-coder.ts";
import { columnsOf, concatRows, hookWidth, readActivations } from "./read.ts";

/** A latent that fires on more than this share of tokens is called dense. */
export const DENSE_SHARE = 0.1;

interface FidelityOptions {
  readonly model: LanguageModel;
  readonly sequences: readonly ReadSequence[];
  readonly onDone?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface CoderFidelityRequest extends FidelityOptions {
  readonly coder: LoadedCoder;
}

export interface CodersFidelityRequest extends FidelityOptions {
  readonly coders: readonly LoadedCoder[];
}

/** Numbers of all places together that are alive at once: what all the layers of a model say to a few tokens is much. */
const READ_NUMBERS = 2 ** 25;

export async function measureCoder({ coder, ...rest }: CoderFidelityRequest): Promise<CoderQuality> {
  const [quality] = await measureCoders({ ...rest, coders: [coder] });
  return must(quality, "the coder's quality");
}

/** One result per coder, in their order; the model runs once for all of them. */
export async function measureCoders(request: CodersFidelityRequest): Promise<CoderQuality[]> {
  const { model, coders, sequences, onDone, signal } = request;
  const hooks = [...new Set(coders.flatMap(placesOf))];
  const widths = hooks.map((hook) => hookWidth(model, hook));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const groupTokens = Math.max(256, Math.min(8192, Math.floor(READ_NUMBERS / Math.max(1, total))));
  const tallies = coders.map((coder) => new CoderTally(coder));
  let done = 0;
  const reading = { groupTokens, ...(signal ? { signal } : {}) };
  for await (const group of readActivations(model, sequences, hooks, reading)) {
    const rows = concatRows(group.rows);
    const at = (hook: HookName) => columnsOf(rows, widths, hooks.indexOf(hook));
    for (const [c, { groups, outputs }] of coders.entries()) {
      const inputs = groups.map((each) => sideBySide(each.hooks.map(at), each.dIn));
      const targets = outputs.map(({ hook }) => at(hook));
      await must(tallies[c], "tally").add(model.engine, inputs, targets, signal);
    }
    done += group.sequences.length;
    onDone?.(done, sequences.length);
  }
  return tallies.map((tally) => tally.quality());
}

function placesOf({ groups, outputs }: LoadedCoder): HookName[] {
  return [...groups.flatMap(({ hooks }) => hooks), ...outputs.map(({ hook }) => hook)];
}

/** Sums over the tokens that one coder has read. */
export class CoderTally {
  readonly #coder: LoadedCoder;
  readonly #sums: readonly OutputSums[];
  /** Per group `[nLatents]`: tokens on which each latent speaks. */
  readonly #fired: readonly Float64Array[];
  #tokens = 0;

  constructor(coder: LoadedCoder) {
    this.#coder = coder;
    this.#sums = coder.outputs.map(({ dOut }) => outputSums(dOut));
    this.#fired = coder.groups.map(({ nLatents }) => new Float64Array(nLatents));
  }

  /** `inputs[g] [tokens, dIn]`, `targets[o] [tokens, dOut]`; gives what was made of them. */
  async add(
    engine: Engine,
    inputs: readonly Float32Array[],
    targets: readonly Float32Array[],
    signal?: AbortSignal,
  ): Promise<{ readonly activations: readonly GroupActivations[]; readonly rebuilt: readonly Float32Array[] }> {
    const activations: GroupActivations[] = [];
    for (const [g, each] of this.#coder.groups.entries())
      activations.push(await encodeGroupLarge(engine, each, must(inputs[g], "input"), signal));
    for (const [g, { latents }] of activations.entries()) {
      const counts = must(this.#fired[g], "counts");
      for (const latent of latents) counts[latent] = must(counts[latent], "count") + 1;
    }
    const rebuilt = decodeCoder(this.#coder, activations, inputs);
    for (const [o, each] of rebuilt.entries()) addRows(must(this.#sums[o], "sums"), must(targets[o], "target"), each);
    this.#tokens += must(activations[0], "a group").starts.length - 1;
    return { activations, rebuilt };
  }

  quality(): CoderQuality {
    const [tokens, fired] = [this.#tokens, this.#fired];
    const outputs = this.#coder.outputs.map(({ hook }, o) => ({
      hook,
      ...explainedBy(this.#sums[o] as OutputSums, tokens),
    }));
    return {
      tokens,
      outputs,
      l0: fired.map((counts) => counts.reduce((sum, count) => sum + count, 0) / tokens),
      dead: fired.map((counts) => counts.filter((count) => count === 0).length),
      dense: fired.map((counts) => counts.filter((count) => count > DENSE_SHARE * tokens).length),
    };
  }
}

/** What a group that reads several places gets: their rows one behind the other. */
export function sideBySide(parts: readonly Float32Array[], total: number): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const n = parts.reduce((sum, part) => sum + part.length, 0) / total;
  const out = new Float32Array(n * total);
  let start = 0;
  for (const part of parts) {
    const width = part.length / n;
    for (let t = 0; t < n; t++) out.set(part.subarray(t * width, (t + 1) * width), t * total + start);
    start += width;
  }
  return out;
}

/** Sums that merge: of y and y² per column, and of what was missed. */
interface OutputSums {
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  readonly missed: Float64Array;
  /** Σ over tokens of 1 − ‖y − ŷ‖² / ‖y − ȳ‖². */
  perToken: number;
}

function outputSums(width: number): OutputSums {
  return {
    sum: new Float64Array(width),
    squares: new Float64Array(width),
    missed: new Float64Array(width),
    perToken: 0,
  };
}

function addRows(sums: OutputSums, y: Float32Array, rebuilt: Float32Array): void {
  const { sum, squares, missed } = sums;
  const width = sum.length;
  sums.perToken += perTokenShares(y, rebuilt, width);
  for (let i = 0; i < y.length; i++) {
    const [j, value] = [i % width, y[i] as number];
    sum[j] = (sum[j] as number) + value;
    squares[j] = (squares[j] as number) + value * value;
    missed[j] = (missed[j] as number) + (value - (rebuilt[i] as number)) ** 2;
  }
}

/**
 * SAELens' `explained_variance_legacy`, summed over tokens: 1 − ‖y − ŷ‖² / ‖y − ȳ‖², ȳ of the batch (here: of the tokens read
 * together). One token near the mean can carry the mean anywhere.
 */
function perTokenShares(y: Float32Array, rebuilt: Float32Array, width: number): number {
  const n = y.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < y.length; i++) mean[i % width] = (mean[i % width] as number) + (y[i] as number) / n;
  let total = 0;
  for (let t = 0; t < n; t++) {
    let [missed, varied] = [0, 0];
    for (let j = 0, i = t * width; j < width; j++, i++) {
      missed += ((y[i] as number) - (rebuilt[i] as number)) ** 2;
      varied += ((y[i] as number) - (mean[j] as number)) ** 2;
    }
    total += 1 - missed / varied;
  }
  return total;
}

function explainedBy({ sum, squares, missed, perToken }: OutputSums, tokens: number) {
  const total = (values: Float64Array) => values.reduce((all, value) => all + value, 0);
  const means = sum.map((value) => value / tokens);
  const variance = total(squares) - tokens * total(means.map((mean) => mean * mean));
  return { explainedVariance: 1 - total(missed) / variance, saeLensLegacy: perToken / tokens };
}
