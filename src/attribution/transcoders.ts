/**
 * The transcoders that stand in for a model's MLPs, one group of latents per layer, whichever way they lie in files: a
 * transcoder per layer writes at its own layer, a group of a cross-layer transcoder at its own and all later ones.
 *
 * Only the encoder's and decoder's rows of active latents are kept for a prompt, so a layer's weights are loaded when
 * they are wanted and let go.
 */
import { must, UserError } from "../core/index.ts";
import {
  checkCoderFits,
  decoderNorms,
  type FiledCoder,
  isTranscoder,
  type LatentGroup,
  type LoadedCoder,
  leftOutOf,
  loadCoder,
} from "../dictionaries/index.ts";
import { type HookName, hookLayer, type ModelDefinition } from "../models/index.ts";

export interface TranscoderLayer {
  /** Where it reads, `[batch, seq, dModel]`, and where its layer's MLP writes. */
  readonly input: HookName;
  readonly output: HookName;
  readonly nLatents: number;
  /** Its latents write to the layers `writesFrom`, … `writesFrom + written − 1`. */
  readonly writesFrom: number;
  readonly written: number;
  /** `[dModel]`, of the layer's output. */
  readonly bias: Float32Array | null;
  /** `[dModel, dModel]`: S of y += S x at this layer. */
  readonly skip: Float32Array | null;
  readonly group: () => Promise<LatentGroup<Float32Array>>;
}

export interface TranscoderSet {
  /** In words, for people and files. */
  readonly name: string;
  readonly dModel: number;
  /** One for each of the model's layers. */
  readonly layers: readonly TranscoderLayer[];
  /** Tokens that begin every text and were left out of the training, where that is more than BOS. */
  readonly leftOut: readonly number[];
}

export interface TranscoderSetOptions {
  /** Layers without a transcoder have no features: all that their MLPs write is error. Default: they are refused. */
  readonly partial?: boolean;
}

/** One coder per layer, or a cross-layer one; a `UserError` where they do not cover the model. */
export async function transcoderSet(
  coders: readonly (FiledCoder | LoadedCoder)[],
  definition: ModelDefinition,
  name: string,
  { partial = false }: TranscoderSetOptions = {},
): Promise<TranscoderSet> {
  const subject = `transcoders ${name}`;
  for (const coder of coders) checkCoder(coder, definition, subject);
  const { nLayers, dModel } = definition.dimensions;
  const found = (await Promise.all(coders.map(layersOf))).flat();
  const layers = Array.from({ length: nLayers }, (_, layer) => {
    const here = found.filter(({ input }) => hookLayer(input) === layer);
    if (here.length === 1) return must(here[0], "layer");
    if (partial && here.length === 0 && found.length > 0) return uncovered(layer);
    const covered = [...new Set(found.map(({ input }) => hookLayer(input)))].join(", ");
    throw new UserError(subject, {
      expected: `one transcoder for each of the model's ${nLayers} layers`,
      got: here.length > 1 ? `${here.length} for layer ${layer}` : `layers ${covered || "none"}`,
      fix:
        here.length > 1
          ? "name one kind of them, as in transcoder_all/width_16k_l0_small"
          : "`penumbra dictionary train MODEL --kind transcoder` trains one per layer; --partial takes what is missing as error",
    });
  });
  for (const each of layers) checkPlaces(each, subject);
  return { name, dModel, layers, leftOut: leftOutOf(coders[0]?.modelName ?? null) };
}

function uncovered(layer: number): TranscoderLayer {
  return {
    input: `blocks.${layer}.mlp.hook_in`,
    output: `blocks.${layer}.hook_mlp_out`,
    nLatents: 0,
    writesFrom: layer,
    written: 1,
    bias: null,
    skip: null,
    group: () => Promise.reject(new Error(`layer ${layer} has no latents`)),
  };
}

