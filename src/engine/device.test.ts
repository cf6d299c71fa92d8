import { describe, expect, test } from "vitest";
import { floats } from "../../test/golden.ts";
import { UserError } from "../core/index.ts";
import { Graph, MatMul } from "../tensor/index.ts";
import { checkDevice, compile, devices, float32, startEngine, usualDevice } from "./index.ts";

test("a provider that this system can never have is refused, not left out", async () => {
  const foreign = process.platform === "darwin" ? "dml" : "coreml";
  const engine = startEngine({ threads: 1, device: foreign });
  await expect(checkDevice(engine)).rejects.toThrow(UserError);
  await engine.close();
});

test("the device is what the environment says, the CPU where it says nothing", () => {
  expect([usualDevice(undefined), usualDevice(""), usualDevice("cuda")]).toEqual(["cpu", "cpu", "cuda"]);
  expect(() => usualDevice("tpu")).toThrow(/one of cpu, webgpu, cuda, coreml, dml/);
});

describe.each(devices)("%s", (device) => {
  test("computes, or says in one line what it lacks", { timeout: 30_000 }, async () => {
    const engine = startEngine({ threads: 1, device });
    try {
      expect(engine.device).toBe(device);
      const fault = await checkDevice(engine).catch((error: unknown) => error);
      if (fault !== undefined) {
        expect(device).not.toBe("cpu");
        expect(fault).toBeInstanceOf(UserError);
        expect(String(fault)).toMatch(new RegExp(`device ${device}: .*; fix: `));
        expect(String(fault)).not.toContain("\n");
        return;
      }
      const graph = new Graph();
      graph.output("y", MatMul(graph.input("a", "float32", [2, 2]), graph.input("b", "float32", [2, 2])));
      const feeds = {
        a: float32([2, 2], Float32Array.of(1, 2, 3, 4)),
        b: float32([2, 2], Float32Array.of(5, 6, 7, 8)),
      };
      const { y } = await engine.run({ program: compile(graph), feeds, fetches: ["y"] });
      expect([...floats(y)]).toEqual([19, 22, 43, 50]);
    } finally {
      await engine.close();
    }
  });
});
