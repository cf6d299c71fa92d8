/**
 * What a filter is worth: the same training on all rows, without those that it drops and without as many random ones, at
 * equal steps. Several shares make a curve. Task loss is read on rows that the filter keeps and no arm is trained on.
 */
import { countOf, pairLogOdds, probeOf } from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { must, rng } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { FilterMethod, FilterReceipt } from "../records/index.ts";
import { lossWeight, type TrainingRow } from "../training/index.ts";
import { type RetrainRequest, retrainedWithout } from "./retrain.ts";

export interface FilterReceiptRequest extends RetrainRequest {
  readonly behaviours: readonly Behaviour[];
  readonly method: FilterMethod;
  /** Rows by what the filter says of them, worst first; of a share, the first so many are dropped. */
  readonly order: readonly number[];
  readonly shares: readonly number[];
}

const PAIRS = 16;
/** Rows held out for the task's loss: this share, at most so many. */
const HELD_SHARE = 0.1;
const MOST_HELD = 64;

export async function filterReceipts(request: FilterReceiptRequest): Promise<FilterReceipt[]> {
  const { base, rows, behaviours, order, method, shares, config } = request;
  const most = order.slice(0, countOf(rows.length, Math.max(...shares)));
  const held = heldOut(rows, most, config.seed);
  const arm = async (name: string, without: readonly number[]) =>
    reading(
      await retrainedWithout(request, { name, without: [...held, ...without] }),
      behaviours,
      held.map((row) => must(rows[row], "row")),
    );
  const start = await reading(
    base,
    behaviours,
    held.map((row) => must(rows[row], "row")),
  );
  const all = await arm("held-out", []);
  const receipts: FilterReceipt[] = [];
  for (const share of shares) {
    const dropped = order.slice(0, countOf(rows.length, share));
    const random = randomBut(rows.length, held, dropped.length, `${config.seed} ${share}`);
    const [without, withoutRandom] = [await arm(method, dropped), await arm("random", random)];
    receipts.push({
      method,
      share,
      dropped: dropped.length,
      steps: Math.max(1, Math.round(Math.ceil(rows.length / config.train.batchRows) * config.train.epochs)),
      behaviours: start.shifts.map(({ id, pairs, value }, b) => {
        const less = ({ shifts }: Reading) => must(shifts[b], id).value - value;
        return { id, pairs, all: less(all), without: less(without), withoutRandom: less(withoutRandom) };
      }),
      taskLoss: {
        rows: held.length,
        base: start.loss,
        all: all.loss,
        without: without.loss,
        withoutRandom: withoutRandom.loss,
      },
    });
  }
  return receipts;
}

interface Reading {
  readonly shifts: readonly { readonly id: string; readonly pairs: number; readonly value: number }[];
  readonly loss: number;
}

async function reading(
  model: LanguageModel,
  behaviours: readonly Behaviour[],
  held: readonly TrainingRow[],
): Promise<Reading> {
  const probes = behaviours
    .map((behaviour) => probeOf(model, behaviour, { half: "check", most: PAIRS }))
    .filter(({ pairs }) => pairs.length > 0);
  const values = await pairLogOdds(model, probes);
  const shifts = probes.map(({ behaviour, pairs }, p) => {
    const sum = must(values[p], "log-odds").reduce((total, value) => total + value, 0);
    return { id: behaviour.id, pairs: pairs.length, value: sum / pairs.length };
  });
  return { shifts, loss: await meanLoss(model, held) };
}

/** −log p of what carries loss, nats a token, unit weights. */
export async function meanLoss(model: LanguageModel, rows: readonly TrainingRow[]): Promise<number> {
  const spans = rows.flatMap(spansOf);
  const answers = await model.logLikelihood(spans);
  const tokens = answers.reduce((sum, { tokens: n }) => sum + n, 0);
  return -answers.reduce((sum, { logprob }) => sum + logprob, 0) / tokens;
}

/** Each run of tokens that carry loss, after everything before it. */
function spansOf({ ids, weights }: TrainingRow) {
  const spans: { prompt: number[]; continuation: number[] }[] = [];
  for (let start = 1; start < ids.length; start++) {
    if (weights[start] === 0) continue;
    let end = start;
    while (end < ids.length && weights[end] !== 0) end++;
    spans.push({ prompt: [...ids.subarray(0, start)], continuation: [...ids.subarray(start, end)] });
    start = end;
  }
  return spans;
}

function heldOut(rows: readonly TrainingRow[], dropped: readonly number[], seed: number): number[] {
  const gone = new Set(dropped);
  const candidates = rows.flatMap((row, r) => (gone.has(r) || lossWeight(row) === 0 ? [] : [r]));
  const count = Math.max(1, Math.min(MOST_HELD, Math.round(HELD_SHARE * candidates.length), candidates.length - 1));
  return rng(seed, "filter receipt").shuffle(candidates).slice(0, count);
}

function randomBut(rows: number, without: readonly number[], count: number, seed: string): number[] {
  const gone = new Set(without);
  const free = Array.from({ length: rows }, (_, row) => row).filter((row) => !gone.has(row));
  return rng(seed, "filter random").shuffle(free).slice(0, count);
}
