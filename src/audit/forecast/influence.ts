/**
 * Which rows push a behaviour (SCIENCE §2.4, ours): the influence of row x on b is −⟨∇_B L(x), ∇_B m_b⟩, averaged over
 * the draws of A, where L(x) is the row's part of the mean loss a token. Positive: training on x raises m_b. With the
 * same A and weighting, the influences of all rows sum to the plain tangent.
 */
import { must } from "../../core/index.ts";
import { type RowMeans, type StartGradient, startGradient, type TrainingRow, tokensOf } from "../../training/index.ts";
import { type DataGradient, type PassOptions, type ProbeGradient, perToken } from "./tangent.ts";

export interface Influences {
  /** The whole data set's loss and gradient, out of the same pass. */
  readonly data: DataGradient;
  /** By behaviour id: nats of m_b per unit of plain step, one number a row. */
  readonly byBehaviour: ReadonlyMap<string, Float64Array>;
  /** What the data set would be without each group of its rows; empty where there is one group. */
  readonly without: readonly DataGradient[];
  /** What `means` asked for, one `[rows, slots, dModel]` a hook. */
  readonly means: readonly Float32Array[];
}

export async function rowInfluences(
  options: PassOptions & {
    readonly rows: readonly TrainingRow[];
    readonly probes: readonly ProbeGradient[];
    /** The group of each row, 0 … ; default: all in one. */
    readonly groups?: readonly number[];
    /** What else is read of the rows on the way. */
    readonly means?: RowMeans;
    /** In tokens. */
    readonly onDone?: (done: number, total: number) => void;
  },
): Promise<Influences> {
  const { space, rows, probes, groups = rows.map(() => 0), means: asked } = options;
  const { dModel } = options.source.definition.dimensions;
  const directions = probes.map(({ gradient }) => gradient);
  const products = probes.map(() => new Float64Array(rows.length));
  const size = (asked?.slots ?? 0) * dModel;
  const means = asked?.hooks.map(() => new Float32Array(rows.length * size)) ?? [];
  const parts: { rows: readonly TrainingRow[]; sums: StartGradient }[] = [];
  let done = 0;
  options.onDone?.(0, tokensOf(rows));
  for (const group of [...new Set(groups)].sort((a, b) => a - b)) {
    const members = [...rows.keys()].filter((row) => groups[row] === group);
    const own = members.map((row) => must(rows[row], "row"));
    const before = done;
    const onDone = (step: number) => options.onDone?.(before + step, tokensOf(rows));
    const read = asked && { means: { ...asked, sharesOf: (i: number) => asked.sharesOf(must(members[i], "row")) } };
    const sums = await startGradient({ ...options, ...space, directions, rows: own, onDone, ...read });
    done += tokensOf(own);
    for (const [p, values] of sums.products.entries())
      for (const [i, row] of members.entries()) must(products[p], "probe")[row] = must(values[i], "row");
    for (const [h, values] of sums.means.entries())
      for (const [i, row] of members.entries())
        must(means[h], "hook").set(values.subarray(i * size, (i + 1) * size), row * size);
    parts.push({ rows: own, sums });
  }
  const data = perToken(rows, summed(parts));
  const byBehaviour = new Map(
    probes.map(({ id }, i) => [id, must(products[i], id).map((product) => -product / (data.tokens * space.draws))]),
  );
  const others = parts.map((part) => parts.filter((each) => each !== part));
  const without =
    parts.length === 1
      ? []
      : others.map((left) =>
          perToken(
            left.flatMap((each) => each.rows),
            summed(left),
          ),
        );
  return { data, byBehaviour, without, means };
}

function summed(parts: readonly { readonly sums: StartGradient }[]): Pick<StartGradient, "loss" | "gradient"> {
  const [first, ...rest] = parts.map(({ sums }) => sums);
  const gradient = must(first, "a group of rows").gradient.slice();
  for (const { gradient: more } of rest)
    for (const [i, value] of more.entries()) gradient[i] = (gradient[i] as number) + value;
  return { loss: parts.reduce((sum, { sums }) => sum + sums.loss, 0), gradient };
}
