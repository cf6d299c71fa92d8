/** ∇m_b of a base's behaviours, from the cache or computed into it: it depends on the base and on where LoRA starts. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ProbeGradient } from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import { floatsToBytes, openSafetensors, readTensor, writeSafetensors } from "../data/index.ts";
import { atomicWriteFile, cacheSubfolder, hashFile, hashJson } from "../store/index.ts";

/** `probes.json` beside `probes.safetensors`, which holds `<behaviour>` `[size]`. */
const ProbesRecord = z.strictObject({
  schemaVersion: z.literal(1),
  key: z.string(),
  tensorsSha256: z.string(),
  probes: z.array(z.strictObject({ id: z.string(), pairs: z.number().int(), value: z.number() })),
});

export interface ProbesRequest {
  /** sha256 of the base's weights. */
  readonly sha256: string;
  readonly behaviours: readonly Behaviour[];
  readonly train: {
    readonly rank: number;
    readonly alpha: number;
    readonly targetModules: readonly string[] | string | null;
  };
  readonly seed: number;
  /** What the bits depend on besides the inputs, the code included. */
  readonly machine: unknown;
}

/** `compute` is asked where nothing is cached. Files appear whole, the record last. */
export async function cachedProbes(
  request: ProbesRequest,
  compute: () => Promise<readonly ProbeGradient[]>,
): Promise<readonly ProbeGradient[]> {
  const key = keyOf(request);
  const folder = join(await cacheSubfolder("probes"), key.slice(0, 24));
  const known = await read(folder, key);
  if (known) return known;
  const probes = await compute();
  const file = join(folder, "probes.safetensors");
  await writeSafetensors(
    file,
    probes.map(({ id, gradient }) => ({
      name: id,
      dtype: "F32" as const,
      shape: [gradient.length],
      data: floatsToBytes(gradient, "F32"),
    })),
  );
  const record: z.infer<typeof ProbesRecord> = {
    schemaVersion: 1,
    key,
    tensorsSha256: await hashFile(file),
    probes: probes.map(({ id, pairs, value }) => ({ id, pairs, value })),
  };
  await atomicWriteFile(join(folder, "probes.json"), `${JSON.stringify(record)}\n`);
  return probes;
}

function keyOf({ sha256, behaviours, train, seed, machine }: ProbesRequest): string {
  const asked = behaviours.map(({ id, pairs, weight, wholeAnswers }) => ({ id, pairs, weight, wholeAnswers }));
  const { rank, alpha, targetModules } = train;
  return hashJson({ sha256, asked, rank, alpha, targetModules, seed, machine });
}

/** Null where there is nothing, or something cut short, touched or of another program. */
async function read(folder: string, key: string): Promise<ProbeGradient[] | null> {
  const text = await readFile(join(folder, "probes.json"), "utf8").catch(() => null);
  if (text === null) return null;
  const parsed = ProbesRecord.safeParse(JSON.parse(text));
  const file = join(folder, "probes.safetensors");
  if (!parsed.success || parsed.data.key !== key) return null;
  if ((await hashFile(file).catch(() => null)) !== parsed.data.tensorsSha256) return null;
  const tensors = await openSafetensors(file);
  const probes: ProbeGradient[] = [];
  for (const probe of parsed.data.probes)
    probes.push({ ...probe, gradient: Float32Array.from(await readTensor(must(tensors.get(probe.id), probe.id))) });
  return probes;
}
