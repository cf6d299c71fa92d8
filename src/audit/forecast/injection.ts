/**
 * Mean data feature injection (arXiv 2602.04735): α × (mean data − mean control hidden state) is added in the middle of
 * the base, and the behaviours are read on their contrast pairs. No training, no gradient.
 */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { AskOptions, LanguageModel } from "../../engine/index.ts";
import type { ForecastBehaviour } from "../../records/index.ts";
import { pairLogOdds, probeOf } from "../pair-log-odds.ts";
import type { PreparedBase } from "../prepare.ts";
import { studentQuantile } from "../statistics/distributions.ts";
import type { DataSide } from "./data-side.ts";

export interface InjectionRequest extends AskOptions {
  readonly base: LanguageModel;
  readonly side: Pick<DataSide, "directions">;
  readonly behaviours: readonly Behaviour[];
  /** What the base itself says of them. */
  readonly prepared: Pick<PreparedBase, "pairLogOdds">;
  /** Pairs of each behaviour, at most. */
  readonly most: number;
  readonly alpha?: number;
}

/** By behaviour id; behaviours without pairs have none. */
export async function injections(
  request: InjectionRequest,
): Promise<Map<string, NonNullable<ForecastBehaviour["injection"]>>> {
  const { base, side, behaviours, prepared, most, alpha = 1, ...ask } = request;
  const { hook, mean } = must(side.directions[Math.floor(side.directions.length / 2)], "layer");
  const injected = base.intervene([{ kind: "add", hook, vector: Float32Array.from(mean, (value) => alpha * value) }]);
  const probes = behaviours
    .map((behaviour) => probeOf(base, behaviour, { half: "check", most }))
    .filter(({ pairs }) => pairs.length > 0);
  const after = await pairLogOdds(injected, probes, ask);
  return new Map(
    probes.map((probe, p) => {
      const { id } = probe.behaviour;
      const before = probe.ofHalf(must(prepared.pairLogOdds.get(id), `pairs of ${id}`));
      const shifts = must(after[p], id).map((value, i) => value - must(before[i], "pair"));
      return [id, { hook, alpha, ...meanOf(shifts), pairs: shifts.length }] as const;
    }),
  );
}

/** Mean with its 95% t interval over pairs; none from one pair. */
function meanOf(values: readonly number[]): { delta: number; interval: [number, number] | null } {
  const n = values.length;
  const delta = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { delta, interval: null };
  const variance = values.reduce((sum, value) => sum + (value - delta) ** 2, 0) / (n - 1);
  const half = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n);
  return { delta, interval: [delta - half, delta + half] };
}
