/** The dictionary that an analysis reads with: the user's, the bundled model's own, or none. */
import { existsSync } from "node:fs";
import { checkFits, type OpenedDictionary, openDictionary, resolveDictionary } from "../dictionaries/index.ts";
import { assetFolder, bundledDictionaries, type OpenedModel } from "./open.ts";

/** `auto`: what the package ships for a bundled model, else none; `none`: none; else a folder or a name of the hub. */
export async function dictionaryFor(
  model: Pick<OpenedModel, "source">,
  choice: string,
): Promise<OpenedDictionary | null> {
  if (choice === "none") return null;
  const folder = choice === "auto" ? shippedDictionary(model.source.name) : await resolveDictionary(choice);
  if (folder === null) return null;
  const opened = await openDictionary(folder);
  checkFits(opened, model.source.definition);
  return opened;
}

function shippedDictionary(model: string): string | null {
  const shipped = Object.hasOwn(bundledDictionaries, model) ? bundledDictionaries[model] : undefined;
  if (shipped === undefined) return null;
  const folder = assetFolder(shipped);
  return existsSync(folder) ? folder : null;
}
