import { createColors } from "picocolors";
import { describe, expect, test } from "vitest";
import { exampleReasoning } from "../../test/report/exampleReasoning.ts";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import type { BehaviourResult } from "../records/index.ts";
import { cotTable, verdictTable } from "./tables.ts";

const one = must(exampleInput().audit.behaviours[2], "behaviour");
const colors = createColors(false);

const sampled: BehaviourResult = {
  ...one,
  delta: -0.02,
  interval: [-0.083, 0.044],
  interval90: [-0.047, 0.008],
  method: "clustered-t",
};
const lineOf = (change: Partial<BehaviourResult>) =>
  must(
    verdictTable({ behaviours: [{ ...sampled, ...change }] }, colors).find((line) => line.includes(one.title)),
    "line",
  );

describe("shifts in the terminal", () => {
  test("what was not measured is a reading, without an interval", () => {
    const line = lineOf({ verdict: "not-measured" });
    expect(line).toContain("(−2.0), a reading, no claim");
    expect(line).not.toMatch(/−8\.3|−4\.7/);
  });

  test("unaffected stands beside the 90% interval that decided it, the others beside the wide one", () => {
    expect(lineOf({ verdict: "unaffected" })).toContain("−2.0 (90% interval: −4.7 to +0.8)");
    expect(lineOf({ verdict: "unaffected" })).not.toContain("−8.3");
    for (const verdict of ["affected", "inconclusive"] as const)
      expect(lineOf({ verdict })).toContain("−2.0 (−8.3 to +4.4)");
    expect(lineOf({ verdict: "unaffected", method: "exact" })).toContain("−2.0 (exact)");
  });

  test("so do statistics of the reasoning", () => {
    const [, still, missing, moved] = cotTable(exampleReasoning("unaffected", "not-measured", "affected"));
    expect(still).toContain("−2.0 (90% interval: −4.7 to +0.8)");
    expect(missing).toMatch(/–\s+not measured$/);
    expect(moved).toContain("−2.0 (−8.3 to +4.4)");
  });
});
