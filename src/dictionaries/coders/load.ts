/** From places in files to numbers: a whole coder, or one latent of it. */
import { UserError } from "../../core/index.ts";
import { readView, rowView, type TensorView } from "../../data/index.ts";
import type { Activation, CoderOutput, FiledCoder, LatentGroup, LoadedCoder } from "./sparse-coder.ts";

export async function loadCoder(coder: FiledCoder): Promise<LoadedCoder> {
  const { kind, modelName } = coder;
  const groups: LatentGroup<Float32Array>[] = [];
  for (const group of coder.groups) groups.push(await loadGroup(group));
  const outputs: CoderOutput<Float32Array>[] = [];
  for (const { hook, dOut, bias, skip } of coder.outputs)
    outputs.push({ hook, dOut, bias: await optional(bias), skip: await optional(skip) });
  return { kind, modelName, groups, outputs };
}

async function loadGroup(group: LatentGroup<TensorView>): Promise<LatentGroup<Float32Array>> {
  return {
    ...group,
    inputBias: await optional(group.inputBias),
    encoder: await finite(group.encoder),
    encoderBias: await optional(group.encoderBias),
    activation: await loadActivation(group.activation),
    decoder: await finite(group.decoder),
  };
}

async function loadActivation(activation: Activation<TensorView>): Promise<Activation<Float32Array>> {
  if (activation.type === "jumprelu") return { type: "jumprelu", threshold: await finite(activation.threshold) };
  if (activation.type !== "gated") return activation;
  const { gateBias, logScale, magnitudeBias } = activation;
  return {
    type: "gated",
    gateBias: await finite(gateBias),
    logScale: await finite(logScale),
    magnitudeBias: await finite(magnitudeBias),
  };
}

async function optional(view: TensorView | null): Promise<Float32Array | null> {
  return view && (await finite(view));
}

async function finite(view: TensorView): Promise<Float32Array> {
  const values = await readView(view);
  if (values.every(Number.isFinite)) return values;
  const at = values.findIndex((value) => !Number.isFinite(value));
  throw new UserError(`tensor ${JSON.stringify(view.name)}`, {
    expected: "finite numbers",
    got: `${values[at]} at ${at}`,
    fix: "copy or train the dictionary again",
  });
}

/** What one latent reads and writes. */
export interface LatentRows {
  /** `[dIn]` */
  readonly encoder: Float32Array;
  readonly encoderBias: number;
  /** `[written, dOut]` */
  readonly decoder: Float32Array;
}

/** One latent alone: its row of the encoder, its rows of the decoder, and nothing else of the file. */
export async function readLatent({ groups }: FiledCoder, group: number, latent: number): Promise<LatentRows> {
  const of = groups[group];
  if (!of || !(latent >= 0 && latent < of.nLatents))
    throw new UserError(`latent ${latent}`, {
      expected: of ? `0 to ${of.nLatents - 1}` : `a group below ${groups.length}`,
      got: of ? String(latent) : String(group),
      fix: "name a latent of this dictionary",
    });
  const { encoder, encoderBias, decoder } = of;
  return {
    encoder: await readView(rowView(encoder, latent)),
    encoderBias: encoderBias ? ((await readView(rowView(encoderBias, latent)))[0] ?? 0) : 0,
    decoder: await readView(rowView(decoder, latent)),
  };
}
