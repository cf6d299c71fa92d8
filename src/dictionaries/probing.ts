/**
 * Two checks of whether latents carry a concept, from labelled examples (rows of activations with what a dictionary makes of
 * them, for instance means over a text). Half of the examples choose and fit, the other half score.
 *
 * *Sparse probing* (Gurnee et al. 2023, arXiv 2305.01610; SAEBench): the k latents whose means differ most between the classes, a
 * logistic regression on them; balanced accuracy beside that of a regression on the whole activation.
 * *Absorption* (Chanin et al. 2024, arXiv 2409.14507), with SAEBench's numbers. With w the direction of the regression on activations:
 * 1. main latents: the best latent of a sparse probe, and further ones for as long as each lifts F1 by 0.03, at most 10;
 * 2. among scored examples of the concept that the regression gets right: absorbed is one on which no main latent fires and
 *    the latent of the largest f_i ⟨d_i, w⟩ has cos(d_i, w) ≥ 0.025 and gives ≥ 0.4 of ⟨x, w⟩.
 */
import { must, rng } from "../core/index.ts";
import { logisticRegression } from "./logistic-regression.ts";

/** n examples: activations `[n, width]`, latents `[n, nLatents]`, and which have the concept. */
export interface LabelledExamples {
  readonly width: number;
  readonly nLatents: number;
  readonly activations: Float32Array;
  readonly latents: Float32Array;
  readonly labels: readonly boolean[];
}

export interface SparseProbing {
  /** Scored examples with and without the concept. */
  readonly n: readonly [number, number];
  readonly activations: number;
  readonly latents: readonly { readonly k: number; readonly chosen: readonly number[]; readonly accuracy: number }[];
}

const F1_JUMP = 0.03;
const MOST_MAIN = 10;
const [LEAST_COSINE, LEAST_SHARE] = [0.025, 0.4];

export function sparseProbing(examples: LabelledExamples, ks: readonly number[], seed: number): SparseProbing {
  const { train, test } = halves(examples, seed);
  const { width, nLatents, labels } = examples;
  const order = byDifference(examples, train);
  const whole = regress(columnsAt(examples.activations, width, range(width)), labels, train);
  return {
    n: [test.filter((i) => labels[i]).length, test.filter((i) => !labels[i]).length],
    activations: balancedAccuracy(whole.predict, labels, test),
    latents: ks.map((k) => {
      const chosen = order.slice(0, k);
      const { predict } = regress(columnsAt(examples.latents, nLatents, chosen), labels, train);
      return { k, chosen, accuracy: balancedAccuracy(predict, labels, test) };
    }),
  };
}

export interface Absorption {
  readonly main: readonly number[];
  /** Scored examples of the concept that the regression on activations gets right. */
  readonly n: number;
  /** Share of them that is absorbed; null where there are none. */
  readonly rate: number | null;
  /** Latents that absorb, the most frequent first. */
  readonly absorbers: readonly { readonly latent: number; readonly count: number }[];
}

/** `decoder [nLatents, width]`, of an autoencoder: latents write where the activations are. */
export function absorption(examples: LabelledExamples, decoder: Float32Array, seed: number): Absorption {
  const { train, test } = halves(examples, seed);
  const { width, nLatents, labels, activations, latents } = examples;
  const { predict, weights } = regress(columnsAt(activations, width, range(width)), labels, train);
  const main = mainLatents(examples, train);
  const right = test.filter((i) => labels[i] && predict(i));
  const counts = new Map<number, number>();
  for (const i of right) {
    const f = latents.subarray(i * nLatents, (i + 1) * nLatents);
    if (main.some((latent) => must(f[latent], "latent") > 0)) continue;
    const total = dot(activations.subarray(i * width, (i + 1) * width), weights);
    const top = strongest(f, decoder, weights);
    if (top.cosine >= LEAST_COSINE && top.projection / total >= LEAST_SHARE)
      counts.set(top.latent, (counts.get(top.latent) ?? 0) + 1);
  }
  const absorbed = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const absorbers = [...counts].map(([latent, count]) => ({ latent, count })).sort((a, b) => b.count - a.count);
  return { main, n: right.length, rate: right.length === 0 ? null : absorbed / right.length, absorbers };
}

function mainLatents(examples: LabelledExamples, train: readonly number[]): number[] {
  const { nLatents, labels, latents } = examples;
  const order = byDifference(examples, train);
  const main: number[] = [];
  let best = 0;
  for (const latent of order.slice(0, MOST_MAIN)) {
    const f1 = f1Of(regress(columnsAt(latents, nLatents, [...main, latent]), labels, train).predict, labels, train);
    if (main.length > 0 && f1 < best + F1_JUMP) break;
    main.push(latent);
    best = f1;
  }
  return main;
}

