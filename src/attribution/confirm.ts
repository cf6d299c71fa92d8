/**
 * A difference between two graphs is a claim; an intervention tests it.
 *
 * - A feature: in the tuned model it is set to the activation that it has in the base (0 where it has none there), with
 *   everything else free to react. What the target does then is how much of its shift runs through the feature; beside it
 *   stands what the graph predicts, to first order and with attention held. A feature that vanished is switched off in the
 *   base instead.
 * - An edge: the same with everything else held, read at the edge's end, where the graph predicts the result.
 */
import { mean, must } from "../core/index.ts";
import { nodeKey, type Sides } from "./diff.ts";
import { totalEffects } from "./effects.ts";
import { type AttributionGraph, featureKey, nodeLayout } from "./graph.ts";
import { intervene, preActivationShift } from "./intervene.ts";
import type { Perturbed } from "./perturb.ts";
import type { Feature, LocalReplacement } from "./replacement.ts";

export interface Confirmed {
  readonly intervention: string;
  readonly predicted: number | null;
  readonly measured: number;
  readonly takenBack: number | null;
}

/** One model with its graph, and what is read of its logits. */
export interface Confirmable {
  readonly name: "base" | "tuned";
  readonly replacement: LocalReplacement;
  readonly graph: AttributionGraph;
  /** The target's value, from logits `[dVocab]`. */
  readonly read: (logits: Float32Array) => number;
}

interface Pair {
  readonly base: Confirmable;
  readonly tuned: Confirmable;
}
type Place = Pick<Feature, "layer" | "latent" | "position">;

/** In which model the feature is set, and to what. */
function settingOf({ base, tuned }: Pair, activation: Sides): { readonly side: Confirmable; readonly value: number } {
  const inBase = activation.tuned === null;
  return { side: inBase ? base : tuned, value: (inBase ? activation.tuned : activation.base) ?? 0 };
}

/** By how much the graph says that the target moves under the intervention of `confirmFeature`; null: not in the graph. */
export function predictedMove(pair: Pair, feature: Place, activation: Sides): number | null {
  const { side, value } = settingOf(pair, activation);
  return moveBy(side.graph, feature, value);
}

/** `shift`: how much higher the target is in the tuned model. */
export async function confirmFeature(
  pair: Pair,
  feature: Place,
  activation: Sides,
  shift: number,
  signal?: AbortSignal,
): Promise<Confirmed> {
  const { side, value } = settingOf(pair, activation);
  const { name, replacement, read } = side;
  const options = { holdAttention: false, ...(signal ? { signal } : {}) };
  const after = await intervene(replacement, [{ ...feature, value }], options);
  const measured = read(after.logits) - read(replacement.logits);
  const whole = side === pair.base ? shift : -shift;
  return {
    intervention: `${featureKey(feature)} set to ${value.toPrecision(3)} in ${name}`,
    predicted: moveBy(side.graph, feature, value),
    measured,
    takenBack: Math.abs(shift) > NO_SHIFT ? measured / whole : null,
  };
}

/** By which the first target moves when the feature has another activation; null where the graph left the feature out. */
function moveBy(graph: AttributionGraph, { layer, latent, position }: Place, value: number): number | null {
  const f = graph.features.findIndex(
    (each) => each.layer === layer && each.latent === latent && each.position === position,
  );
  if (f < 0) return null;
  return must(firstTargetEffects(graph)[f], "effect") * (value / must(graph.features[f], "feature").activation - 1);
}

const effects = new WeakMap<AttributionGraph, Float64Array>();

/** `[nodes]`: what each node says to the first target. */
function firstTargetEffects(graph: AttributionGraph): Float64Array {
  const { logits, nodes } = nodeLayout(graph);
  const weights = new Float64Array(nodes);
  weights[logits] = 1;
  const known = effects.get(graph) ?? totalEffects(graph, weights);
  effects.set(graph, known);
  return known;
}

/** Logits differ by so much from one runtime to another; a target that moved less has no shift to take back. */
const NO_SHIFT = 1e-3;

/** Null where no feature stands at the edge's beginning, or it is the same in both models. */
export async function confirmEdge(
  { replacement, graph, name, read }: Confirmable,
  edge: { readonly source: string; readonly target: string; readonly weight: number },
  activation: Sides,
  signal?: AbortSignal,
): Promise<Confirmed | null> {
  const source = replacement.features.find((feature) => featureKey(feature) === edge.source);
  const [own, other] = name === "tuned" ? [activation.tuned, activation.base] : [activation.base, activation.tuned];
  if (!source || own === null || own === other) return null;
  const value = other ?? 0;
  const options = { constrained: "all" as const, ...(signal ? { signal } : {}) };
  const after = await intervene(replacement, [{ ...source, value }], options);
  return {
    intervention: `${edge.source} set to ${value.toPrecision(3)} in ${name}, all else held`,
    predicted: edge.weight * (value / own - 1),
    measured: shiftAt(replacement, graph, edge.target, after, read),
    takenBack: null,
  };
}

function shiftAt(
  replacement: LocalReplacement,
  graph: AttributionGraph,
  target: string,
  after: Perturbed,
  read: Confirmable["read"],
): number {
  const f = replacement.features.findIndex((feature) => featureKey(feature) === target);
  if (f >= 0) return preActivationShift(replacement, f, after);
  const { logits } = nodeLayout(graph);
  const t = graph.targets.findIndex((_, i) => nodeKey(graph, logits + i) === target);
  const { token } = must(graph.targets[t], "a target");
  if (token >= replacement.logits.length) return read(after.logits) - read(replacement.logits);
  return demeaned(after.logits, token) - demeaned(replacement.logits, token);
}

/** A token's logit over the mean of all. */
export function demeaned(logits: Float32Array, token: number): number {
  return must(logits[token], "logit") - mean(logits);
}
