/** What directions of the residual stream say to the unembedding. */
import { float32, forwardProgram, int64, type LanguageModel, paddedTo, type Tap, tapInput } from "../engine/index.ts";

/**
 * `[n, dVocab]`: what directions `[n, dModel]` of the residual stream say to the unembedding, the final norm's gain
 * included and its scale left out: logits are linear in the normalised stream, so directions are put in its place.
 */
export async function directionLogits(model: LanguageModel, directions: Float32Array): Promise<Float32Array> {
  const { dModel } = model.source.definition.dimensions;
  const n = directions.length / dModel;
  const tap: Tap = { kind: "replace", hook: "ln_final.hook_normalized" };
  const program = forwardProgram(model.source, { outputs: ["logits"], taps: [tap], adapter: model.binding.layout });
  const seq = paddedTo(1);
  const value = new Float32Array(n * seq * dModel);
  for (let i = 0; i < n; i++) value.set(directions.subarray(i * dModel, (i + 1) * dModel), i * seq * dModel);
  const out = await model.engine.run({
    program,
    feeds: {
      tokens: int64([n, seq], new Int32Array(n * seq)),
      positions: int64(
        [n, seq],
        Int32Array.from({ length: n * seq }, (_, i) => i % seq),
      ),
      select: int64(
        [n],
        Int32Array.from({ length: n }, (_, i) => i * seq),
      ),
      [tapInput(tap, "value")]: float32([n, seq, dModel], value),
      [tapInput(tap, "weight")]: float32([n, seq], new Float32Array(n * seq).fill(1)),
      ...model.binding.feeds,
    },
    fetches: ["logits"],
  });
  return out.logits?.data as Float32Array;
}
