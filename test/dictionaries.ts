/** Random dictionaries and rows for the tests of the floor. */
import { rng } from "../src/core/index.ts";
import { type Dictionary, randomDictionary } from "../src/dictionaries/index.ts";

export function randomCase(dModel: number, nLatents: number, k: number, seed = 1): Dictionary {
  const random = rng(seed, "test dictionary");
  const floats = (n: number) => Float32Array.from({ length: n }, () => random.normal());
  const empty = {
    hook: "blocks.0.hook_resid_post" as const,
    dModel,
    nLatents,
    k,
    encoder: floats(0),
    decoder: floats(0),
  };
  const sizes = { ...empty, encoderBias: floats(nLatents), decoderBias: floats(dModel) };
  const { decoder } = randomDictionary(sizes, seed);
  return { ...sizes, decoder, encoder: floats(nLatents * dModel) };
}

export const randomRows = (n: number, dModel: number, seed = 1) => {
  const random = rng(seed, "test rows");
  return Float32Array.from({ length: n * dModel }, () => random.normal());
};
