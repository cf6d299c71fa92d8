/**
 * A counterfactual receipt: the same fine-tune without the rows that the forecast blames most for what one behaviour did,
 * and without as many random ones. What the influences predict stands beside what came of it.
 */
import { pairLogOdds, probeOf } from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { must, type OnProgress, rng } from "../core/index.ts";
import type { Engine, LanguageModel } from "../engine/index.ts";
import type { AuditRecord, GeometryRecord } from "../records/index.ts";
import type { Guard } from "../training/index.ts";
import type { Config } from "./config.ts";
import { retrainedWithout } from "./retrain.ts";
import type { Examples } from "./validate.ts";

export type Receipt = NonNullable<GeometryRecord["receipt"]>;

export interface ReceiptRequest extends Examples {
  readonly engine: Engine;
  /** Opened for adapters of the training's rank. */
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly audit: AuditRecord;
  readonly behaviours: readonly Behaviour[];
  /** Influence of each row, by behaviour id. */
  readonly influences: ReadonlyMap<string, Float64Array>;
  readonly config: Pick<Config, "train" | "seed">;
  /** Of the training that is audited. */
  readonly guard: Guard | null;
  readonly folder: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Share of the rows that is left out. */
const SHARE = 0.1;
const PAIRS = 16;

/** Null where nothing moved outside the task, or the forecast names no rows for it. */
export async function receipt(request: ReceiptRequest): Promise<Receipt | null> {
  const moved = mostMoved(request);
  const influences = moved && request.influences.get(moved.behaviour.id);
  if (!moved || !influences) return null;
  const { behaviour, delta } = moved;
  const { base, tuned, rows, config } = request;
  const count = Math.max(1, Math.round(SHARE * rows.length));
  const { rows: blamed, predictedShare } = mostBlamed(influences, delta, count);
  const random = rng(config.seed, "receipt")
    .shuffle([...rows.keys()])
    .slice(0, count);
  const probe = probeOf(base, behaviour, { half: "check", most: PAIRS });
  const measure = async (model: LanguageModel) => {
    const [values] = await pairLogOdds(model, [probe], request.signal ? { signal: request.signal } : {});
    return must(values, "log-odds").reduce((sum, value) => sum + value, 0) / probe.pairs.length;
  };
  const start = await measure(base);
  const retrained = (name: string, without: readonly number[]) => retrainedWithout(request, { name, without });
  return {
    behaviour: behaviour.id,
    removed: count,
    lines: blamed.map((row) => row + 1),
    predictedShare,
    delta: (await measure(tuned)) - start,
    deltaWithout: (await measure(await retrained("blamed", blamed))) - start,
    deltaRandom: (await measure(await retrained("random", random))) - start,
  };
}

export interface Blamed {
  /** Strongest first. */
  readonly rows: readonly number[];
  /** Of what all rows' influences come to; null where that is nothing, or the other way than the behaviour moved. */
  readonly predictedShare: number | null;
}

/** The `count` rows that push most the way that the behaviour moved by `delta`: towards it, or away from it. */
export function mostBlamed(influences: Float64Array, delta: number, count: number): Blamed {
  const way = Math.sign(delta);
  const order = [...influences.keys()].sort((a, b) => way * (must(influences[b], "row") - must(influences[a], "row")));
  const rows = order.slice(0, count);
  const sum = (chosen: readonly number[]) => chosen.reduce((total, row) => total + must(influences[row], "row"), 0);
  const whole = sum(order);
  return { rows, predictedShare: way * whole > 0 ? sum(rows) / whole : null };
}

interface Moved {
  readonly behaviour: Behaviour;
  /** Of its score, as the audit measured it. */
  readonly delta: number;
}

function mostMoved({ audit, behaviours }: ReceiptRequest): Moved | null {
  const withPairs = behaviours.filter(({ pairs }) => pairs.some(({ half }) => half === "check"));
  const moved = audit.behaviours.flatMap(({ id, verdict, inTask, delta }): Moved[] => {
    const behaviour = withPairs.find((each) => each.id === id);
    return verdict === "affected" && !inTask && delta !== null && behaviour ? [{ behaviour, delta }] : [];
  });
  return moved.sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta))[0] ?? null;
}
