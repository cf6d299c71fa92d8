/**
 * Which rows push a behaviour (SCIENCE §2.4, ours): the influence of row x on b is −⟨∇_B L(x), ∇_B m_b⟩, averaged over
 * the draws of A, where L(x) is the row's part of the mean loss a token. Positive: training on x raises m_b. With the
 * same A and weighting, the influences of all rows sum to the plain tangent.
 */
import { must } from "../../core/index.ts";
import { startGradient, type TrainingRow } from "../../training/index.ts";
import { type DataGradient, type PassOptions, type ProbeGradient, perToken } from "./tangent.ts";

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
  const directions = probes.map(({ gradient }) => gradient);
  const { products, ...sums } = await startGradient({ ...options, ...space, directions });
  const data = perToken(rows, sums);
  const byBehaviour = new Map(
    probes.map(({ id }, i) => [id, must(products[i], id).map((product) => -product / (data.tokens * space.draws))]),
  );
  return { data, byBehaviour };
}
