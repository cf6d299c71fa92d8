import { describe, expect, test } from "vitest";
import { generationPlan } from "./generation-programs.ts";

/** SmolLM2-135M. */
const dimensions = {
  nLayers: 30,
  dModel: 576,
  nHeads: 9,
  nKvHeads: 3,
  dHead: 64,
  dMlp: 1536,
  dVocab: 49_152,
};
const weightBytes = 538e6;
const plan = (size: object, device: "cpu" | "webgpu" = "cpu", dHead = 64) =>
  generationPlan(device, { ...dimensions, dHead }, { rows: 1, tokens: 128, weightBytes, ...size });

describe("how a generation runs", () => {
  test("a single row: cache in place, weights rearranged", () => {
    expect(plan({})).toEqual({ kind: "inPlace", fused: true, prepacked: true });
  });

  test("many rows, or a long one: the cache is appended to, for one in place would be copied at every step", () => {
    expect(plan({ rows: 16 })).toEqual({ kind: "appended", fused: true, prepacked: false });
    expect(plan({ tokens: 4096 })).toMatchObject({ kind: "appended", prepacked: true });
  });

  test("a large model's weights stay where they lie", () => {
    expect(plan({ weightBytes: 2 ** 31 + 1 })).toMatchObject({ prepacked: false });
  });

  test("fused ops are the CPU's, and want heads of a width that they take", () => {
    expect(plan({}, "webgpu")).toMatchObject({ kind: "appended", fused: false });
    expect(plan({}, "cpu", 12)).toMatchObject({ kind: "appended", fused: false });
  });
});
