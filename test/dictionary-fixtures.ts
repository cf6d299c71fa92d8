/** The dictionaries of test/fixtures/dictionaries, as real libraries wrote them, with what these compute from them. */
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { must } from "../src/core/index.ts";
import { openSafetensors, readTensor } from "../src/data/index.ts";
import type { GroupActivations } from "../src/dictionaries/index.ts";

export const dictionaryFixtures = join(import.meta.dirname, "fixtures/dictionaries");

/** Paths below the fixtures' folder, each with `expected.safetensors`; the first part names the library. */
export const fixtureFolders: readonly string[] = readdirSync(dictionaryFixtures, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith("expected.safetensors"))
  .map((file) => relative(".", dirname(file)))
  .sort();

export interface Expected {
  /** Per group `[tokens, dIn]` and `[tokens, nLatents]`. */
  readonly inputs: readonly Float32Array[];
  readonly activations: readonly Float32Array[];
  /** Per output `[tokens, dOut]`. */
  readonly outputs: readonly Float32Array[];
}

export async function expectedOf(folder: string): Promise<Expected> {
  const file = await openSafetensors(join(dictionaryFixtures, folder, "expected.safetensors"));
  const read = async (letter: string) => {
    const count = [...file.keys()].filter((name) => name.startsWith(letter)).length;
    const tensors = Array.from({ length: count }, (_, i) => must(file.get(`${letter}${i}`), `${letter}${i}`));
    return Promise.all(tensors.map(readTensor));
  };
  return { inputs: await read("x"), activations: await read("f"), outputs: await read("y") };
}

/** `[tokens, nLatents]` */
export function denseOf({ starts, latents, values }: GroupActivations, nLatents: number): Float32Array {
  const tokens = starts.length - 1;
  const out = new Float32Array(tokens * nLatents);
  for (let t = 0; t < tokens; t++)
    for (let slot = starts[t] as number; slot < (starts[t + 1] as number); slot++)
      out[t * nLatents + (latents[slot] as number)] = values[slot] as number;
  return out;
}

/** The largest difference, over the largest magnitude or 1. */
export function worstOf(ours: Float32Array, theirs: Float32Array): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (theirs[i] ?? Number.NaN))), 0) / largest;
}
