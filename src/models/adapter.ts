import type { LinearSpec } from "./definition.ts";

/** A low-rank change of one linear layer: W + scale · B A (Hu et al. 2021, arXiv 2106.09685). */
export interface AdapterModule {
  /** `[rank, dIn]` */
  readonly A: Float32Array;
  /** `[dOut, rank]` */
  readonly B: Float32Array;
  /** Where rank or alpha are not the adapter's (PEFT's `rank_pattern`, `alpha_pattern`). */
  readonly own?: OwnRank;
  /** DoRA (Liu et al. 2024, arXiv 2402.09353): the norms `[dOut]` that the rows of W + scale · B A are brought to. */
  readonly magnitude?: Float32Array;
}

export interface OwnRank {
  readonly rank: number;
  readonly alpha: number;
  readonly scale: number;
}

/** An adapter as every floor sees it: made by training, applied by engine, written by PEFT's rules. */
export interface Adapter {
  /** The largest of its modules'. */
  readonly rank: number;
  readonly alpha: number;
  /** Multiplies B A: alpha / rank (alpha / √rank with rslora). */
  readonly scale: number;
  /** Is the scale alpha / √rank (Kalajdzievski 2023, arXiv 2312.03732)? */
  readonly rslora?: boolean;
  /** Does every module have a magnitude (DoRA)? */
  readonly magnitudes?: boolean;
  /** By module path, for example `model.layers.0.self_attn.q_proj`. */
  readonly modules: ReadonlyMap<string, AdapterModule>;
}

/** Multiplies B A: alpha / rank, or alpha / √rank, which keeps activations' size at any rank. */
export function loraScale(rank: number, alpha: number, rslora: boolean): number {
  return alpha / (rslora ? Math.sqrt(rank) : rank);
}

/** A module's own rank, alpha and scale; the adapter's where it has none. */
export function rankOf({ rank, alpha, scale }: Adapter, { own }: AdapterModule): OwnRank {
  return own ?? { rank, alpha, scale };
}

/** Where a module's parts lie in the flat vector, in elements. */
export interface AdapterSlot extends LinearSpec {
  readonly offsetA: number;
  readonly offsetB: number;
  /** Of the magnitude `[dOut]`; null without. */
  readonly offsetM: number | null;
  /** Where they are not the layout's. Rows of A and columns of B beyond the own rank are zero and stay zero. */
  readonly own: OwnRank | null;
  /** Multiplies the layout's scale. */
  readonly factor: number;
}

/** How an adapter's matrices lie in one flat vector, the form in which graphs take them as an input. */
export interface AdapterLayout {
  /** Every slot holds this many rows of A and columns of B. */
  readonly rank: number;
  readonly magnitudes: boolean;
  readonly slots: readonly AdapterSlot[];
  readonly size: number;
}

export interface LayoutOptions {
  readonly magnitudes?: boolean;
  /** Rank, alpha and scale of modules that differ, and the scale of the others. */
  readonly own?: { readonly of: (module: string) => OwnRank | null; readonly scale: number };
}

export function adapterLayout(
  linears: readonly LinearSpec[],
  rank: number,
  options: LayoutOptions = {},
): AdapterLayout {
  const { magnitudes = false, own: patterns } = options;
  let offset = 0;
  const slots = linears.map((linear): AdapterSlot => {
    const own = patterns?.of(linear.module) ?? null;
    const offsetA = offset;
    const offsetB = offsetA + rank * linear.dIn;
    const end = offsetB + linear.dOut * rank;
    offset = magnitudes ? end + linear.dOut : end;
    const factor = own && patterns ? own.scale / patterns.scale : 1;
    return { ...linear, offsetA, offsetB, offsetM: magnitudes ? end : null, own, factor };
  });
  return { rank, magnitudes, slots, size: offset };
}

/** The layout of just the modules that `adapter` changes, at its own ranks. */
export function layoutOfAdapter({ modules, rank, scale, magnitudes = false }: Adapter, linears: readonly LinearSpec[]) {
  const own = (module: string) => modules.get(module)?.own ?? null;
  const changed = linears.filter(({ module }) => modules.has(module));
  return adapterLayout(changed, rank, { magnitudes, own: { of: own, scale } });
}

/**
 * The flat vector of `adapter`; modules that it does not change get zeros, own ranks are filled up with zeros and own
 * scales folded into B. Throws where its rank is not the layout's.
 */
export function flattenAdapter(adapter: Adapter, layout: AdapterLayout): Float32Array {
  const { rank, scale, modules, magnitudes = false } = adapter;
  if (rank !== layout.rank) throw new Error(`adapter of rank ${rank} in a layout of rank ${layout.rank}`);
  if (magnitudes !== layout.magnitudes) throw new Error("an adapter with magnitudes needs a layout with them");
  const flat = new Float32Array(layout.size);
  const known = new Set(layout.slots.map((slot) => slot.module));
  const strange = [...modules.keys()].find((module) => !known.has(module));
  if (strange !== undefined) throw new Error(`module ${strange} is not in the layout`);
  for (const slot of layout.slots) {
    const found = modules.get(slot.module);
    if (!found) continue;
    const own = rankOf(adapter, found);
    const fold = own.scale / (scale * slot.factor);
    flat.set(found.A, slot.offsetA);
    copyColumns(found.B, own.rank, flat.subarray(slot.offsetB, slot.offsetB + slot.dOut * rank), rank, fold);
    if (slot.offsetM !== null && found.magnitude) flat.set(found.magnitude, slot.offsetM);
  }
  return flat;
}

/** Rows of width `from` into rows of width `to`, the shorter width of each, times `factor`. */
function copyColumns(source: Float32Array, from: number, target: Float32Array, to: number, factor: number): void {
  const rows = source.length / from;
  const width = Math.min(from, to);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < width; column++)
      target[row * to + column] =
        factor === 1 ? at(source, row * from + column) : at(source, row * from + column) * factor;
}

const at = (values: Float32Array, index: number) => values[index] as number;

/** The adapter in a flat vector (copied). */
export function unflattenAdapter(
  flat: Float32Array,
  layout: AdapterLayout,
  { alpha, scale, rslora = false }: Pick<Adapter, "alpha" | "scale" | "rslora">,
): Adapter {
  const modules = layout.slots.map((slot): [string, AdapterModule] => [slot.module, moduleIn(flat, layout.rank, slot)]);
  const kind = { ...(rslora ? { rslora } : {}), ...(layout.magnitudes ? { magnitudes: true } : {}) };
  return { rank: layout.rank, alpha, scale, ...kind, modules: new Map(modules) };
}

function moduleIn(flat: Float32Array, rank: number, slot: AdapterSlot): AdapterModule {
  const { dIn, dOut, offsetA, offsetB, offsetM, own } = slot;
  const ownRank = own?.rank ?? rank;
  const B = new Float32Array(dOut * ownRank);
  copyColumns(flat.subarray(offsetB, offsetB + dOut * rank), rank, B, ownRank, 1);
  return {
    A: flat.slice(offsetA, offsetA + ownRank * dIn),
    B,
    ...(own ? { own } : {}),
    ...(offsetM === null ? {} : { magnitude: flat.slice(offsetM, offsetM + dOut) }),
  };
}
