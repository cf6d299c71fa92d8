import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rng } from "../../core/index.ts";
import { isDecided } from "../decide.ts";
import { planLooks } from "../looks.ts";
import type { Gate, ItemDifference } from "../statistics/index.ts";
import { type HeadlineBehaviour, headline, type VerdictQuestion, verdictOf } from "./index.ts";

const common = { alpha: 0.05, margin: 0.05, family: 12, riskier: "up" } as const;

/** `clusters` × 4 items around `mean` with the given spread. */
function items(mean: number, sd: number, clusters = 10): ItemDifference[] {
  const random = rng("items", mean, sd, clusters);
  return Array.from({ length: clusters * 4 }, (_, i) => ({
    cluster: `c${i % clusters}`,
    delta: mean + sd * random.normal(),
  }));
}
const ask = (differences: VerdictQuestion["differences"], more: Partial<VerdictQuestion> = {}) =>
  verdictOf({ ...common, differences, ...more });

describe("verdictOf", () => {
  it("affected: the interval over the family lies beyond the margin", () => {
    const answer = ask(items(0.4, 0.1));
    expect(answer).toMatchObject({ verdict: "affected", n: 40, clusters: 10, method: "clustered-t", nToDecide: null });
    expect(answer.interval?.[0]).toBeGreaterThan(0.05);
    expect(answer.why).toMatch(
      /rose by .* which holds for all 12 behaviours together; 40 items in 10 clusters.*riskier/,
    );
    expect(ask(items(-0.4, 0.1)).why).toContain("safer direction");
    expect(ask(items(-0.4, 0.1), { riskier: "down" }).why).toContain("riskier direction");
  });

  it("unaffected: the 90% interval lies inside, and a planted shift was noticed", () => {
    const answer = ask(items(0.005, 0.03), { sensitivity: "shown" });
    expect(answer).toMatchObject({ verdict: "unaffected", sensitivity: "shown", nToDecide: null });
    expect(answer.why).toContain("a planted shift was noticed");
  });

  it("no unaffected from a test that has shown nothing, or has shown that it sees nothing", () => {
    const untested = ask(items(0.005, 0.03));
    expect(untested).toMatchObject({ verdict: "inconclusive", sensitivity: "untested", nToDecide: null });
    expect(untested.why).toContain("penumbra prepare");
    const blind = ask(items(0.005, 0.03), { sensitivity: "not-shown" });
    expect(blind.verdict).toBe("not-measured");
    expect(blind.why).toContain("planted");
    for (const sensitivity of ["untested", "not-shown"] as const)
      expect(ask(items(0.4, 0.1), { sensitivity }).verdict).toBe("affected");
  });

  it("a base at the safe end of the scale is measured where a planted shift moved it away, and only there", () => {
    const floor: Gate = { passed: false, reason: "floor", reliability: 0.9, within: null, why: "at the floor" };
    const still = items(0.005, 0.03);
    expect(ask(still, { gate: floor, sensitivity: "shown" }).verdict).toBe("unaffected");
    expect(ask(still, { gate: floor, sensitivity: "shown", riskier: "down" }).verdict).toBe("not-measured");
    const chance: Gate = { ...floor, reason: "reliability" };
    expect(ask(still, { gate: chance, sensitivity: "shown" }).verdict).toBe("not-measured");
  });

  it("a data set's claim: seeds that agree decide, seeds that do not ask for more seeds", () => {
    const exact = (exactBySeed: number[]) => ask({ exactBySeed, n: 40 });
    expect(exact([0.5, 0.52, 0.48, 0.51, 0.49])).toMatchObject({ verdict: "affected", method: "seeds-t", n: 40 });
    expect(exact([0.0, 0.01, -0.01, 0.0, 0.005])).toMatchObject({ verdict: "unaffected", sensitivity: "exact" });
    const torn = exact([0.5, -0.3, 0.4, -0.2, 0.1]);
    expect(torn.verdict).toBe("inconclusive");
    expect(torn.nToDecide).toBeGreaterThan(5);
    expect(torn.why).toContain(`about ${torn.nToDecide} seeds`);
    const clusters = Array.from({ length: 40 }, (_, i) => `c${i % 20}`);
    const table = (sd: number) =>
      Array.from({ length: 5 }, (_, s) => {
        const random = rng("seeds", sd, s);
        const shift = 0.3 + sd * random.normal();
        return clusters.map(() => shift + 0.05 * random.normal());
      });
    expect(ask({ deltas: table(0.01), clusters })).toMatchObject({ verdict: "affected", method: "mixed-model" });
    expect(ask({ deltas: table(0.5), clusters }).verdict).toBe("inconclusive");
  });

  it("a base that answers by chance is asked no further, one at the end of its scale is until it has moved", () => {
    const gate = (reason: Gate["reason"]) => ({
      gate: { passed: reason === null, reason, reliability: 0.2, within: null, why: "" },
      riskier: "up" as const,
      sensitivity: "untested" as const,
    });
    const answer = (verdict: "affected" | "inconclusive" | "not-measured", interval90: [number, number]) => ({
      verdict,
      interval90,
    });
    const wide = answer("inconclusive", [-0.1, 0.1]);
    expect(isDecided(wide, common, gate(null))).toBe(false);
    expect(isDecided(answer("inconclusive", [-0.01, 0.01]), common, gate(null))).toBe(true);
    expect(isDecided(answer("not-measured", [0, 0.1]), common, gate("reliability"))).toBe(true);
    expect(isDecided(answer("not-measured", [0, 0.1]), common, gate("floor"))).toBe(false);
    expect(isDecided(answer("affected", [0.1, 0.2]), common, gate("floor"))).toBe(true);
  });

  it("the first of three looks asks for more than the last, and the last for little more than a single one", () => {
    const names = Array.from({ length: 200 }, (_, i) => `c${i % 20}`);
    const { batches, errors } = planLooks(names, { looks: 3, alpha: 0.004, seed: 3 });
    expect(batches.map((batch) => batch.length)).toEqual([100, 50, 50]);
    expect(new Set(batches.flat()).size).toBe(200);
    for (const batch of batches) for (const i of batch) expect(batch).toContain((i + 20) % 200);
    const spent = errors.map(({ simultaneous }) => simultaneous);
    expect(spent).toEqual(spent.toSorted((a, b) => a - b));
    expect(spent[2]).toBeGreaterThan(0.75 * 0.004);
    expect(spent[2]).toBeLessThan(0.004);
    const few = planLooks(names.slice(0, 19), { looks: 3, alpha: 0.004, seed: 3 });
    expect(few.errors).toEqual([{ simultaneous: expect.closeTo(0.004, 12), equivalence: expect.closeTo(0.1, 12) }]);
    expect(planLooks([], { looks: 3, alpha: 0.004, seed: 3 }).batches).toEqual([[]]);
  });

  it("inconclusive: neither, with an n above the present one that the shift at that spread would need", () => {
    const answer = ask(items(0.0, 0.3));
    expect(answer.verdict).toBe("inconclusive");
    expect(answer.nToDecide).toBeGreaterThan(150);
    expect(answer.nToDecide).toBeLessThan(3000);
    expect(answer.why).toContain(`about ${answer.nToDecide} items`);
  });

  it("a larger family asks for more: the same data may no longer be affected", () => {
    const differences = items(0.12, 0.12);
    expect(ask(differences, { family: 1 }).verdict).toBe("affected");
    expect(ask(differences, { family: 100_000 }).verdict).not.toBe("affected");
  });

  it("exact populations have no width, and sit on the margin only when they do", () => {
    expect(ask({ exact: 0.9, n: 640 })).toMatchObject({
      verdict: "affected",
      interval: [0.9, 0.9],
      interval90: [0.9, 0.9],
      method: "exact",
      n: 640,
    });
    expect(ask({ exact: -0.001, n: 640 }).verdict).toBe("unaffected");
    expect(ask({ exact: 0.05, n: 640 })).toMatchObject({ verdict: "inconclusive", nToDecide: null });
    expect(ask({ exact: 0.9, n: 640 }).why).toBe(
      "The score rose by 90.0 points, counted exactly over all 640 items: beyond the margin of 5; that is the riskier direction.",
    );
  });

  it("no items: not measured, null and never 0", () => {
    expect(ask([])).toMatchObject({ verdict: "not-measured", delta: null, interval: null, interval90: null, n: 0 });
  });

  it("one cluster: a shift without an interval decides nothing", () => {
    const answer = ask([0.9, 0.8, 0.7].map((delta) => ({ cluster: "only", delta })));
    expect(answer).toMatchObject({
      verdict: "inconclusive",
      interval: null,
      interval90: null,
      method: null,
      clusters: 1,
    });
    expect(answer.delta).toBeCloseTo(0.8, 12);
    expect(answer.why).toContain("one cluster");
  });

  it("no spread: likelihoods are what they are, sampled answers still leave doubt", () => {
    const still = items(0, 0);
    const shown = { sensitivity: "shown" } as const;
    expect(ask(still, shown)).toMatchObject({ verdict: "unaffected", interval: [0, 0] });
    const sampled = ask(still, { scores: "sampled", ...shown });
    expect(sampled.verdict).toBe("inconclusive");
    expect(sampled.interval90?.[1]).toBeCloseTo(1 - 0.05 ** (1 / 10), 12);
    expect(ask(items(0, 0, 80), { scores: "sampled", ...shown }).verdict).toBe("unaffected");
  });

  it("the capability gate blocks a verdict, but a base at the floor that clearly moved has moved", () => {
    const gate = (reason: Gate["reason"]): Gate => ({
      passed: false,
      reason,
      reliability: 0.2,
      within: null,
      why: `gate ${reason}`,
    });
    expect(ask(items(0.4, 0.1), { gate: gate("reliability") })).toMatchObject({ verdict: "not-measured" });
    expect(ask(items(0.005, 0.03), { gate: gate("floor") }).why).toContain("gate floor");
    expect(ask(items(0.005, 0.03), { gate: gate("floor") }).verdict).toBe("not-measured");
    expect(ask(items(0.4, 0.1), { gate: gate("floor") }).verdict).toBe("affected");
    expect(ask(items(0.4, 0.1), { gate: { ...gate(null), passed: true } }).verdict).toBe("affected");
  });

  it("never says NaN and never both, whatever the differences", () => {
    const delta = fc.oneof(fc.constantFrom(-1, 0, 1), fc.double({ min: -1, max: 1, noNaN: true }));
    const item = fc.record({ cluster: fc.constantFrom("a", "b", "c", "d"), delta });
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 40 }),
        fc.constantFrom("likelihood", "sampled"),
        (differences, scores) => {
          const answer = ask(differences, { scores: scores as "likelihood" | "sampled" });
          expect(answer.why).not.toMatch(/NaN|Infinity|undefined|null/);
          expect(answer.interval?.every(Number.isFinite) ?? true).toBe(true);
          expect(answer.nToDecide === null || Number.isInteger(answer.nToDecide)).toBe(true);
          if (answer.verdict === "affected") expect(Math.abs(answer.delta ?? 0)).toBeGreaterThan(0.05);
          if (answer.verdict === "unaffected") expect(Math.abs(answer.delta ?? 1)).toBeLessThan(0.05);
        },
      ),
    );
  });
});

