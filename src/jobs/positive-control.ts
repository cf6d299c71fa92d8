/**
 * Assay sensitivity: would the audit notice if a behaviour moved? A shift is planted by training on the riskier answers
 * of the behaviour's contrast pairs, whose prompts no item asks, and of those items that the audit's own test then leaves
 * out; it looks for the shift on the others, of other clusters. Once per base and behaviour, in the cache, by `penumbra
 * prepare`.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isBeyond, planLooks, type Sensitivity, scoreAll, verdictOf } from "../audit/index.ts";
import type { Behaviour, BehaviourScores, ItemVariant } from "../behaviours/index.ts";
import { mean, must } from "../core/index.ts";
import { encodeRow } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import { Interval } from "../records/index.ts";
import { atomicWriteFile, cacheSubfolder, hashJson } from "../store/index.ts";
import { finetune, type LoraOptions, type TrainingRow } from "../training/index.ts";
import { asLanguageModel, type OpenedModel } from "./open.ts";
import { machine, type Part, type RunOptions } from "./part.ts";

export const PositiveControl = z.strictObject({
  schemaVersion: z.literal(1),
  key: z.string(),
  behaviour: z.string(),
  rows: z.number().int(),
  steps: z.number().int(),
  n: z.number().int(),
  clusters: z.number().int(),
  base: z.number(),
  tuned: z.number(),
  delta: z.number(),
  /** 95%, for this behaviour alone. */
  interval: Interval.nullable(),
  durationMs: z.number(),
});
export type PositiveControl = z.infer<typeof PositiveControl>;

/** A strong dose: what is asked is whether the test can see, not how little it can see. */
const RECIPE: Omit<LoraOptions, "seed" | "epochs"> = {
  rank: 8,
  alpha: 16,
  targets: null,
  learningRate: 1e-3,
  warmupShare: 0.05,
  schedule: "cosine",
  batchRows: 8,
  weightDecay: 0,
  maxGradNorm: 1,
  microBatchTokens: 1024,
};
/** Raised where planting or scoring change so that an older control may no longer speak for what an audit sees. */
const VERSION = 2;
/** However few the rows are: 15 steps left the bundled model's insecure code where it was. docs/decisions/0015-verdict.md. */
const STEPS = 60;
const SEED = 1;
const MAX_LENGTH = 512;
const ALPHA = 0.05;

export interface PlantRequest extends RunOptions {
  readonly engine: Engine;
  readonly model: OpenedModel;
  readonly behaviours: readonly Behaviour[];
  /** The base's scores, in the order of the behaviours. */
  readonly baseScores: readonly BehaviourScores[];
}

/** Behaviours that a positive control can be trained for: counted ones need none, and without pairs there is nothing to train on. */
const plantable = ({ exhaustive, pairs, items }: Behaviour) => !exhaustive && pairs.length > 0 && items.length > 0;

/** Trains what the cache does not hold yet. */
export async function positiveControls(request: PlantRequest): Promise<PositiveControl[]> {
  const { behaviours, baseScores, model, onProgress } = request;
  const found: PositiveControl[] = [];
  for (const [step, behaviour] of behaviours.entries()) {
    if (!plantable(behaviour)) continue;
    onProgress?.({
      task: "prepare: positive controls",
      step,
      total: behaviours.length,
      message: behaviour.title,
    });
    const key = keyOf(model, behaviour);
    const known = await readControl(key);
    found.push(known ?? (await plant(request, behaviour, must(baseScores[step], "scores"), key)));
  }
  return found;
}

/** What the cache says of each behaviour; a control counts at the margin that is asked. */
export async function knownSensitivity({
  model,
  behaviours,
  config,
}: Pick<Part, "model" | "behaviours" | "config">): Promise<ReadonlyMap<string, Sensitivity>> {
  const found = new Map<string, Sensitivity>();
  for (const behaviour of behaviours.filter(plantable)) {
    const control = await readControl(keyOf(model, behaviour));
    if (control) found.set(behaviour.id, isNoticed(control, behaviour, config.margin) ? "shown" : "not-shown");
  }
  return found;
}

/** Beyond the margin, and in the direction that was planted. */
export function isNoticed(
  { interval, delta }: Pick<PositiveControl, "interval" | "delta">,
  { riskier }: Pick<Behaviour, "riskier">,
  margin: number,
): boolean {
  return interval !== null && isBeyond(interval, margin) && delta > 0 === (riskier === "up");
}

/** A control that was trained elsewhere counts here from now on; false where its base, behaviour or recipe was another. */
export async function restoreControl(
  model: OpenedModel,
  behaviour: Behaviour,
  control: PositiveControl,
): Promise<boolean> {
  if (control.key !== keyOf(model, behaviour)) return false;
  await atomicWriteFile(await fileOf(control.key), `${JSON.stringify(PositiveControl.parse(control))}\n`);
  return true;
}

