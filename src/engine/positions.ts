/** Positions that a model has: learned ones end, rotations go on. */
import { UserError } from "../core/index.ts";
import type { ModelSource } from "./build.ts";
import { type BatchExtent, PART } from "./sequences.ts";

export interface Placed extends BatchExtent {
  /** `[rows, seq]`; absent: 0, 1, … */
  readonly positions?: Int32Array;
}

/**
 * `[rows, seq]`. Where the model's end, padding may go beyond them and stands at the last; a token that does is the user's
 * mistake.
 */
export function positionsOf({ rows, seq, positions, parts }: Placed, source: ModelSource): Int32Array {
  const all = positions ?? Int32Array.from({ length: rows * seq }, (_, i) => i % seq);
  const { learnedPositions, maxPositions } = source.definition;
  if (!learnedPositions) return all;
  const beyond = all.findLast((position, i) => position >= maxPositions && parts[i] !== PART.padding);
  if (beyond !== undefined) throw tooLong(source, beyond + 1);
  return all.map((position) => Math.min(position, maxPositions - 1));
}

/** New tokens that fit behind a prompt of `length`: an answer ends where learned positions do. Its last token needs none. */
export function roomFor(length: number, maxNewTokens: number, source: ModelSource): number {
  const { learnedPositions, maxPositions } = source.definition;
  if (!learnedPositions) return maxNewTokens;
  if (length > maxPositions) throw tooLong(source, length);
  return Math.min(maxNewTokens, maxPositions - length + 1);
}

function tooLong({ definition, name }: ModelSource, got: number): UserError {
  return new UserError(`a text for ${name}`, {
    expected: `at most ${definition.maxPositions} tokens, for each of which it has a position`,
    got: String(got),
    fix: "shorten it",
  });
}
