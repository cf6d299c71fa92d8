/** Base against tuned through a dictionary of any kind; a crosscoder of the two models says which latents are whose. */
import { compareThrough } from "../audit/index.ts";
import type { OnProgress } from "../core/index.ts";
import { checkCoderFits, coderWords, fidelityGate } from "../dictionaries/index.ts";
import type { ReadSequence } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import type { CoderComparison } from "../records/index.ts";
import { chosenGroup } from "./describe-latents.ts";
import type { NamedModel } from "./train-dictionary.ts";

export interface DictionaryCompareRequest {
  readonly folder: string;
  readonly base: NamedModel;
  readonly tuned: NamedModel;
  /** Which group of latents: of a set or a cross-layer transcoder, the layer; otherwise 0. */
  readonly layer: number;
  /** Read by both. */
  readonly text: readonly ReadSequence[];
  /** Where it reads, for files that do not say it. */
  readonly hook?: HookName;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export async function compareDictionary(request: DictionaryCompareRequest): Promise<CoderComparison> {
  const { folder, base, tuned, layer, text, hook, onProgress, signal } = request;
  const { coder, group } = await chosenGroup(folder, layer, hook ? { hook } : {});
  checkCoderFits(coder, base.model.source.definition, `dictionary ${folder}`);
  const compared = await compareThrough({
    base: base.model,
    tuned: tuned.model,
    coder,
    group,
    sequences: text,
    onDone: (done, total) => onProgress?.({ task: "base against tuned", step: done, total }),
    ...(signal ? { signal } : {}),
  });
  const { base: before, tuned: after } = compared.explainedVariance;
  return {
    schemaVersion: 1,
    dictionary: coderWords(coder),
    base: base.identity,
    tuned: tuned.identity,
    gate: fidelityGate({ explainedVariance: before }, { explainedVariance: after }),
    ...compared,
  };
}
