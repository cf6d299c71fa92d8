import fc from "fast-check";
import { expect, it } from "vitest";
import { Rate } from "./rate.ts";

it("never lets more than one minute's worth and what time has brought through, whatever the times", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(5000), { maxLength: 200 }), (perMinute, gaps) => {
      let now = 0;
      const rate = new Rate(perMinute, () => now);
      let taken = 0;
      for (const gap of gaps) {
        now += gap;
        const { allowed, waitMs } = rate.take("a");
        if (allowed) taken++;
        else expect(waitMs).toBeGreaterThan(0);
        expect(taken).toBeLessThanOrEqual(perMinute + (now * perMinute) / 60_000 + 1e-6);
      }
    }),
  );
});

it("says when one more may be taken, and then it may; names do not share", () => {
  let now = 0;
  const rate = new Rate(2, () => now);
  expect([rate.take("a").allowed, rate.take("a").allowed]).toEqual([true, true]);
  const { allowed, waitMs } = rate.take("a");
  expect(allowed).toBe(false);
  expect(waitMs).toBe(30_000);
  expect(rate.take("b").allowed).toBe(true);
  now += waitMs;
  expect([rate.take("a").allowed, rate.take("a").allowed]).toEqual([true, false]);
});
