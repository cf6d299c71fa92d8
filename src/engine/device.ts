/**
 * Where graphs run: the CPU, or one of ONNX Runtime's other providers. They are the same engine with the same graphs;
 * what a provider cannot run falls back to the CPU. The tests are the conformance suite of every device:
 * `PENUMBRA_DEVICE=webgpu npm test` runs them there.
 */
import { UserError } from "../core/index.ts";
import { Graph, Identity } from "../tensor/index.ts";
import { compile, float32, type HostTensor, type RunRequest } from "./program.ts";

export const devices = ["cpu", "webgpu", "cuda", "coreml", "dml"] as const;
export type Device = (typeof devices)[number];

/** What each needs, for who asks for one that is not there. */
const needs: Record<Device, string> = {
  cpu: "reinstall onnxruntime-node",
  webgpu: "it needs a graphics card with Vulkan, Metal or Direct3D 12; leave --device out to use the CPU",
  cuda: "it needs Linux, an NVIDIA card and ONNX Runtime's CUDA libraries (`npm rebuild onnxruntime-node` fetches them); leave --device out to use the CPU",
  coreml: "it needs macOS; leave --device out to use the CPU",
  dml: "it needs Windows with Direct3D 12; leave --device out to use the CPU",
};

/** The device that the environment names; the CPU where it names none. */
export function usualDevice(asked: string | undefined): Device {
  if (asked === undefined || asked === "") return "cpu";
  const device = devices.find((each) => each === asked);
  if (device) return device;
  throw new UserError("device", {
    expected: `one of ${devices.join(", ")}`,
    got: JSON.stringify(asked.slice(0, 40)),
    fix: "correct --device or PENUMBRA_DEVICE",
  });
}

/** What an engine shows of itself here. */
interface Runs {
  readonly device: Device;
  run(request: RunRequest): Promise<Record<string, HostTensor>>;
}

/** Lets the engine's device copy one number. A device that is not there is told in one line, before any work. */
export async function checkDevice(engine: Runs): Promise<void> {
  if (engine.device === "cpu") return;
  const graph = new Graph();
  graph.output("y", Identity(graph.input("x", "float32", [1])));
  const feeds = { x: float32([1], Float32Array.of(3)) };
  const got = await engine.run({ program: compile(graph), feeds, fetches: ["y"] }).then(
    ({ y }) => (y?.data[0] === 3 ? null : "a device that does not compute"),
    (error: Error) => firstLine(error.message),
  );
  if (got === null) return;
  const { device } = engine;
  throw new UserError(`device ${device}`, { expected: "a device that runs graphs", got, fix: needs[device] });
}

const firstLine = (message: string) => (message.split("\n")[0] ?? "").replace(/^Error: /, "").slice(0, 160);
