/** What directions of the residual stream say to the unembedding. */
import { float32, forwardProgram, int64, type LanguageModel, paddedTo, type Tap, tapInput } from "../engine/index.ts";

/**
 * `[n, dVocab]`: what directions `[n, dModel]` of the residual stream say to the unembedding, through the final norm's gain and
 * without its scale. Logits are linear in the normalised stream but for a bias, so directions are put in its place, their mean
 * taken off where the norm does that, and what no direction at all says is taken off again.
 */
export async function directionLogits(model: LanguageModel, directions: Float32Array): Promise<Float32Array> {
  const { dimensions, finalNorm } = model.source.definition;
  const { dModel } = dimensions;
  const n = directions.length / dModel;
  // The last row is no direction.
  const rows = new Float32Array((n + 1) * dModel);
  rows.set(finalNorm.centred ? centred(directions, dModel) : directions);
  const logits = await logitsOf(model, rows);
  const dVocab = logits.length / (n + 1);
  const none = logits.subarray(n * dVocab);
  return logits.subarray(0, n * dVocab).map((logit, i) => logit - (none[i % dVocab] as number));
}

/** Rows `[n, width]` less their means. */
function centred(rows: Float32Array, width: number): Float32Array {
  const out = rows.slice();
  for (let at = 0; at < out.length; at += width) {
    const row = out.subarray(at, at + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    row.set(row.map((value) => value - mean));
  }
  return out;
}

/** `[n, dVocab]` of rows `[n, dModel]` in place of the normalised stream. */
async function logitsOf(model: LanguageModel, rows: Float32Array): Promise<Float32Array> {
  const { dModel } = model.source.definition.dimensions;
  const n = rows.length / dModel;
  const tap: Tap = { kind: "replace", hook: "ln_final.hook_normalized" };
  const program = forwardProgram(model.source, { outputs: ["logits"], taps: [tap], adapter: model.binding.layout });
  const seq = paddedTo(1);
  const value = new Float32Array(n * seq * dModel);
  for (let i = 0; i < n; i++) value.set(rows.subarray(i * dModel, (i + 1) * dModel), i * seq * dModel);
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
