/** The sparse step against the dense one: every gradient and Adam as the textbook has them, in float64. */
import { describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import { Autoencoders } from "./autoencoder.ts";
import { type AutoencoderParameters, type AutoencoderStep, rowWidth } from "./autoencoder-request.ts";
import type { Program, RunRequest } from "./program.ts";
import { simdLoops } from "./simd.ts";

const [N, D, M, K] = [12, 19, 30, 4];
const ADAM = { beta2: 0.9, eps: 1e-8 };
const RATE = 0.01;

const random = rng(5, "autoencoder test");
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal());

/** An autoencoder writes what it reads; a transcoder's rows hold what it is to write behind what it reads. */
interface Shape {
  readonly dOut: number;
  readonly tied: boolean;
}
const AUTOENCODER: Shape = { dOut: D, tied: true };
const TRANSCODER: Shape = { dOut: 23, tied: false };
const strideOf = ({ tied, dOut }: Shape) => (tied ? D : D + dOut);
/** Element j of what is read on row t (less b, of an autoencoder), and of what is to be written. */
const readAt = (p: Dense, rows: Float32Array, shape: Shape, t: number, j: number) =>
  (rows[t * strideOf(shape) + j] ?? 0) - (shape.tied ? (p.decoderBias[j] ?? 0) : 0);
const targetAt = (rows: Float32Array, shape: Shape, t: number, j: number) =>
  rows[t * strideOf(shape) + (shape.tied ? 0 : D) + j] ?? 0;

function unitRows(matrix: Float32Array, width = D): Float32Array {
  for (let i = 0; i < matrix.length; i += width) {
    const row = matrix.subarray(i, i + width);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (const [j, value] of row.entries()) row[j] = value / length;
  }
  return matrix;
}

const fresh = ({ dOut } = AUTOENCODER): AutoencoderParameters => ({
  encoder: normals(M * D),
  // Low enough that some latents seldom fire: they must catch up.
  encoderBias: Float32Array.from({ length: M }, (_, i) => -0.3 * i),
  decoder: unitRows(normals(M * dOut), dOut),
  decoderBias: normals(dOut),
});

type Over = "row" | "batch" | "threshold";

/** Counts of latents that must do alone. */
const PREFIXES = [4, 11, M];

/** ε wide enough that many are near their threshold, λ large enough to be felt. */
const JUMP_RELU = { bandwidth: 1.5, rate: 3 };
const SPARSITY = 0.7;

/** Pre-activations `[n, M]` of padded rows. */
function preActivations(feeds: RunRequest["feeds"]): number[][] {
  const data = (name: string) => must(feeds[name] as { data: Float32Array } | undefined, name).data;
  const [rows, encoder, bias, shift] = ["rows", "encoder", "encoderBias", "decoderBias"].map(data) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const width = rowWidth(D);
  return Array.from({ length: rows.length / width }, (_, t) =>
    Array.from({ length: M }, (_, i) => {
      let sum = must(bias[i], "bias");
      for (let j = 0; j < width; j++)
        sum += ((rows[t * width + j] ?? 0) - (shift[j] ?? 0)) * (encoder[i * width + j] ?? 0);
      return sum;
    }),
  );
}

/** What the runtime does in a step: the k largest pre-activations of each row, or the k n largest of all. */
const runtimeOver = (over: Over) => ({
  run: async ({ feeds }: RunRequest) => {
    const pre = preActivations(feeds);
    if (over === "threshold") {
      const data = Float32Array.from(pre.flat());
      return { pre: { dtype: "float32" as const, shape: [pre.length, M], data } };
    }
    const pools = over === "row" ? pre : [pre.flat()];
    const count = over === "row" ? K : K * pre.length;
    const chosen = pools.flatMap((pool) =>
      pool
        .map((value, index) => ({ value, index }))
        .sort((a, b) => b.value - a.value)
        .slice(0, count),
    );
    const shape = [pools.length, count];
    return {
      values: { dtype: "float32" as const, shape, data: Float32Array.from(chosen, ({ value }) => value) },
      latents: { dtype: "int64" as const, shape, data: BigInt64Array.from(chosen, ({ index }) => BigInt(index)) },
    };
  },
});

