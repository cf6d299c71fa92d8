import { describe, expect, test } from "vitest";
import { leftOutOf, leftOutPositions } from "./left-out.ts";

const head = [2, 105, 2364, 107];

describe("what dictionaries leave out", () => {
  test.each(["google/gemma-3-270m-it", "gemma-3-4b-it", "gemma-v3-1b-it", "gemma-3-270m-it-Q8_0"])("of %s", (name) => {
    expect(leftOutOf(name)).toEqual(head);
  });

  test.each(["google/gemma-3-270m", "google/gemma-3-4b-pt", "google/gemma-2-2b-it", "gemma-3-1b-italian", null])(
    "of %s is BOS alone",
    (name) => {
      expect(leftOutOf(name)).toEqual([]);
    },
  );

  test("the whole head where a text begins with it, else BOS, else nothing", () => {
    const bosId = { bosId: 2 };
    expect(leftOutPositions([...head, 9], head, bosId)).toBe(4);
    expect(leftOutPositions([2, 105, 9, 107], head, bosId)).toBe(1);
    expect(leftOutPositions([...head, 9], [], bosId)).toBe(1);
    expect(leftOutPositions([9, 2], head, bosId)).toBe(0);
    expect(leftOutPositions([9, 2], [], { bosId: null })).toBe(0);
  });
});
