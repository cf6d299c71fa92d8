/**
 * Interventions: a model whose activations are steered, projected, held to another model's or replaced while it is
 * asked. Each becomes a tap; what it takes from another model is read on the same batch first, one pass per model.
 *
 * Different from the obvious: ranks are padded with rows of zeros, which act on nothing, so that one session serves
 * directions of several ranks; and taps are put in the order of hook points, so that equal sets share a session.
 */
import { type HookName, hookShape, type ModelDefinition } from "../models/index.ts";
import type { Intervention, LanguageModel, Where } from "./model.ts";
import { float32, type HostTensor } from "./program.ts";
import { type BatchExtent, PART } from "./sequences.ts";
import { componentsName, readName, type Tap, tapInput } from "./taps.ts";

export type PatchIntervention = Extract<Intervention, { kind: "patch" }>;

/** An intervention with its tap, and the feeds that are the same for every batch. */
export interface Placed {
  readonly tap: Tap;
  readonly intervention: Intervention;
  readonly constants: Readonly<Record<string, HostTensor>>;
}

const tapKinds = {
  add: "add",
  project: "project",
  pin: "pin",
  take: "replace",
  patch: "replace",
} as const satisfies Record<Intervention["kind"], Tap["kind"]>;

/** Taps of `interventions`; those at one hook point act in the order given. Throws where one does not fit the model. */
export function placeInterventions(interventions: readonly Intervention[], definition: ModelDefinition): Placed[] {
  const acting = interventions.filter((each) => !("basis" in each) || each.basis.length > 0);
  for (const each of acting) checkFit(each, definition);
  if (acting.filter(({ kind }) => kind === "patch").length > 1) throw new Error("only one patch can act at a time");
  return definition.hooks.flatMap((hook) =>
    acting.filter((each) => each.hook === hook).map((intervention, k) => placed(intervention, k, definition)),
  );
}

function placed(intervention: Intervention, k: number, definition: ModelDefinition): Placed {
  const { kind, hook } = intervention;
  const place = { kind: tapKinds[kind], hook, id: `${hook}.${k}` };
  const shape = hookShape(hook, definition.dimensions) ?? [];
  if (kind === "add") {
    return {
      tap: place,
      intervention,
      constants: { [tapInput(place, "vector")]: float32(shape, intervention.vector) },
    };
  }
  if (kind !== "project" && kind !== "pin") return { tap: place, intervention, constants: {} };
  const width = elements(shape);
  const rank = paddedRank(intervention.basis.length / width);
  const basis = new Float32Array(rank * width);
  basis.set(intervention.basis);
  const tap = { ...place, rank };
  return { tap, intervention, constants: { [tapInput(tap, "basis")]: float32([rank, width], basis) } };
}

/** The next power of two. */
function paddedRank(rank: number): number {
  return 2 ** Math.ceil(Math.log2(rank));
}

/** float32 rows of a hidden state's width are orthonormal to about 1e-6; more than this is another basis. */
const ORTHONORMAL_WITHIN = 1e-4;

function checkFit(intervention: Intervention, definition: ModelDefinition): void {
  const { kind, hook } = intervention;
  const fault = (what: string) => new Error(`intervention ${kind} at ${hook}: ${what}`);
  if (!definition.hooks.includes(hook)) throw fault("the model has no such hook point");
  const shape = hookShape(hook, definition.dimensions);
  if (kind !== "take" && shape === null) throw fault("its width is known at run time only; use take");
  const width = shape && elements(shape);
  if (kind === "add" && intervention.vector.length !== width)
    throw fault(`a vector of ${intervention.vector.length} numbers where ${width} belong`);
  if ((kind === "project" || kind === "pin") && width !== null) {
    const why = basisFault(intervention.basis, width);
    if (why) throw fault(why);
  }
  const other = otherOf(intervention);
  if (other && !sameShape(other.source.definition, definition, hook)) throw fault(`${other.source.name} differs there`);
}

function basisFault(basis: Float32Array, width: number): string | null {
  const rank = basis.length / width;
  if (!Number.isInteger(rank) || rank > width)
    return `a basis of ${basis.length} numbers where rows of ${width} belong`;
  for (let a = 0; a < rank; a++) {
    for (let b = 0; b <= a; b++) {
      let dot = 0;
      for (let i = 0; i < width; i++) dot += (basis[a * width + i] as number) * (basis[b * width + i] as number);
      if (!(Math.abs(dot - (a === b ? 1 : 0)) <= ORTHONORMAL_WITHIN))
        return `rows ${b} and ${a} of its basis have the product ${dot}: not orthonormal`;
    }
  }
  return null;
}

function sameShape(a: ModelDefinition, b: ModelDefinition, hook: HookName): boolean {
  const shape = (each: ModelDefinition) => hookShape(hook, each.dimensions)?.join();
  return a.hooks.includes(hook) && shape(a) === shape(b) && a.dimensions.nHeads === b.dimensions.nHeads;
}

/** The other model that an intervention reads; null where it needs none. */
export function otherOf(intervention: Intervention): LanguageModel | null {
  if (intervention.kind === "pin") return intervention.to;
  return "from" in intervention ? intervention.from : null;
}

/** What has to be read of another model: coordinates along a basis, or whole activations. */
export function readingOf({ tap, intervention, constants }: Placed): Placed {
  return intervention.kind === "pin"
    ? { tap: { ...tap, kind: "components" }, intervention, constants }
    : { tap: { kind: "read", hook: tap.hook }, intervention, constants: {} };
}

/** The name of what a reading tap hands back. */
export function readingName(tap: Tap): string {
  return tap.kind === "components" ? componentsName(tap) : readName(tap.hook);
}

/** `[rows, seq]`: 1 where the intervention acts, 0 elsewhere and on padding. Throws where nobody said what the prompt is. */
export function positionWeights({ parts }: Pick<BatchExtent, "parts">, where: Where = "all"): Float32Array {
  if (where !== "all" && parts.includes(PART.unsaid)) throw new Error(`no promptLength, to act on the ${where} only`);
  const acts = (part: number) => (where === "all" ? part !== PART.padding : part === PART[where]);
  return Float32Array.from(parts, (part) => Number(acts(part)));
}

/** The value of a patch, `[rows, seq, width]`: `value` of the rows where it acts, this model's own elsewhere. */
export function patchedValue(
  { value }: PatchIntervention,
  own: HostTensor,
  other: HostTensor,
  weights: Float32Array,
): HostTensor {
  const mine = own.data as Float32Array;
  const width = mine.length / weights.length;
  const chosen = [...weights.keys()].filter((row) => weights[row] === 1);
  const gather = (data: Float32Array) => {
    const rows = new Float32Array(chosen.length * width);
    for (const [i, row] of chosen.entries()) rows.set(data.subarray(row * width, (row + 1) * width), i * width);
    return rows;
  };
  const fresh = value(gather(mine), gather(other.data as Float32Array), width);
  if (fresh.length !== chosen.length * width)
    throw new Error(`a patch gave ${fresh.length} numbers where ${chosen.length * width} belong`);
  const whole = mine.slice();
  for (const [i, row] of chosen.entries()) whole.set(fresh.subarray(i * width, (i + 1) * width), row * width);
  return float32(own.shape, whole);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
