/**
 * Base against tuned through a dictionary of any kind, latent by latent, on the same tokens.
 *
 * A dictionary of one model (autoencoder, transcoder, crosscoder of several layers): what each latent makes of the base's
 * activations and of the tuned model's, paired by text (feature-shifts.ts).
 *
 * A crosscoder of the two models (Lindsey et al. 2024, "Sparse crosscoders"; Minder et al. 2025, arXiv 2504.02922) has one
 * activation f for both and two decoders:
 * 1. Relative norm ½ ((‖d_tuned‖ − ‖d_base‖)/max(‖d_base‖, ‖d_tuned‖) + 1): below 0.1 base only, 0.4 to 0.6 shared, above 0.9
 *    tuned only.
 * 2. That a decoder is zero in one model may only mean that the other latents, or none, explain it there. Latent scaling: with
 *    d the larger of the two and y_m = h_m − Σ_{l≠i} f_l d_l,m − b_m, β_m = Σ f_i ⟨d, y_m⟩ / (Σ f_i² ‖d‖²), and ν = β_base/β_tuned;
 *    a latent that is truly the tuned model's own has ν near 0.
 */
import { must } from "../../core/index.ts";
import {
  CoderTally,
  columnsOf,
  type GroupActivations,
  hookWidth,
  type LoadedCoder,
  readActivations,
  readsPair,
  sideBySide,
} from "../../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../../engine/index.ts";
import type { HookName } from "../../models/index.ts";
import type { CoderComparison, CoderQuality } from "../../records/index.ts";
import { sequenceAdder, shiftSums, shiftsOf } from "./feature-shifts.ts";
import { PairScaling } from "./pair-scaling.ts";

export interface CoderComparisonRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly coder: LoadedCoder;
  /** Of its groups. */
  readonly group: number;
  readonly sequences: readonly ReadSequence[];
  /** Latents told, at most, of each kind. */
  readonly keep?: number;
  readonly onDone?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What the comparison says but for the models' names. */
export type Compared = Pick<CoderComparison, "texts" | "tokens" | "explainedVariance" | "kinds" | "tested" | "latents">;

export function compareThrough(request: CoderComparisonRequest): Promise<Compared> {
  return readsPair(request.coder) ? comparePair(request) : compareAlone(request);
}

type Rows = (hook: HookName) => Float32Array;

/** Calls `visit` for each sequence with what both models show of it at the coder's places. */
async function eachPair(
  { base, tuned, coder, sequences, onDone, signal }: CoderComparisonRequest,
  visit: (base: Rows, tuned: Rows) => Promise<void>,
): Promise<void> {
  const hooks = [...new Set([...coder.groups.flatMap((each) => each.hooks), ...coder.outputs.map(({ hook }) => hook)])];
  const widths = hooks.map((hook) => hookWidth(base, hook));
  const options = { groupTokens: 2048, ...(signal ? { signal } : {}) };
  const after = readActivations(tuned, sequences, hooks, options);
  let done = 0;
  for await (const { rows } of readActivations(base, sequences, hooks, options)) {
    const { value: other } = await after.next();
    for (const [i, each] of rows.entries()) {
      const at = (all: Float32Array) => (hook: HookName) => columnsOf(all, widths, hooks.indexOf(hook));
      await visit(at(each), at(must(other?.rows[i], "the tuned model's rows")));
    }
    done += rows.length;
    onDone?.(done, sequences.length);
  }
}

async function compareAlone(request: CoderComparisonRequest): Promise<Compared> {
  const { base, coder, group, sequences, keep = 20, signal } = request;
  const { nLatents } = must(coder.groups[group], "group");
  const [before, after] = [new CoderTally(coder), new CoderTally(coder)];
  const [firedBefore, firedAfter] = [new Float64Array(nLatents), new Float64Array(nLatents)];
  const sums = shiftSums(nLatents);
  const add = sequenceAdder(sums);
  const read = async (tally: CoderTally, rows: Rows, fired: Float64Array) => {
    const inputs = coder.groups.map((each) => sideBySide(each.hooks.map(rows), each.dIn));
    const targets = coder.outputs.map(({ hook }) => rows(hook));
    const { activations } = await tally.add(base.engine, inputs, targets, signal);
    return countedIn(fired, must(activations[group], "activations"));
  };
  await eachPair(request, async (ofBase, ofTuned) =>
    add(await read(before, ofBase, firedBefore), await read(after, ofTuned, firedAfter)),
  );
  const shifts = shiftsOf(sums);
  const [quality, other] = [before.quality(), after.quality()];
  const { tokens } = quality;
  const shifted = [...shifts].filter(([, { pAdjusted }]) => pAdjusted < 0.05);
  const strength = (effect: number | null) => (effect === null ? Number.POSITIVE_INFINITY : Math.abs(effect));
  const told = shifted.sort((a, b) => strength(b[1].effect) - strength(a[1].effect) || a[0] - b[0]).slice(0, keep);
  const rate = (fired: Float64Array, latent: number) => must(fired[latent], "count") / tokens;
  return {
    texts: sequences.length,
    tokens,
    explainedVariance: { base: explainedBy(quality), tuned: explainedBy(other) },
    kinds: null,
    tested: { latents: shifts.size, shifted: shifted.length },
    latents: told.map(([latent, shift]) => ({
      latent,
      rate: { base: rate(firedBefore, latent), tuned: rate(firedAfter, latent) },
      shift,
      pair: null,
    })),
  };
}

function countedIn(fired: Float64Array, { starts, latents, values }: GroupActivations) {
  for (const latent of latents) fired[latent] = must(fired[latent], "count") + 1;
  return { tokens: starts.length - 1, latents, values };
}

function explainedBy({ outputs }: CoderQuality): number {
  return outputs.reduce((sum, { explainedVariance }) => sum + explainedVariance, 0) / outputs.length;
}

async function comparePair(request: CoderComparisonRequest): Promise<Compared> {
  const { base, coder, sequences, keep = 20, signal } = request;
  const group = must(coder.groups[0], "group");
  const hook = must(group.hooks[0], "hook");
  const tally = new CoderTally(coder);
  const fired = new Float64Array(group.nLatents);
  const scaling = new PairScaling(group);
  await eachPair(request, async (ofBase, ofTuned) => {
    const targets = [ofBase(hook), ofTuned(hook)];
    const { activations, rebuilt } = await tally.add(base.engine, [sideBySide(targets, group.dIn)], targets, signal);
    const spoken = must(activations[0], "activations");
    countedIn(fired, spoken);
    scaling.add(spoken, targets, rebuilt);
  });
  const { tokens, outputs } = tally.quality();
  const all = scaling.result();
  const count = (kind: (typeof all)[number]["kind"]) => all.filter((each) => each.kind === kind).length;
  const order = [...all.keys()].filter((latent) => must(fired[latent], "count") > 0);
  order.sort((a, b) => must(all[b], "latent").relativeNorm - must(all[a], "latent").relativeNorm || a - b);
  const told = [...new Set([...order.slice(0, keep), ...order.slice(-keep)])];
  const explained = (o: number) => must(outputs[o], "output").explainedVariance;
  return {
    texts: sequences.length,
    tokens,
    explainedVariance: { base: explained(0), tuned: explained(1) },
    kinds: {
      baseOnly: count("base-only"),
      shared: count("shared"),
      tunedOnly: count("tuned-only"),
      between: count("between"),
    },
    tested: null,
    latents: told.map((latent) => {
      const rate = must(fired[latent], "count") / tokens;
      return { latent, rate: { base: rate, tuned: rate }, shift: null, pair: must(all[latent], "latent") };
    }),
  };
}
