/** Descriptions of latents on disk: a page, Neuronpedia's export; and labels looked up in one. */
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type FoundLabel, readNeuronpedia, searchLabels, writeNeuronpedia } from "../dictionaries/index.ts";
import { renderDictionaryPage } from "../report/index.ts";
import { atomicWriteFile } from "../store/index.ts";
import type { Described } from "./describe-latents.ts";
import { GENERATED_BY } from "./version.ts";

export interface KeepOptions {
  readonly layer: number;
  readonly html?: string | undefined;
  readonly neuronpedia?: string | undefined;
  /** A Neuronpedia export whose labels are put to the latents. */
  readonly labels?: string | undefined;
}

export async function keepDescription(
  described: Described,
  { layer, html, neuronpedia, labels }: KeepOptions,
): Promise<{ readonly description: Described; readonly written: readonly string[] }> {
  const known = labels === undefined ? null : await readNeuronpedia(labels);
  const latents = described.latents.map((each) => ({
    ...each,
    labels: known?.get(each.latent)?.labels ?? each.labels,
  }));
  const description = { ...described, latents };
  const written: string[] = [];
  if (html !== undefined) {
    await mkdir(dirname(resolve(html)), { recursive: true });
    await atomicWriteFile(html, renderDictionaryPage(description, GENERATED_BY));
    written.push(`Page: ${html}`);
  }
  if (neuronpedia !== undefined) {
    const source = { modelId: described.model, sourceId: `${layer}-penumbra` };
    await writeNeuronpedia(neuronpedia, source, latents);
    written.push(`Neuronpedia export: ${neuronpedia} (${latents.length} latents)`);
  }
  return { description, written };
}

export async function findLabels(folder: string, words: string, keep: number): Promise<FoundLabel[]> {
  return searchLabels((await readNeuronpedia(folder)).values(), words, keep);
}
