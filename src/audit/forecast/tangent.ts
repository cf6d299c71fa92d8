/**
 * The tangent forecast (SCIENCE §2.3, ours): the first-order simulation of a LoRA fine-tune, from base and data alone.
 *
 * 1. At LoRA's B = 0 only B moves, through the draw of A that training would start from. Several draws are stacked as
 *    the rows of one wide A, so that one pass over the data gives ∇_B L of all draws: B = 0 keeps them apart.
 * 2. Data: g = ∇_B L, L the mean loss a token.
 * 3. Behaviour: ∇_B m_b, m_b the mean over contrast pairs of log p(exhibiting) − log p(other) (a surrogate for the
 *    score, in nats). It depends on the base alone and can be kept.
 * 4. Step of one draw: u = −sign(g) (what Adam's first steps do) or u = −g (plain). Forecast: Δm_b = ⟨∇_B m_b, u⟩, per
 *    unit of step, averaged over draws.
 *
 * Layers, modules, ranks and scales are those of the training. DoRA's magnitudes are not modelled: of such a training
 * this is the forecast without them (B's derivative at its start is LoRA's, Liu et al. 2024, arXiv 2402.09353, §4.3).
 */
import type { Behaviour, ContrastPair } from "../../behaviours/index.ts";
import { mean, must } from "../../core/index.ts";
import type { Tokenizer } from "../../data/index.ts";
import type { Engine, ModelSource } from "../../engine/index.ts";
import { type AdapterLayout, adapterLayout, loraScale, type ModelDefinition } from "../../models/index.ts";
import {
  adapterGradient,
  initialLora,
  type LoraShape,
  layoutOf,
  lossWeight,
  type RowMeans,
  type StartGradient,
  sizeOfB,
  startGradient,
  type TrainingRow,
} from "../../training/index.ts";

export interface SpaceOptions {
  /** Of the training; DoRA's magnitudes play no part. */
  readonly shape: LoraShape;
  readonly draws: number;
  /** The first draw is the start of a training with this seed. */
  readonly seed: number;
}

/** The parameters in which forecasts are made: B of a LoRA whose A holds several draws, one below the other. */
export interface TangentSpace {
  readonly layout: AdapterLayout;
  /** A stacked, B = 0. Where a module has a scale of its own, what it is beside `scale` stands in its A. */
  readonly flat: Float32Array;
  /** Multiplies B A. */
  readonly scale: number;
  /** Of one draw: the largest of all modules'. Rows of A beyond a module's own rank are zero, and so is B's gradient there. */
  readonly rank: number;
  readonly draws: number;
  /** Numbers in all B: the length of a gradient. */
  readonly size: number;
}

/** How a forecast's passes are run. */
export interface PassOptions {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly space: TangentSpace;
  readonly microBatchTokens: number;
  readonly signal?: AbortSignal;
}

/** What `prepare` keeps per base: the gradient of a behaviour's surrogate. */
export interface ProbeGradient {
  readonly id: string;
  /** Contrast pairs. */
  readonly pairs: number;
  /** m_b of the base, nats. */
  readonly value: number;
  /** ∇_B m_b, of the space's size. */
  readonly gradient: Float32Array;
}

/** What training on a data set would follow first. */
export interface DataGradient {
  readonly rows: number;
  /** Σ of the loss weights. */
  readonly tokens: number;
  /** The base's own loss, nats a token: the trivial baseline. */
  readonly lossPerToken: number;
  /** ∇_B of it, of the space's size. */
  readonly gradient: Float32Array;
}

export interface Tangent {
  /** Nats of m_b per unit of step −sign(∇_B L), mean over draws; smallest and largest. */
  readonly adam: number;
  readonly adamRange: readonly [number, number];
  /** One number a draw. */
  readonly adamDraws: readonly number[];
  /** The same for the step −∇_B L. */
  readonly plain: number;
}

export function tangentSpace(definition: ModelDefinition, options: SpaceOptions): TangentSpace {
  const { shape, draws, seed } = options;
  const one = layoutOf(definition, { ...shape, dora: false });
  const { rank } = one;
  const layout = adapterLayout(one.slots, rank * draws);
  const flat = new Float32Array(layout.size);
  for (let draw = 0; draw < draws; draw++) {
    const start = initialLora(one, draw === 0 ? seed : `${seed}, draw ${draw}`);
    for (const [s, { dIn, offsetA, factor }] of one.slots.entries()) {
      const into = must(layout.slots[s], "slot").offsetA + draw * rank * dIn;
      const A = start.subarray(offsetA, offsetA + rank * dIn);
      flat.set(factor === 1 ? A : A.map((value) => factor * value), into);
    }
  }
  const scale = loraScale(rank, shape.alpha, shape.rslora ?? false);
  return { layout, flat, scale, rank, draws, size: sizeOfB(layout) };
}

/** The space's adapter with `step` times `b` in place of B = 0. */
export function atB({ layout, flat }: TangentSpace, b: Float32Array, step: number): Float32Array {
  const moved = flat.slice();
  let at = 0;
  for (const { dOut, offsetB } of layout.slots) {
    for (let i = 0; i < dOut * layout.rank; i++) moved[offsetB + i] = step * must(b[at + i], "B");
    at += dOut * layout.rank;
  }
  return moved;
}

/**
 * ∇_B m_b of every behaviour that has contrast pairs in `halves`; behaviours without are left out. One pass a behaviour.
 */
