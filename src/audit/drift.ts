/**
 * Drift of the residual stream: mean of h_tuned − h_base per layer over the positions that predict response tokens, and
 * its cosine with each behaviour's mean-difference direction in the base (the trait-drift baseline, arXiv 2606.07631).
 *
 * 1. Directions are handed in: mean differences on the `select` half of the contrast pairs, base model (directions.ts).
 * 2. Drift: the other (non-exhibiting) answers of the `check` half, teacher-forced through both models: the answers are
 *    the same and no pair is used twice, so a drift along a direction is not the direction's own data.
 * 3. Null: |cosine| of the drift with random directions, 95th percentile over draws.
 */

import type { Behaviour, ContrastPair } from "../behaviours/index.ts";
import { must, type OnProgress, rng } from "../core/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import { cosine, norm } from "../geometry/index.ts";
import type { HookName } from "../models/index.ts";
import type { AuditRecord, LayerDrift } from "../records/index.ts";
import { sortedQuantile } from "./statistics/index.ts";

export interface DriftRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly behaviours: readonly Behaviour[];
  /** By behaviour id: the mean difference after every layer; behaviours without pairs have none. */
  readonly directions: ReadonlyMap<string, readonly Float64Array[]>;
  readonly seed: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

const NULL_DRAWS = 1000;
/** Sequences whose activations are held at once, base beside tuned. */
const TOGETHER = 32;

export async function measureDrift(request: DriftRequest): Promise<AuditRecord["drift"]> {
  const { base, behaviours, directions } = request;
  const withPairs = behaviours.filter(({ pairs }) => pairs.length > 0);
  if (withPairs.length === 0) return null;
  const { nLayers, dModel } = base.source.definition.dimensions;
  const hooks = Array.from({ length: nLayers }, (_, layer): HookName => `blocks.${layer}.hook_resid_post`);
  const answers = withPairs.flatMap(({ pairs }) => pairs.filter(({ half }) => half === "check"));
  const totals = await accumulate(request, answers, hooks);
  const layers = hooks.map((hook, layer) =>
    layerDrift(hook, layer, must(totals.layers[layer], "layer"), {
      directions,
      dModel,
      seed: request.seed,
      n: totals.tokens,
    }),
  );
  return {
    prompts: answers.length,
    tokens: totals.tokens,
    what: "unremarkable answers to the check half of the contrast pairs, the same text through both models, at the positions that predict the answer's tokens",
    layers,
  };
}

/** Token ids of prompt and answer, and the positions that predict the answer. */
export function answerSequence(
  { tokenizer }: LanguageModel,
  messages: ContrastPair["messages"],
  answer: string,
): ReadSequence {
  const prompt = tokenizer.encodeChat(messages, { addGenerationPrompt: true });
  const response = tokenizer.encode(answer);
  return { ids: [...prompt, ...response].slice(0, -1), positions: response.map((_, i) => prompt.length - 1 + i) };
}

interface LayerTotals {
  readonly drift: Float64Array;
  driftNorms: number;
  baseNorms: number;
}

async function accumulate(
  request: DriftRequest,
  pairs: readonly ContrastPair[],
  hooks: readonly HookName[],
): Promise<{ layers: LayerTotals[]; tokens: number }> {
  const { base, tuned, signal } = request;
  const { dModel } = base.source.definition.dimensions;
  const layers = hooks.map((): LayerTotals => ({ drift: new Float64Array(dModel), driftNorms: 0, baseNorms: 0 }));
  let tokens = 0;
  for (let start = 0; start < pairs.length; start += TOGETHER) {
    request.onProgress?.({ task: "drift", step: start, total: pairs.length });
    const sequences = pairs
      .slice(start, start + TOGETHER)
      .map((pair) => answerSequence(base, pair.messages, pair.other));
    const batches: (readonly Float32Array[])[] = [];
    await base.activations(sequences, hooks, ({ rows }) => void batches.push(rows), signal ? { signal } : {});
    let at = 0;
    await tuned.activations(
      sequences,
      hooks,
      ({ owners, rows }) => {
        const before = must(batches[at++], "batch of the base");
        tokens += owners.length;
        for (const [h, after] of rows.entries())
          addDrift(must(layers[h], "layer"), must(before[h], "hook"), after, dModel);
      },
      signal ? { signal } : {},
    );
  }
  return { layers, tokens };
}

function addDrift(totals: LayerTotals, base: Float32Array, tuned: Float32Array, width: number): void {
  for (let start = 0; start < base.length; start += width) {
    let [moved, size] = [0, 0];
    for (let i = 0; i < width; i++) {
      const before = base[start + i] as number;
      const change = (tuned[start + i] as number) - before;
      totals.drift[i] = (totals.drift[i] as number) + change;
      moved += change * change;
      size += before * before;
    }
    totals.driftNorms += Math.sqrt(moved);
    totals.baseNorms += Math.sqrt(size);
  }
}

interface LayerContext {
  readonly directions: ReadonlyMap<string, readonly Float64Array[]>;
  readonly dModel: number;
  readonly seed: number;
  readonly n: number;
}

function layerDrift(
  hook: HookName,
  layer: number,
  totals: LayerTotals,
  { directions, dModel, seed, n }: LayerContext,
): LayerDrift {
  const meanDrift = totals.drift.map((value) => value / n);
  const baseNorm = totals.baseNorms / n;
  const shares = [...directions].map(([id, vectors]): [string, number | null] => [
    id,
    cosine(meanDrift, must(vectors[layer], "direction")),
  ]);
  return {
    hook,
    layer,
    meanDriftNorm: norm(meanDrift),
    relative: norm(meanDrift) / baseNorm,
    tokenRelative: totals.driftNorms / n / baseNorm,
    shares: Object.fromEntries(shares),
    nullCosine95: randomCosine95(dModel, seed),
  };
}

/** 95th percentile of |cosine| between a vector and isotropic random directions of `width` dimensions. */
function randomCosine95(width: number, seed: number): number {
  const random = rng(seed, "random directions", width);
  const draws = Array.from({ length: NULL_DRAWS }, () => {
    const direction = Float64Array.from({ length: width }, () => random.normal());
    return Math.abs((direction[0] as number) / norm(direction));
  });
  return sortedQuantile(
    draws.sort((a, b) => a - b),
    0.95,
  );
}
