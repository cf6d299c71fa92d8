import { describe, expect, it } from "vitest";
import { rng } from "../../core/index.ts";
import { meanInterval, undoneShare } from "./share.ts";

describe("the share that is undone", () => {
  it("is exact where every pair loses the same share, and then has no width", () => {
    const found = undoneShare([3, 3.5, 4], [1.5, 1.75, 2]);
    expect(found?.share).toBeCloseTo(0.5, 12);
    expect(found?.interval[0]).toBeCloseTo(0.5, 12);
    expect(found?.interval[1]).toBeCloseTo(0.5, 12);
  });

  it("is a ratio of sums: by hand", () => {
    // Shifts 1 and 3, undone 1 and 1: 2 / 4. Residuals 1 − .5 and 1 − 1.5: ±.5, error √(.5 / 2) / 2 = .25.
    const found = undoneShare([1, 3], [1, 1], 0.5);
    // t of one degree of freedom at .75 is 1; the shift's own interval 2 ± 1 excludes 0.
    expect(found?.share).toBeCloseTo(0.5, 12);
    expect(found?.interval[1]).toBeCloseTo(0.75, 6);
  });

  it("is null without a shift: its interval holds 0, or there is one pair", () => {
    expect(undoneShare([1, -1, 0.5, -0.5], [0, 0, 0, 0])).toBeNull();
    expect(undoneShare([1], [1])).toBeNull();
  });

  it("covers the true share about as often as it says, with ten pairs", () => {
    const runs = 600;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const random = rng(run, "share");
      const shift = Array.from({ length: 10 }, () => 2 + 0.7 * random.normal());
      const undone = shift.map((value) => 0.6 * value + 0.3 * random.normal());
      const found = undoneShare(shift, undone);
      if (found && found.interval[0] <= 0.6 && 0.6 <= found.interval[1]) covered++;
    }
    // Binomial sd at .95 over 600 runs: .009; the delta method itself may be off by about one point at n = 10.
    expect(covered / runs).toBeGreaterThan(0.92);
    expect(covered / runs).toBeLessThan(0.98);
  });
});

it("a mean's interval is the t interval: by hand", () => {
  const [low, high] = meanInterval([1, 3], 0.5);
  expect(low).toBeCloseTo(1, 6);
  expect(high).toBeCloseTo(3, 6);
});
