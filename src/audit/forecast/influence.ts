/**
 * Which rows push a behaviour (SCIENCE §2.4, ours): the influence of row x on b is −⟨∇_B L(x), ∇_B m_b⟩, averaged over
 * the draws of A, where L(x) is the row's part of the mean loss a token. Positive: training on x raises m_b. With the
 * same A and weighting, the influences of all rows sum to the plain tangent. One row's gradient is held at a time.
 */
import { must } from "../../core/index.ts";
import { dot } from "../../geometry/index.ts";
import { adapterGradients, type TrainingRow } from "../../training/index.ts";
import { type DataGradient, lossTokens, type PassOptions, type ProbeGradient, partsOfB } from "./tangent.ts";

export interface Influences {
  /** The whole data set's loss and gradient, out of the same pass. */
  readonly data: DataGradient;
  /** By behaviour id: nats of m_b per unit of plain step, one number a row. */
  readonly byBehaviour: ReadonlyMap<string, Float64Array>;
}

export async function rowInfluences(
  options: PassOptions & {
    readonly rows: readonly TrainingRow[];
    readonly probes: readonly ProbeGradient[];
    readonly onDone?: (done: number, total: number) => void;
  },
): Promise<Influences> {
  const { space, rows, probes } = options;
  const tokens = lossTokens(rows);
  const byBehaviour = new Map(probes.map(({ id }) => [id, new Float64Array(rows.length)]));
  const sum = new Float64Array(space.size);
  let total = 0;
  await adapterGradients({ ...options, ...space }, (row, gradient, loss) => {
    const own = partsOfB(space, gradient);
    total += loss;
    for (let i = 0; i < own.length; i++) sum[i] = (sum[i] as number) + (own[i] as number);
    for (const { id, gradient: probe } of probes)
      must(byBehaviour.get(id), id)[row] = -dot(own, probe) / (tokens * space.draws);
  });
  const gradient = Float32Array.from(sum, (value) => value / tokens);
  return { data: { rows: rows.length, tokens, lossPerToken: total / tokens, gradient }, byBehaviour };
}
