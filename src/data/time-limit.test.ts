import { describe, expect, test } from "vitest";
import { withinTime } from "./time-limit.ts";

const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe("a time limit", () => {
  test("ends what never ends, and leaves results and errors as they are", () => {
    const forever = () => {
      for (;;);
    };
    expect(() => withinTime(100, forever)).toThrow(/timed out after 100ms/);
    expect(withinTime(100, () => 7)).toBe(7);
    expect(() =>
      withinTime(100, () => {
        throw new RangeError("its own");
      }),
    ).toThrow(RangeError);
  });

  test("is no limit on time that passed without the work", () => {
    let calls = 0;
    const work = () => {
      if (calls++ === 0) sleep(2000);
      return calls;
    };
    expect(withinTime(300, work)).toBe(2);
  });
});
