/**
 * The local replacement model of one prompt (Ameisen et al. 2025, "Circuit Tracing", transformer-circuits.pub): each
 * MLP's output is written as what its active transcoder features say plus an error, and attention patterns and the
 * scales of norms are held at their values on the prompt. What is left is linear.
 *
 * 1. One pass over the prompt reads queries, keys, norm scales, what transcoders read, what MLPs write, and the logits.
 * 2. Encode: the active features (layer, position, latent), ordered by layer, then position, then latent.
 * 3. Error = MLP output − Σ activation × decoder − bias − skip(x), per layer and position.
 *
 * Different from the obvious: queries and keys are kept, not patterns, which are `[seq, seq]` a head and are made again
 * layer by layer when a backward pass needs them.
 */
import { must, UserError } from "../core/index.ts";
import { encodeGroupLarge, type LatentGroup, leftOutPositions, releaseGroup } from "../dictionaries/index.ts";
import { float32, forwardProgram, type HostTensor, int64, type LanguageModel, readName } from "../engine/index.ts";
import { type HookName, type ModelDefinition, type ScaleHook, scaleHook } from "../models/index.ts";
import { decoderRows, encoderRow, type TranscoderLayer, type TranscoderSet } from "./transcoders.ts";

export interface Feature {
  readonly layer: number;
  readonly position: number;
  readonly latent: number;
  readonly activation: number;
}

/** What a feature adds to the residual stream at one layer. */
export interface Write {
  readonly feature: number;
  readonly layer: number;
  /** `[dModel]`, of one unit of its activation; one array for all positions at which its latent is active. */
  readonly decoder: Float32Array;
}

export interface LocalReplacement {
  readonly model: LanguageModel;
  readonly transcoders: TranscoderSet;
  readonly ids: readonly number[];
  /** Positions from the first on whose features and errors are left out: what stands there is no text. */
  readonly ignored: number;
  readonly features: readonly Feature[];
  /** `[dModel]` by feature: the gradient of its pre-activation by what its transcoder reads; shared as decoders are. */
  readonly encoders: readonly Float32Array[];
  readonly writes: readonly Write[];
  /** `[seq, dModel]` by layer */
  readonly errors: readonly Float32Array[];
  /** `[seq, dModel]`: what the embedding puts into the stream. */
  readonly tokens: Float32Array;
  /** `[dVocab]` after the last token */
  readonly logits: Float32Array;
  /** Values on the prompt, by hook point: queries, keys, scales, what transcoders read, what MLPs write. */
  readonly values: ReadonlyMap<HookName, HostTensor>;
}

export interface ReplacementOptions {
  /** Default: what the transcoders' training left out where the prompt begins with it, else BOS. */
  readonly ignored?: number;
  readonly signal?: AbortSignal;
}

export async function localReplacement(
  model: LanguageModel,
  transcoders: TranscoderSet,
  ids: readonly number[],
  options: ReplacementOptions = {},
): Promise<LocalReplacement> {
  if (model.interventions.length > 0) throw new Error("graphs are made of models without interventions");
  const ignored = options.ignored ?? leftOutPositions(ids, transcoders.leftOut, model.tokenizer);
  checkPrompt(model.source.definition, ids, ignored);
  const { values, logits } = await readPrompt(model, transcoders, ids, options.signal);
  const floats = (hook: HookName) => must(values.get(hook), hook).data as Float32Array;
  const features: Feature[] = [];
  const encoders: Float32Array[] = [];
  const writes: Write[] = [];
  for (const [layer, coder] of transcoders.layers.entries()) {
    if (coder.nLatents === 0) continue;
    const group = await coder.group();
    const rowsOf = sharedRows(group, coder);
    const active = await encodeGroupLarge(model.engine, group, floats(coder.input), options.signal);
    await releaseGroup(model.engine, group);
    for (let position = ignored; position < ids.length; position++) {
      for (let slot = must(active.starts[position], "start"); slot < must(active.starts[position + 1], "end"); slot++) {
        const [latent, activation] = [must(active.latents[slot], "latent"), must(active.values[slot], "value")];
        const feature = features.push({ layer, position, latent, activation }) - 1;
        const { encoder, decoders } = rowsOf(latent);
        encoders.push(encoder);
        for (const [w, decoder] of decoders.entries()) writes.push({ feature, layer: coder.writesFrom + w, decoder });
      }
    }
  }
  if (features.length === 0) throw noFeature(transcoders);
  const errors = errorsOf(transcoders, floats, { features, writes, ignored });
  return {
    model,
    transcoders,
    ids,
    ignored,
    features,
    encoders,
    writes,
    errors,
    tokens: floats("hook_embed"),
    logits,
    values,
  };
}

/** A latent's rows, copied once however often it is active, so that a layer's weights can go. */
function sharedRows(group: LatentGroup<Float32Array>, { written }: TranscoderLayer) {
  const known = new Map<number, { readonly encoder: Float32Array; readonly decoders: readonly Float32Array[] }>();
  return (latent: number) => {
    const found = known.get(latent);
    if (found) return found;
    const rows = decoderRows(group, latent);
    const width = rows.length / written;
    const decoders = Array.from({ length: written }, (_, w) => rows.subarray(w * width, (w + 1) * width));
    const made = { encoder: encoderRow(group, latent), decoders };
    known.set(latent, made);
    return made;
  };
}

