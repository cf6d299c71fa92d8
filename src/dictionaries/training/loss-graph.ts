/**
 * Forward pass and loss of a dictionary in training, as symbolic tensors; derivatives come from the tape.
 *
 * Rows `[n, Σ widths]` hold, per token, every place that is read or written, centred and scaled to unit mean square.
 * 1. p = E (x − b) + e for an autoencoder, p = E x + e otherwise.
 * 2. f = p of those who may speak:
 *    `topk`: the k largest of a token (Gao et al. 2024, arXiv 2406.04093);
 *    `batchtopk`: the k n largest of the batch (Bussmann et al. 2024, arXiv 2412.06410);
 *    `jumprelu`: p > θ (Rajamanoharan et al. 2024, arXiv 2407.14435). Positive ones only, in all.
 * 3. ŷ_o = Σ_g f_g D_{g→o} + b_o (+ S_o x_o for a skip transcoder, Paulo et al. 2025, arXiv 2501.18823).
 * 4. loss = Σ_o mean ‖y_o − ŷ_o‖² / width_o; `matryoshka_batchtopk` (Bussmann et al. 2025, arXiv 2503.17547): the mean of that
 *    over prefixes of the latents; `jumprelu`: + λ (L0/k − 1)².
 */
import { must } from "../../core/index.ts";
import {
  Add,
  Cast,
  type DType,
  Gemm,
  type Graph,
  Less,
  LessOrEqual,
  Mul,
  ReduceMean,
  ReduceSum,
  Reshape,
  Slice,
  Sub,
  scalar,
  type Tensor,
  TopK,
  Where,
} from "../../tensor/index.ts";
import { countAbove, jumpRelu } from "./jump-relu.ts";
import { type CoderPlaces, type CoderRecipe, writtenBy } from "./recipe.ts";

/** The parameters by name, in the order in which they are kept; shapes as the graph has them. */
export function parameterShapes(places: CoderPlaces, { nLatents, architecture }: CoderRecipe): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const [g, { width }] of places.inputs.entries()) {
    const [first, count] = writtenBy(places, g);
    const written = places.outputs.slice(first, first + count).reduce((sum, output) => sum + output.width, 0);
    shapes.set(`encoder.${g}`, [nLatents, width]);
    shapes.set(`encoderBias.${g}`, [nLatents]);
    shapes.set(`decoder.${g}`, [nLatents, written]);
    if (architecture === "jumprelu") shapes.set(`logThreshold.${g}`, [nLatents]);
  }
  for (const [o, { width }] of places.outputs.entries()) {
    shapes.set(`bias.${o}`, [width]);
    if (places.kind === "skip_transcoder") shapes.set(`skip.${o}`, [width, must(places.inputs[o], "input").width]);
  }
  return shapes;
}

export interface LossGraph {
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Scalar. */
  readonly loss: Tensor;
  /** Per output: mean of ‖y − ŷ‖² / width, scalars. */
  readonly errors: readonly Tensor[];
  /** Per output `[n, width]`: y − ŷ. */
  readonly residuals: readonly Tensor[];
  /** Per group `[nLatents]`: tokens on which each latent speaks. */
  readonly fired: readonly Tensor[];
  /** Per group: the least value that was let speak (`batchtopk`), scalar; null for the others. */
  readonly floors: readonly (Tensor | null)[];
}