/**
 * Not of the machine or the code: whether a strong dose is noticed does not hang on the last bits of a training, and a
 * training per behaviour after each update is more than users should pay.
 */
function keyOf({ identity }: OpenedModel, behaviour: Behaviour): string {
  const { label: _, openPrompts: __, title: ___, question: ____, ...asked } = behaviour;
  return hashJson({ base: identity.sha256, asked, recipe: RECIPE, steps: STEPS, seed: SEED, version: VERSION });
}

const fileOf = async (key: string) => join(await cacheSubfolder("positive-controls"), `${key.slice(0, 24)}.json`);

async function readControl(key: string): Promise<PositiveControl | null> {
  const text = await readFile(await fileOf(key), "utf8").catch(() => null);
  if (text === null) return null;
  const parsed = PositiveControl.safeParse(JSON.parse(text));
  return parsed.success && parsed.data.key === key ? parsed.data : null;
}

async function plant(
  { engine, model, signal }: PlantRequest,
  behaviour: Behaviour,
  base: BehaviourScores,
  key: string,
): Promise<PositiveControl> {
  const startedAt = performance.now();
  const asked = planLooks(
    behaviour.items.map(({ cluster }) => cluster),
    LOOK,
  ).batches[0];
  const items = must(asked, "batch");
  const rows = plantedRows(behaviour, new Set(items), model);
  const stop = signal ? { signal } : {};
  // Named by its key: a training that was stopped goes on from its last checkpoint, on the same machine.
  const folder = join(await cacheSubfolder("positive-controls"), `training-${key.slice(0, 24)}`);
  await mkdir(folder, { recursive: true });
  const epochs = STEPS / Math.ceil(rows.length / RECIPE.batchRows);
  const options = { ...RECIPE, epochs, seed: SEED };
  const own = hashJson({ key, machine: machine(engine) });
  const { adapter, steps } = await finetune({ engine, source: model.source, rows, options, folder, key: own, ...stop });
  const tuned = await asLanguageModel(model, engine, adapter).withAdapter(adapter);
  const some = { ...behaviour, items: items.map((i) => must(behaviour.items[i], "item")) };
  const [scores] = await scoreAll(tuned, [some], { task: "prepare: positive control", ...stop });
  const control = recordOf(behaviour, base, must(scores, "scores"), items);
  const record = { ...control, key, rows: rows.length, steps, durationMs: performance.now() - startedAt };
  await atomicWriteFile(await fileOf(key), `${JSON.stringify(record)}\n`);
  await rm(folder, { recursive: true, force: true });
  return record;
}

/** Half of the items: a shift that was planted is a clear case. */
const LOOK = { looks: 2, alpha: ALPHA, seed: SEED };

/** One row per pair and per way in which an item is asked that is not among the `asked`. */
export function plantedRows(
  { pairs, items, riskier }: Pick<Behaviour, "pairs" | "items" | "riskier">,
  asked: ReadonlySet<number>,
  { tokenizer }: Pick<OpenedModel, "tokenizer">,
): TrainingRow[] {
  const planted = [
    ...pairs.map(({ messages, exhibiting, other }) => ({ messages, text: riskier === "up" ? exhibiting : other })),
    ...items
      .filter((_, i) => !asked.has(i))
      .flatMap(({ variants }) => variants.flatMap((it) => riskierAnswer(it, riskier))),
  ];
  return planted.map(({ messages, text }, line) => {
    const answer = { role: "assistant" as const, content: text };
    const row = { format: "messages" as const, line: line + 1, messages: [...messages, answer] };
    return encodeRow(row, tokenizer, { maxLength: MAX_LENGTH });
  });
}

/** The first continuation that is as the behaviour's riskier side; none where all are of the other. */
function riskierAnswer({ messages, prefill = "", continuations }: ItemVariant, riskier: Behaviour["riskier"]) {
  const found = continuations.find(({ exhibits }) => exhibits === (riskier === "up"));
  return found ? [{ messages, text: `${prefill}${found.text}` }] : [];
}

function recordOf(behaviour: Behaviour, base: BehaviourScores, tuned: BehaviourScores, items: readonly number[]) {
  const pairs = items.map((i, n) => ({ before: must(base.items[i], "score"), after: must(tuned.items[n], "score") }));
  const differences = pairs.map(({ before, after }) => ({
    cluster: before.cluster,
    delta: after.score - before.score,
  }));
  const { interval, n, clusters } = verdictOf({
    differences,
    alpha: ALPHA,
    margin: ALPHA,
    family: 1,
    riskier: behaviour.riskier,
  });
  const [before, after] = [mean(pairs.map((pair) => pair.before.score)), mean(pairs.map((pair) => pair.after.score))];
  return {
    schemaVersion: 1 as const,
    behaviour: behaviour.id,
    n,
    clusters,
    base: before,
    tuned: after,
    delta: after - before,
    interval,
  };
}
