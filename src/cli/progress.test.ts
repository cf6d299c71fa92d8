import { describe, expect, test } from "vitest";
import { describeProgress, progressLine } from "./progress.ts";

const event = (step: number, total: number | null, more: object = {}) => ({ task: "rows", step, total, ...more });

describe("a line of progress", () => {
  test("says how far, how fast and how long still; a rate of three digits in plain figures", () => {
    expect(describeProgress(event(60, 100), { steps: 50, ms: 10_000 })).toBe("rows 60/100 · 5/s · 8 s left");
    expect(describeProgress(event(6509, 75_744), { steps: 6509, ms: 60_000 })).toMatch(/^rows 6509\/75744 · 110\/s · /);
    expect(describeProgress(event(1, 8), { steps: 1, ms: 62_000 })).toContain("0.016/s");
  });

  test("says no rate before there is one, nor a time where the end is not known", () => {
    expect(describeProgress(event(0, 5), { steps: 0, ms: 0 })).toBe("rows 0/5");
    expect(describeProgress(event(7, null), { steps: 7, ms: 1000 })).toBe("rows 7 · 7/s");
  });

  test("shows what a training reads, and no control characters of a message", () => {
    const line = describeProgress(
      event(2, 4, { readings: { loss: 0.5, tokensPerSecond: 99.6 }, message: "a\u001b[31mb" }),
      {
        steps: 2,
        ms: 1000,
      },
    );
    expect(line).toContain("100 tokens/s");
    expect(line).toContain("loss 0.5000");
    expect(line).not.toContain("\u001b");
  });

  test("is rewritten on a terminal and taken away; elsewhere a line every five seconds", () => {
    const written = { terminal: "", file: "" };
    let at = 0;
    const terminal = progressLine({ isTTY: true, columns: 40, write: (text) => (written.terminal += text) }, () => at);
    const file = progressLine({ write: (text) => (written.file += text) }, () => at);
    for (at = 0; at <= 6000; at += 1000) for (const { hear } of [terminal, file]) hear(event(at / 1000, 10));
    for (const { clear } of [terminal, file]) clear();
    expect(written.terminal.split("\r")).toHaveLength(9);
    expect(written.terminal.endsWith("\r\u001b[2K")).toBe(true);
    expect(written.file.split("\n").slice(0, -1)).toEqual(["rows 0/10", "rows 5/10 · 1/s · 5 s left"]);
  });

  test("says in a file what begins a second after the last line, and no more than that", () => {
    let [at, written] = [0, ""];
    const { hear } = progressLine({ write: (text) => (written += text) }, () => at);
    for (const task of ["first", "second", "third"])
      for (const step of [0, 1]) {
        hear({ task, step, total: 2 });
        at += 450;
      }
    expect(written.split("\n").slice(0, -1)).toEqual(["first 0/2", "third 0/2"]);
  });
});