function strongest(f: Float32Array, decoder: Float32Array, w: Float64Array) {
  let top = { latent: -1, projection: Number.NEGATIVE_INFINITY, cosine: 0 };
  const length = Math.sqrt(w.reduce((sum, value) => sum + value * value, 0));
  for (const [latent, value] of f.entries()) {
    if (!(value > 0)) continue;
    const d = decoder.subarray(latent * w.length, (latent + 1) * w.length);
    const along = dot(d, w);
    if (value * along <= top.projection) continue;
    const norm = Math.sqrt(d.reduce((sum, each) => sum + each * each, 0));
    top = { latent, projection: value * along, cosine: along / (norm * length) };
  }
  return top;
}

/** Each class is dealt in turn in an order drawn from the seed. */
function halves({ labels }: LabelledExamples, seed: number): { train: number[]; test: number[] } {
  const random = rng(seed, "probing");
  const [train, test]: [number[], number[]] = [[], []];
  for (const wanted of [true, false]) {
    const of = random.shuffle([...labels.keys()].filter((i) => labels[i] === wanted));
    for (const [at, i] of of.entries()) (at % 2 === 0 ? train : test).push(i);
  }
  return { train, test };
}

/** Latents by |difference of class means|, the largest first. */
function byDifference({ latents, nLatents, labels }: LabelledExamples, train: readonly number[]): number[] {
  const [withIt, without] = [train.filter((i) => labels[i]), train.filter((i) => !labels[i])];
  const mean = (of: readonly number[], latent: number) =>
    of.reduce((sum, i) => sum + must(latents[i * nLatents + latent], "latent"), 0) / Math.max(1, of.length);
  const difference = Float64Array.from({ length: nLatents }, (_, j) => Math.abs(mean(withIt, j) - mean(without, j)));
  return range(nLatents).sort((a, b) => must(difference[b], "d") - must(difference[a], "d") || a - b);
}

type Columns = (i: number) => Float64Array;

function columnsAt(values: Float32Array, width: number, chosen: readonly number[]): Columns {
  return (i) => Float64Array.from(chosen, (j) => must(values[i * width + j], "value"));
}

interface Regression {
  readonly predict: (i: number) => boolean;
  /** In the units of the columns. */
  readonly weights: Float64Array;
}

const RIDGE = 1e-3;

/** Logistic regression on standardised columns, classes weighted equally, with a small ridge. */
function regress(columns: Columns, labels: readonly boolean[], train: readonly number[]): Regression {
  const rows = train.map(columns);
  const width = rows[0]?.length ?? 0;
  const mean = range(width).map((j) => rows.reduce((sum, row) => sum + must(row[j], "x"), 0) / rows.length);
  const spread = range(width).map((j) => {
    const squares = rows.reduce((sum, row) => sum + (must(row[j], "x") - must(mean[j], "mean")) ** 2, 0);
    return Math.sqrt(squares / rows.length) || 1;
  });
  const positive = train.filter((i) => labels[i]).length;
  const { w, bias } = logisticRegression({
    rows: rows.map((row) => row.map((x, j) => (x - must(mean[j], "mean")) / must(spread[j], "spread"))),
    labels: train.map((i) => must(labels[i], "label")),
    weights: train.map((i) => 0.5 / (labels[i] ? positive : train.length - positive)),
    ridge: RIDGE,
  });
  const weights = w.map((value, j) => value / must(spread[j], "spread"));
  const offset = bias - weights.reduce((sum, value, j) => sum + value * must(mean[j], "mean"), 0);
  return { weights, predict: (i) => dot(columns(i), weights) + offset > 0 };
}

function balancedAccuracy(
  predict: (i: number) => boolean,
  labels: readonly boolean[],
  test: readonly number[],
): number {
  const share = (wanted: boolean) => {
    const of = test.filter((i) => labels[i] === wanted);
    return of.filter((i) => predict(i) === wanted).length / of.length;
  };
  return (share(true) + share(false)) / 2;
}

function f1Of(predict: (i: number) => boolean, labels: readonly boolean[], of: readonly number[]): number {
  const hits = of.filter((i) => labels[i] && predict(i)).length;
  const said = of.filter((i) => predict(i)).length;
  const wanted = of.filter((i) => labels[i]).length;
  return hits === 0 ? 0 : (2 * hits) / (said + wanted);
}

const range = (n: number) => [...Array(n).keys()];

function dot(a: ArrayLike<number>, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < b.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}
