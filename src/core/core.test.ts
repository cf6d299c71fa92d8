import { describe, expect, it } from "vitest";
import { CancelledError, checkShape, elementCount, mean, meanOrNull, must, pick, UserError } from "./index.ts";

describe("UserError", () => {
  it("is one line: subject, expected, got, fix", () => {
    const fault = { expected: "a positive number", got: "-1", fix: "--rank 8" };
    const error = new UserError("rank", fault);
    expect(error.message).toBe("rank: expected a positive number, got -1; fix: --rank 8");
    expect(error.fault).toEqual({ subject: "rank", ...fault });
    expect(error.name).toBe("UserError");
    expect(error).toBeInstanceOf(Error);
  });
});

describe("CancelledError", () => {
  it("names what was cancelled, and is not the user's mistake", () => {
    expect(new CancelledError("training").message).toBe("training was cancelled");
    expect(new CancelledError("training")).not.toBeInstanceOf(UserError);
  });
});

describe("mean", () => {
  it("is the sum over the number, of lists and of typed arrays", () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(mean(Float32Array.of(1, 2))).toBe(1.5);
    expect(meanOrNull([4])).toBe(4);
  });

  it("of nothing is no number", () => {
    expect(mean([])).toBeNaN();
    expect(meanOrNull([])).toBeNull();
  });
});

describe("pick", () => {
  const table = { llama: 1, gemma: 2, none: undefined };

  it("gives the entry, also one that is undefined", () => {
    expect(pick(table, "gemma", "model")).toBe(2);
    expect(pick(table, "none", "model")).toBeUndefined();
  });

  it.each(["gemini", "toString", "__proto__", ""])("lists the names where %j is none of them", (name) => {
    expect(() => pick(table, name, "model")).toThrow(
      `model: expected one of the known names, got ${JSON.stringify(name)}; fix: use gemma, llama, none`,
    );
    expect(() => pick(table, name, "model")).toThrow(UserError);
  });
});

describe("must", () => {
  it("passes on whatever is there, falsy or not", () => {
    for (const value of [0, "", false, Number.NaN]) expect(must(value, "x")).toBe(value);
  });

  it("throws our fault, not the user's, where nothing is", () => {
    for (const value of [undefined, null]) {
      expect(() => must(value, "row 3")).toThrow("missing row 3");
      expect(() => must(value, "row 3")).not.toThrow(UserError);
    }
  });
});

describe("shapes", () => {
  it("count their elements", () => {
    expect(elementCount([])).toBe(1);
    expect(elementCount([2, 3, 4])).toBe(24);
    expect(elementCount([2, 0, 4])).toBe(0);
  });

  it("fit data of their count only", () => {
    checkShape("w", new Float32Array(6), [2, 3]);
    checkShape("s", [1], []);
    expect(() => checkShape("w", [1, 2], [2, 3])).toThrow("w: shape [2, 3] needs 6 elements, got 2");
  });
});