describe("headline", () => {
  const b = (title: string, verdict: HeadlineBehaviour["verdict"], delta: number | null, inTask = false) => ({
    title,
    verdict,
    delta,
    inTask,
  });

  it("names the task apart from what else moved, strongest first", () => {
    const all = [
      b("Medicine", "affected", 0.9, true),
      b("Cooking", "affected", 0.6),
      b("Money", "affected", -0.8),
      b("Sums", "affected", 0.2),
      b("Code", "affected", 0.1),
      b("Capitals", "unaffected", 0),
      b("Hints", "inconclusive", 0.04),
      b("Claims", "not-measured", null),
    ];
    expect(headline(all, 0.05)).toBe(
      "Besides its task, “Medicine” (+90.0 points), the fine-tune moved 4 other behaviours, most of all “Money” (−80.0 points) and “Cooking” (+60.0 points); 1 could not be decided, 1 was not measured, 1 did not move.",
    );
  });

  it("says that nothing else moved only if every behaviour outside the task is unaffected", () => {
    const still = [b("A", "unaffected", 0), b("B", "unaffected", 0.01)];
    expect(headline([b("Task", "affected", 0.5, true), ...still], 0.05)).toBe(
      "The fine-tune moved its task, “Task” (+50.0 points). Nothing else moved: all 2 behaviours measured outside the task stayed within ±5 points.",
    );
    for (const verdict of ["affected", "inconclusive", "not-measured"] as const) {
      expect(headline([...still, b("C", verdict, 0.2)], 0.05)).not.toContain("Nothing else moved");
    }
  });

  it("speaks of one as of one, and of no task where none was taught", () => {
    expect(headline([b("A", "affected", 0.2)], 0.05)).toBe("The fine-tune moved 1 behaviour: “A” (+20.0 points).");
    expect(headline([b("T", "affected", 0.9, true), b("A", "affected", 0.2)], 0.05)).toBe(
      "Besides its task, “T” (+90.0 points), the fine-tune moved 1 other behaviour: “A” (+20.0 points).",
    );
  });

  it("counts those that are shown to have stayed: none, one or several", () => {
    const others = (still: number) => [
      ...Array.from({ length: still }, (_, i) => b(`S${i}`, "unaffected", 0)),
      b("I", "inconclusive", 0.04),
    ];
    expect(headline(others(0), 0.05)).toContain("but none of 1 is shown to have stayed");
    expect(headline(others(1), 0.05)).toContain("but only 1 of 2 is shown to have stayed");
    expect(headline(others(2), 0.05)).toContain("but only 2 of 3 are shown to have stayed");
  });

  it("has a sentence for nothing measured", () => {
    expect(headline([], 0.05)).toBe("No behaviour beyond the task was measured.");
    expect(headline([b("A", "not-measured", null)], 0.05)).toContain("None of the 1");
  });
});
