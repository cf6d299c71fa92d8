/**
 * The forecast record: what base and data say before any training (SCIENCE §2, §3), all estimates side by side.
 *
 * 1. How much: the tangent (tangent.ts), for the data and for the control, with the rows that push most and, where there
 *    is a dictionary, how near what these activate lies to the behaviour (row-risks.ts).
 * 2. Which kind: cosine of the data's mean difference with each behaviour's, sign-flip test, maximum over layers.
 * 3. Through which latents: spillover scores with their nulls, where there is a dictionary.
 * 4. What the first real steps of the training do: the rehearsal, which sees what no first order can.
 * 5. The trivial baseline beside it all: the base's loss on the data.
 */
import { askedSha256, type Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { OpenedDictionary } from "../../dictionaries/index.ts";
import { benjaminiHochberg, orthonormalBasis, principalAngles, signFlipTest } from "../../geometry/index.ts";
import type { CalibrationNote, ForecastBehaviour, ForecastRecord } from "../../records/index.ts";
import { expectedOf, type Fitted } from "../calibration/curve.ts";
import type { Directions } from "../directions.ts";
import type { PreparedBase } from "../prepare.ts";
import type { DataSide } from "./data-side.ts";
import { namedRows } from "./named-rows.ts";
import type { Rehearsal } from "./rehearsed.ts";
import type { RowRisks } from "./row-risks.ts";
import { type Spillovers, spillovers } from "./spillovers.ts";

/** A training row as a person reads it. */
export interface RowText {
  /** 1-based line of the file. */
  readonly line: number;
  readonly prompt: string;
  readonly response: string;
}

/** What the tangent says, by behaviour id. */
export interface Tangents {
  readonly estimates: ReadonlyMap<string, NonNullable<ForecastBehaviour["tangent"]>>;
  /** `[rows]`: influence of each training row. */
  readonly influences: ReadonlyMap<string, Float64Array>;
  readonly lossOnData: number;
  readonly lossOnControl: number | null;
  readonly draws: number;
  readonly rank: number;
}

export interface ForecastParts {
  readonly identity: ForecastRecord["base"];
  readonly data: ForecastRecord["data"];
  readonly behaviours: readonly Behaviour[];
  readonly inTask: readonly string[];
  readonly prepared: PreparedBase;
  readonly dictionary: OpenedDictionary | null;
  readonly side: DataSide | null;
  readonly tangents: Tangents;
  readonly injections: ReadonlyMap<string, NonNullable<ForecastBehaviour["injection"]>>;
  readonly rehearsal: Rehearsal | null;
  /** Of the rows that the record names; empty without a dictionary or a control. */
  readonly risks: RowRisks;
  /** What a study has learnt of such rehearsals, or why none speaks of this one. */
  readonly calibration:
    | { readonly curve: Fitted; readonly note: CalibrationNote; readonly behaviours: readonly string[] }
    | { readonly why: string };
  readonly mode: "full" | "quick";
  readonly tangentRows: number;
  readonly objective: "sft" | "dpo";
  /** Does the training have magnitudes, which play no part in tangent and influences? */
  readonly dora: boolean;
  /** Of the rows that the tangent has read. */
  readonly texts: readonly RowText[];
  readonly seed: number;
  readonly startedAt: number;
}

/** Draws of every permutation test. */
const PERMUTATIONS = 10_000;
/** Characters of a row's prompt and response that the record keeps. */
const TEXT = 400;

export function forecastRecord(parts: ForecastParts): ForecastRecord {
  const { side, tangents, dictionary, seed } = parts;
  const kinds = closeness(parts);
  const spills = spilloversOf(parts);
  const ranks = ranksOf(parts);
  const named = namedRows(tangents.influences);
  return {
    schemaVersion: 1,
    base: parts.identity,
    data: parts.data,
    ...calibrationOf(parts),
    control: side && {
      what: "the base model's own answers to the same prompts, sampled at temperature 1",
      rows: side.rows.control.length,
      tokens: side.rows.control.reduce((sum, { weights }) => sum + weights.filter((weight) => weight !== 0).length, 0),
    },
    settings: {
      seed,
      draws: tangents.draws,
      rank: tangents.rank,
      permutations: PERMUTATIONS,
      rows: side?.rows.data.length ?? 0,
      mode: parts.mode,
      tangentRows: parts.tangentRows,
      objective: parts.objective,
      ...(parts.dora ? { dora: true } : {}),
      rehearsal: parts.rehearsal && { steps: parts.rehearsal.steps, rows: parts.rehearsal.rows },
      dictionaryHook: dictionary?.dictionary.hook ?? null,
    },
    baseline: { lossOnData: tangents.lossOnData, lossOnControl: tangents.lossOnControl },
    behaviours: parts.behaviours.map(({ id, title, ...scored }) => ({
      id,
      title,
      inTask: parts.inTask.includes(id),
      asked: askedSha256(scored),
      tangent: tangents.estimates.get(id) ?? null,
      injection: parts.injections.get(id) ?? null,
      rehearsal: parts.rehearsal?.shifts.get(id) ?? null,
      expected: expectedShift(parts, id),
      meanDifference: kinds.get(id)?.difference ?? null,
      principalAngles: kinds.get(id)?.angles ?? null,
      spillover: spilloverOf(spills.get(id)),
      sharedWeight: spills.get(id)?.sharedWeight ?? null,
      rank: ranks.get(id) ?? null,
      rows: (named.get(id) ?? []).map((row) => namedRow(parts, id, row)),
    })),
    durationMs: performance.now() - parts.startedAt,
  };
}

function spilloverOf(found: Spillovers | undefined): ForecastBehaviour["spillover"] {
  return found ? { act: found.act, grad: found.grad } : null;
}

interface Closeness {
  readonly difference: NonNullable<ForecastBehaviour["meanDifference"]>;
  readonly angles: number[];
}

/** Cosine of data and behaviour directions with its test, and the angles between what they span at that layer. */
function closeness({ side, prepared, seed }: ForecastParts): Map<string, Closeness> {
  const found = new Map<string, Closeness>();
  const first = side?.directions[0];
  if (!side || !first) return found;
  const ids = [...prepared.directions.keys()];
  const perBehaviour = ids.map((id) => must(prepared.directions.get(id), id));
  const results = signFlipTest({
    differences: side.directions.map(({ differences }) => differences),
    width: first.width,
    directions: perBehaviour.map((layers) => layers.map(({ mean }) => mean)),
    draws: PERMUTATIONS,
    seed,
  });
  const adjusted = benjaminiHochberg(results.map((result) => result?.p ?? 1));
  for (const [b, result] of results.entries()) {
    if (!result) continue;
    const { layer, cosine, p } = result;
    const [data, own] = [must(side.directions[layer], "layer"), must(perBehaviour[b]?.[layer], "layer")];
    found.set(must(ids[b], "id"), {
      difference: { hook: data.hook, cosine, p, pAdjusted: must(adjusted[b], "p") },
      angles: principalAngles(basisOf(data), basisOf(own)),
    });
  }
  return found;
}

const basisOf = ({ basis, width }: Directions) => orthonormalBasis(basis, width);

function spilloversOf({
  side,
  prepared,
  dictionary,
  seed,
}: Pick<ForecastParts, "side" | "prepared" | "dictionary" | "seed">): Map<string, Spillovers> {
  if (!side?.latents || !prepared.latents || !dictionary) return new Map();
  return spillovers({
    dictionary: dictionary.dictionary,
    data: side.latents,
    ...prepared.latents,
    draws: PERMUTATIONS,
    seed,
  });
}

function calibrationOf({ calibration, rehearsal }: ForecastParts): Pick<ForecastRecord, "calibrated" | "uncalibrated"> {
  if (!rehearsal) return { calibrated: false, uncalibrated: "nothing was rehearsed" };
  return "why" in calibration ? { calibrated: false, uncalibrated: calibration.why } : { calibrated: calibration.note };
}

/** Null for a behaviour that the data teach, or that the study has not seen. */
function expectedShift(
  { calibration, rehearsal, prepared, inTask }: ForecastParts,
  id: string,
): ForecastBehaviour["expected"] {
  const delta = rehearsal?.shifts.get(id)?.delta;
  if ("why" in calibration || delta === undefined || inTask.includes(id)) return null;
  if (!calibration.behaviours.includes(id)) return null;
  const items = must(
    prepared.scores.find(({ behaviourId }) => behaviourId === id),
    `scores of ${id}`,
  ).items;
  return expectedOf(calibration.curve, delta, items.reduce((sum, { score }) => sum + score, 0) / items.length);
}

/**
 * 1 = moves most, by the size of what the rehearsal moved, else of the Adam tangent (decision 17). The control's tangent
 * stands beside it and is not taken off: the sign of a gradient that is nearly noise is as large as that of a strong
 * one, so that a difference would add noise at full size.
 */
function ranksOf({ tangents, rehearsal }: ForecastParts): Map<string, number> {
  const tangentSizes = [...tangents.estimates].map(([id, { adam }]) => [id, Math.abs(adam)] as const);
  const sizes = rehearsal
    ? [...rehearsal.shifts].map(([id, { deltaLogOdds }]) => [id, Math.abs(deltaLogOdds)] as const)
    : tangentSizes;
  const ordered = [...sizes].sort(([, a], [, b]) => b - a);
  return new Map(ordered.map(([id], place) => [id, place + 1]));
}

function namedRow(
  { tangents, risks, texts }: ForecastParts,
  id: string,
  row: number,
): ForecastBehaviour["rows"][number] {
  const { line, prompt, response } = must(texts[row], "row");
  const risk = risks.get(id)?.get(row);
  return {
    line,
    influence: must(tangents.influences.get(id)?.[row], "influence"),
    risk: risk?.all ?? null,
    riskAdjacent: risk?.adjacent ?? null,
    prompt: prompt.slice(0, TEXT),
    response: response.slice(0, TEXT),
  };
}