/** `[row, latent]` of who speaks, by the definition. */
function speaking(
  p: Dense,
  rows: Float32Array,
  { over, tau, shape }: { readonly over: Over; readonly tau: Float64Array; readonly shape: Shape },
): [number, number][] {
  const pre = Array.from({ length: N }, (_, t) =>
    Array.from({ length: M }, (_, i) => {
      let sum = must(p.encoderBias[i], "e");
      for (let j = 0; j < D; j++) sum += readAt(p, rows, shape, t, j) * (p.encoder[i * D + j] ?? 0);
      return { t, i, sum };
    }),
  );
  if (over === "threshold")
    return pre.flatMap((row) =>
      row.filter(({ i, sum }) => sum > Math.exp(must(tau[i], "τ"))).map(({ t, i }): [number, number] => [t, i]),
    );
  const pools = over === "row" ? pre : [pre.flat()];
  return pools
    .flatMap((pool) => [...pool].sort((a, b) => b.sum - a.sum).slice(0, over === "row" ? K : K * N))
    .filter(({ sum }) => sum > 0)
    .map(({ t, i }): [number, number] => [t, i]);
}

type Name = "encoder" | "encoderBias" | "decoder" | "decoderBias";
type Dense = Record<Name, Float64Array>;

const dense = (from: (name: Name) => ArrayLike<number>): Dense => ({
  encoder: Float64Array.from(from("encoder")),
  encoderBias: Float64Array.from(from("encoderBias")),
  decoder: Float64Array.from(from("decoder")),
  decoderBias: Float64Array.from(from("decoderBias")),
});

