/** `penumbra trace --set`: features given activations, and what the targets do then, with attention free and held. */
import {
  type FeatureIntervention,
  intervene,
  type LocalReplacement,
  localReplacement,
  logitTargets,
  softmax,
  type TargetChoice,
  type TranscoderSet,
} from "../../attribution/index.ts";
import { must, UserError } from "../../core/index.ts";
import type { InterventionRecord } from "../../records/index.ts";
import type { NamedModel } from "../train-dictionary.ts";
import type { TracePrompt } from "./prompt.ts";

/** A latent at one position, or (null) wherever it is active. */
export interface FeatureSetting {
  readonly layer: number;
  readonly latent: number;
  readonly position: number | null;
  readonly value: number;
}

/** `layer_latent=value` or `layer_latent_position=value`. */
export function parseSetting(text: string): FeatureSetting {
  const found = /^(\d+)_(\d+)(?:_(\d+))?=(-?\d+(?:\.\d+)?)$/.exec(text.trim());
  if (!found) {
    throw new UserError(`--set ${text}`, {
      expected: "layer_latent=value, or layer_latent_position=value",
      got: text,
      fix: "for example --set 2_803=0",
    });
  }
  const [, layer, latent, position, value] = found;
  return {
    layer: Number(layer),
    latent: Number(latent),
    position: position === undefined ? null : Number(position),
    value: Number(value),
  };
}

export interface SetRequest {
  readonly base: NamedModel;
  readonly transcoders: TranscoderSet;
  readonly prompt: TracePrompt;
  readonly settings: readonly FeatureSetting[];
  readonly signal?: AbortSignal;
}

export async function setFeatures({
  base,
  transcoders,
  prompt,
  settings,
  signal,
}: SetRequest): Promise<InterventionRecord> {
  const { model, identity } = base;
  const quiet = signal ? { signal } : {};
  const replacement = await localReplacement(model, transcoders, prompt.ids, quiet);
  const targets = await logitTargets(replacement, prompt.choice);
  const interventions = settings.flatMap((setting) => placesOf(setting, replacement));
  const after = await intervene(replacement, interventions, { holdAttention: false, ...quiet });
  const held = await intervene(replacement, interventions, { holdAttention: true, ...quiet });
  const read = (logits: Float32Array) => targets.map(({ token }) => readTarget(prompt.choice, logits, token));
  const [before, free, kept] = [replacement.logits, after.logits, held.logits].map(read);
  return {
    schemaVersion: 1,
    model: identity,
    transcoders: transcoders.name,
    prompt: prompt.text,
    set: interventions.map(({ layer, latent, position, value }) => ({
      feature: `${layer}_${latent}_${position}`,
      from: activationAt(replacement, { layer, latent, position }),
      to: value,
    })),
    unit: prompt.choice.kind === "logOdds" ? "nats" : "probability",
    targets: targets.map(({ label }, t) => ({
      label,
      before: must(before?.[t], "before"),
      after: must(free?.[t], "after"),
      attentionHeld: must(kept?.[t], "held"),
    })),
  };
}

function placesOf(setting: FeatureSetting, { features }: LocalReplacement): FeatureIntervention[] {
  const { layer, latent, position, value } = setting;
  if (position !== null) return [{ layer, latent, position, value }];
  const active = features.filter((feature) => feature.layer === layer && feature.latent === latent);
  if (active.length > 0) return active.map((feature) => ({ layer, latent, position: feature.position, value }));
  throw new UserError(`--set ${layer}_${latent}=${value}`, {
    expected: "a latent that is active somewhere in the prompt",
    got: "one that is not",
    fix: `name a position: ${layer}_${latent}_POSITION=${value}`,
  });
}

function activationAt({ features }: LocalReplacement, place: Omit<FeatureIntervention, "value">): number {
  const here = features.find(
    ({ layer, latent, position }) => layer === place.layer && latent === place.latent && position === place.position,
  );
  return here?.activation ?? 0;
}

/** Log-odds in nats, or a token's probability. */
function readTarget(choice: TargetChoice, logits: Float32Array, token: number): number {
  if (choice.kind === "logOdds") return must(logits[choice.exhibiting], "logit") - must(logits[choice.other], "logit");
  return must(softmax(logits)[token], "probability");
}
