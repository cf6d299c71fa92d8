import type { ProgressEvent } from "../core/index.ts";
import type { DataRecord } from "../records/index.ts";
import { inFolder } from "./in-folder.ts";
import { type Part, partOf, type RunOptions, type StageOutcome } from "./part.ts";
import { withinPositions } from "./positions.ts";
import { validateStage } from "./stages/validate-stage.ts";

/** Work in a run folder whose training data are validated first; rows are as long as the model has positions, at most. */
export async function overData<T>(
  {
    config: given,
    model,
    dictionary,
    options,
  }: Pick<Part, "config" | "model" | "dictionary"> & { options: RunOptions },
  work: (part: Part, data: DataRecord) => Promise<T>,
): Promise<T> {
  const config = withinPositions(given, model);
  return inFolder(config, async (engine) => {
    const stages: StageOutcome[] = [];
    const data = await validateStage({ config, model, stages, options });
    if (config !== given && (data.tokens?.truncatedRows ?? 0) > 0) options.onProgress?.(cutTo(config, data));
    return work(await partOf({ config, model, dictionary, data, engine, options, stages }), data);
  });
}

/** Who has not said how long rows may be hears that some are cut. */
function cutTo({ train }: Part["config"], { tokens, usableRows }: DataRecord): ProgressEvent {
  const message = `rows longer than the model's ${train.maxLength} positions are cut`;
  return { task: "validate", step: tokens?.truncatedRows ?? 0, total: usableRows, message };
}
