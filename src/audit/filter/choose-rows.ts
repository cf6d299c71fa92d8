/**
 * Which rows a filter drops: those that drive a behaviour most, by whatever measured them.
 *
 * 1. Values come turned so that more is riskier (`towardsRisk`, or by who measured them), and are divided by their root
 *    mean square over the rows: behaviours with large values do not speak for all.
 * 2. A row's score is its largest over the behaviours; it names the behaviour that it goes for.
 * 3. The highest go, at most the share asked for, and never one whose score is not above 0: it drives nothing.
 */
import type { Behaviour } from "../../behaviours/index.ts";
import { must, rng } from "../../core/index.ts";

/** What one method says of every row. */
export interface RowValues {
  readonly behaviour: Pick<Behaviour, "id">;
  /** `[rows]`, more = riskier; NaN: not measured. */
  readonly values: Float64Array;
}

/**
 * `[rows]` of a measure that rises with the behaviour, turned so that more is riskier. Right where the opposite's measure
 * is the negative: of a sum, not of a maximum, nor of a rating that is 0 where the behaviour plays no part.
 */
export function towardsRisk(values: Float64Array, { riskier }: Pick<Behaviour, "riskier">): Float64Array {
  return riskier === "up" ? values : values.map((value) => -value);
}

export interface ChosenRow {
  readonly row: number;
  /** Null where chance chose. */
  readonly behaviour: string | null;
  readonly score: number | null;
}

/** Rows to drop, highest score first. */
export function drivingRows(measured: readonly RowValues[], rows: number, share: number): ChosenRow[] {
  const scaled = measured.map(({ behaviour, values }) => {
    const unit = 1 / (rootMeanSquare(values) || 1);
    return { id: behaviour.id, scores: values.map((value) => unit * value) };
  });
  const scored = Array.from({ length: rows }, (_, row): ChosenRow => {
    const own = scaled.map(({ id, scores }) => ({ id, score: must(scores[row], "score") }));
    const found = own.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)[0];
    return { row, behaviour: found?.id ?? null, score: found?.score ?? null };
  });
  return scored
    .filter(({ score }) => score !== null)
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.row - b.row)
    .slice(0, countOf(rows, share));
}

/** As many rows, by chance. */
export function randomRows(rows: number, share: number, seed: number): ChosenRow[] {
  return rng(seed, "filter")
    .shuffle(Array.from({ length: rows }, (_, row) => row))
    .slice(0, countOf(rows, share))
    .map((row) => ({ row, behaviour: null, score: null }));
}

/** One row at least stays. */
export function countOf(rows: number, share: number): number {
  return Math.min(rows - 1, Math.round(share * rows));
}

function rootMeanSquare(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? 0 : Math.sqrt(known.reduce((sum, value) => sum + value * value, 0) / known.length);
}
