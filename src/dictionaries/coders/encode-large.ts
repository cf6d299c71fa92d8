/** Encoding of many rows in the engine where the architecture's rule is one that it knows; in plain loops otherwise. */
import type { Engine } from "../../engine/index.ts";
import type { Dictionary, SparseActivations } from "../dictionary.ts";
import { encodeLarge, releaseDictionary } from "../encode-large.ts";
import { encodeGroup, type GroupActivations } from "./encode.ts";
import type { LatentGroup } from "./sparse-coder.ts";

type Group = LatentGroup<Float32Array>;

/** As `encodeGroup`; equal up to float32 rounding. */
export async function encodeGroupLarge(
  engine: Engine,
  group: Group,
  rows: Float32Array,
  signal?: AbortSignal,
): Promise<GroupActivations> {
  const dictionary = readAs(group);
  if (!dictionary) return encodeGroup(group, rows);
  return groupActivations(await encodeLarge(engine, dictionary, rows, signal));
}

/** Takes the group's weights out of the engine again. */
export async function releaseGroup(engine: Engine, group: Group): Promise<void> {
  const dictionary = known.get(group);
  if (dictionary) await releaseDictionary(engine, dictionary);
}

const known = new WeakMap<Group, Dictionary | null>();

/** One object per group, so that its weights are sent to the engine once. */
function readAs(group: Group): Dictionary | null {
  const made = known.get(group);
  if (made !== undefined) return made;
  const dictionary = asReader(group);
  known.set(group, dictionary);
  return dictionary;
}

/** A dictionary that encodes as the group does; what it writes is not looked at. */
function asReader({ hooks, dIn, nLatents, inputNorm, inputBias, encoder, encoderBias, activation, decoder }: Group) {
  if (inputNorm !== "none") return null;
  const limits =
    activation.type === "relu"
      ? { k: null }
      : activation.type === "jumprelu"
        ? { k: null, threshold: activation.threshold.map((value) => Math.max(0, value)) }
        : activation.type === "topk" && !activation.byNorm
          ? { k: activation.k }
          : null;
  if (!limits) return null;
  return {
    hook: hooks[0] as Dictionary["hook"],
    dModel: dIn,
    nLatents,
    ...limits,
    encoder,
    encoderBias: encoderBias ?? new Float32Array(nLatents),
    decoder,
    decoderBias: inputBias ?? new Float32Array(dIn),
  };
}

/** Free slots left out; those of a token in the order of their latents. */
function groupActivations({ tokens, k, latents, values }: SparseActivations): GroupActivations {
  const starts = new Int32Array(tokens + 1);
  const [kept, said]: [number[], number[]] = [[], []];
  for (let t = 0; t < tokens; t++) {
    const slots = Array.from({ length: k }, (_, s) => t * k + s).filter((slot) => (latents[slot] as number) >= 0);
    slots.sort((a, b) => (latents[a] as number) - (latents[b] as number));
    for (const slot of slots) {
      kept.push(latents[slot] as number);
      said.push(values[slot] as number);
    }
    starts[t + 1] = kept.length;
  }
  return { starts, latents: Int32Array.from(kept), values: Float32Array.from(said) };
}
