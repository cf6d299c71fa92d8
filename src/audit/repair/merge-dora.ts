/**
 * DoRA cannot be projected in B: its magnitudes scale the base's own rows. So the change of each weight is written out
 * whole, ΔW = m ⊙ (W + sBA)/‖W + sBA‖ − W, and held as a plain product with the identity. Exact, and of full rank.
 */
import { must } from "../../core/index.ts";
import { readTensor } from "../../data/index.ts";
import type { ModelSource } from "../../engine/index.ts";
import { type Adapter, type AdapterModule, type LinearSpec, type OwnRank, rankOf } from "../../models/index.ts";
import { mergedWeight } from "../../training/index.ts";

/** The same change without magnitudes; the adapter itself where it has none. */
export async function withoutMagnitudes(source: ModelSource, adapter: Adapter): Promise<Adapter> {
  if (!adapter.magnitudes) return adapter;
  const linears = new Map(source.definition.linears.map((linear) => [linear.module, linear]));
  const changes: [string, AdapterModule][] = [];
  for (const [name, module] of adapter.modules) {
    const linear = must(linears.get(name), name);
    const base = await readTensor(must(source.tensors.get(`${name}.weight`), `weight of ${name}`));
    const change = wholeChange(base, module, { ...rankOf(adapter, module), ...linear });
    changes.push([name, asProduct(change, linear.dOut, linear.dIn)]);
  }
  const rank = Math.max(...changes.map(([, { own }]) => must(own, "rank").rank));
  return { rank, alpha: rank, scale: 1, modules: new Map(changes) };
}

/** ΔW `[dOut, dIn]` of a module, whatever form it has; `base` is the weight as the checkpoint holds it. */
export function wholeChange(
  base: Float32Array,
  module: AdapterModule,
  options: Pick<OwnRank, "rank" | "scale"> & Pick<LinearSpec, "dIn" | "dOut" | "transposed">,
): Float32Array {
  const { dIn, dOut, transposed } = options;
  const merged = mergedWeight(Float32Array.from(base), module, options);
  const change = new Float32Array(dOut * dIn);
  for (let o = 0; o < dOut; o++)
    for (let i = 0; i < dIn; i++) {
      const at = transposed ? i * dOut + o : o * dIn + i;
      change[o * dIn + i] = (merged[at] as number) - (base[at] as number);
    }
  return change;
}

/** ΔW = B A with the identity on the shorter side. */
function asProduct(change: Float32Array, dOut: number, dIn: number): AdapterModule {
  const rank = Math.min(dOut, dIn);
  const own = { rank, alpha: rank, scale: 1 };
  return dOut <= dIn ? { A: change, B: identity(rank), own } : { A: identity(rank), B: change, own };
}

function identity(n: number): Float32Array {
  return Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}
