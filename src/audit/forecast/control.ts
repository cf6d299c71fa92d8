/**
 * What the data are compared with: the base model's own answers to the same prompts (projection difference of persona
 * vectors, arXiv 2507.21509). Without it every estimate would say what the topic is, and not what the answers add.
 */
import { must, rng } from "../../core/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import type { ObjectiveSequence, TrainingRow } from "../../training/index.ts";
import type { PrepareOptions } from "../prepare.ts";

/** Of both sides the last answer alone carries weight, and of it the tokens that are compared. */
export interface PairedRows {
  /** Indices into the training rows. */
  readonly chosen: readonly number[];
  readonly data: readonly TrainingRow[];
  /** Row i answers the prompt of `data[i]`. */
  readonly control: readonly TrainingRow[];
}

export interface PairedRowsRequest extends PrepareOptions {
  readonly base: LanguageModel;
  readonly rows: readonly TrainingRow[];
  readonly seed: number;
  /** Rows that are compared, at most. */
  readonly most?: number;
}

const MOST_ROWS = 64;
/** New tokens of an answer of the control, at most. */
const LONGEST_ANSWER = 128;

/**
 * Null where the rows have no prompts that the base could answer itself. Where both answers end, they are compared whole; where
 * one was cut, both without an end and up to the length of the shorter one, so that neither the end of a turn nor what comes
 * late in an answer stands on one side alone. A pair with nothing left to compare is left out.
 */
export async function pairedRows(request: PairedRowsRequest): Promise<PairedRows | null> {
  const { base, rows, seed, most = MOST_ROWS, onProgress, signal } = request;
  const answered = await ownAnswers(base, rows, {
    seed,
    most,
    maxNewTokens: LONGEST_ANSWER,
    onDone: (step, total) => onProgress?.({ task: "control: the base's own answers", step, total }),
    ...(signal ? { signal } : {}),
  });
  if (!answered) return null;
  const { chosen, data, control } = answered;
  const pairs = chosen.map((_, i) =>
    compared(must(data[i], "row"), must(control[i], "control"), base.tokenizer.eosIds),
  );
  const kept = pairs.flatMap((pair, i) => (pair ? [{ ...pair, row: must(chosen[i], "row") }] : []));
  return {
    chosen: kept.map(({ row }) => row),
    data: kept.map((pair) => pair.data),
    control: kept.map((pair) => pair.control),
  };
}

/** Null where nothing is left to compare. */
function compared(data: TrainingRow, control: TrainingRow, eosIds: readonly number[]) {
  const [own, usual] = [lastAnswer(data, eosIds), lastAnswer(control, eosIds)];
  const whole = own.end > own.text && usual.end > usual.text;
  const shorter = Math.min(own.text - own.start, usual.text - usual.start);
  const upTo = ({ start, end }: Answer) => (whole ? end : start + shorter);
  if (upTo(own) === own.start || upTo(usual) === usual.start) return null;
  const cut = upTo(usual);
  return {
    data: { ids: data.ids, weights: data.weights.map((weight, t) => (t < own.start || t >= upTo(own) ? 0 : weight)) },
    control: { ids: control.ids.subarray(0, cut), weights: control.weights.subarray(0, cut) },
  };
}

interface Answer {
  readonly start: number;
  /** Where the tokens that end the turn begin; `end` where the answer was cut. */
  readonly text: number;
  readonly end: number;
}

/** The last run of tokens that carry loss. */
function lastAnswer(row: TrainingRow, eosIds: readonly number[]): Answer {
  const start = promptLength(row);
  let end = start;
  while (end < row.weights.length && row.weights[end] !== 0) end++;
  let text = end - 1;
  while (text >= start && !eosIds.includes(row.ids[text] as number)) text--;
  return { start, text: text < start ? end : text, end };
}

export interface ControlOptions extends AskOptions {
  readonly seed: number;
  /** Rows at most: generating is what costs. */
  readonly most: number;
  readonly maxNewTokens: number;
}

/** Null where no row has a prompt to answer (plain text). */
export async function ownAnswers(
  base: LanguageModel,
  rows: readonly TrainingRow[],
  { seed, most, maxNewTokens, ...ask }: ControlOptions,
): Promise<PairedRows | null> {
  const withPrompt = rows.flatMap((row, i) => (promptLength(row) > 1 ? [i] : []));
  const chosen = rng(seed, "control rows")
    .shuffle(withPrompt)
    .slice(0, most)
    .sort((a, b) => a - b);
  if (chosen.length === 0) return null;
  const data = chosen.map((i) => must(rows[i], "row"));
  const prompts = data.map((row) => [...row.ids.subarray(0, promptLength(row))]);
  const answers = await base.generate(prompts, {
    maxNewTokens,
    temperature: 1,
    seed,
    stopIds: base.tokenizer.eosIds,
    ...ask,
  });
  const { eosIds } = base.tokenizer;
  const usual = data.map((row) => turnEnd(row, eosIds)).find((end) => end.length > 0) ?? eosIds.slice(0, 1);
  const control = prompts.map((prompt, i) => {
    const answer = must(answers[i], "answer");
    // One that was cut does not end its turn. Generation leaves the stop token out.
    if (answer.length >= maxNewTokens) return answered(prompt, answer, []);
    const end = turnEnd(must(data[i], "row"), eosIds);
    return answered(prompt, answer, end.length > 0 ? end : usual);
  });
  return { chosen, data, control };
}

/** The tokens that end the row's last answer; none where it was cut. A chat model may know several, of which its template writes one. */
function turnEnd(row: TrainingRow, eosIds: readonly number[]): readonly number[] {
  const { text, end } = lastAnswer(row, eosIds);
  return [...row.ids.subarray(text, end)];
}

function answered(prompt: readonly number[], answer: readonly number[], end: readonly number[]): TrainingRow {
  const own = [...answer, ...end];
  return {
    ids: Int32Array.from([...prompt, ...own]),
    weights: Float32Array.from([...prompt.map(() => 0), ...own.map(() => 1)]),
  };
}

/** Tokens before the last run of tokens that carry loss. */
export function promptLength({ weights }: TrainingRow): number {
  let end = weights.length;
  while (end > 0 && weights[end - 1] === 0) end--;
  let start = end;
  while (start > 0 && weights[start - 1] !== 0) start--;
  return start;
}

/** Log-likelihood of what carries loss, read at the positions that predict it. */
export function objectiveOf({ ids, weights }: TrainingRow): ObjectiveSequence {
  const carried = [...weights].map((weight, t) => (t === 0 ? 0 : weight));
  return { ids: [...ids], weights: carried, positions: carried.flatMap((weight, t) => (weight === 0 ? [] : [t - 1])) };
}

/** The row at the tokens that carry loss. */
export function responseOf({ ids, weights }: TrainingRow): ReadSequence {
  return { ids: [...ids], positions: [...weights].flatMap((weight, t) => (t > 0 && weight !== 0 ? [t] : [])) };
}
