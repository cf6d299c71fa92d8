import { afterAll, beforeAll, expect, test } from "vitest";
import { golden, relativeDifference } from "../../../test/golden.ts";
import { must, rng } from "../../core/index.ts";
import type { Tokenizer } from "../../data/index.ts";
import { type Engine, languageModel, startEngine } from "../../engine/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import { pairedDirections, residualHooks } from "../directions.ts";
import { type PairedRows, responseOf } from "./control.ts";
import { tangents } from "./tangents.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

const random = rng(5, "rows");

/** A prompt and an answer; with `turns` of 2 the answer is in two pieces. */
function row(prompt: number, answer: number, turns = 1): TrainingRow {
  const one = [...Array(prompt).fill(0), ...Array(answer).fill(1)];
  const weights = Float32Array.from(turns === 2 ? [...one, ...one] : one);
  return { ids: Int32Array.from(weights, () => random.int(90)), weights };
}

test.each(["llama-tied", "gemma3"] as const)(
  "%s: the gradients' passes read the directions that a pass of their own reads",
  async (name) => {
    const { source } = await golden(name);
    const base = languageModel({
      engine,
      source,
      tokenizer: { eosIds: [1] } as unknown as Tokenizer,
      adapterRank: null,
    });
    const rows = [row(5, 9), row(3, 1), row(20, 40), row(4, 3, 2), row(6, 2), row(2, 70)];
    const chosen = [4, 0, 3, 5];
    const paired: PairedRows = {
      chosen,
      data: chosen.map((i) => must(rows[i], "row")),
      control: [row(6, 12), row(5, 4), row(4, 30), row(2, 1)],
    };
    const shape = { rank: 2, alpha: 4, targets: null };
    const asked = { base, behaviours: [], shape, seed: 1, rows, probes: [] };
    const found = await tangents({ ...asked, paired });
    const apart = await pairedDirections(
      base,
      paired.data.map(responseOf),
      paired.control.map(responseOf),
      residualHooks(base),
    );
    expect(found.directions).toHaveLength(apart.length);
    for (const [layer, { hook, differences, parts, n }] of apart.entries()) {
      const own = must(found.directions?.[layer], "layer");
      expect([own.hook, own.n]).toEqual([hook, n]);
      expect(relativeDifference(own.differences, differences)).toBeLessThan(1e-5);
      expect(relativeDifference(own.parts, parts)).toBeLessThan(1e-5);
    }
    // Nothing to compare with, nothing to read.
    expect((await tangents({ ...asked, paired: null })).directions).toBeNull();
    const subsample = { groups: rows.map((_, i) => i % 2), share: 0.5 };
    const part = await tangents({ ...asked, paired, subsample });
    for (const [layer, { differences }] of apart.entries())
      expect(relativeDifference(must(part.directions?.[layer], "layer").differences, differences)).toBeLessThan(1e-5);
    expect([typeof found.lossOnControl, part.lossOnControl]).toEqual(["number", null]);
  },
);
