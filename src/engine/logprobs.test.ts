/** Log-probabilities and padding, on the tiny checkpoints. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floats, golden, goldenNames, relativeDifference, tokenFeeds } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import { type Engine, forwardProgram, int64, selectMultiple, startEngine } from "./index.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

/** log p(target) in float64 from logits `[n, dVocab]`. */
function logSoftmaxAt(logits: Float32Array, dVocab: number, targets: readonly number[]): number[] {
  return targets.map((target, row) => {
    const own = Array.from(logits.subarray(row * dVocab, (row + 1) * dVocab));
    const top = Math.max(...own);
    return must(own[target], "target") - top - Math.log(own.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  });
}

describe.each(goldenNames)("%s", (name) => {
  test("log-probabilities are the log-softmax of the logits, in one piece or in three", async () => {
    const { source, inputIds } = await golden(name);
    const { dVocab } = source.definition.dimensions;
    const feeds = tokenFeeds(inputIds);
    // 22 positions and two of padding: n is a multiple of three.
    const select = Int32Array.from([...(feeds.select.data as Int32Array), 0, 0]);
    const targets = select.map((_, i) => (i * 31) % dVocab);
    const run = async (chunks: number) => {
      const program = forwardProgram(source, { outputs: ["logits", "logprobs"] }, chunks);
      return engine.run({
        program,
        feeds: { ...feeds, select: int64([24], select), targets: int64([24], targets) },
        fetches: ["logits", "logprobs"],
      });
    };
    const [whole, thirds] = [await run(1), await run(3)];
    const expected = logSoftmaxAt(floats(whole.logits), dVocab, [...targets]);
    // float32 logits of the order of ten.
    for (const out of [whole, thirds]) expect(relativeDifference(floats(out.logprobs), expected)).toBeLessThan(1e-6);
    expect(relativeDifference(floats(thirds.logprobs), floats(whole.logprobs))).toBeLessThan(1e-6);
  });

  test("padding on the right changes no logit at a real position", async () => {
    const { source, inputIds } = await golden(name);
    const program = forwardProgram(source, { outputs: ["logits"] });
    const logits = async (rows: readonly (readonly number[])[]) =>
      floats((await engine.run({ program, feeds: tokenFeeds(rows), fetches: ["logits"] })).logits);
    const { dVocab } = source.definition.dimensions;
    const alone = inputIds.map((row, i) => row.slice(0, i === 0 ? 11 : 7));
    const width = 16;
    const padded = await logits(alone.map((row) => [...row, ...Array(width - row.length).fill(5)]));
    for (const [b, row] of alone.entries()) {
      const own = padded.slice(b * width * dVocab, (b * width + row.length) * dVocab);
      // Another batch and length make the runtime cut its products otherwise: rounding only.
      expect(relativeDifference(own, await logits([row]))).toBeLessThan(1e-5);
    }
  });
});

test("logits come in parts that the allocator can use again, or of many rows where the vocabulary is too large for that", async () => {
  const { definition } = (await golden("llama-tied")).source;
  const parts = (dVocab: number, rows: number) =>
    selectMultiple({ ...definition, dimensions: { ...definition.dimensions, dVocab } }, rows);
  expect(selectMultiple(definition, 1024)).toBe(1);
  expect(parts(49_152, 1024)).toBe(8);
  expect(parts(98_304, 1024)).toBe(16);
  expect(parts(98_305, 1024)).toBe(4);
  expect(parts(262_144, 1024)).toBe(4);
  expect(parts(262_144, 1)).toBe(1);
});