function checkCoder(coder: FiledCoder | LoadedCoder, definition: ModelDefinition, subject: string): void {
  checkCoderFits(coder, definition, subject);
  if (!isTranscoder(coder)) {
    throw new UserError(subject, {
      expected: "transcoders, which read before an MLP and write behind it",
      got: coder.kind,
      fix: "use a folder of `penumbra dictionary train --kind transcoder`, or a published transcoder set",
    });
  }
  for (const { inputNorm, activation } of coder.groups) {
    const why =
      inputNorm !== "none"
        ? `input norm ${inputNorm}`
        : activation.type === "matching_pursuit"
          ? activation.type
          : null;
    if (why === null) continue;
    const fix = "use a ReLU, TopK, JumpReLU or gated transcoder that reads activations as they are";
    throw new UserError(subject, { expected: "latents that are linear in what they read", got: why, fix });
  }
}

function checkPlaces({ input, output, writesFrom }: TranscoderLayer, subject: string): void {
  const layer = hookLayer(input);
  const reads = /\.(hook_resid_mid|ln2\.hook_normalized|mlp\.hook_in)$/.test(input);
  if (reads && output === `blocks.${layer}.hook_mlp_out` && writesFrom === layer) return;
  throw new UserError(subject, {
    expected: "reading before a layer's MLP and writing what it adds (hook_mlp_out) from that layer on",
    got: `${input} → ${output}`,
    fix: "use transcoders of MLPs",
  });
}

async function layersOf(coder: FiledCoder | LoadedCoder): Promise<TranscoderLayer[]> {
  // Biases and skip connections are small; the groups are loaded when they are asked for.
  const { outputs } = await loaded({ ...coder, groups: [] } as FiledCoder | LoadedCoder);
  return coder.groups.map((group, g) => {
    const { hook, bias, skip } = must(outputs[g], "an output for each group");
    const alone = { ...coder, groups: [group], outputs: [] } as FiledCoder | LoadedCoder;
    const first = must(coder.outputs[group.firstOutput], "an output");
    return {
      input: must(group.hooks[0], "a place to read"),
      output: hook,
      nLatents: group.nLatents,
      writesFrom: hookLayer(first.hook) ?? 0,
      written: group.written,
      bias,
      skip,
      group: async () => must((await loaded(alone)).groups[0], "group"),
    };
  });
}

async function loaded(coder: FiledCoder | LoadedCoder): Promise<LoadedCoder> {
  return inMemory(coder) ? coder : loadCoder(coder);
}

function inMemory(coder: FiledCoder | LoadedCoder): coder is LoadedCoder {
  const weights = [
    ...coder.groups.map(({ encoder }) => encoder),
    ...coder.outputs.flatMap(({ bias, skip }) => [bias, skip]),
  ];
  return weights.every((weight) => weight === null || weight instanceof Float32Array);
}

/**
 * The gradient of latent i's pre-activation, in the units in which its activation is reported, by what it reads:
 * E_i; eʳ E_i where the magnitude has a scale of its own; ‖d_i‖ E_i where latents compete by norm.
 */
export function encoderRow(group: LatentGroup<Float32Array>, latent: number): Float32Array {
  const { activation, dIn, encoder } = group;
  const row = encoder.subarray(latent * dIn, (latent + 1) * dIn);
  if (activation.type === "gated") return row.map((e) => e * Math.exp(must(activation.logScale[latent], "scale")));
  return "byNorm" in activation && activation.byNorm ? row.map((e) => e * normOf(group, latent)) : row.slice();
}

/** What one unit of latent i's reported activation writes, `[written, dOut]`. */
export function decoderRows(group: LatentGroup<Float32Array>, latent: number): Float32Array {
  const width = group.decoder.length / group.nLatents;
  const rows = group.decoder.slice(latent * width, (latent + 1) * width);
  const { activation } = group;
  if (!("byNorm" in activation && activation.byNorm)) return rows;
  const norm = normOf(group, latent);
  return rows.map((d) => d / norm);
}

const norms = new WeakMap<Float32Array, Float32Array>();

function normOf(group: LatentGroup<Float32Array>, latent: number): number {
  const known = norms.get(group.decoder) ?? decoderNorms(group);
  norms.set(group.decoder, known);
  return must(known[latent], "norm");
}