export function lossGraph(graph: Graph, places: CoderPlaces, recipe: CoderRecipe, dtype: DType = "float32"): LossGraph {
  const { inputs, outputs } = places;
  const shared = places.kind === "sae";
  const widths = [...inputs, ...(shared ? [] : outputs)].map(({ width }) => width);
  const rows = graph.input("rows", dtype, [recipe.batchTokens, widths.reduce((sum, width) => sum + width, 0)]);
  const columns = (place: number) => {
    const start = widths.slice(0, place).reduce((sum, width) => sum + width, 0);
    return widths.length === 1 ? rows : Slice(rows, 1, start, start + must(widths[place], "width"));
  };
  const x = inputs.map((_, g) => columns(g));
  const y = outputs.map((_, o) => (shared ? must(x[o], "x") : columns(inputs.length + o)));
  const shapes = parameterShapes(places, recipe);
  const parameters = new Map([...shapes].map(([name, shape]) => [name, graph.input(name, dtype, shape)]));
  const parameter = (name: string) => must(parameters.get(name), name);
  const active = x.map((each, g) => speaking(shared ? Sub(each, parameter("bias.0")) : each, g, parameter, recipe));
  const fs = active.map(({ f }) => f);
  const skips = x.map((each, o) =>
    places.kind === "skip_transcoder" ? Gemm(each, parameter(`skip.${o}`), { transB: true }) : null,
  );
  const rebuilt = (share: number) => rebuild(places, recipe, parameter, fs, skips, share);
  const whole = y.map((each, o) => Sub(each, must(rebuilt(1)[o], "output")));
  const errors = whole.map(meanSquare);
  const matryoshka = recipe.architecture === "matryoshka_batchtopk";
  const prefixes = matryoshka ? recipe.prefixes.filter((share) => share < 1) : [];
  const all = prefixes.flatMap((share) => rebuilt(share).map((each, o) => meanSquare(Sub(must(y[o], "y"), each))));
  const sum = [...errors, ...all].reduce((total, each) => Add(total, each));
  const rebuilding = Mul(sum, scalar(sum, 1 / (1 + prefixes.length)));
  const penalties = active.flatMap(({ penalty }) => (penalty ? [penalty] : []));
  return {
    parameters,
    loss: penalties.reduce((total, each) => Add(total, each), rebuilding),
    errors,
    residuals: whole,
    fired: fs.map((f) => ReduceSum(Cast(Less(scalar(f, 0), f), dtype), [0])),
    floors: active.map(({ floor }) => floor),
  };
}

interface Speaking {
  /** `[n, nLatents]` */
  readonly f: Tensor;
  readonly floor: Tensor | null;
  readonly penalty: Tensor | null;
}

function speaking(x: Tensor, g: number, parameter: (name: string) => Tensor, recipe: CoderRecipe): Speaking {
  const { architecture, k, batchTokens, nLatents, bandwidth } = recipe;
  const p = Gemm(x, parameter(`encoder.${g}`), { transB: true, c: parameter(`encoderBias.${g}`) });
  if (architecture === "jumprelu") {
    const logThreshold = parameter(`logThreshold.${g}`);
    const l0 = ReduceMean(countAbove(p, logThreshold, bandwidth), [0]);
    const off = Sub(Mul(l0, scalar(p, 1 / k)), scalar(p, 1));
    const weight = sparsityInput(p);
    return { f: jumpRelu(p, logThreshold, bandwidth), floor: null, penalty: Mul(weight, Mul(off, off)) };
  }
  const flat = architecture === "topk" ? p : Reshape(p, [1, batchTokens * nLatents]);
  const count = architecture === "topk" ? k : k * batchTokens;
  // The least of those kept: a number like any other, through which nothing is derived.
  const least = p.graph.untaped(() => Slice(TopK(flat, count).values, 1, count - 1, count));
  const floor = architecture === "topk" ? null : Reshape(least, []);
  const zero = scalar(p, 0);
  const positive = Where(Less(zero, p), p, zero);
  return { f: Where(LessOrEqual(least, p), positive, zero), floor, penalty: null };
}

/** λ at this step. */
function sparsityInput(like: Tensor): Tensor {
  const { graph, dtype } = like;
  return graph.inputs.find(({ name }) => name === "sparsity") ?? graph.input("sparsity", dtype, []);
}

/** ŷ of each output by the first `share` of each group's latents. */
function rebuild(
  places: CoderPlaces,
  { nLatents }: CoderRecipe,
  parameter: (name: string) => Tensor,
  fs: readonly Tensor[],
  skips: readonly (Tensor | null)[],
  share: number,
): Tensor[] {
  const count = Math.max(1, Math.round(share * nLatents));
  const kept = (x: Tensor, axis: number) => (count === nLatents ? x : Slice(x, axis, 0, count));
  const writes = fs.map((f, g) => Gemm(kept(f, 1), kept(parameter(`decoder.${g}`), 0)));
  return places.outputs.map(({ width }, o) => {
    let sum = parameter(`bias.${o}`);
    for (const [g, write] of writes.entries()) {
      const [first, of] = writtenBy(places, g);
      if (o < first || o >= first + of) continue;
      const start = places.outputs.slice(first, o).reduce((total, output) => total + output.width, 0);
      sum = Add(of === 1 ? write : Slice(write, 1, start, start + width), sum);
    }
    const skip = skips[o];
    return skip ? Add(sum, skip) : sum;
  });
}

function meanSquare(x: Tensor): Tensor {
  return ReduceMean(Mul(x, x), [0, 1]);
}
