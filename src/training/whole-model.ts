/** A model whose every weight was trained, as a checkpoint in float32 that any tool loads. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../core/index.ts";
import { floatsToBytes, readTensorRaw, type TensorToWrite, writeSafetensors } from "../data/index.ts";
import type { ModelSource } from "../engine/index.ts";
import { copyCompanions } from "./merge.ts";
import { weightOffsets } from "./trainable.ts";

/**
 * Writes `<folder>/model.safetensors` with the weights in `flat` (in the order of the definition) and the base's config
 * and tokenizer beside it. What the forward pass does not use (a vision tower) is copied as it is.
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
    const { name, shape, dtype } = location;
    const start = at.get(ours);
    if (start === undefined) return { name, shape, dtype, data: () => readTensorRaw(location) };
    const count = must(shape, "shape").reduce((product, dim) => product * dim, 1);
    return { name, shape, dtype: "F32", data: floatsToBytes(flat.subarray(start, start + count), "F32") };
  });
  const file = join(folder, "model.safetensors");
  await writeSafetensors(file, tensors, { format: "pt" });
  await copyCompanions(baseFolder, folder);
  return file;
}
