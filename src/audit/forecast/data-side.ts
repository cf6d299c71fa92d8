/** What the training data do in the base, beyond what its own answers do: directions and latents. No training yet. */
import { must } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import { type Directions, pairedDirections, residualHooks } from "../directions.ts";
import { type DataLatents, dataLatents } from "../latents.ts";
import type { PrepareOptions } from "../prepare.ts";
import { objectiveOf, ownAnswers, type PairedRows, responseOf } from "./control.ts";

export interface DataSide {
  readonly rows: PairedRows;
  /** One per layer: data less control. */
  readonly directions: readonly Directions[];
  /** Null without a dictionary. */
  readonly latents: DataLatents | null;
}

export interface DataSideRequest extends PrepareOptions {
  readonly base: LanguageModel;
  readonly rows: readonly TrainingRow[];
  readonly dictionary: Dictionary | null;
  readonly seed: number;
  /** Rows that are compared, at most. */
  readonly most?: number;
}

const MOST_ROWS = 64;
/** New tokens of an answer of the control, at most. */
const LONGEST_ANSWER = 128;

/** Null where the rows have no prompts that the base could answer itself. */
export async function dataSide(request: DataSideRequest): Promise<DataSide | null> {
  const { base, rows, dictionary, seed, onProgress, signal } = request;
  const ask = signal ? { signal } : {};
  const answered = await ownAnswers(base, rows, {
    seed,
    most: request.most ?? MOST_ROWS,
    maxNewTokens: LONGEST_ANSWER,
    onDone: (step, total) => onProgress?.({ task: "control: the base's own answers", step, total }),
    ...ask,
  });
  if (!answered) return null;
  const paired = answeredByBoth(answered);
  onProgress?.({ task: "data directions", step: 0, total: 2 });
  const directions = await pairedDirections(
    base,
    paired.data.map(responseOf),
    paired.control.map(responseOf),
    residualHooks(base),
    ask,
  );
  const objectives = { data: paired.data.map(objectiveOf), control: paired.control.map(objectiveOf) };
  onProgress?.({ task: "data directions", step: 1, total: 2 });
  return { rows: paired, directions, latents: dictionary && (await dataLatents(base, dictionary, objectives, ask)) };
}

/** An empty own answer is nothing to compare with. */
function answeredByBoth({ chosen, data, control }: PairedRows): PairedRows {
  const kept = chosen.flatMap((_, i) => (objectiveOf(must(control[i], "control")).positions.length > 0 ? [i] : []));
  return {
    chosen: kept.map((i) => must(chosen[i], "row")),
    data: kept.map((i) => must(data[i], "row")),
    control: kept.map((i) => must(control[i], "row")),
  };
}