export async function probeGradients(
  options: PassOptions & {
    readonly tokenizer: Tokenizer;
    readonly behaviours: readonly Behaviour[];
    readonly halves?: readonly ContrastPair["half"][];
    readonly onDone?: (done: number, total: number) => void;
  },
): Promise<ProbeGradient[]> {
  const { tokenizer, behaviours, halves = ["select", "check"], space } = options;
  const probes: ProbeGradient[] = [];
  options.onDone?.(0, behaviours.length);
  for (const [i, behaviour] of behaviours.entries()) {
    const rows = surrogateRows(behaviour, tokenizer, halves);
    if (rows.length > 0) {
      const { loss, gradient } = await startGradient({ ...options, ...space, rows, onDone: () => undefined });
      probes.push({ id: behaviour.id, pairs: rows.length / 2, value: loss, gradient });
    }
    options.onDone?.(i + 1, behaviours.length);
  }
  return probes;
}

/**
 * m_b as a loss: rows whose Σ weights · −log p is the mean over pairs of log p(exhibiting) − log p(other), a token's
 * share where the behaviour is length-normalised.
 */
export function surrogateRows(
  { pairs, weight, wholeAnswers }: Pick<Behaviour, "pairs" | "weight" | "wholeAnswers">,
  tokenizer: Tokenizer,
  halves: readonly ContrastPair["half"][],
): TrainingRow[] {
  const chosen = pairs.filter(({ half }) => halves.includes(half));
  const end = wholeAnswers ? tokenizer.eosIds.slice(0, 1) : [];
  return chosen.flatMap(({ messages, exhibiting, other }) => {
    const prompt = tokenizer.encodeChat(messages, { addGenerationPrompt: true });
    return [exhibiting, other].map((text, i): TrainingRow => {
      const answer = [...tokenizer.encode(text), ...end];
      const size = 1 / (chosen.length * (weight === "mean" ? answer.length : 1));
      const weights = new Float32Array(prompt.length + answer.length).fill(i === 0 ? -size : size, prompt.length);
      return { ids: Int32Array.from([...prompt, ...answer]), weights };
    });
  });
}

/** Loss and gradient of a data set (or of its control), one pass, and what `means` asks for besides. */
export async function dataGradient(
  options: PassOptions & {
    readonly rows: readonly TrainingRow[];
    readonly means?: RowMeans;
    readonly onDone?: (done: number, total: number) => void;
  },
): Promise<DataGradient & Pick<StartGradient, "means">> {
  const sums = await startGradient({ ...options, ...options.space });
  return { ...perToken(options.rows, sums), means: sums.means };
}

/** The mean over tokens; a data set without any that carries loss has none. */
export function perToken(
  rows: readonly TrainingRow[],
  { loss, gradient }: Pick<StartGradient, "loss" | "gradient">,
): DataGradient {
  const tokens = rows.reduce((sum, row) => sum + lossWeight(row), 0);
  if (!(tokens > 0)) throw new Error("no token of these rows carries loss");
  const mean = gradient.map((value) => value / tokens);
  return { rows: rows.length, tokens, lossPerToken: loss / tokens, gradient: mean };
}

/** Steps 3 and 4 of the header: what a small step on the data does to the behaviour's surrogate. */
export function tangent(space: TangentSpace, probe: ProbeGradient, data: DataGradient): Tangent {
  const adam = perDraw(space, probe.gradient, data.gradient, Math.sign);
  const plain = perDraw(space, probe.gradient, data.gradient, (g) => g);
  return { adam: mean(adam), adamRange: [Math.min(...adam), Math.max(...adam)], adamDraws: adam, plain: mean(plain) };
}

/** −Σ m · f(g) of each draw. Columns of B come draw by draw. */
function perDraw(
  { layout, rank, draws }: TangentSpace,
  m: Float32Array,
  g: Float32Array,
  f: (g: number) => number,
): number[] {
  const sums: number[] = new Array(draws).fill(0);
  for (let i = 0; i < m.length; i++) {
    const draw = Math.floor((i % layout.rank) / rank);
    sums[draw] = (sums[draw] as number) - (m[i] as number) * f(g[i] as number);
  }
  return sums;
}

export interface CentralDifference {
  /** d/dε of the surrogate along the direction. */
  readonly slope: number;
  /** The step at which two halvings in a row had changed the slope by less than the tolerance; null: none did. */
  readonly epsilon: number | null;
}

/**
 * What the linearisation is worth: [m_b(θ₀ + εu) − m_b(θ₀ − εu)] / 2ε, ε halved until the slope changes by less than
 * `tolerance` twice in a row (once may be two curvatures that cancel). `direction` is a step in B, of the space's size;
 * `rows` are those of `surrogateRows`.
 */
export async function centralDifference(
  options: PassOptions & {
    readonly rows: readonly TrainingRow[];
    readonly direction: Float32Array;
    readonly epsilon: number;
    readonly tolerance?: number;
    readonly halvings?: number;
  },
): Promise<CentralDifference> {
  const { space, direction, tolerance = 0.05, halvings = 8 } = options;
  const surrogate = async (step: number) =>
    (await adapterGradient({ ...options, ...space, flat: atB(space, direction, step) })).loss;
  const slopeAt = async (eps: number) => ((await surrogate(eps)) - (await surrogate(-eps))) / (2 * eps);
  let slope = await slopeAt(options.epsilon);
  let agreed = 0;
  for (let i = 1; i <= halvings; i++) {
    const epsilon = options.epsilon / 2 ** i;
    const finer = await slopeAt(epsilon);
    agreed = Math.abs(finer - slope) <= tolerance * Math.abs(finer) ? agreed + 1 : 0;
    slope = finer;
    if (agreed === 2) return { slope, epsilon };
  }
  return { slope, epsilon: null };
}
