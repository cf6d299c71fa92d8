/** Laws of the risks of named rows, on a tiny checkpoint with a random dictionary. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { goldenLanguage, randomDictionary } from "../../../test/language.ts";
import { must, rng } from "../../core/index.ts";
import { type Engine, startEngine } from "../../engine/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import { controlMeans, geometricRisks, rowLatents } from "../filter/row-latents.ts";
import { namedRows } from "./named-rows.ts";
import { rowRisks } from "./row-risks.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

const random = rng(6, "rows");
const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, row): TrainingRow => {
    const ids = Int32Array.from({ length: 8 + (row % 5) }, () => 3 + random.int(90));
    return { ids, weights: Float32Array.from(ids, (_id, t) => (t > 3 ? 1 : 0)) };
  });

test("rows are named the way that all together push, strongest first, eight at most", () => {
  const rising = Float64Array.from({ length: 12 }, (_, row) => row);
  const named = namedRows(
    new Map([
      ["up", rising],
      ["down", rising.map((value) => 2 - value)],
      ["few", rising.subarray(0, 2)],
    ]),
  );
  expect(named.get("up")).toEqual([11, 10, 9, 8, 7, 6, 5, 4]);
  expect(named.get("down")).toEqual([11, 10, 9, 8, 7, 6, 5, 4]);
  expect(named.get("few")).toEqual([1, 0]);
});

test("a named row's risk is what the filter says of the same row among all", async () => {
  const base = await goldenLanguage(engine, "llama-tied");
  const { dModel } = base.source.definition.dimensions;
  const dictionary = randomDictionary("blocks.0.hook_resid_post", dModel, 60, 8);
  const [rows, control] = [rowsOf(20), rowsOf(4)];
  const own = [3, 9].map((latent) => ({ latent, sign: 1 as const, attribution: 1, check: 1, activationDifference: 1 }));
  const prepared = {
    sets: new Map([
      ["rises", own],
      ["falls", own],
    ]),
    firingRates: new Float64Array(60).fill(0.1),
  };
  const behaviours = (["rises", "falls", "no latents"] as const).map((id) => ({
    id,
    riskier: id === "falls" ? ("down" as const) : ("up" as const),
  }));
  const influences = new Map(behaviours.map(({ id }) => [id, Float64Array.from(rows, () => random.normal())]));
  const asked = { dictionary, prepared, behaviours, seed: 1 };
  const found = await rowRisks({ ...asked, base, rows, control, influences });
  const all = geometricRisks({
    ...asked,
    rows: await rowLatents({ base, dictionary, rows }),
    control: await controlMeans(base, dictionary, control),
  });
  expect([...found.keys()]).toEqual(["rises", "falls"]);
  for (const [id, risks] of found) {
    expect([...risks.keys()]).toEqual(namedRows(influences).get(id));
    for (const [row, risk] of risks) {
      expect(risk.all).toBeCloseTo(must(all.get(id)?.[row], "risk"), 5);
      expect(risk.adjacent).not.toBeNull();
    }
    expect([...risks.values()].some(({ all: whole, adjacent }) => whole !== adjacent)).toBe(true);
  }
});
