/**
 * Geometric risk of the rows that a forecast names for a behaviour (SCIENCE §2.4), with and without the behaviour's own
 * latents. Only these rows are read: a few for each behaviour, however long the data are.
 */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel } from "../../engine/index.ts";
import type { GeometricRisk } from "../../geometry/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import { controlMeans, riskMeasure, rowLatents } from "../filter/row-latents.ts";
import type { PreparedLatents } from "../prepare.ts";
import { namedRows } from "./named-rows.ts";

export interface RowRisksRequest extends AskOptions {
  readonly base: LanguageModel;
  readonly dictionary: Dictionary;
  readonly prepared: PreparedLatents;
  readonly behaviours: readonly Pick<Behaviour, "id" | "riskier">[];
  /** Those that `influences` are of. */
  readonly rows: readonly TrainingRow[];
  /** The base's own answers. */
  readonly control: readonly TrainingRow[];
  /** `[rows]` by behaviour id. */
  readonly influences: ReadonlyMap<string, Float64Array>;
  readonly seed: number;
}

/** By behaviour id, by the place of each named row. Behaviours without latents, or without influences, have none. */
export type RowRisks = ReadonlyMap<string, ReadonlyMap<number, GeometricRisk>>;

export async function rowRisks(request: RowRisksRequest): Promise<RowRisks> {
  const { base, dictionary, prepared, behaviours, rows, control: answers, influences, seed, ...ask } = request;
  const named = namedRows(influences);
  const places = [...new Set([...named.values()].flat())];
  const read = await rowLatents({ base, dictionary, rows: places.map((place) => must(rows[place], "row")), ...ask });
  const byPlace = new Map(places.map((place, i) => [place, must(read[i], "latents of a row")]));
  const control = await controlMeans(base, dictionary, answers, ask);
  const measure = riskMeasure({ dictionary, control, prepared, seed });
  return new Map(
    behaviours.flatMap((behaviour) => {
      const own = named.get(behaviour.id) ?? [];
      const risks = measure(
        behaviour,
        own.map((place) => must(byPlace.get(place), "row")),
      );
      return risks ? [[behaviour.id, new Map(own.map((place, i) => [place, must(risks[i], "risk")]))] as const] : [];
    }),
  );
}
