/** Adding directions to the base: does the direction that the data amplify sway a behaviour, and through whom? */
import type { Rng } from "../../core/index.ts";
import type { AskOptions, Continuation, LanguageModel } from "../../engine/index.ts";
import { norm, orthonormalBasis, projectOff, restoreNorm, type Vector } from "../../geometry/index.ts";
import type { HookName } from "../../models/index.ts";

/** `strength` times `vector` at every position of `hook`. */
export function steered(base: LanguageModel, hook: HookName, vector: Vector, strength: number): LanguageModel {
  const scaled = Float32Array.from(vector, (value) => strength * value);
  return base.intervene([{ kind: "add", hook, vector: scaled }]);
}

/** A direction of the same norm, isotropic. */
export function randomLike(vector: Vector, random: Rng): Float64Array {
  const draw = Float64Array.from({ length: vector.length }, () => random.normal());
  const factor = norm(vector) / norm(draw);
  return draw.map((value) => factor * value);
}

/**
 * The rotation test's direction (SCIENCE §6, ours): `vector` with the span of `directions` `[n, width]` taken out and its
 * norm restored. Null where nothing is left: the span holds it whole.
 */
export function rotatedAway(vector: Vector, directions: Vector): Float64Array | null {
  return restoreNorm(projectOff(vector, orthonormalBasis(directions, vector.length)), vector);
}

/** Cross-entropy of `model` on token sequences, nats a token, the first token given. */
export async function crossEntropy(
  model: LanguageModel,
  sequences: readonly (readonly number[])[],
  options: AskOptions = {},
): Promise<number> {
  const questions = sequences.map((ids): Continuation => ({ prompt: ids.slice(0, 1), continuation: ids.slice(1) }));
  const answers = await model.logLikelihood(questions, options);
  const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
  return -answers.reduce((sum, { logprob }) => sum + logprob, 0) / tokens;
}
