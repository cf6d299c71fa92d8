/** From activations back to what the model computes: y = Σ f_i d_i + b + S x, over the rows of active latents only. */
import { decoderNorms, encodeGroup, type GroupActivations, prepared } from "./encode.ts";
import type { LoadedCoder } from "./sparse-coder.ts";

/**
 * One array `[tokens, dOut]` per output. `inputs`: one `[tokens, dIn]` per group; they are needed for a skip connection
 * and to undo the input's normalisation.
 */
export function decodeCoder(
  coder: LoadedCoder,
  activations: readonly GroupActivations[],
  inputs: readonly Float32Array[],
): Float32Array[] {
  const tokens = (activations[0]?.starts.length ?? 1) - 1;
  const outputs = coder.outputs.map(({ dOut, bias }) => biasRows(tokens, dOut, bias));
  for (const [g, group] of coder.groups.entries()) {
    const of = activations[g] as GroupActivations;
    // What competes by norm is reported in units of the norm.
    const { activation } = group;
    const norms = "byNorm" in activation && activation.byNorm ? decoderNorms(group) : null;
    for (let t = 0; t < tokens; t++)
      for (let slot = of.starts[t] as number; slot < (of.starts[t + 1] as number); slot++) {
        const latent = of.latents[slot] as number;
        const value = (of.values[slot] as number) / (norms?.[latent] ?? 1);
        for (let o = 0; o < group.written; o++) {
          const { dOut } = coder.outputs[group.firstOutput + o] as { dOut: number };
          const target = outputs[group.firstOutput + o] as Float32Array;
          addScaled(target, t * dOut, group.decoder, (latent * group.written + o) * dOut, dOut, value);
        }
      }
  }
  addSkips(coder, inputs, outputs);
  if (coder.kind === "sae") undoNorm(coder, inputs, outputs);
  return outputs;
}

/** Each output as the coder rebuilds it from what its groups read. */
export function runCoder(coder: LoadedCoder, inputs: readonly Float32Array[]): Float32Array[] {
  const activations = coder.groups.map((group, g) => encodeGroup(group, inputs[g] as Float32Array));
  return decodeCoder(coder, activations, inputs);
}

function biasRows(tokens: number, dOut: number, bias: Float32Array | null): Float32Array {
  const out = new Float32Array(tokens * dOut);
  if (bias) for (let t = 0; t < tokens; t++) out.set(bias, t * dOut);
  return out;
}

function addScaled(
  target: Float32Array,
  at: number,
  source: Float32Array,
  from: number,
  width: number,
  factor: number,
): void {
  for (let j = 0; j < width; j++) target[at + j] = (target[at + j] as number) + factor * (source[from + j] as number);
}

/** y_t += S x_t */
function addSkips(coder: LoadedCoder, inputs: readonly Float32Array[], outputs: readonly Float32Array[]): void {
  for (const [o, { skip, dOut }] of coder.outputs.entries()) {
    if (!skip) continue;
    const [x, y] = [inputs[o] as Float32Array, outputs[o] as Float32Array];
    const dIn = skip.length / dOut;
    for (let i = 0; i < y.length; i++) {
      const [t, row] = [Math.floor(i / dOut), i % dOut];
      let sum = y[i] as number;
      for (let j = 0; j < dIn; j++) sum += (skip[row * dIn + j] as number) * (x[t * dIn + j] as number);
      y[i] = sum;
    }
  }
}

function undoNorm({ groups }: LoadedCoder, inputs: readonly Float32Array[], outputs: readonly Float32Array[]): void {
  const [group, x, y] = [groups[0], inputs[0], outputs[0]];
  if (!group || !x || !y || group.inputNorm === "none") return;
  for (let t = 0; t < x.length / group.dIn; t++) {
    const { undo } = prepared(group, x.subarray(t * group.dIn, (t + 1) * group.dIn));
    undo(y.subarray(t * group.dIn, (t + 1) * group.dIn));
  }
}
