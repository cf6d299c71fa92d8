import { existsSync } from "node:fs";
import { basename } from "node:path";
import { type TranscoderSet, transcoderSet } from "../../attribution/index.ts";
import { UserError } from "../../core/index.ts";
import { openCoders, resolveDictionary } from "../../dictionaries/index.ts";
import type { ModelSource } from "../../engine/index.ts";
import { assetFolder, BUNDLED } from "../open.ts";

/** `auto`: the set that the package ships for the bundled model; else a folder or a name of the hub. */
export async function openTranscoders({ definition, name }: ModelSource, choice: string): Promise<TranscoderSet> {
  const shipped = assetFolder("organism/transcoders");
  if (choice === "auto" && !(name === BUNDLED && existsSync(shipped))) {
    throw new UserError("--dictionary", {
      expected: `transcoders of ${name}`,
      got: "none that come with it",
      fix: `\`penumbra dictionary train ${name} --kind transcoder --out DIR\`, then --dictionary DIR`,
    });
  }
  const folder = choice === "auto" ? shipped : await resolveDictionary(choice);
  const { coders } = await openCoders(folder);
  return transcoderSet(coders, definition, choice === "auto" ? `${BUNDLED}/transcoders` : basename(folder));
}
