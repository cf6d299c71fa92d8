/** Random transcoders for the tiny checkpoints: per layer, with a skip connection, or across layers. */
import { rng } from "../src/core/index.ts";
import type { Activation, LatentGroup, LoadedCoder } from "../src/dictionaries/index.ts";
import type { ModelDefinition } from "../src/models/index.ts";

export type RandomKind = "transcoder" | "skip_transcoder" | "clt";
export type RandomActivation = Activation<Float32Array>["type"];

export interface RandomOptions {
  readonly kind: RandomKind;
  readonly nLatents?: number;
  readonly activation?: RandomActivation;
  /** Where they read within a block. */
  readonly reads?: "mlp.hook_in" | "ln2.hook_normalized" | "hook_resid_mid";
  readonly seed?: number;
}

export function randomTranscoders(definition: ModelDefinition, options: RandomOptions): LoadedCoder[] {
  const { nLayers, dModel } = definition.dimensions;
  const { kind, nLatents = 12, activation = "relu", reads = "mlp.hook_in", seed = 3 } = options;
  const floats = (n: number, name: string, scale: number) => {
    const random = rng(seed, "random transcoder", kind, name);
    return Float32Array.from({ length: n }, () => scale * random.normal());
  };
  const group = (layer: number, firstOutput: number, written: number): LatentGroup<Float32Array> => ({
    hooks: [`blocks.${layer}.${reads}`],
    dIn: dModel,
    nLatents,
    inputNorm: "none",
    inputBias: null,
    encoder: floats(nLatents * dModel, `encoder ${layer}`, 1 / Math.sqrt(dModel)),
    encoderBias: activation === "gated" ? null : floats(nLatents, `encoder bias ${layer}`, 0.1),
    activation: activationOf(activation, nLatents, (name) => floats(nLatents, `${name} ${layer}`, 0.2)),
    decoder: floats(nLatents * written * dModel, `decoder ${layer}`, 0.3 / Math.sqrt(dModel)),
    firstOutput,
    written,
  });
  const output = (layer: number) => ({
    hook: `blocks.${layer}.hook_mlp_out` as const,
    dOut: dModel,
    bias: floats(dModel, `bias ${layer}`, 0.1),
    skip: kind === "skip_transcoder" ? floats(dModel * dModel, `skip ${layer}`, 0.5 / dModel) : null,
  });
  const layers = Array.from({ length: nLayers }, (_, layer) => layer);
  if (kind === "clt")
    return [
      { kind, modelName: null, groups: layers.map((l) => group(l, l, nLayers - l)), outputs: layers.map(output) },
    ];
  return layers.map((layer) => ({ kind, modelName: null, groups: [group(layer, 0, 1)], outputs: [output(layer)] }));
}

function activationOf(
  type: RandomActivation,
  nLatents: number,
  floats: (name: string) => Float32Array,
): Activation<Float32Array> {
  switch (type) {
    case "relu":
      return { type };
    case "topk":
    case "abstopk":
      return { type, k: Math.ceil(nLatents / 3), byNorm: true };
    case "groupmax":
      return { type, k: nLatents / 4 };
    case "jumprelu":
      return { type, threshold: floats("threshold").map(Math.abs) };
    case "gated":
      return { type, gateBias: floats("gate"), logScale: floats("scale"), magnitudeBias: floats("magnitude") };
    case "matching_pursuit":
      return { type, residualThreshold: 0.1, maxIterations: 4, stopOnDuplicate: true };
  }
}
