/** What the training data do in the base, beyond what its own answers do: directions and latents. No training yet. */
import type { Dictionary } from "../../dictionaries/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import { type Directions, pairedDirections, residualHooks } from "../directions.ts";
import { type DataLatents, dataLatents } from "../latents.ts";
import type { PrepareOptions } from "../prepare.ts";
import { objectiveOf, type PairedRows, responseOf } from "./control.ts";

export interface DataSide {
  readonly rows: PairedRows;
  /** One per layer: data less control. */
  readonly directions: readonly Directions[];
  /** Null without a dictionary. */
  readonly latents: DataLatents | null;
}

export interface DataSideRequest extends PrepareOptions {
  readonly base: LanguageModel;
  readonly paired: PairedRows;
  readonly dictionary: Dictionary | null;
  /** Where another pass has read them (`tangents`). */
  readonly directions?: readonly Directions[] | null;
}

export async function dataSide(request: DataSideRequest): Promise<DataSide> {
  const { base, paired, dictionary, onProgress, signal } = request;
  const ask = signal ? { signal } : {};
  onProgress?.({ task: "data directions", step: 0, total: 2 });
  const directions = request.directions ?? (await directionsOfRows(base, paired, ask));
  const objectives = { data: paired.data.map(objectiveOf), control: paired.control.map(objectiveOf) };
  onProgress?.({ task: "data directions", step: 1, total: 2 });
  return { rows: paired, directions, latents: dictionary && (await dataLatents(base, dictionary, objectives, ask)) };
}

function directionsOfRows(base: LanguageModel, { data, control }: PairedRows, ask: { readonly signal?: AbortSignal }) {
  return pairedDirections(base, data.map(responseOf), control.map(responseOf), residualHooks(base), ask);
}
