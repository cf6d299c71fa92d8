/**
 * Checkpoints of a training: `step-<n>/` with what the training publishes (a PEFT adapter), and what resuming needs.
 * A folder appears whole or not at all (written beside, then renamed).
 */
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { must } from "../core/index.ts";
import { floatsToBytes, openSafetensors, readTensor, writeSafetensors } from "../data/index.ts";
import { atomicWriteFile } from "../store/index.ts";
import type { TrainingState } from "./train.ts";

const StateFile = z.strictObject({ step: z.number().int(), key: z.string() });

export interface CheckpointFolder {
  /** The folder that holds `step-<n>`. */
  readonly folder: string;
  /** Hash of all that the training depends on: a checkpoint of another training is never resumed. */
  readonly key: string;
  /** Writes into a checkpoint's folder what other tools load. */
  readonly publish: (folder: string, state: TrainingState) => Promise<void>;
}

export async function saveCheckpoint(place: CheckpointFolder, state: TrainingState): Promise<void> {
  const final = join(place.folder, `step-${state.step}`);
  const beside = join(place.folder, `.step-${state.step}.${process.pid}`);
  try {
    await removeUnfinished(place.folder);
    await mkdir(beside, { recursive: true });
    await writeState(beside, place, state);
    await rm(final, { recursive: true, force: true });
    await rename(beside, final);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  await dropOlderStates(place.folder, state.step);
}

async function writeState(folder: string, place: CheckpointFolder, state: TrainingState): Promise<void> {
  await place.publish(folder, state);
  const { parameters, m, v } = state;
  await writeSafetensors(join(folder, "optimizer.safetensors"), [
    vector("parameters", parameters),
    vector("m", m),
    vector("v", v),
  ]);
  await atomicWriteFile(join(folder, "state.json"), JSON.stringify({ step: state.step, key: place.key }));
}

const vector = (name: string, data: Float32Array) => ({
  name,
  dtype: "F32" as const,
  shape: [data.length],
  data: floatsToBytes(data, "F32"),
});

const BEST = "best.safetensors";

/** Keeps the parameters that did best on held-out rows. */
export async function saveBest({ folder }: CheckpointFolder, parameters: Float32Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, BEST), [vector("parameters", parameters)]);
}

export async function readBest({ folder }: CheckpointFolder): Promise<Float32Array> {
  return readTensor(must((await openSafetensors(join(folder, BEST))).get("parameters"), "parameters"));
}

/** What killed trainings had begun; who trains here holds the folder. */
async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  const unfinished = names.filter((name) => /^\.step-\d+\.\d+$/.test(name));
  await Promise.all(unfinished.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/** The furthest whole checkpoint of this training; null where there is none. */
export async function latestCheckpoint({ folder, key }: CheckpointFolder): Promise<TrainingState | null> {
  for (const step of (await stepsIn(folder)).toReversed()) {
    const state = await readState(join(folder, `step-${step}`), key);
    if (state) return state;
  }
  return null;
}

async function readState(folder: string, key: string): Promise<TrainingState | null> {
  const text = await readFile(join(folder, "state.json"), "utf8").catch(() => null);
  if (text === null) return null;
  const state = StateFile.safeParse(JSON.parse(text));
  if (!state.success || state.data.key !== key) return null;
  const tensors = await openSafetensors(join(folder, "optimizer.safetensors"));
  const vector = (name: string) => readTensor(must(tensors.get(name), name));
  return { step: state.data.step, parameters: await vector("parameters"), m: await vector("m"), v: await vector("v") };
}

/** The steps whose checkpoints lie in `folder`, rising. */
export async function stepsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => (/^step-\d+$/.test(name) ? [Number(name.slice(5))] : [])).sort((a, b) => a - b);
}

/** Earlier adapters stay (the drift over training is read from them); their optimiser states are three times as large. */
async function dropOlderStates(folder: string, current: number): Promise<void> {
  for (const step of await stepsIn(folder)) {
    if (step === current) continue;
    for (const name of ["state.json", "optimizer.safetensors"])
      await rm(join(folder, `step-${step}`, name), { force: true });
  }
}
