import type { DataRecord } from "../records/index.ts";
import { inFolder } from "./in-folder.ts";
import { type Part, partOf, type RunOptions, type StageOutcome } from "./part.ts";
import { validateStage } from "./stages/validate-stage.ts";

/** Work in a run folder whose training data are validated first. */
export function overData<T>(
  { config, model, dictionary, options }: Pick<Part, "config" | "model" | "dictionary"> & { options: RunOptions },
  work: (part: Part, data: DataRecord) => Promise<T>,
): Promise<T> {
  return inFolder(config, async (engine) => {
    const stages: StageOutcome[] = [];
    const data = await validateStage({ config, model, stages, options });
    return work(await partOf({ config, model, dictionary, data, engine, options, stages }), data);
  });
}