function checkPrompt({ maxPositions }: ModelDefinition, ids: readonly number[], ignored: number): void {
  if (ids.length > ignored && ids.length <= maxPositions) return;
  throw new UserError("the prompt", {
    expected: ids.length > maxPositions ? `at most ${maxPositions} tokens` : "at least one token of text",
    got:
      ids.length > maxPositions
        ? `${ids.length}`
        : ids.length === 0
          ? "none"
          : "the token that begins every text alone",
    fix: ids.length > maxPositions ? "shorten it" : "give a text whose continuation is to be explained",
  });
}

function noFeature({ name }: TranscoderSet): UserError {
  return new UserError(`transcoders ${name}`, {
    expected: "an active feature somewhere in the prompt",
    got: "none",
    fix: "give another prompt, or transcoders that were trained on this model",
  });
}

/** What is held fixed: queries and keys as attention compares them, and the scales of all norms. */
export function frozenHooks({ hooks }: ModelDefinition): {
  readonly queries: HookName[];
  readonly scales: ScaleHook[];
} {
  const rotary = hooks.some((hook) => hook.endsWith("attn.hook_rot_q"));
  const compared = rotary ? /attn\.hook_rot_[qk]$/ : /attn\.hook_[qk]$/;
  return {
    queries: hooks.filter((hook) => compared.test(hook)),
    scales: hooks.flatMap((hook) => scaleHook(hook) ?? []),
  };
}

async function readPrompt(
  { source, engine, binding }: LanguageModel,
  { layers }: TranscoderSet,
  ids: readonly number[],
  signal?: AbortSignal,
): Promise<{ readonly values: Map<HookName, HostTensor>; readonly logits: Float32Array }> {
  const { queries, scales } = frozenHooks(source.definition);
  const hooks: HookName[] = [
    "hook_embed",
    ...queries,
    ...scales,
    ...layers.flatMap(({ input, output }) => [input, output]),
  ];
  const program = forwardProgram(source, {
    adapter: binding.layout,
    outputs: ["logits"],
    taps: hooks.map((hook) => ({ kind: "read", hook })),
  });
  const feeds = { ...promptFeeds(ids), select: int64([1], Int32Array.of(ids.length - 1)), ...binding.feeds };
  const out = await engine.run({ program, feeds, fetches: ["logits", ...hooks.map(readName)] }, signal);
  const values = new Map(hooks.map((hook) => [hook, must(out[readName(hook)], hook)]));
  return { values, logits: must(out.logits, "logits").data as Float32Array };
}

/** `rows` copies of the prompt. */
export function promptFeeds(ids: readonly number[], rows = 1): Record<"tokens" | "positions", HostTensor> {
  const shape = [rows, ids.length];
  return {
    tokens: int64(
      shape,
      Int32Array.from({ length: rows * ids.length }, (_, i) => must(ids[i % ids.length], "id")),
    ),
    positions: int64(
      shape,
      Int32Array.from({ length: rows * ids.length }, (_, i) => i % ids.length),
    ),
  };
}

function errorsOf(
  { layers, dModel }: TranscoderSet,
  floats: (hook: HookName) => Float32Array,
  { features, writes, ignored }: Pick<LocalReplacement, "features" | "writes" | "ignored">,
): Float32Array[] {
  const errors = layers.map(({ output, input, bias, skip }) => {
    const error = floats(output).slice();
    const x = floats(input);
    for (let t = 0; t < error.length / dModel; t++) {
      const row = error.subarray(t * dModel, (t + 1) * dModel);
      if (bias) for (let i = 0; i < dModel; i++) row[i] = (row[i] as number) - (bias[i] as number);
      if (skip) takeSkip(row, skip, x.subarray(t * dModel, (t + 1) * dModel));
    }
    return error;
  });
  for (const { feature, layer, decoder } of writes) {
    const error = must(errors[layer], "layer");
    const { position, activation } = must(features[feature], "feature");
    const at = position * dModel;
    for (let i = 0; i < dModel; i++) error[at + i] = (error[at + i] as number) - activation * (decoder[i] as number);
  }
  for (const error of errors) error.fill(0, 0, ignored * dModel);
  return errors;
}

/** row −= S x */
function takeSkip(row: Float32Array, skip: Float32Array, x: Float32Array): void {
  const width = x.length;
  for (let i = 0; i < row.length; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += (skip[i * width + j] as number) * (x[j] as number);
    row[i] = (row[i] as number) - sum;
  }
}

/** What a feature puts into the stream with one of its writes, `[dModel]`. */
export function writtenVector(
  { features }: Pick<LocalReplacement, "features">,
  { feature, decoder }: Write,
): Float32Array {
  const { activation } = must(features[feature], "feature");
  return decoder.map((d) => d * activation);
}

/** A value of the prompt with a batch of one, as a feed. */
export function valueFeed(values: LocalReplacement["values"], hook: HookName): HostTensor {
  const { shape, data } = must(values.get(hook), hook);
  return float32(shape, data as Float32Array);
}
