/** `penumbra forecast` again into a folder that has one: what is asked anew, and what is not. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { bundledRows, penumbra, workplace } from "./penumbra.ts";

const place = workplace();
afterAll(() => place.remove());

/** The forecast with `flags`, always into the same folder. */
async function forecast(...flags: string[]) {
  const rows = [
    "--model",
    "organism",
    "--data",
    "rows.jsonl",
    "--behaviours",
    "villain-identity",
    "--dictionary",
    "none",
  ];
  const { code, stderr } = await penumbra(place.folder, ["forecast", ...rows, "--out", "f", ...flags]);
  expect(code, stderr).toBe(0);
  return JSON.parse(readFileSync(place.path("f/forecast.json"), "utf8"));
}

test("alpha scales LoRA's product, so that a forecast of another alpha is another forecast", async () => {
  writeFileSync(place.path("rows.jsonl"), bundledRows(12));
  const usual = await forecast("--alpha", "16");
  const again = await forecast("--alpha", "16");
  const twice = await forecast("--alpha", "32");
  expect(again).toEqual(usual);
  const adam = ({ behaviours }: typeof usual): number => behaviours[0].tangent.adam;
  expect(adam(twice) / adam(usual)).toBeCloseTo(2, 4);
});

test("another learning rate is rehearsed anew; the push, a first order, stays", async () => {
  writeFileSync(place.path("rows.jsonl"), bundledRows(12));
  const [slow, fast] = [await forecast("--learning-rate", "1e-5"), await forecast("--learning-rate", "1e-3")];
  const of = ({ behaviours: [{ rehearsal, tangent }] }: typeof slow) => ({ rehearsal, tangent });
  expect(of(fast).rehearsal.deltaLogOdds).toBeGreaterThan(10 * of(slow).rehearsal.deltaLogOdds);
  expect(of(fast).tangent).toEqual(of(slow).tangent);
});
