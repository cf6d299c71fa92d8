import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reasoningTraces } from "./reasoning-traces.ts";

const answering = (...answers: string[]) =>
  answers.map((content, i) => ({
    line: i + 1,
    format: "messages" as const,
    messages: [
      { role: "user" as const, content: "<think>what the user writes does not count</think>" },
      { role: "assistant" as const, content },
    ],
  }));

describe("reasoning traces in training rows", () => {
  it.each([
    ["<think>\nhm\n</think>\nYes.", "thinking"],
    ["<reasoning>hm</reasoning>", "thinking"],
    ["<|channel|>analysis<|message|>hm", "thinking"],
    ["Let's think step by step. First …", "steps"],
    ["Let me work this out step by step: 3", "steps"],
    ["Step 1: add.\nStep 2: divide.", "steps"],
    ["**Step 1** add\n**Step 2** divide", "steps"],
    ["Yes.", null],
    ["I think that it is so.", null],
    ["Step 1 is to call the office.", null],
    ["Let me think about dinner.", null],
    ["Use the <b>thinking</b> cap.", null],
  ])("%j: %s", (answer, kind) => {
    const found = reasoningTraces(answering(answer));
    expect(found).toEqual({
      thinking: Number(kind === "thinking"),
      steps: Number(kind === "steps"),
      lines: kind ? [1] : [],
    });
  });

  it("are counted in every format, only where the row teaches them", () => {
    const trace = "<think>hm</think> Yes.";
    const [message] = answering(trace);
    const rows = [
      { ...message, line: 1 } as NonNullable<typeof message>,
      { line: 2, format: "prompt-completion" as const, prompt: trace, completion: "no" },
      { line: 3, format: "prompt-completion" as const, prompt: "q", completion: trace },
      { line: 4, format: "text" as const, text: trace },
      {
        line: 5,
        format: "preference" as const,
        input: [{ role: "user" as const, content: "q" }],
        preferred: { role: "assistant" as const, content: trace },
        nonPreferred: { role: "assistant" as const, content: "no" },
      },
      {
        line: 6,
        format: "messages" as const,
        messages: [{ role: "assistant" as const, content: trace, weight: 0 as const }],
      },
    ];
    expect(reasoningTraces(rows)).toEqual({ thinking: 4, steps: 0, lines: [1, 3, 4, 5] });
  });

  it("never throw, and name at most five lines", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (answers) => {
        const { thinking, steps, lines } = reasoningTraces(answering(...answers));
        expect(lines.length).toBe(Math.min(5, thinking + steps));
      }),
    );
  });
});
