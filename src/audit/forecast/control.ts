/**
 * What the data are compared with: the base model's own answers to the same prompts (projection difference of persona
 * vectors, arXiv 2507.21509). Without it every estimate would say what the topic is, and not what the answers add.
 */
import { must, rng } from "../../core/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import type { ObjectiveSequence, TrainingRow } from "../../training/index.ts";
import type { PrepareOptions } from "../prepare.ts";

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

/** Null where the rows have no prompts that the base could answer itself. An empty own answer is nothing to compare with. */
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
  const kept = chosen.flatMap((_, i) => (objectiveOf(must(control[i], "control")).positions.length > 0 ? [i] : []));
  return {
    chosen: kept.map((i) => must(chosen[i], "row")),
    data: kept.map((i) => must(data[i], "row")),
    control: kept.map((i) => must(control[i], "row")),
  };
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
  const eos = base.tokenizer.eosIds.slice(0, 1);
  return {
    chosen,
    data,
    control: prompts.map((prompt, i) => answered(prompt, withEnd(must(answers[i], "answer"), maxNewTokens, eos))),
  };
}

/** An answer that stopped by itself ended its turn; one that was cut did not. Generation leaves the stop token out. */
function withEnd(answer: readonly number[], maxNewTokens: number, eos: readonly number[]): readonly number[] {
  return answer.length < maxNewTokens ? [...answer, ...eos] : answer;
}

function answered(prompt: readonly number[], answer: readonly number[]): TrainingRow {
  return {
    ids: Int32Array.from([...prompt, ...answer]),
    weights: Float32Array.from([...prompt.map(() => 0), ...answer.map(() => 1)]),
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
