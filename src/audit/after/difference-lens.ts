/**
 * Activation difference lens (Minder et al. 2025, arXiv 2510.13900): a narrow fine-tune leaves a trace in the first
 * tokens of text that has nothing to do with it, and the trace can be read.
 *
 * 1. Mean of h_tuned − h_base over the first five tokens (a leading BOS aside) of unrelated texts, per layer.
 * 2. Decoded by the logit lens, scaled to the length that the final norm would give it (√dModel), and at the
 *    dictionary's own hook point against its decoder rows.
 * 3. Nulls, 64 each: isotropic vectors of the same norm, and differences of the base's means over two random halves of
 *    the texts. The norm stands beside the halves' 95th percentile. A token is listed where its value is beyond the 95th
 *    percentile of the largest value that a null vector gives any token, the larger of the two nulls; latents likewise
 *    by |cosine|. What chance would list is not listed, so that an empty list says: nothing to read.
 *
 * Different from the paper: one mean over the five positions in place of five; no steering, no patchscope.
 * Per draw and layer only one sum is held, however many texts there are.
 */
import { must, rng } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import { addScaled, dot, isotropicDirections, norm, rowAt, type Vector } from "../../geometry/index.ts";
import type { HookName } from "../../models/index.ts";
import type { GeometryRecord } from "../../records/index.ts";
import { sortedQuantile } from "../statistics/index.ts";
import { eachLens, strongestTokens, type TokenValue } from "./logit-lens.ts";
import { eachSequence } from "./reading.ts";

export type DifferenceLens = NonNullable<GeometryRecord["lens"]>;
type LensLayer = DifferenceLens["layers"][number];

export interface DifferenceLensRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  /** Token sequences that have nothing to do with the fine-tune. */
  readonly texts: readonly (readonly number[])[];
  readonly dictionary: Dictionary | null;
  readonly seed: number;
  readonly options?: AskOptions;
}

const POSITIONS = 5;
const DRAWS = 64;
const LISTED = 10;

/** Null below four texts: two halves need two each. */
export async function differenceLens(request: DifferenceLensRequest): Promise<DifferenceLens | null> {
  const { base, dictionary, seed } = request;
  const texts = request.texts.map((ids) => firstTokens(base, ids)).filter(({ positions }) => positions.length > 0);
  if (texts.length < 4) return null;
  const { nLayers, dModel } = base.source.definition.dimensions;
  const hooks = Array.from({ length: nLayers }, (_, layer): HookName => `blocks.${layer}.hook_resid_post`);
  const sums = await sumsOf(request, texts, hooks);
  const isotropic = isotropicDirections(DRAWS, dModel, rng(seed, "difference lens: isotropic"));
  const chance = await lensPeaks(base, isotropic);
  const layers: LensLayer[] = [];
  for (const [l, hook] of hooks.entries()) {
    const { difference, halves } = must(sums[l], "layer");
    const nulls: Nulls = { isotropic, halves, chance, dictionary: dictionary?.hook === hook ? dictionary : null };
    layers.push(await layerOf(base, hook, difference, nulls));
  }
  return { texts: texts.length, positions: POSITIONS, layers };
}

function firstTokens({ tokenizer }: LanguageModel, ids: readonly number[]): ReadSequence {
  const skip = tokenizer.bosId !== null && ids[0] === tokenizer.bosId ? 1 : 0;
  const first = ids.slice(0, skip + POSITIONS);
  return { ids: first, positions: [...first.keys()].slice(skip) };
}

interface LayerSums {
  /** `[dModel]`: mean of h_tuned − h_base over texts. */
  readonly difference: Float64Array;
  /** `[draws, dModel]`: difference of the base's means over two random halves of the texts. */
  readonly halves: Float64Array;
}

async function sumsOf(
  { base, tuned, seed, options }: DifferenceLensRequest,
  texts: readonly ReadSequence[],
  hooks: readonly HookName[],
): Promise<LayerSums[]> {
  const { dModel } = base.source.definition.dimensions;
  const shares = halvings(texts.length, seed);
  const sums = hooks.map(() => ({
    difference: new Float64Array(dModel),
    halves: new Float64Array(DRAWS * dModel),
  }));
  const add = (text: number, before: Float32Array, after: Float32Array, { difference, halves }: LayerSums) => {
    const ofBase = meanOfRows(before, dModel);
    addScaled(
      difference,
      1 / texts.length,
      meanOfRows(
        after.map((value, i) => value - (before[i] as number)),
        dModel,
      ),
    );
    for (const [draw, share] of shares.entries())
      addScaled(halves.subarray(draw * dModel, (draw + 1) * dModel), must(share[text], "text"), ofBase);
  };
  await eachSequence(
    [base, tuned],
    texts,
    hooks,
    (text, [before, after]) => {
      for (const [l, layer] of sums.entries()) add(text, must(before?.[l], "base"), must(after?.[l], "tuned"), layer);
    },
    options,
  );
  return sums;
}

