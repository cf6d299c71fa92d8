import type { LinearSpec } from "./definition.ts";

/** A low-rank change of one linear layer: W + scale · B A (Hu et al. 2021, arXiv 2106.09685). */
export interface AdapterModule {
  /** `[rank, dIn]` */
  readonly A: Float32Array;
  /** `[dOut, rank]` */
  readonly B: Float32Array;
}

/** An adapter as every floor sees it: made by training, applied by engine, written by PEFT's rules. */
export interface Adapter {
  readonly rank: number;
  readonly alpha: number;
  /** Multiplies B A: alpha / rank (alpha / √rank with rslora). */
  readonly scale: number;
  /** By module path, for example `model.layers.0.self_attn.q_proj`. */
  readonly modules: ReadonlyMap<string, AdapterModule>;
}

/** Where a module's A and B lie in the flat vector, in elements. */
export interface AdapterSlot extends LinearSpec {
  readonly offsetA: number;
  readonly offsetB: number;
}

/** How an adapter's matrices lie in one flat vector, the form in which graphs take them as an input. */
export interface AdapterLayout {
  readonly rank: number;
  readonly slots: readonly AdapterSlot[];
  readonly size: number;
}

export function adapterLayout(linears: readonly LinearSpec[], rank: number): AdapterLayout {
  let offset = 0;
  const slots = linears.map((linear) => {
    const offsetA = offset;
    const offsetB = offsetA + rank * linear.dIn;
    offset = offsetB + linear.dOut * rank;
    return { ...linear, offsetA, offsetB };
  });
  return { rank, slots, size: offset };
}

/** The flat vector of `adapter`; modules that it does not change get zeros. Throws where its rank is not the layout's. */
export function flattenAdapter({ rank, modules }: Adapter, layout: AdapterLayout): Float32Array {
  if (rank !== layout.rank) throw new Error(`adapter of rank ${rank} in a layout of rank ${layout.rank}`);
  const flat = new Float32Array(layout.size);
  const known = new Set(layout.slots.map((slot) => slot.module));
  const strange = [...modules.keys()].find((module) => !known.has(module));
  if (strange !== undefined) throw new Error(`module ${strange} is not in the layout`);
  for (const { module, offsetA, offsetB } of layout.slots) {
    const found = modules.get(module);
    if (!found) continue;
    flat.set(found.A, offsetA);
    flat.set(found.B, offsetB);
  }
  return flat;
}

/** The adapter in a flat vector (copied). */
export function unflattenAdapter(flat: Float32Array, layout: AdapterLayout, alpha: number, scale: number): Adapter {
  const modules = layout.slots.map(({ module, dIn, dOut, offsetA, offsetB }): [string, AdapterModule] => [
    module,
    { A: flat.slice(offsetA, offsetA + layout.rank * dIn), B: flat.slice(offsetB, offsetB + dOut * layout.rank) },
  ]);
  return { rank: layout.rank, alpha, scale, modules: new Map(modules) };
}
