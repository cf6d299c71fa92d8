/**
 * Without a dictionary, the direct part of a row is its projection difference (persona vectors, arXiv 2507.21509): the
 * answer's mean activation less the control's, along the behaviour's mean difference.
 */
import { must } from "../../core/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import { dot, norm } from "../../geometry/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import { type Directions, residualHooks } from "../directions.ts";
import { responseOf } from "../forecast/control.ts";

export interface ProjectionQuestion extends AskOptions {
  readonly base: LanguageModel;
  readonly rows: readonly TrainingRow[];
  readonly control: readonly TrainingRow[];
  /** By behaviour id, one per layer. */
  readonly directions: ReadonlyMap<string, readonly Directions[]>;
}

/** By behaviour id, one number a row, in units of the residual stream. At the middle layer. */
export async function projectionDifferences(question: ProjectionQuestion): Promise<Map<string, Float64Array>> {
  const { base, rows, control, directions, ...ask } = question;
  const layer = Math.floor(base.source.definition.dimensions.nLayers / 2);
  const units = [...directions].map(([id, layers]): [string, Float64Array] => {
    const { mean } = must(layers[layer], "layer");
    const length = norm(mean) || 1;
    return [id, mean.map((value) => value / length)];
  });
  const read = (sequences: readonly ReadSequence[]) =>
    along(
      base,
      layer,
      sequences,
      units.map(([, unit]) => unit),
      ask,
    );
  const [own, usual] = [await read(rows.map(responseOf)), await read(control.map(responseOf))];
  return new Map(
    units.map(([id], u): [string, Float64Array] => {
      const reference = usual.reduce((sum, values) => sum + must(values[u], "unit") / usual.length, 0);
      return [id, Float64Array.from(own, (values) => must(values[u], "unit") - reference)];
    }),
  );
}

/** `[sequences][units]`: mean over a sequence's positions of its component along each unit vector. */
async function along(
  base: LanguageModel,
  layer: number,
  sequences: readonly ReadSequence[],
  units: readonly Float64Array[],
  ask: AskOptions,
): Promise<number[][]> {
  const found = sequences.map(() => units.map(() => 0));
  const { dModel } = base.source.definition.dimensions;
  await base.activations(
    sequences,
    [must(residualHooks(base)[layer], "layer")],
    ({ owners, rows: [h] }) => {
      for (const [t, owner] of owners.entries()) {
        const row = must(h, "activations").subarray(t * dModel, (t + 1) * dModel);
        const n = must(sequences[owner], "sequence").positions.length;
        const own = must(found[owner], "sequence");
        for (const [u, unit] of units.entries()) own[u] = (own[u] as number) + dot(unit, row) / n;
      }
    },
    ask,
  );
  return found;
}