/** Mean over prefixes of the mean ‖ĥ − h‖² with the latents of `active` (fixed, as TopK is in a derivative) in them. */
function lossOf(
  p: Dense,
  rows: Float32Array,
  active: readonly [number, number][],
  { prefixes = [M], shape }: { readonly prefixes?: readonly number[]; readonly shape: Shape },
): number {
  const losses = prefixes.map((end) => {
    const within = active.filter(([, latent]) => latent < end);
    return wholeLossOf(p, rows, within, shape);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function wholeLossOf(p: Dense, rows: Float32Array, active: readonly [number, number][], shape: Shape): number {
  const { dOut } = shape;
  let loss = 0;
  for (let t = 0; t < N; t++) {
    const rebuilt = p.decoderBias.slice();
    for (const [row, latent] of active) {
      if (row !== t) continue;
      let pre = must(p.encoderBias[latent], "e");
      for (let j = 0; j < D; j++) pre += readAt(p, rows, shape, t, j) * (p.encoder[latent * D + j] ?? 0);
      for (let j = 0; j < dOut; j++) rebuilt[j] = (rebuilt[j] ?? 0) + pre * (p.decoder[latent * dOut + j] ?? 0);
    }
    for (let j = 0; j < dOut; j++) loss += ((rebuilt[j] ?? 0) - targetAt(rows, shape, t, j)) ** 2 / N;
  }
  return loss;
}

/** Central differences in float64: exact to about 1e-9 for a loss that is quartic in the parameters. */
function gradientsOf(
  p: Dense,
  rows: Float32Array,
  active: readonly [number, number][],
  about: Parameters<typeof lossOf>[3],
): Dense {
  return dense((name) =>
    p[name].map((_, at) => {
      const moved = (by: number) =>
        lossOf({ ...p, [name]: p[name].map((value, k) => (k === at ? value + by : value)) }, rows, active, about);
      return (moved(1e-4) - moved(-1e-4)) / 2e-4;
    }),
  );
}

/** Dense Adam with β₁ = 0 on all parameters, decoder gradients off their rows, rows back to unit norm. */
function denseStep(
  p: Dense,
  moments: Dense,
  g: Dense,
  { t, dOut }: { readonly t: number; readonly dOut: number },
): void {
  for (let i = 0; i < M; i++) {
    let along = 0;
    for (let j = 0; j < dOut; j++) along += (g.decoder[i * dOut + j] ?? 0) * (p.decoder[i * dOut + j] ?? 0);
    for (let j = 0; j < dOut; j++)
      g.decoder[i * dOut + j] = (g.decoder[i * dOut + j] ?? 0) - along * (p.decoder[i * dOut + j] ?? 0);
  }
  for (const name of ["encoder", "encoderBias", "decoder", "decoderBias"] as const)
    for (const [at, gradient] of g[name].entries()) {
      const v = ADAM.beta2 * (moments[name][at] ?? 0) + (1 - ADAM.beta2) * gradient ** 2;
      moments[name][at] = v;
      const corrected = Math.sqrt(v / (1 - ADAM.beta2 ** t));
      p[name][at] = (p[name][at] ?? 0) - (RATE * gradient) / (corrected + ADAM.eps);
    }
  for (let i = 0; i < M; i++) {
    const row = p.decoder.subarray(i * dOut, i * dOut + dOut);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (const [j, value] of row.entries()) row[j] = value / length;
  }
}

/**
 * τ after a step, and its moments: ∂L/∂θ by eqs. 11 and 12 of arXiv 2407.14435 over every token and latent, the loss per element,
 * with λ (L0/k − 1)²; then dense Adam with β₁ = 0.
 */
function thresholdStep(
  p: Dense,
  { tau, moments }: { readonly tau: Float64Array; readonly moments: Float64Array },
  rows: Float32Array,
  { t, shape }: { readonly t: number; readonly shape: Shape },
): void {
  const { dOut } = shape;
  const active = speaking(p, rows, { over: "threshold", tau, shape });
  const speaks = new Set(active.map(([row, latent]) => row * M + latent));
  const l0 = active.length / N;
  const gradient = new Float64Array(M);
  for (let row = 0; row < N; row++) {
    const pre = Array.from({ length: M }, (_, i) => {
      let sum = must(p.encoderBias[i], "e");
      for (let j = 0; j < D; j++) sum += readAt(p, rows, shape, row, j) * (p.encoder[i * D + j] ?? 0);
      return sum;
    });
    const missed = Array.from({ length: dOut }, (_, j) => {
      let rebuilt = must(p.decoderBias[j], "b");
      for (let i = 0; i < M; i++)
        if (speaks.has(row * M + i)) rebuilt += (pre[i] ?? 0) * (p.decoder[i * dOut + j] ?? 0);
      return rebuilt - targetAt(rows, shape, row, j);
    });
    for (let i = 0; i < M; i++) {
      const theta = Math.exp(must(tau[i], "τ"));
      if (Math.abs((pre[i] ?? 0) - theta) >= JUMP_RELU.bandwidth / 2) continue;
      const toF = missed.reduce((sum, value, j) => sum + (2 * value * (p.decoder[i * dOut + j] ?? 0)) / (N * dOut), 0);
      const toTheta = (-theta / JUMP_RELU.bandwidth) * toF;
      const ofL0 = SPARSITY * 2 * (l0 / K - 1) * (1 / K) * (1 / N) * (-1 / JUMP_RELU.bandwidth);
      gradient[i] = (gradient[i] ?? 0) + theta * (toTheta + ofL0);
    }
  }
  for (let i = 0; i < M; i++) {
    moments[i] = ADAM.beta2 * (moments[i] ?? 0) + (1 - ADAM.beta2) * (gradient[i] ?? 0) ** 2;
    const corrected = Math.sqrt((moments[i] ?? 0) / (1 - ADAM.beta2 ** t));
    tau[i] = (tau[i] ?? 0) - (JUMP_RELU.rate * RATE * (gradient[i] ?? 0)) / (corrected + ADAM.eps);
  }
}

describe("the sparse step", () => {
  test.each([
    ["of the largest of each row", "row", [M], AUTOENCODER],
    ["of the largest of a batch", "batch", [M], AUTOENCODER],
    ["of the largest of a batch, with prefixes that must do alone,", "batch", PREFIXES, AUTOENCODER],
    ["of those above their thresholds", "threshold", [M], AUTOENCODER],
    ["of a transcoder, of the largest of a batch with prefixes,", "batch", PREFIXES, TRANSCODER],
    ["of a transcoder, of those above their thresholds,", "threshold", [M], TRANSCODER],
  ] as const)(
    "%s is the dense step: finite differences of the whole loss and dense Adam, over ten steps",
    async (_, over, counts, shape) => {
      const prefixes = [...counts];
      const autoencoders = new Autoencoders(runtimeOver(over));
      const parameters = fresh(shape);
      const reference = dense((name) => parameters[name]);
      const moments = dense((name) => new Float64Array(parameters[name].length));
      const { dOut, tied } = shape;
      const sizes = { dModel: D, nLatents: M, k: K, over, prefixes, batch: N, ...(tied ? {} : { dOut }) };
      const logThreshold = Float32Array.from({ length: M }, (_, i) => Math.log(1 + (i % 3)));
      const [tau, tauMoments] = [Float64Array.from(logThreshold), new Float64Array(M)];
      const thresholds =
        over === "threshold" ? { parameters: { ...parameters, logThreshold }, jumpRelu: JUMP_RELU } : {};
      await autoencoders.act({ act: "open", name: "a", sizes, parameters, adam: ADAM, ...thresholds });
      const fired = new Set<number>();
      let missed = false;
      for (let t = 1; t <= 10; t++) {
        const rows = normals(N * strideOf(shape));
        const program: Partial<Program> = {};
        const step = (await autoencoders.act({
          act: "step",
          name: "a",
          program: program as Program,
          rows,
          learningRate: RATE,
          sparsity: SPARSITY,
        })) as AutoencoderStep;
        const active = speaking(reference, rows, { over, tau, shape });
        const spoken = [...step.latents].filter((latent) => latent >= 0);
        expect(spoken.length).toBe(active.length);
        // Float32 sums of some hundred products.
        expect(step.loss / lossOf(reference, rows, active, { shape })).toBeCloseTo(1, 4);
        if (over === "threshold") thresholdStep(reference, { tau, moments: tauMoments }, rows, { t, shape });
        denseStep(reference, moments, gradientsOf(reference, rows, active, { prefixes, shape }), { t, dOut });
        if ([...fired].some((latent) => !spoken.includes(latent))) missed = true;
        for (const latent of spoken) fired.add(latent);
        const read = (await autoencoders.act({ act: "read", name: "a" })) as AutoencoderParameters;
        for (const name of ["encoder", "encoderBias", "decoder", "decoderBias"] as const) {
          // A sign that rounds the other way moves a parameter by twice the rate; none does with this seed.
          const worst = Math.max(...read[name].map((value, at) => Math.abs(value - (reference[name][at] ?? 0))));
          expect(worst, `${name} after step ${t}`).toBeLessThan(1e-4);
        }
        for (const [i, value] of read.logThreshold?.entries() ?? [])
          expect(Math.abs(value - must(tau[i], "τ")), `τ ${i} after step ${t}`).toBeLessThan(1e-4);
        expect(read.logThreshold !== undefined).toBe(over === "threshold");
      }
      expect(missed, "a latent missed a step").toBe(true);
      if (tied) expect(fired.size).toBeLessThan(M);
    },
  );

  test("a revived latent reads and writes what its token was left with", async () => {
    const autoencoders = new Autoencoders(runtimeOver("row"));
    const parameters = fresh();
    const sizes = { dModel: D, nLatents: M, k: K, over: "row" as const, batch: N };
    const before = dense((name) => parameters[name]);
    await autoencoders.act({ act: "open", name: "a", sizes, parameters, adam: ADAM });
    const rows = normals(N * D);
    const program: Partial<Program> = {};
    const stepRequest = { act: "step" as const, name: "a", program: program as Program, rows, learningRate: 0 };
    const { latents } = (await autoencoders.act(stepRequest)) as AutoencoderStep;
    const [latent, token] = [29, 3];
    await autoencoders.act({
      act: "revive",
      name: "a",
      latents: Int32Array.of(latent),
      tokens: Int32Array.of(token),
    });
    const read = (await autoencoders.act({ act: "read", name: "a" })) as AutoencoderParameters;
    const missing = Float64Array.from(
      { length: D },
      (_, j) => (rows[token * D + j] ?? 0) - (before.decoderBias[j] ?? 0),
    );
    for (const each of latents.subarray(token * K, (token + 1) * K)) {
      if (each < 0) continue;
      let pre = before.encoderBias[each] ?? 0;
      for (let j = 0; j < D; j++)
        pre += ((rows[token * D + j] ?? 0) - (before.decoderBias[j] ?? 0)) * (before.encoder[each * D + j] ?? 0);
      for (let j = 0; j < D; j++) missing[j] = (missing[j] ?? 0) - pre * (before.decoder[each * D + j] ?? 0);
    }
    const length = Math.sqrt(missing.reduce((sum, value) => sum + value * value, 0));
    for (let j = 0; j < D; j++) {
      expect(read.decoder[latent * D + j]).toBeCloseTo((missing[j] ?? 0) / length, 4);
      expect(read.encoder[latent * D + j]).toBe(read.decoder[latent * D + j]);
    }
  });
});

describe("the loops in WebAssembly", () => {
  const width = 48;
  const { loops, buffer } = simdLoops(4 * 16 * width);
  const row = (i: number) => new Float32Array(buffer, 4 * i * width, width);
  const at = (i: number) => 4 * i * width;
  const refill = () => Array.from({ length: 16 }, (_, i) => row(i).set(normals(width)));
  const copies = () => Array.from({ length: 16 }, (_, i) => row(i).slice());
  const close = (ours: Float32Array, theirs: (j: number) => number) => {
    // Float32 rounding of a few terms of size one.
    for (const [j, value] of ours.entries()) expect(Math.abs(value - theirs(j))).toBeLessThan(1e-5);
  };

  test("add, multiply, scale and step as plain loops do, and touch their rows only", () => {
    refill();
    const [a, b, c, d, e] = copies() as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    const untouched = row(15).slice();
    loops.combine(at(0), 4 * width, at(1), 0.5, at(2), -2, at(3), 3, at(4), 0.25);
    close(row(0), (j) => (a[j] ?? 0) + 0.5 * (b[j] ?? 0) - 2 * (c[j] ?? 0) + 3 * (d[j] ?? 0) + 0.25 * (e[j] ?? 0));
    expect(loops.dot(at(1), at(2), 4 * width)).toBeCloseTo(
      b.reduce((sum, value, j) => sum + value * (c[j] ?? 0), 0),
      4,
    );
    loops.scale(at(1), 4 * width, -3);
    close(row(1), (j) => -3 * (b[j] ?? 0));
    const [p, g] = [row(5).slice(), row(6).slice()];
    const v = row(7).map(Math.abs);
    row(7).set(v);
    loops.adam(at(5), at(6), at(7), 4 * width, 0.9, 0.1, 0.01, 1.5, 1e-3);
    const moment = (j: number) => 0.9 * (v[j] ?? 0) + 0.1 * (g[j] ?? 0) ** 2;
    close(row(7), moment);
    close(row(5), (j) => (p[j] ?? 0) - (0.01 * (g[j] ?? 0)) / (Math.sqrt(moment(j)) * 1.5 + 1e-3));
    expect(row(15)).toEqual(untouched);
    expect(row(8)).toEqual(copies()[8]);
  });
});
