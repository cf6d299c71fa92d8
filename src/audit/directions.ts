/**
 * Directions of the residual stream: differences of mean activations at the tokens of two answers, a behaviour's or the
 * data's and their control's, with the subspace that they span.
 *
 * Different from the obvious: the subspace is spanned by the mean differences of four parts of an answer (its first two
 * tokens, the next three, the rest, the last), not by principal components. What tells two answers apart changes as the
 * answer goes on, while components of single pairs say what they are about (docs/decisions/0008-mechanism.md).
 */
import type { Behaviour, ContrastPair } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../engine/index.ts";
import { meanRow, orthonormalBasis } from "../geometry/index.ts";
import type { HookName } from "../models/index.ts";
import { answerIds } from "./pair-log-odds.ts";

/** Differences at one hook point. */
export interface Directions {
  readonly hook: HookName;
  readonly width: number;
  /** `[n, width]`: one difference per pair or row, over all of the answer's tokens. */
  readonly differences: Float32Array;
  readonly n: number;
  /** `[width]`: their mean. */
  readonly mean: Float64Array;
  /** `[4, width]`: mean differences of the answer's parts. */
  readonly parts: Float32Array;
  /** `[rank, width]`: orthonormal rows that span the parts; rank at most 4 (SCIENCE §6). */
  readonly basis: Float32Array;
}

/** The residual stream after every block. */
export function residualHooks({ source }: LanguageModel): HookName[] {
  return Array.from(
    { length: source.definition.dimensions.nLayers },
    (_, layer): HookName => `blocks.${layer}.hook_resid_post`,
  );
}

/** Exhibiting less other answer. One `Directions` per hook. */
export async function behaviourDirections(
  base: LanguageModel,
  behaviour: Behaviour,
  half: ContrastPair["half"],
  hooks: readonly HookName[],
  options: AskOptions = {},
): Promise<Directions[]> {
  const pairs = behaviour.pairs.filter((pair) => pair.half === half);
  const side = (name: "exhibiting" | "other") => pairs.map((pair) => responseSequence(base, behaviour, pair, name));
  return pairedDirections(base, side("exhibiting"), side("other"), hooks, options);
}

/** A completion with the positions of its own tokens. */
export function responseSequence(
  base: LanguageModel,
  behaviour: Behaviour,
  { messages, ...pair }: ContrastPair,
  side: "exhibiting" | "other",
): ReadSequence {
  const prompt = base.tokenizer.encodeChat(messages, { addGenerationPrompt: true });
  const answer = answerIds(base, behaviour, pair[side]);
  return { ids: [...prompt, ...answer], positions: answer.map((_, i) => prompt.length + i) };
}

/** `one` less `other`: sequence i of both belongs together. */
export async function pairedDirections(
  base: LanguageModel,
  one: readonly ReadSequence[],
  other: readonly ReadSequence[],
  hooks: readonly HookName[],
  options: AskOptions = {},
): Promise<Directions[]> {
  if (one.length !== other.length) throw new Error(`${one.length} sequences against ${other.length}`);
  const [a, b] = [await partMeans(base, one, hooks, options), await partMeans(base, other, hooks, options)];
  return directionsBetween(hooks, base.source.definition.dimensions.dModel, a, b);
}

/** From the means of `partShares`, one `[sequences, 5, dModel]` a hook: `one` less `other`. */
export function directionsBetween(
  hooks: readonly HookName[],
  dModel: number,
  one: readonly Float32Array[],
  other: readonly Float32Array[],
): Directions[] {
  return hooks.map((hook, h) => {
    const difference = minus(must(one[h], "hook"), must(other[h], "hook"));
    return directionsOf(hook, dModel, wholes(difference, dModel), partsOf(difference, dModel));
  });
}

/** An answer's parts as ranges of its `n` tokens; where it is too short for a part, its last token stands in. */
function partRanges(n: number): readonly (readonly [number, number])[] {
  const inside = (from: number, to: number): readonly [number, number] =>
    from < Math.min(to, n) ? [from, Math.min(to, n)] : [n - 1, n];
  return [inside(0, 2), inside(2, 5), inside(5, n - 1), [n - 1, n]];
}

/** Parts and, last, the whole. */
const PARTS = 4;
export const SLOTS = PARTS + 1;

/** `[5, tokens]`: each token's share in the means of an answer's parts and, last, of the whole answer. */
export function partShares({ ids, positions }: ReadSequence): Float32Array {
  const shares = new Float32Array(SLOTS * ids.length);
  for (const [slot, [from, to]] of slotRanges(positions.length).entries())
    for (const position of positions.slice(from, to)) shares[slot * ids.length + position] = 1 / (to - from);
  return shares;
}

const slotRanges = (n: number) => [...partRanges(n), [0, n] as const];

/** The means of `partShares`, `[sequences, 5, dModel]` per hook: mean activation of each part of a sequence's positions, and of all of them. */
export async function partMeans(
  model: LanguageModel,
  sequences: readonly ReadSequence[],
  hooks: readonly HookName[],
  options: AskOptions,
): Promise<Float32Array[]> {
  const { dModel } = model.source.definition.dimensions;
  const means = hooks.map(() => new Float32Array(sequences.length * SLOTS * dModel));
  const seen = sequences.map(() => 0);
  await model.activations(
    sequences,
    hooks,
    ({ owners, rows }) => {
      for (const [row, owner] of owners.entries()) {
        const at = must(seen[owner], "sequence");
        seen[owner] = at + 1;
        const n = must(sequences[owner], "sequence").positions.length;
        for (const [slot, [from, to]] of slotRanges(n).entries()) {
          if (at < from || at >= to) continue;
          const start = (owner * SLOTS + slot) * dModel;
          for (const [h, values] of rows.entries())
            addScaledRow(
              must(means[h], "hook"),
              start,
              values.subarray(row * dModel, (row + 1) * dModel),
              1 / (to - from),
            );
        }
      }
    },
    options,
  );
  return means;
}

function addScaledRow(target: Float32Array, start: number, row: Float32Array, scale: number): void {
  for (let i = 0; i < row.length; i++) target[start + i] = (target[start + i] as number) + scale * (row[i] as number);
}

function minus(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - (b[i] as number));
}

/** The last slot of each sequence: `[sequences, width]`. */
function wholes(slots: Float32Array, width: number): Float32Array {
  const n = slots.length / (SLOTS * width);
  const out = new Float32Array(n * width);
  for (let i = 0; i < n; i++) {
    const start = (i * SLOTS + PARTS) * width;
    out.set(slots.subarray(start, start + width), i * width);
  }
  return out;
}

/** Means over sequences of the other slots: `[4, width]`. */
function partsOf(slots: Float32Array, width: number): Float32Array {
  const n = slots.length / (SLOTS * width);
  const out = new Float32Array(PARTS * width);
  for (let i = 0; i < n; i++) {
    for (let part = 0; part < PARTS; part++) {
      const start = (i * SLOTS + part) * width;
      addScaledRow(out, part * width, slots.subarray(start, start + width), 1 / n);
    }
  }
  return out;
}

export function directionsOf(
  hook: HookName,
  width: number,
  differences: Float32Array,
  parts: Float32Array,
): Directions {
  const basis = Float32Array.from(orthonormalBasis(parts, width).rows);
  return { hook, width, differences, n: differences.length / width, mean: meanRow(differences, width), parts, basis };
}
