/**
 * How the fine-tune came about: over its checkpoints, the mean activation of the latents that the data amplify and of
 * each behaviour's own (times their signs), and the drift of the residual stream along each behaviour's direction,
 * ⟨E[h_step − h_base], v / ‖v‖⟩; all at one hook point, on one small fixed probe.
 */
import { join } from "node:path";
import { must } from "../../core/index.ts";
import type { SparseActivations } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import { dot, norm, type SignedLatent, type Vector } from "../../geometry/index.ts";
import type { HookName } from "../../models/index.ts";
import type { GeometryRecord } from "../../records/index.ts";
import { readPeft, stepsIn } from "../../training/index.ts";
import { eachEncoded, eachSequence, type Reader, withoutBos } from "./reading.ts";

export type Dynamics = NonNullable<GeometryRecord["dynamics"]>;

/** One checkpoint, opened when its turn comes. */
export interface Checkpoint {
  readonly step: number;
  readonly open: () => Promise<LanguageModel>;
}

export interface DynamicsRequest {
  readonly base: LanguageModel;
  readonly checkpoints: readonly Checkpoint[];
  /** Where the drift is taken; a dictionary is one of this hook point. */
  readonly hook: HookName;
  readonly reader: Reader | null;
  /** With the positions that count. */
  readonly probe: readonly ReadSequence[];
  /** Latents that the data amplify; null without a dictionary. */
  readonly dataLatents: readonly number[] | null;
  readonly behaviours: readonly {
    readonly id: string;
    readonly latents: readonly SignedLatent[] | null;
    /** `[dModel]`, of any length */
    readonly direction: Vector;
  }[];
  readonly options?: AskOptions;
}

/** The checkpoints `step-<n>` in `folder`, adapters of `base`, rising. */
export async function checkpointsIn(base: LanguageModel, folder: string): Promise<Checkpoint[]> {
  const open = async (step: number) =>
    base.withAdapter(await readPeft(join(folder, `step-${step}`), base.source.definition));
  return (await stepsIn(folder)).map((step) => ({ step, open: () => open(step) }));
}

/** The first step is 0, the base. Null without checkpoints or without a token to look at. */
export async function dynamics(request: DynamicsRequest): Promise<Dynamics | null> {
  const { base, checkpoints, hook, reader } = request;
  if (reader && reader.dictionary.hook !== hook)
    throw new Error(`a dictionary of ${reader.dictionary.hook} at ${hook}`);
  const probe = withoutBos(base, request.probe);
  if (checkpoints.length === 0 || probe.every(({ positions }) => positions.length === 0)) return null;
  const start = await meansOf(request, base, probe);
  const means = [start];
  for (const { open } of checkpoints) means.push(await meansOf(request, await open(), probe));
  const series = (value: (means: Means) => number) => means.map(value);
  const { dataLatents } = request;
  return {
    steps: [0, ...checkpoints.map(({ step }) => step)],
    dataLatents:
      reader &&
      dataLatents &&
      series(({ latents }) =>
        signedMean(
          latents,
          dataLatents.map((latent) => ({ latent, sign: 1 })),
        ),
      ),
    behaviours: request.behaviours.map(({ id, latents: own, direction }) => ({
      id,
      latents: reader && own && series(({ latents }) => signedMean(latents, own)),
      drift: series(({ hidden }) => along(difference(hidden, start.hidden), direction)),
    })),
  };
}

interface Means {
  /** `[dModel]`, over the probe's tokens */
  readonly hidden: Float64Array;
  /** `[nLatents]`; empty without a dictionary */
  readonly latents: Float64Array;
}

async function meansOf(
  { hook, reader, options }: DynamicsRequest,
  model: LanguageModel,
  probe: readonly ReadSequence[],
): Promise<Means> {
  const hidden = new Float64Array(model.source.definition.dimensions.dModel);
  const latents = new Float64Array(reader?.dictionary.nLatents ?? 0);
  const tokens = probe.reduce((sum, { positions }) => sum + positions.length, 0);
  if (reader) {
    const add = (rows: Float32Array, active: SparseActivations) => {
      addRows(hidden, rows, tokens);
      addLatents(latents, active, tokens);
    };
    await eachEncoded(
      [model],
      reader,
      probe,
      (_, [seen]) => add(must(seen, "model").rows, must(seen, "model").active),
      options,
    );
  } else {
    await eachSequence(
      [model],
      probe,
      [hook],
      (_, [rows]) => addRows(hidden, must(rows?.[0], "rows"), tokens),
      options,
    );
  }
  return { hidden, latents };
}

function addRows(mean: Float64Array, rows: Float32Array, tokens: number): void {
  const width = mean.length;
  for (let i = 0; i < rows.length; i++) mean[i % width] = (mean[i % width] as number) + (rows[i] as number) / tokens;
}

function addLatents(mean: Float64Array, { latents, values }: SparseActivations, tokens: number): void {
  for (const [slot, latent] of latents.entries())
    if (latent >= 0) mean[latent] = (mean[latent] as number) + (values[slot] as number) / tokens;
}

/** Mean over the set of sign times activation; 0 of an empty set. */
function signedMean(means: Float64Array, set: readonly SignedLatent[]): number {
  return set.reduce((sum, { latent, sign }) => sum + (sign * must(means[latent], "latent")) / set.length, 0);
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - (b[i] as number));
}

function along(vector: Float64Array, direction: Vector): number {
  const length = norm(direction);
  return length === 0 ? 0 : dot(vector, direction) / length;
}
