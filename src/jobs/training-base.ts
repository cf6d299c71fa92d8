/** What an adapter is trained on: the base as it is, or its copy in one byte a weight, made once and kept in a cache. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../core/index.ts";
import { openSafetensors, writeByteCheckpoint } from "../data/index.ts";
import type { ModelSource } from "../engine/index.ts";
import { cacheSubfolder } from "../store/index.ts";
import type { Config } from "./config.ts";
import type { OpenedModel } from "./open.ts";

/** Part of the cache's key: raise it where the same weights are written in another way. */
const VERSION = 1;

/** What is trained must not be what stands there in fewer bits; DoRA takes the norms of its rows. */
export function checkTrainingBase({ train }: Pick<Config, "train">): void {
  if (train.base === "float32" || (train.method === "lora" && !train.dora)) return;
  throw new UserError("train.base", {
    expected: train.dora ? "float32 where train.dora is set" : "float32 where train.method is full",
    got: train.base,
    fix: "leave train.base out",
  });
}

export async function trainingBase(
  { source, identity }: OpenedModel,
  base: Config["train"]["base"],
): Promise<ModelSource> {
  if (base === "float32") return source;
  const folder = join(await cacheSubfolder("int8"), `${identity.sha256}-v${VERSION}`);
  const file = join(folder, "model.safetensors");
  // Written whole or not at all: a file that is there is complete.
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    const linears = new Set(source.definition.linears.map(({ module }) => `${module}.weight`));
    await writeByteCheckpoint(file, source.tensors, linears);
  }
  return { ...source, tensors: await openSafetensors(file) };
}
