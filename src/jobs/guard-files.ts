/** What lies in the files that guard and monitor name: a configuration holds their paths alone, and a path stays as a text changes. */
import { hashFile } from "../store/index.ts";
import { type Config, isBehaviourFile } from "./config.ts";
import { fixedBehaviours, type OpenedModel } from "./open.ts";
import { existing } from "./stages/validate-stage.ts";

/** For a stage's key: the behaviours by what they are, the text by its sha256; nothing where no file is named. */
export async function guardFiles(
  model: Pick<OpenedModel, "bundled">,
  { guard = null, monitor = null }: Partial<Pick<Config, "guard" | "monitor">>,
): Promise<{ readonly guardFiles?: readonly unknown[] }> {
  const texts = guard?.method === "kl" && guard.data !== null ? [await hashFile(await existing(guard.data))] : [];
  const named = [...(guard?.behaviours ?? []), ...(monitor?.behaviours ?? [])].filter(isBehaviourFile);
  const behaviours = named.flatMap((path) => fixedBehaviours(model, [path]).map(({ label: _, ...asked }) => asked));
  const found = [...texts, ...behaviours];
  return found.length === 0 ? {} : { guardFiles: found };
}
