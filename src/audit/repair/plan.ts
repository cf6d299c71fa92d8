/**
 * What a repair does to each module of an adapter (SCIENCE §7), P_l an orthonormal basis of what layer l is protected in:
 *
 * 1. Modules that write into the residual stream: B' = (I − γPPᵀ)B. With a norm behind them, what reaches the stream is
 *    diag(gain) of the normalised output, so P becomes orth(diag(gain) P).
 * 2. Values: what head j's values write is W_O of the query heads that share it; B' holds its rows off the rows of PᵀW_O
 *    stacked over these heads. Where those fill the head's whole width, nothing would be left: refused.
 * 3. Queries, keys, and the gate and upper half of an MLP have no linear write into the stream: kept or dropped.
 * 4. Optional, modules that read the stream: A' = A(I − γQQᵀ), Q = orth(diag(gain) P) with the gain of the norm before
 *    them (taken off the mean first where that norm does so).
 */
import { must, UserError } from "../../core/index.ts";
import { readTensor } from "../../data/index.ts";
import type { ModelSource } from "../../engine/index.ts";
import { type Basis, orthonormalBasis } from "../../geometry/index.ts";
import type { Adapter, AdapterModule, GainSpec, LinearSpec, ModelDefinition } from "../../models/index.ts";
import { rankOf } from "../../models/index.ts";
import { offInputs, offOutputs, type RowBlock } from "../../training/index.ts";

export interface RepairOptions {
  /** Values are projected, kept as they are, or their change dropped. */
  readonly values: "project" | "keep" | "drop";
  /** The same for modules without a linear write into the stream. */
  readonly inputs: "keep" | "drop";
  /** Hold modules that read the stream off the subspace too. */
  readonly reading: boolean;
}

/** What happens to one module. */
export interface ModulePlan {
  readonly layer: number;
  readonly kind: "writes" | "values" | "kept" | "dropped";
  readonly outputs: readonly RowBlock[];
  readonly inputs: Basis | null;
}

export type RepairPlan = ReadonlyMap<string, ModulePlan>;

/** `bases[l]`: what layer l is protected in, `[rank, dModel]`. */
export async function repairPlan(
  source: ModelSource,
  adapter: Pick<Adapter, "modules">,
  bases: readonly Basis[],
  options: RepairOptions,
): Promise<RepairPlan> {
  refuseWhole(bases, source.definition);
  const plan = new Map<string, ModulePlan>();
  for (const linear of source.definition.linears) {
    if (!adapter.modules.has(linear.module)) continue;
    plan.set(linear.module, await planOf(source, linear, bases, options));
  }
  return plan;
}

/** A subspace that is the whole stream leaves an adapter nothing to write. */
export function refuseWhole(bases: readonly Basis[], { dimensions }: Pick<ModelDefinition, "dimensions">): void {
  const full = bases.findIndex(({ rank }) => rank >= dimensions.dModel);
  if (full < 0) return;
  throw new UserError(`protected subspace of layer ${full}`, {
    expected: `fewer than the ${dimensions.dModel} dimensions of the residual stream`,
    got: "all of them",
    fix: "protect fewer behaviours",
  });
}

async function planOf(
  source: ModelSource,
  linear: LinearSpec,
  bases: readonly Basis[],
  { values, inputs, reading }: RepairOptions,
): Promise<ModulePlan> {
  const { layer, stream } = linear;
  const own = must(bases[layer], "basis");
  if (stream.side === "writes")
    return {
      layer,
      kind: "writes",
      inputs: null,
      outputs: [{ first: 0, basis: await throughGain(source, own, stream.gain) }],
    };
  const before = must(bases[Math.max(0, layer - 1)], "basis");
  const read = reading ? await throughGain(source, before, stream.gain) : null;
  const what = linear.values ? values : inputs;
  if (what !== "project") return { layer, kind: what === "keep" ? "kept" : "dropped", outputs: [], inputs: read };
  return { layer, kind: "values", outputs: await valueBlocks(source, linear, own), inputs: read };
}

/** orth(diag(gain) P); P itself without a norm. */
export async function throughGain(source: ModelSource, basis: Basis, gain: GainSpec | null): Promise<Basis> {
  if (!gain) return basis;
  const weight = await readTensor(must(source.tensors.get(gain.weight), gain.weight));
  const { rank, width, rows } = basis;
  const scaled = Float64Array.from(rows);
  for (let k = 0; k < rank; k++) {
    const row = scaled.subarray(k * width, (k + 1) * width);
    const mean = gain.centred ? row.reduce((sum, value) => sum + value, 0) / width : 0;
    for (let i = 0; i < width; i++) row[i] = ((row[i] as number) - mean) * (gain.offset + (weight[i] as number));
  }
  return orthonormalBasis(scaled, width);
}

/** One block of rows for each head of keys and values. */
async function valueBlocks(source: ModelSource, linear: LinearSpec, own: Basis): Promise<RowBlock[]> {
  const { definition, tensors } = source;
  const { nHeads, nKvHeads, dHead, dModel } = definition.dimensions;
  const { first, output } = must(linear.values, "values");
  const writer = must(
    definition.linears.find(({ module }) => module === output),
    output,
  );
  const { rank, rows } = await throughGain(source, own, writer.stream.gain);
  const W = await readTensor(must(tensors.get(`${output}.weight`), `weight of ${output}`));
  const at = (o: number, i: number) => W[writer.transposed ? i * dModel + o : o * writer.dIn + i] as number;
  const group = nHeads / nKvHeads;
  return Array.from({ length: nKvHeads }, (_, head) => {
    const stacked = new Float64Array(rank * group * dHead);
    for (let g = 0; g < group; g++)
      for (let k = 0; k < rank; k++)
        for (let i = 0; i < dHead; i++) {
          let sum = 0;
          for (let o = 0; o < dModel; o++)
            sum += (rows[k * dModel + o] as number) * at(o, (head * group + g) * dHead + i);
          stacked[(g * rank + k) * dHead + i] = sum;
        }
    const basis = orthonormalBasis(stacked, dHead);
    if (basis.rank >= dHead) throw fullHead(linear.module, basis.rank);
    return { first: first + head * dHead, basis };
  });
}

function fullHead(module: string, dHead: number): UserError {
  return new UserError(`values of ${module}`, {
    expected: `a protected subspace that leaves a head some of its ${dHead} dimensions`,
    got: "one that takes them all through the query heads that share it",
    fix: "protect fewer behaviours, or set --values keep or --values drop",
  });
}

/** The repaired adapter; γ by layer: 0 changes nothing, 1 takes all. */
export function repaired(adapter: Adapter, plan: RepairPlan, gammaOf: (layer: number) => number): Adapter {
  const modules = [...adapter.modules].map(([name, module]): [string, AdapterModule] => {
    const todo = plan.get(name);
    const gamma = todo ? gammaOf(todo.layer) : 0;
    return [name, todo && gamma > 0 ? repairedModule(module, rankOf(adapter, module).rank, todo, gamma) : module];
  });
  return { ...adapter, modules: new Map(modules) };
}

function repairedModule(
  module: AdapterModule,
  rank: number,
  { kind, outputs, inputs }: ModulePlan,
  gamma: number,
): AdapterModule {
  if (module.magnitude) throw new Error("an adapter with magnitudes is merged before it is repaired");
  const B =
    kind === "dropped" ? module.B.map((value) => (1 - gamma) * value) : offOutputs(module.B, rank, outputs, gamma);
  return { ...module, B, A: inputs ? offInputs(module.A, inputs, gamma) : module.A };
}
