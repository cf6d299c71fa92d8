import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemScore, type ScoredContinuation, strongest, variantScore } from "./score.ts";

const one = (logprob: number, exhibits: boolean, tokens = 1): ScoredContinuation => ({ logprob, tokens, exhibits });
const continuation = fc.record({
  logprob: fc.double({ min: -500, max: 0, noNaN: true }),
  tokens: fc.integer({ min: 1, max: 60 }),
  exhibits: fc.boolean(),
});
const variant = fc.array(continuation, { minLength: 1, maxLength: 12 });
const bothKinds = variant.map((all) => [...all, one(-1, true), one(-2, false)]);
const weight = fc.constantFrom("sum" as const, "mean" as const);
const swapped = (all: readonly ScoredContinuation[]) => all.map((each) => ({ ...each, exhibits: !each.exhibits }));

describe("variantScore", () => {
  it("is the share of probability, by hand", () => {
    const score = variantScore("sum", [one(Math.log(0.3), true), one(Math.log(0.1), true), one(Math.log(0.1), false)]);
    expect(score.probability).toBeCloseTo(0.8, 12);
    expect(score.logOdds).toBeCloseTo(Math.log(4), 12);
  });

  it("divides by the tokens where asked to, by hand", () => {
    // -6 over 3 tokens weighs e^-2, -2 over 1 token the same; as sums they differ by 4 nats.
    const continuations = [one(-6, true, 3), one(-2, false, 1)];
    expect(variantScore("mean", continuations)).toEqual({ probability: 0.5, logOdds: 0 });
    expect(variantScore("sum", continuations).logOdds).toBe(-4);
  });

  it("is the share of exhibiting continuations where all weigh the same", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1 }),
        fc.double({ min: -700, max: 0, noNaN: true }),
        (labels, logprob) => {
          const { probability } = variantScore(
            "sum",
            labels.map((exhibits) => one(logprob, exhibits)),
          );
          expect(probability).toBeCloseTo(labels.filter(Boolean).length / labels.length, 10);
        },
      ),
    );
  });

  it("turns into 1 - p when the labels are swapped, and stays in [0, 1]", () => {
    fc.assert(
      fc.property(weight, bothKinds, (mode, all) => {
        const [score, mirror] = [variantScore(mode, all), variantScore(mode, swapped(all))];
        expect(score.probability + mirror.probability).toBeCloseTo(1, 12);
        expect(score.logOdds + mirror.logOdds).toBeCloseTo(0, 9);
        expect(score.probability).toBeGreaterThanOrEqual(0);
        expect(score.probability).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("does not change when all log-weights shift", () => {
    fc.assert(
      fc.property(variant, fc.double({ min: -300, max: 0, noNaN: true }), (all, shift) => {
        const before = variantScore("sum", all).probability;
        const shifted = all.map((each) => ({ ...each, logprob: each.logprob + shift }));
        expect(variantScore("sum", shifted).probability).toBeCloseTo(before, 9);
        const perToken = all.map((each) => ({ ...each, logprob: each.logprob + shift * each.tokens }));
        expect(variantScore("mean", perToken).probability).toBeCloseTo(variantScore("mean", all).probability, 9);
      }),
    );
  });

  it("rises with the likelihood of an exhibiting continuation", () => {
    const score = (logprob: number) => variantScore("sum", [one(logprob, true), one(-3, false)]).probability;
    expect([-9, -3, -1].map(score)).toEqual([-9, -3, -1].map(score).sort((a, b) => a - b));
  });

  it("keeps the odds where the probability rounds to 0 or 1, and does not underflow", () => {
    expect(variantScore("sum", [one(-5000, true), one(-6000, false)])).toEqual({ probability: 1, logOdds: 1000 });
    expect(variantScore("sum", [one(-6000, true), one(-5000, false)]).logOdds).toBe(-1000);
  });

  it("takes an impossible continuation as weight 0, but not a variant of nothing else", () => {
    expect(variantScore("sum", [one(-Infinity, true), one(-1, false)])).toEqual({ probability: 0, logOdds: -Infinity });
    expect(variantScore("mean", [one(-1, true, 2), one(-Infinity, false, 2)]).probability).toBe(1);
    expect(() => variantScore("sum", [one(-Infinity, true), one(-Infinity, false)])).toThrow(/cannot be scored/);
    expect(() => variantScore("sum", [])).toThrow(/cannot be scored/);
  });

  it("throws on what is no log-probability and on no tokens", () => {
    for (const logprob of [Number.NaN, Infinity, 0.5]) {
      expect(() => variantScore("sum", [one(logprob, true), one(-1, false)])).toThrow(/is not one/);
      expect(() => variantScore("sum", [one(-1, true), one(logprob, false)])).toThrow(/is not one/);
    }
    for (const tokens of [0, -1, 1.5, Number.NaN]) {
      expect(() => variantScore("mean", [one(-1, true, tokens), one(-1, false)])).toThrow(/tokens/);
    }
  });
});

describe("itemScore", () => {
  it("is the mean over variants, of probability and of log-odds", () => {
    const variants = [
      { probability: 0.2, logOdds: -1 },
      { probability: 0.6, logOdds: 2 },
    ];
    expect(itemScore(variants).probability).toBeCloseTo(0.4, 12);
    expect(itemScore(variants).logOdds).toBe(0.5);
  });

  it("cancels a liking for the first option in the log-odds of a choice asked in both orders", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -9, max: 9, noNaN: true }),
        fc.double({ min: -9, max: 9, noNaN: true }),
        (taste, bias) => {
          const asked = (logOddsOfFirst: number, exhibitsFirst: boolean) => {
            const a = -Math.log1p(Math.exp(-logOddsOfFirst));
            return variantScore("sum", [one(a, exhibitsFirst), one(a - logOddsOfFirst, !exhibitsFirst)]);
          };
          expect(itemScore([asked(bias + taste, true), asked(bias - taste, false)]).logOdds).toBeCloseTo(taste, 8);
        },
      ),
    );
  });

  it("throws where there is no mean", () => {
    expect(() => itemScore([])).toThrow(/without variants/);
    const sure = (logOdds: number) => ({ probability: logOdds > 0 ? 1 : 0, logOdds });
    expect(() => itemScore([sure(Infinity), sure(-Infinity)])).toThrow(/no mean/);
    expect(() => itemScore([{ probability: Number.NaN, logOdds: 0 }])).toThrow(/no mean/);
  });
});

describe("strongest", () => {
  const all = [
    { ...one(-8, true, 8), text: "long" },
    { ...one(-2, true, 1), text: "short" },
    { ...one(-1, false, 1), text: "other" },
  ];
  it("is the likeliest of its kind, by the behaviour's own weight", () => {
    expect(strongest("sum", all, true)).toBe("short");
    expect(strongest("mean", all, true)).toBe("long");
    expect(strongest("sum", all, false)).toBe("other");
  });
});
