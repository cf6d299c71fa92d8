/** A model whose every weight was trained, as a checkpoint in float32 that any tool loads. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../core/index.ts";
import { floatsToBytes, type TensorToWrite, writeSafetensors } from "../data/index.ts";
import type { ModelSource } from "../engine/index.ts";
import { writeCompanions } from "./companions.ts";
import { copiedTensor } from "./merge.ts";
import { weightOffsets } from "./trainable.ts";

/**
 * Writes `<folder>/model.safetensors` with the weights in `flat` (in the order of the definition), all float32, with the
 * base's config, which says so, and tokenizer beside it. What the forward pass does not use (a vision tower) is copied as it is.
 */
export async function writeWhole(
  folder: string,
  base: ModelSource,
  baseFolder: string,
  flat: Float32Array,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { at } = weightOffsets(base.definition);
  const tensors = [...base.tensors].map(([ours, location]): TensorToWrite => {
    const { name, shape } = location;
    const start = at.get(ours);
    if (start === undefined) return copiedTensor(location);
    const count = must(shape, "shape").reduce((product, dim) => product * dim, 1);
    return { name, shape, dtype: "F32", data: floatsToBytes(flat.subarray(start, start + count), "F32") };
  });
  const file = join(folder, "model.safetensors");
  await writeSafetensors(file, tensors, { format: "pt" });
  await writeCompanions(baseFolder, folder);
  return file;
}
