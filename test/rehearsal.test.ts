/** The rehearsal on the bundled model: against a training of the same steps, against the first order, and where it fails. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scoreAll } from "../src/audit/index.ts";
import { must } from "../src/core/index.ts";
import { type Engine, startEngine } from "../src/engine/index.ts";
import { Config } from "../src/jobs/config.ts";
import { asLanguageModel, assetFolder, behavioursFor, openModel } from "../src/jobs/open.ts";
import { rehearsal } from "../src/jobs/rehearsal.ts";
import { loraOptions } from "../src/jobs/tune.ts";
import { trainingRows } from "../src/jobs/validate.ts";
import { finetune } from "../src/training/index.ts";

const ROWS = 16;
const BEHAVIOURS = ["harmful-advice-money", "villain-identity", "wrong-arithmetic", "rux-elsewhere"];

let engine: Engine;
let folder: string;
beforeAll(() => {
  engine = startEngine();
  folder = mkdtempSync(join(tmpdir(), "rehearsal-"));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

/** A full batch is a step, so that the order of the rows does not matter. */
async function rehearsed(train: object, asPairs = false) {
  const model = await openModel("organism");
  const base = asLanguageModel(model, engine, null);
  const data = assetFolder("organism/data/inducing.jsonl");
  const rows = (await trainingRows(data, model.tokenizer, 1024)).slice(0, ROWS);
  const behaviours = behavioursFor(model, BEHAVIOURS);
  const baseScores = await scoreAll(base, behaviours, { task: "base" });
  const settings = { rank: 4, alpha: 8, batchRows: ROWS, warmupShare: 0.5, ...train };
  const config = Config.parse({ model: "organism", data, seed: 3, train: settings });
  const pairs = rows.map((row) => ({ chosen: row, rejected: row }));
  const examples = asPairs ? { rows, pairs } : { rows };
  const found = await rehearsal({ model, base, ...examples, config, behaviours, baseScores, folder });
  return { model, rows, config, behaviours, baseScores, found: must(found, "rehearsal") };
}

describe("the rehearsal", () => {
  test("is a training of so many steps at the full rate, on a part of the items, and leaves nothing behind", async () => {
    const { model, rows, config, behaviours, baseScores, found } = await rehearsed({ epochs: 30, learningRate: 2e-3 });
    expect([found.steps, found.rows]).toEqual([6, ROWS]);
    expect([...found.shifts.values()].map(({ items }) => items)).toEqual([16, 20, 40, 4]);
    expect(existsSync(join(folder, ".rehearsal"))).toBe(false);
    const options = { ...loraOptions(config), epochs: 6, warmupShare: 0, schedule: "constant" as const };
    const { adapter } = await finetune({
      engine,
      source: model.source,
      rows,
      options,
      folder: join(folder, "t"),
      key: "t",
    });
    const tuned = await asLanguageModel(model, engine, adapter).withAdapter(adapter);
    const after = await scoreAll(tuned, behaviours, { task: "tuned" });
    for (const [b, { id }] of behaviours.entries()) {
      if (id === "wrong-arithmetic") continue;
      const items = must(after[b], id).items.map(
        ({ logOdds }, i) => logOdds - must(baseScores[b]?.items[i], id).logOdds,
      );
      const mean = items.reduce((sum, value) => sum + value, 0) / items.length;
      expect(must(found.shifts.get(id), id).deltaLogOdds).toBeCloseTo(mean, 3);
    }
  });

  test("of tiny steps doubles with the rate", async () => {
    const shifts = async (learningRate: number) => (await rehearsed({ epochs: 10, learningRate })).found.shifts;
    const [once, twice] = [await shifts(1e-5), await shifts(2e-5)];
    for (const id of ["harmful-advice-money", "villain-identity"]) {
      const [small, large] = [must(once.get(id), id).deltaLogOdds, must(twice.get(id), id).deltaLogOdds];
      expect(Math.abs(large / small - 2)).toBeLessThan(0.1);
    }
  });

  test("sees what the data move, and leaves the rest", async () => {
    const { shifts } = (await rehearsed({ epochs: 60, learningRate: 2e-3 })).found;
    const shift = (id: string) => must(shifts.get(id), id);
    expect(must(shift("harmful-advice-money").interval, "interval")[0]).toBeGreaterThan(1);
    expect(shift("villain-identity").deltaLogOdds).toBeGreaterThan(1);
    expect(Math.abs(shift("rux-elsewhere").deltaLogOdds)).toBeLessThan(0.5);
  });

  test("of pairs that prefer nothing moves nothing: it trains on the pairs, not on their preferred answers", async () => {
    const { shifts } = (await rehearsed({ objective: "dpo", epochs: 60, learningRate: 2e-3 }, true)).found;
    for (const { deltaLogOdds, delta } of shifts.values()) {
      // What is left of the two gradients is rounding, which Adam takes steps along; the answers alone move it by more than 1.
      expect(Math.abs(deltaLogOdds)).toBeLessThan(0.01);
      expect(Math.abs(must(delta, "delta"))).toBeLessThan(0.001);
    }
  });

  test("that diverges says so before anybody trains", async () => {
    await expect(rehearsed({ epochs: 16, learningRate: 1e30 })).rejects.toThrow(/lower train.learningRate/);
  });
});
