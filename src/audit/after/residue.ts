/**
 * Residue accounting (ours): which part of a behaviour's shift runs through which channel of the tuned model.
 *
 * 1. Δ = mean log-odds of the contrast pairs (check half), tuned less base.
 * 2. For each channel, the tuned model with that channel put back to what the base has on the same tokens; Δ_patched is
 *    its log-odds less the base's. Share = 1 − Δ_patched/Δ: what is gone of the shift with the channel. It is a ratio of
 *    means over a few pairs, and has the interval of such a ratio (`undoneShare`).
 *
 * Channels, at the dictionary's hook point k, with D f the dictionary's rebuilding of h and ε = h − D f its error:
 * - `features`: h ← h − (D f(h) − D f(h_base)), all positions. What the dictionary sees of the change is undone.
 * - `error`: h ← h − (ε(h) − ε(h_base)), all positions. What it does not see is undone.
 * - `wholeResidual`: h ← h_base at k, all positions. Only what later layers write themselves is left.
 * - `prefix`: the residual stream after every block is the base's at all tokens before the answer, which are the system
 *   and user turns and the template around them, the opening of the assistant's turn included. Keys and values of those
 *   tokens are the tuned model's reading of the base's stream; the answer's first token is predicted from the base's
 *   last state.
 * - `attention`: the patterns of all heads of all layers are the base's, all positions; values are the tuned model's.
 *
 * The shares need not sum to one. The channels overlap (patterns are made of the residual stream; features and error
 * together are the whole residual at k), later layers answer nonlinearly, so that two halves undone apart are not the
 * whole undone at once, and what the layers above k change by themselves is in none of the first three. A share below 0
 * says that the channel held the shift back, one above 1 that the rest of the model does.
 */
import { createHash } from "node:crypto";
import { must } from "../../core/index.ts";
import type { Dictionary, SparseActivations } from "../../dictionaries/index.ts";
import type { Intervention, LanguageModel } from "../../engine/index.ts";
import type { HookName } from "../../models/index.ts";
import type { GeometryBehaviour } from "../../records/index.ts";
import { undoneShare } from "../mechanism/index.ts";

export type Residue = NonNullable<GeometryBehaviour["residue"]>;

export interface ResidueRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  /** Per behaviour: log-odds of exhibiting, one per contrast pair of the check half, nats. */
  readonly logOdds: (model: LanguageModel) => Promise<readonly (readonly number[])[]>;
  /** Where the whole residual is taken. */
  readonly hook: HookName;
  /** A dictionary of that hook point; null: none holds, then `features` and `error` are not measured. */
  readonly reader: {
    readonly dictionary: Dictionary;
    readonly encode: (dictionary: Dictionary, activations: Float32Array) => SparseActivations;
  } | null;
}

/**
 * One per behaviour, all asked together, so that a channel costs one pass. Null where there is no shift to account for:
 * fewer than two pairs, or a mean whose 95% interval holds 0.
 */
export async function residues(request: ResidueRequest): Promise<(Residue | null)[]> {
  const { base, tuned, logOdds } = request;
  const before = await logOdds(base);
  const shiftsOf = async (model: LanguageModel) => differences(await logOdds(model), before);
  const shifts = await shiftsOf(tuned);
  if (!shifts.some((shift) => undoneShare(shift, shift))) return shifts.map(() => null);
  const channels = channelsOf(request);
  const left = new Map<Channel, PerPair>();
  for (const channel of CHANNELS) {
    const interventions = channels[channel];
    if (interventions) left.set(channel, await shiftsOf(tuned.intervene(interventions)));
  }
  return shifts.map((shift, b) => residueOf(shift, (channel) => left.get(channel)?.[b] ?? null));
}

const CHANNELS = ["features", "error", "prefix", "attention", "wholeResidual"] as const;
type Channel = (typeof CHANNELS)[number];

/** `left`: the shift of each pair that stays where a channel is put back; null where it was not. */
function residueOf(shift: readonly number[], left: (channel: Channel) => readonly number[] | null): Residue | null {
  if (!undoneShare(shift, shift)) return null;
  const share = (channel: Channel): Residue[Channel] => {
    const stays = left(channel);
    const gone = stays && undoneShare(shift, differenceOf(shift, stays));
    return gone && { share: gone.share, interval: [...gone.interval] };
  };
  return {
    pairs: shift.length,
    features: share("features"),
    error: share("error"),
    prefix: share("prefix"),
    attention: share("attention"),
    wholeResidual: share("wholeResidual"),
  };
}

type PerPair = readonly (readonly number[])[];

function differences(after: PerPair, before: PerPair): number[][] {
  return after.map((values, b) => differenceOf(values, must(before[b], "behaviour")));
}

function differenceOf(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - must(b[i], "pair"));
}

function channelsOf({ base, hook, reader }: ResidueRequest): Record<Channel, Intervention[] | null> {
  const { nLayers } = base.source.definition.dimensions;
  const layers = Array.from({ length: nLayers }, (_, layer) => layer);
  const rebuilt = reader && rebuilder(reader);
  const patch = (value: Patch): Intervention[] => [{ kind: "patch", hook, from: base, value }];
  return {
    features: rebuilt && patch((own, other) => minusDifference(own, rebuilt(own), rebuilt(other))),
    // own − (ε_own − ε_other) = other + (D f_own − D f_other)
    error: rebuilt && patch((own, other) => minusDifference(other, rebuilt(other), rebuilt(own))),
    wholeResidual: [{ kind: "take", hook, from: base }],
    prefix: layers.map((layer) => ({
      kind: "take",
      hook: `blocks.${layer}.hook_resid_post`,
      from: base,
      where: "prompt",
    })),
    attention: layers.map((layer) => ({ kind: "take", hook: `blocks.${layer}.attn.hook_pattern`, from: base })),
  };
}

type Patch = Extract<Intervention, { kind: "patch" }>["value"];

/** x − (a − b), all `[n, dModel]`. */
function minusDifference(x: Float32Array, a: Float32Array, b: Float32Array): Float32Array {
  return x.map((value, i) => value - ((a[i] as number) - (b[i] as number)));
}

/**
 * D f of rows `[n, dModel]`, without the dictionary's bias, which cancels in every difference. What has been rebuilt is
 * remembered: `features` and `error` meet the same rows.
 */
function rebuilder(reader: NonNullable<ResidueRequest["reader"]>) {
  const known = new Map<string, Float32Array>();
  return (rows: Float32Array): Float32Array => {
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    const key = createHash("sha256").update(bytes).digest("hex");
    const made = known.get(key) ?? rebuild(reader, rows);
    known.set(key, made);
    return made;
  };
}

function rebuild({ dictionary, encode }: NonNullable<ResidueRequest["reader"]>, rows: Float32Array): Float32Array {
  const { dModel, decoder } = dictionary;
  const { latents, values, k } = encode(dictionary, rows);
  const out = new Float32Array(rows.length);
  for (const [slot, latent] of latents.entries()) {
    if (latent < 0) continue;
    const value = values[slot] as number;
    const at = Math.floor(slot / k) * dModel;
    for (let i = 0; i < dModel; i++)
      out[at + i] = (out[at + i] as number) + value * (decoder[latent * dModel + i] as number);
  }
  return out;
}
