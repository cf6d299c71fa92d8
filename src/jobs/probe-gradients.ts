/** ∇m_b of a base's behaviours, from the cache or computed into it: it depends on the base and on where LoRA starts. */
import { join } from "node:path";
import { z } from "zod";
import type { ProbeGradient, ProbesQuestion } from "../audit/index.ts";
import { must } from "../core/index.ts";
import { floatsToBytes, openSafetensors, readTensor } from "../data/index.ts";
import { cacheSubfolder, hashJson } from "../store/index.ts";
import { entryFields, type Place, readEntry, writeEntry } from "./tensor-cache.ts";

/** `probes.json` beside `probes.safetensors`, which holds `<behaviour>` `[size]`. */
const ProbesRecord = z.strictObject({
  ...entryFields,
  probes: z.array(z.strictObject({ id: z.string(), pairs: z.number().int(), value: z.number() })),
});

export interface ProbesRequest extends Pick<ProbesQuestion, "behaviours" | "shape" | "seed"> {
  /** sha256 of the base's weights. */
  readonly sha256: string;
  /** What the bits depend on besides the inputs, the code included. */
  readonly machine: unknown;
}

/** `compute` is asked where nothing is cached. */
export async function cachedProbes(
  request: ProbesRequest,
  compute: () => Promise<readonly ProbeGradient[]>,
): Promise<readonly ProbeGradient[]> {
  const key = keyOf(request);
  const place = { folder: join(await cacheSubfolder("probes"), key.slice(0, 24)), name: "probes" };
  const known = await read(place, key);
  if (known) return known;
  const probes = await compute();
  const tensors = probes.map(({ id, gradient }) => ({
    name: id,
    dtype: "F32" as const,
    shape: [gradient.length],
    data: floatsToBytes(gradient, "F32"),
  }));
  const figures = probes.map(({ id, pairs, value }) => ({ id, pairs, value }));
  await writeEntry<z.infer<typeof ProbesRecord>>(place, tensors, { key, probes: figures });
  return probes;
}

function keyOf({ sha256, behaviours, shape, seed, machine }: ProbesRequest): string {
  const asked = behaviours.map(({ id, pairs, weight, wholeAnswers }) => ({ id, pairs, weight, wholeAnswers }));
  return hashJson({ sha256, asked, shape, seed, machine });
}

async function read(place: Place, key: string): Promise<ProbeGradient[] | null> {
  const entry = await readEntry(place, ProbesRecord, key);
  if (!entry) return null;
  const tensors = await openSafetensors(entry.tensors);
  const probes: ProbeGradient[] = [];
  for (const probe of entry.record.probes)
    probes.push({ ...probe, gradient: Float32Array.from(await readTensor(must(tensors.get(probe.id), probe.id))) });
  return probes;
}
