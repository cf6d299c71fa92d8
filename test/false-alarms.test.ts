/** The records of the false-alarm study say what the code of today says: verdicts are computed again from their scores. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { organismBehaviours } from "../src/behaviours/index.ts";
import { exactShifts, MARGIN, MODES, verdictsOf } from "../studies/false-alarms-verdicts.mjs";
import { root } from "./penumbra.ts";

const Stored = z.record(z.string(), z.array(z.number().int()));
const Verdicts = z.record(
  z.string(),
  z.strictObject({
    verdict: z.string(),
    delta: z.number(),
    interval: z.tuple([z.number(), z.number()]),
    n: z.number().int(),
  }),
);
const Base = z.looseObject({
  kind: z.literal("base"),
  clusters: z.record(z.string(), z.array(z.string())),
  scores: Stored,
});
const Cell = z.looseObject({
  cell: z.string(),
  kind: z.enum(["null", "moving"]),
  exact: z.record(z.string(), z.number()),
  verdicts: z.record(z.enum(["likelihood", "answers"]), Verdicts),
  scores: Stored,
});

const [first = "", ...lines] = readFileSync(join(root, "docs/results/false-alarms.jsonl"), "utf8").trim().split("\n");
const { scores: base, clusters } = Base.parse(JSON.parse(first));
/** Five, evenly over the file. */
const records = Array.from({ length: 5 }, (_, k) => lines[Math.floor((k * (lines.length - 1)) / 4)] ?? "").map((line) =>
  Cell.parse(JSON.parse(line)),
);

describe("the false-alarm study", () => {
  it("has five records or more, of the behaviours and items of today", () => {
    expect(new Set(records.map(({ cell }) => cell)).size).toBe(5);
    const today = organismBehaviours.map(({ id, items }) => [id, items.map(({ cluster }) => cluster)]);
    expect(clusters).toEqual(Object.fromEntries(today));
  });

  for (const { cell, exact, verdicts, scores } of records) {
    it(`${cell}: exact shifts and both verdicts come out as they were recorded`, () => {
      const shifts = exactShifts(base, scores);
      for (const [id, shift] of Object.entries(shifts)) expect(shift).toBeCloseTo(exact[id] ?? Number.NaN, 8);
      for (const mode of MODES) {
        const again = verdictsOf(mode, { base, scores, clusters, cell });
        expect(Object.keys(again).length).toBe(organismBehaviours.length);
        for (const [id, { verdict, delta, interval, n }] of Object.entries(again)) {
          const known = verdicts[mode][id];
          expect([id, verdict, n]).toEqual([id, known?.verdict, known?.n]);
          // Of one machine to another the last bits of exp and log may differ.
          for (const [ours, theirs] of [
            [delta, known?.delta],
            ...[0, 1].map((k) => [interval?.[k], known?.interval[k]]),
          ])
            expect(ours).toBeCloseTo(theirs ?? Number.NaN, 7);
        }
      }
    });
  }

  it("sees a shift that a record does not have: the verdicts depend on the scores", () => {
    const [record] = records;
    if (!record) throw new Error("no record");
    const planted = Object.fromEntries(
      Object.entries(record.scores).map(([id, scores]) => [id, scores.map((score) => Math.min(1e5, score + 3e4))]),
    );
    const verdicts = verdictsOf("likelihood", { base, scores: planted, clusters, cell: record.cell });
    const shifts = exactShifts(base, planted);
    for (const [id, { verdict }] of Object.entries(verdicts))
      if ((shifts[id] ?? 0) > 4 * MARGIN) expect([id, verdict]).toEqual([id, "affected"]);
    expect(Object.values(shifts).filter((shift) => shift > 4 * MARGIN).length).toBeGreaterThan(15);
  });
});
