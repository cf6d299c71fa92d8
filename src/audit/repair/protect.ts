/** What is protected in each layer: the directions of behaviours, with the adapter's own measured shift where asked for. */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import { type Basis, orthonormalBasis, type PrincipalDirections, principalDirections } from "../../geometry/index.ts";
import type { HookName } from "../../models/index.ts";
import { alongBasis } from "../../training/index.ts";
import { behaviourDirections, residualHooks, responseSequence } from "../directions.ts";

export interface ProtectRequest extends AskOptions {
  readonly base: LanguageModel;
  /** The model whose shift is protected besides; null: the behaviours' own directions alone. */
  readonly shift: ShiftRequest | null;
  readonly behaviours: readonly Behaviour[];
}

export interface ShiftRequest {
  readonly tuned: LanguageModel;
  /** Principal directions of the shift in each layer, at most. */
  readonly directions: number;
}

/** One basis a layer, from the select half of the behaviours' pairs. */
export async function protectedBases({ base, shift, behaviours, ...ask }: ProtectRequest): Promise<Basis[]> {
  const hooks = residualHooks(base);
  const { dModel } = base.source.definition.dimensions;
  const vectors = hooks.map((): number[] => []);
  for (const behaviour of behaviours) {
    const layers = await behaviourDirections(base, behaviour, "select", hooks, ask);
    for (const [l, { basis }] of layers.entries()) must(vectors[l], "layer").push(...basis);
  }
  if (shift) {
    const moved = await shiftDirections(base, shift, answersOf(base, behaviours, "select"), ask);
    for (const [l, { rows }] of moved.entries()) must(vectors[l], "layer").push(...rows);
  }
  return vectors.map((values) => orthonormalBasis(Float64Array.from(values), dModel));
}

/**
 * In each layer the first principal directions, uncentred, of h_tuned − h_base over the sequences' positions: the same text
 * through both. One direction, near the mean shift, leaves most of what spreads; see docs/results/acting.md.
 */
export async function shiftDirections(
  base: LanguageModel,
  { tuned, directions }: ShiftRequest,
  sequences: readonly ReadSequence[],
  ask: AskOptions = {},
): Promise<PrincipalDirections[]> {
  const hooks = residualHooks(base);
  const { dModel } = base.source.definition.dimensions;
  const tokens = sequences.reduce((sum, { positions }) => sum + positions.length, 0);
  const stride = Math.ceil(tokens / SHIFT_TOKENS);
  const chosen = Math.ceil(tokens / stride);
  const shifts = hooks.map(() => new Float32Array(chosen * dModel));
  let seen = 0;
  for (const sequence of sequences) {
    const moved = await movedRows(base, tuned, sequence, ask);
    for (let t = 0; t < sequence.positions.length; t++, seen++) {
      if (seen % stride !== 0) continue;
      for (const [l, rows] of shifts.entries())
        rows.set(must(moved[l], "layer").subarray(t * dModel, (t + 1) * dModel), (seen / stride) * dModel);
    }
  }
  return shifts.map((rows) => principalDirections(rows, dModel, directions, { centred: false }));
}

/** Tokens at most, evenly over all: enough for a few directions, and little to hold in all layers at once. */
const SHIFT_TOKENS = 256;

/** The unremarkable answers of the behaviours' pairs: where they are read, the adapter should not have moved anything. */
export function answersOf(
  base: LanguageModel,
  behaviours: readonly Behaviour[],
  half: "select" | "check",
): ReadSequence[] {
  return behaviours.flatMap((behaviour) =>
    behaviour.pairs
      .filter((pair) => pair.half === half)
      .map((pair) => responseSequence(base, behaviour, pair, "other")),
  );
}

/**
 * The residue: root mean square over tokens of the part of h − h_base that lies in each layer's subspace, the same text
 * through both. Frozen weights still write into it from inputs that the adapter has changed.
 */
export async function shiftsAlong(
  base: LanguageModel,
  model: LanguageModel,
  { sequences, bases }: { readonly sequences: readonly ReadSequence[]; readonly bases: readonly Basis[] },
  ask: AskOptions = {},
): Promise<number[]> {
  const hooks = residualHooks(base);
  const squares = hooks.map(() => 0);
  let tokens = 0;
  for (const sequence of sequences) {
    tokens += sequence.positions.length;
    for (const [l, moved] of (await movedRows(base, model, sequence, ask)).entries()) {
      const basis = must(bases[l], "basis");
      for (let start = 0; start < moved.length; start += basis.width)
        squares[l] =
          must(squares[l], "layer") +
          alongBasis(moved.subarray(start, start + basis.width), basis).reduce((sum, value) => sum + value * value, 0);
    }
  }
  return squares.map((square) => Math.sqrt(square / Math.max(1, tokens)));
}

/** h_model − h_base of one sequence, by layer `[positions, dModel]`. */
async function movedRows(base: LanguageModel, model: LanguageModel, sequence: ReadSequence, ask: AskOptions) {
  const hooks = residualHooks(base);
  const [before, after] = [await allRows(base, sequence, hooks, ask), await allRows(model, sequence, hooks, ask)];
  return after.map((values, l) => {
    const old = must(before[l], "layer");
    return Float64Array.from(values, (value, i) => value - must(old[i], "h"));
  });
}

async function allRows(model: LanguageModel, sequence: ReadSequence, hooks: readonly HookName[], ask: AskOptions) {
  const found: (readonly Float32Array[])[] = [];
  await model.activations([sequence], hooks, ({ rows }) => void found.push(rows), ask);
  return must(found[0], "activations");
}
