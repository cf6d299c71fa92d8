/**
 * Features set to values, and what the model does then: (value − its activation) × decoder is added where its MLP
 * writes, at every layer that the feature writes to.
 *
 * - Nothing constrained: a feature's activation is the one that it has under the interventions at earlier layers, and
 *   everything downstream may react, attention patterns too unless they are held.
 * - MLPs of some layers constrained: they write what they wrote on the prompt. With all of them, norm scales are held as
 *   well: what comes out are direct effects, which the graph's edges predict exactly.
 */
import { must, UserError } from "../core/index.ts";
import { encodeGroup, type LatentGroup } from "../dictionaries/index.ts";
import { type Addition, type Held, type Perturbed, perturbed } from "./perturb.ts";
import type { Feature, LocalReplacement } from "./replacement.ts";
import { decoderRows } from "./transcoders.ts";

export interface FeatureIntervention extends Pick<Feature, "layer" | "position" | "latent"> {
  /** The activation that it is given; 0 switches it off. */
  readonly value: number;
}

export interface InterveneOptions {
  /** Default true. */
  readonly holdAttention?: boolean;
  /** Default none. */
  readonly constrained?: "none" | "all" | ReadonlySet<number>;
  readonly signal?: AbortSignal;
}

/** What transcoders read and the logits under the interventions. */
export async function intervene(
  replacement: LocalReplacement,
  interventions: readonly FeatureIntervention[],
  { holdAttention = true, constrained = "none", signal }: InterveneOptions = {},
): Promise<Perturbed> {
  const { transcoders } = replacement;
  for (const each of interventions) checkPlace(replacement, each);
  const all = new Set(transcoders.layers.keys());
  const mlps = constrained === "all" ? all : constrained === "none" ? new Set<number>() : constrained;
  const held: Held = { attention: holdAttention, norms: mlps.size === all.size, mlps };
  const additions: Addition[] = [];
  const byLayer = [...new Set(interventions.map(({ layer }) => layer))].sort((a, b) => a - b);
  let inputs: readonly Float32Array[] | null = null;
  for (const layer of byLayer) {
    const coder = must(transcoders.layers[layer], "layer");
    const group = await coder.group();
    // Constrained, or the first: activations are those of the prompt.
    if (additions.length > 0 && !held.norms) inputs = (await pass(replacement, held, additions, signal)).inputs;
    const read = inputs?.[layer] ?? (must(replacement.values.get(coder.input), coder.input).data as Float32Array);
    const activationAt = activationsOf(group, read);
    for (const each of interventions.filter((one) => one.layer === layer)) {
      const { position, latent, value } = each;
      const now = activationAt(position, latent);
      const rows = decoderRows(group, latent).map((d) => d * (value - now));
      for (let w = 0; w < coder.written; w++) {
        const vector = rows.subarray(w * transcoders.dModel, (w + 1) * transcoders.dModel);
        additions.push({ layer: coder.writesFrom + w, position, vector });
      }
    }
  }
  return pass(replacement, held, additions, signal);
}

async function pass(replacement: LocalReplacement, held: Held, additions: readonly Addition[], signal?: AbortSignal) {
  return must((await perturbed(replacement, held, [additions], signal))[0], "pass");
}

/** Activations by position and latent, each row of `rows [seq, dIn]` encoded when it is first asked for. */
function activationsOf(group: LatentGroup<Float32Array>, rows: Float32Array) {
  const known = new Map<number, ReadonlyMap<number, number>>();
  return (position: number, latent: number): number => {
    const at =
      known.get(position) ?? encodedRow(group, rows.subarray(position * group.dIn, (position + 1) * group.dIn));
    known.set(position, at);
    return at.get(latent) ?? 0;
  };
}

function encodedRow(group: LatentGroup<Float32Array>, row: Float32Array): ReadonlyMap<number, number> {
  const { latents, values } = encodeGroup(group, row);
  return new Map(Array.from(latents, (latent, slot) => [latent, must(values[slot], "value")]));
}

function checkPlace({ transcoders, ids }: LocalReplacement, { layer, position, latent }: FeatureIntervention): void {
  const nLatents = transcoders.layers[layer]?.nLatents ?? 0;
  if (latent >= 0 && latent < nLatents && position >= 0 && position < ids.length) return;
  throw new UserError(`feature ${layer}_${latent}_${position}`, {
    expected: `a layer below ${transcoders.layers.length}, a latent below ${nLatents || "its size"}, a position below ${ids.length}`,
    got: `${layer}_${latent}_${position}`,
    fix: "name a feature as the graph does: layer_latent_position",
  });
}

/** Of feature `f`: how much higher its pre-activation is than on the prompt. */
export function preActivationShift(replacement: LocalReplacement, f: number, { inputs }: Perturbed): number {
  const { layer, position } = must(replacement.features[f], "feature");
  const { input } = must(replacement.transcoders.layers[layer], "layer");
  const [before, after] = [
    must(replacement.values.get(input), input).data as Float32Array,
    must(inputs[layer], "layer"),
  ];
  const encoder = must(replacement.encoders[f], "encoder");
  let sum = 0;
  for (let i = 0, at = position * encoder.length; i < encoder.length; i++, at++)
    sum += (encoder[i] as number) * ((after[at] as number) - (before[at] as number));
  return sum;
}
