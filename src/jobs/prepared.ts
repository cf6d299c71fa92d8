/** What is known of a base model, from the cache or computed into it: `penumbra prepare`. */
import { join } from "node:path";
import { z } from "zod";
import { type Directions, directionsOf, type PreparedBase, type PrepareOptions, prepareBase } from "../audit/index.ts";
import type { Behaviour, BehaviourScores } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import { floatsToBytes, openSafetensors, readTensor, type TensorToWrite } from "../data/index.ts";
import type { OpenedDictionary } from "../dictionaries/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { type HookName, hookLayer } from "../models/index.ts";
import { cacheSubfolder, hashJson } from "../store/index.ts";
import { entryFields, type Place, readEntry, writeEntry } from "./tensor-cache.ts";

const ScoresOfOne = z.strictObject({
  behaviourId: z.string(),
  items: z.array(
    z.strictObject({
      id: z.string(),
      cluster: z.string(),
      score: z.number(),
      logOdds: z.number(),
      variantLogOdds: z.array(z.number()),
      strongestExhibiting: z.string(),
      strongestOther: z.string(),
    }),
  ),
});
export const Scores = z.array(ScoresOfOne);

/** `prepared.json` beside `prepared.safetensors`, which holds `<behaviour>/<hook>/pairs` `[pairs, dModel]` and `/parts` `[4, dModel]`. */
const PreparedRecord = z.strictObject({
  ...entryFields,
  scores: Scores,
  parallel: z.array(
    z.strictObject({
      bare: ScoresOfOne,
      afterPreamble: z.strictObject({ asked: ScoresOfOne, bare: ScoresOfOne }),
    }),
  ),
  pairLogOdds: z.record(z.string(), z.array(z.number())),
  latents: z
    .strictObject({
      sets: z.record(
        z.string(),
        z.array(
          z.strictObject({
            latent: z.number().int(),
            sign: z.union([z.literal(1), z.literal(-1)]),
            attribution: z.number(),
            check: z.number(),
            activationDifference: z.number(),
          }),
        ),
      ),
      firingRates: z.array(z.number()),
    })
    .nullable(),
  /** Time that was spent once, to be told apart from a run's own. */
  durationMs: z.number(),
});

export interface PrepareRequest extends PrepareOptions {
  readonly base: LanguageModel;
  /** sha256 of the base's weights. */
  readonly sha256: string;
  readonly behaviours: readonly Behaviour[];
  readonly dictionary: OpenedDictionary | null;
  /** What the bits depend on besides the inputs, the code included. */
  readonly machine: unknown;
}

export interface PreparedResult {
  readonly prepared: PreparedBase;
  readonly folder: string;
  /** Time of the computation, now or when the cache was filled. */
  readonly durationMs: number;
  readonly fromCache: boolean;
}

export async function preparedBase(request: PrepareRequest): Promise<PreparedResult> {
  const key = keyOf(request);
  const folder = join(await cacheSubfolder("prepared"), key.slice(0, 24));
  const place = { folder, name: "prepared" };
  const known = await readPrepared(place, key);
  if (known) return { ...known, folder, fromCache: true };
  const startedAt = performance.now();
  const prepared = await prepareBase(request.base, request.behaviours, request.dictionary?.dictionary ?? null, request);
  const durationMs = performance.now() - startedAt;
  await write(place, key, prepared, durationMs);
  return { prepared, folder, durationMs, fromCache: false };
}

function keyOf({ sha256, behaviours, dictionary, machine }: PrepareRequest): string {
  const battery = behaviours.map(({ label: _, openPrompts: __, title: ___, question: ____, ...asked }) => asked);
  return hashJson({ sha256, battery, dictionary: dictionary?.identity ?? null, machine });
}

async function write(place: Place, key: string, prepared: PreparedBase, durationMs: number): Promise<void> {
  const tensors = [...prepared.directions].flatMap(([id, layers]) =>
    layers.flatMap(({ hook, width, differences, parts }) => [
      tensor(`${id}/${hook}/pairs`, width, differences),
      tensor(`${id}/${hook}/parts`, width, parts),
    ]),
  );
  await writeEntry<z.infer<typeof PreparedRecord>>(place, tensors, {
    key,
    scores: writable(prepared.scores),
    parallel: [...prepared.parallel.values()].map(({ bare, afterPreamble }) => ({
      bare: writableOne(bare),
      afterPreamble: { asked: writableOne(afterPreamble.asked), bare: writableOne(afterPreamble.bare) },
    })),
    pairLogOdds: Object.fromEntries([...prepared.pairLogOdds].map(([id, values]) => [id, [...values]])),
    latents: prepared.latents && {
      sets: Object.fromEntries([...prepared.latents.sets].map(([id, latents]) => [id, [...latents]])),
      firingRates: [...prepared.latents.firingRates],
    },
    durationMs,
  });
}

export function writable(scores: readonly BehaviourScores[]): z.infer<typeof Scores> {
  return scores.map(writableOne);
}

function writableOne({ behaviourId, items }: BehaviourScores): z.infer<typeof ScoresOfOne> {
  return { behaviourId, items: items.map((item) => ({ ...item, variantLogOdds: [...item.variantLogOdds] })) };
}

function tensor(name: string, width: number, values: Float32Array): TensorToWrite {
  return { name, dtype: "F32", shape: [values.length / width, width], data: floatsToBytes(values, "F32") };
}

async function readPrepared(place: Place, key: string): Promise<{ prepared: PreparedBase; durationMs: number } | null> {
  const entry = await readEntry(place, PreparedRecord, key);
  if (!entry) return null;
  const { scores, parallel, pairLogOdds, latents, durationMs } = entry.record;
  return {
    prepared: {
      scores,
      parallel: new Map(parallel.map((each) => [each.bare.behaviourId, each])),
      directions: await readDirections(entry.tensors),
      pairLogOdds: new Map(Object.entries(pairLogOdds)),
      latents: latents && {
        sets: new Map(Object.entries(latents.sets)),
        firingRates: Float64Array.from(latents.firingRates),
      },
    },
    durationMs,
  };
}

async function readDirections(file: string): Promise<PreparedBase["directions"]> {
  const found = new Map<string, Directions[]>();
  const layerOf = ({ hook }: Directions) => hookLayer(hook) ?? 0;
  const tensors = await openSafetensors(file);
  for (const [name, location] of tensors) {
    const [id, hook, what] = name.split("/") as [string, HookName, string];
    if (what !== "pairs") continue;
    const parts = await readTensor(must(tensors.get(`${id}/${hook}/parts`), "parts"));
    const width = must(location.shape[1], "width");
    found.set(id, [...(found.get(id) ?? []), directionsOf(hook, width, await readTensor(location), parts)]);
  }
  for (const list of found.values()) list.sort((a, b) => layerOf(a) - layerOf(b));
  return found;
}
