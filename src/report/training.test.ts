/** What decided the training stands in its section. */
import { describe, expect, it, test } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import { FinetuneRecord } from "../records/index.ts";
import { renderHtml } from "./index.ts";

const example = exampleInput();
const finetune = must(example.finetune, "finetune");

function training(more: Partial<FinetuneRecord>, metrics = example.metrics): string {
  const page = renderHtml({ ...example, metrics, finetune: { ...finetune, ...more } });
  return must(/<section id="training">[\s\S]*?<\/section>/.exec(page)?.[0], "training").replace(/<[^>]*>/g, " ");
}

/** A telling value of each field that a record may leave out. */
const OPTIONAL = {
  objective: "dpo",
  rslora: true,
  dora: true,
  guard: "caft",
  stoppedBy: "refusal",
  validation: { step: 40, loss: 1.234, rows: 30 },
} as const satisfies Partial<FinetuneRecord>;

describe("the training section", () => {
  test("every field that a record may leave out changes it", () => {
    const optional = Object.entries(FinetuneRecord.shape).flatMap(([key, schema]) =>
      schema.safeParse(undefined).success ? [key] : [],
    );
    expect(Object.keys(OPTIONAL).sort()).toEqual(optional.sort());
    const silent = Object.entries(OPTIONAL).filter(([key, value]) => training({ [key]: value }) === training({}));
    expect(silent).toEqual([]);
  });

  it("names what ended it, the guard, and the loss on rows held out", () => {
    expect(training({ stoppedBy: "refusal" })).toContain("the drift along “Refuses harmful requests” went beyond");
    expect(training({ stoppedBy: "elsewhere" })).toContain("the drift along “elsewhere”");
    for (const guard of ["caft", "adapter-projection", "preventative", "kl"] as const)
      expect(training({ guard })).toContain(`${guard}: `);
    const { validation } = OPTIONAL;
    expect(training({ validation })).toContain("1.23 nats per token, over 30 rows, with the parameters of step 40");
    expect(training({ validation: { ...validation, loss: null } })).toContain("not a finite number, over 30 rows");
    for (const field of ["guard", "stoppedBy", "validation"] as const)
      expect(training({ [field]: null })).toBe(training({}));
  });

  it("draws the loss on rows held out where it was read", () => {
    const metrics = example.metrics.map((line, i) => (i % 10 === 0 ? { ...line, validationLoss: 1 } : line));
    expect(training({}, metrics)).toContain("on rows held out of the training");
    expect(training({})).not.toContain("held out");
  });

  it("counts preferences in their own unit", () => {
    expect(training({ objective: "dpo" })).toMatch(/Training loss, −log σ per pair.*2\.61 → 0\.94 −log σ per pair/s);
    expect(training({ objective: "dpo" })).not.toContain("nats per token");
    expect(training({ objective: "sft" })).toContain("2.61 → 0.94 nats per token");
  });

  it("calls full training no LoRA", () => {
    expect(training({ method: "full", rank: 0 })).toContain("all weights, no adapter");
    expect(training({ method: "full", rank: 0 })).not.toContain("LoRA");
  });
});