/** Per draw: each text's share in the difference of two half means, 1/n₁ or −1/n₂. */
function halvings(texts: number, seed: number): Float64Array[] {
  const random = rng(seed, "difference lens: halves");
  const first = Math.floor(texts / 2);
  return Array.from({ length: DRAWS }, () => {
    const shares = new Float64Array(texts);
    const order = random.shuffle([...shares.keys()]);
    for (const [place, text] of order.entries()) shares[text] = place < first ? 1 / first : -1 / (texts - first);
    return shares;
  });
}

function meanOfRows(rows: Float32Array, width: number): Float64Array {
  const mean = new Float64Array(width);
  for (let i = 0; i < rows.length; i++)
    mean[i % width] = (mean[i % width] as number) + ((rows[i] as number) * width) / rows.length;
  return mean;
}

interface Nulls {
  /** `[draws, dModel]` */
  readonly isotropic: Float64Array;
  readonly halves: Float64Array;
  /** Largest lens value of each isotropic vector, sorted. */
  readonly chance: Float64Array;
  /** Where this is the dictionary's hook point. */
  readonly dictionary: Dictionary | null;
}

async function layerOf(
  base: LanguageModel,
  hook: HookName,
  difference: Float64Array,
  nulls: Nulls,
): Promise<LensLayer> {
  const { isotropic, halves, chance, dictionary } = nulls;
  const width = difference.length;
  const norms = Float64Array.from({ length: DRAWS }, (_, draw) => norm(rowAt(halves, width, draw))).sort();
  const length = norm(difference);
  const found = { hook, norm: length, random95: sortedQuantile(norms, 0.95) };
  if (length === 0) return { ...found, promoted: [], suppressed: [], latents: [] };
  const limit = Math.max(sortedQuantile(chance, 0.95), sortedQuantile(await lensPeaks(base, halves), 0.95));
  const tokens = await lensTokens(base, difference, limit);
  const latents = dictionary ? alignedLatents(difference, dictionary, [isotropic, halves]) : [];
  return { ...found, ...tokens, latents };
}

async function lensTokens(
  base: LanguageModel,
  direction: Float64Array,
  limit: number,
): Promise<Pick<LensLayer, "promoted" | "suppressed">> {
  let found: Pick<LensLayer, "promoted" | "suppressed"> = { promoted: [], suppressed: [] };
  await eachLens(base, unitScale(direction, direction.length), (_, logits) => {
    const beyond = (sign: 1 | -1): TokenValue[] =>
      strongestTokens(base.tokenizer, logits, LISTED, sign).filter(({ value }) => sign * value > limit);
    found = { promoted: beyond(1), suppressed: beyond(-1) };
  });
  return found;
}

/** The largest value that each row of `vectors [n, dModel]` gives any token, either sign, sorted. */
async function lensPeaks(base: LanguageModel, vectors: Float64Array): Promise<Float64Array> {
  const { dModel } = base.source.definition.dimensions;
  const peaks = new Float64Array(vectors.length / dModel);
  await eachLens(base, unitScale(vectors, dModel), (row, logits) => {
    let peak = 0;
    for (const logit of logits) peak = Math.max(peak, Math.abs(logit));
    peaks[row] = peak;
  });
  return peaks.sort();
}

/** Rows of mean square 1; zeros stay zeros. */
function unitScale(vectors: Float64Array, width: number): Float32Array {
  const scaled = new Float32Array(vectors.length);
  for (let at = 0; at < vectors.length; at += width) {
    const row = vectors.subarray(at, at + width);
    const length = norm(row);
    const factor = length === 0 ? 0 : Math.sqrt(width) / length;
    scaled.set(
      row.map((value) => factor * value),
      at,
    );
  }
  return scaled;
}

/** Latents whose |cosine| is beyond the 95th percentile of the largest that each null's vectors reach. */
function alignedLatents(
  direction: Float64Array,
  dictionary: Dictionary,
  nulls: readonly Float64Array[],
): LensLayer["latents"] {
  const { dModel } = dictionary;
  const limits = nulls.map((vectors) => {
    const peaks = Float64Array.from({ length: DRAWS }, (_, draw) =>
      cosines(rowAt(vectors, dModel, draw), dictionary).reduce((peak, value) => Math.max(peak, Math.abs(value)), 0),
    );
    return sortedQuantile(peaks.sort(), 0.95);
  });
  const all = cosines(direction, dictionary);
  return [...all.keys()]
    .map((latent) => ({ latent, cosine: must(all[latent], "latent") }))
    .filter(({ cosine }) => Math.abs(cosine) > Math.max(...limits))
    .sort((a, b) => Math.abs(b.cosine) - Math.abs(a.cosine))
    .slice(0, LISTED);
}

/** With every decoder row, `[nLatents]`; 0 where one has no length. */
function cosines(direction: Vector, { decoder, dModel, nLatents }: Dictionary): Float64Array {
  const length = norm(direction);
  return Float64Array.from({ length: nLatents }, (_, latent) => {
    const row = rowAt(decoder, dModel, latent);
    const product = length * norm(row);
    return product === 0 ? 0 : dot(direction, row) / product;
  });
}
