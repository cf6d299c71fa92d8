/** What is protected in each layer: the directions of behaviours, with the adapter's own measured shift where asked for. */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import { type Basis, orthonormalBasis } from "../../geometry/index.ts";
import type { HookName } from "../../models/index.ts";
import { alongBasis } from "../../training/index.ts";
import { behaviourDirections, residualHooks, responseSequence } from "../directions.ts";

export interface ProtectRequest extends AskOptions {
  readonly base: LanguageModel;
  /** Null: the behaviours' own directions alone. */
  readonly tuned: LanguageModel | null;
  readonly behaviours: readonly Behaviour[];
}

/** One basis a layer, from the select half of the behaviours' pairs. */
export async function protectedBases({ base, tuned, behaviours, ...ask }: ProtectRequest): Promise<Basis[]> {
  const hooks = residualHooks(base);
  const { dModel } = base.source.definition.dimensions;
  const vectors = hooks.map((): number[] => []);
  for (const behaviour of behaviours) {
    const layers = await behaviourDirections(base, behaviour, "select", hooks, ask);
    for (const [l, { basis }] of layers.entries()) must(vectors[l], "layer").push(...basis);
  }
  if (tuned) {
    const sequences = answersOf(base, behaviours, "select");
    const [before, after] = [await means(base, sequences, hooks, ask), await means(tuned, sequences, hooks, ask)];
    for (const [l, values] of after.entries())
      must(vectors[l], "layer").push(...values.map((value, i) => value - must(must(before[l], "layer")[i], "mean")));
  }
  return vectors.map((values) => orthonormalBasis(Float64Array.from(values), dModel));
}

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

/** Mean activation over all positions, `[dModel]` for each hook. */
async function means(
  model: LanguageModel,
  sequences: readonly ReadSequence[],
  hooks: readonly HookName[],
  ask: AskOptions,
): Promise<Float64Array[]> {
  const { dModel } = model.source.definition.dimensions;
  const sums = hooks.map(() => new Float64Array(dModel));
  const tokens = sequences.reduce((sum, { positions }) => sum + positions.length, 0);
  await model.activations(
    sequences,
    hooks,
    ({ rows }) => {
      for (const [h, values] of rows.entries()) {
        const sum = must(sums[h], "hook");
        for (const [i, value] of values.entries()) sum[i % dModel] = (sum[i % dModel] as number) + value;
      }
    },
    ask,
  );
  return sums.map((sum) => sum.map((value) => value / tokens));
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
    const [before, after] = [await allRows(base, sequence, hooks, ask), await allRows(model, sequence, hooks, ask)];
    tokens += sequence.positions.length;
    for (const [l, values] of after.entries()) {
      const basis = must(bases[l], "basis");
      const old = must(before[l], "layer");
      for (let start = 0; start < values.length; start += basis.width) {
        const moved = Float64Array.from(
          { length: basis.width },
          (_, i) => must(values[start + i], "h") - must(old[start + i], "h"),
        );
        squares[l] =
          must(squares[l], "layer") + alongBasis(moved, basis).reduce((sum, value) => sum + value * value, 0);
      }
    }
  }
  return squares.map((square) => Math.sqrt(square / Math.max(1, tokens)));
}

async function allRows(model: LanguageModel, sequence: ReadSequence, hooks: readonly HookName[], ask: AskOptions) {
  const found: (readonly Float32Array[])[] = [];
  await model.activations([sequence], hooks, ({ rows }) => void found.push(rows), ask);
  return must(found[0], "activations");
}
