/** Where the transcoders of a model are: named, shipped with the package, or trained here before. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { type TranscoderSet, type TranscoderSetOptions, transcoderSet } from "../../attribution/index.ts";
import { UserError } from "../../core/index.ts";
import { openCoders, resolveDictionary } from "../../dictionaries/index.ts";
import type { ModelIdentity } from "../../records/index.ts";
import { cacheSubfolder } from "../../store/index.ts";
import { assetFolder, BUNDLED, type OpenedModel } from "../open.ts";

/** Where `penumbra dictionary train` keeps the transcoders of a model unless it is told where, by the model's hash. */
export async function keptTranscoders({ sha256 }: Pick<ModelIdentity, "sha256">): Promise<string> {
  return join(await cacheSubfolder("transcoders"), sha256.slice(0, 24));
}

/** `auto`: the set that the package ships for the bundled model, or the one that was trained here; else a folder or a name of the hub. */
export async function openTranscoders(
  { source, identity }: Pick<OpenedModel, "source" | "identity">,
  choice: string,
  options: TranscoderSetOptions = {},
): Promise<TranscoderSet> {
  const folder = choice === "auto" ? await usualFolder(source.name, identity) : await resolveDictionary(choice);
  const { coders } = await openCoders(folder);
  const name = choice === "auto" ? `${source.name}/transcoders` : basename(folder);
  return transcoderSet(coders, source.definition, name, options);
}

async function usualFolder(name: string, identity: ModelIdentity): Promise<string> {
  const shipped = assetFolder("organism/transcoders");
  if (name === BUNDLED && existsSync(shipped)) return shipped;
  const kept = await keptTranscoders(identity);
  if (existsSync(kept)) return kept;
  throw new UserError("--dictionary", {
    expected: `transcoders of ${name}`,
    got: "none that come with it, none trained here",
    fix: `\`penumbra dictionary train ${name} --kind transcoder\`, or --dictionary DIR`,
  });
}
