/** Between two adapters of one shape: where the second was trained on from the first, losses along the way stay low. */
import { must } from "../../core/index.ts";
import type { Adapter, AdapterModule, LinearSpec } from "../../models/index.ts";

/** A + γ (A' − A) and B + γ (B' − B), γ by the module's layer. */
export function interpolated(
  from: Adapter,
  to: Adapter,
  linears: readonly LinearSpec[],
  gammaOf: (layer: number) => number,
): Adapter {
  const layers = new Map(linears.map(({ module, layer }) => [module, layer]));
  const modules = [...from.modules].map(([name, module]): [string, AdapterModule] => {
    const other = must(to.modules.get(name), name);
    const gamma = gammaOf(must(layers.get(name), name));
    return [name, { ...module, A: between(module.A, other.A, gamma), B: between(module.B, other.B, gamma) }];
  });
  return { ...from, modules: new Map(modules) };
}

const between = (from: Float32Array, to: Float32Array, gamma: number) =>
  from.map((value, i) => value + gamma * ((to[i] as number) - value));
