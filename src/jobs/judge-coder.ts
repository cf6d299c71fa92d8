/** Dictionaries of any kind judged on base, tuned model and user data. */
import { must, type OnProgress } from "../core/index.ts";
import {
  checkCoderFits,
  coderCost,
  coderWords,
  fidelityGate,
  type LoadedCoder,
  loadCoder,
  measureCoder,
  openCoders,
  resolveDictionary,
} from "../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import type { CoderEval } from "../records/index.ts";
import type { NamedModel } from "./train-dictionary.ts";

export interface CoderEvalRequest {
  readonly folder: string;
  readonly base: NamedModel;
  readonly tuned: NamedModel | null;
  /** Read by base and tuned model. */
  readonly text: readonly ReadSequence[];
  /** The user's training rows at response positions, read by the base. */
  readonly data: readonly ReadSequence[] | null;
  /** Where it reads, for files that do not say it. */
  readonly hook?: HookName;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** One autoencoder that analyses can read too (`openDictionary`). */
export async function holdsPlainSae(folder: string): Promise<boolean> {
  const { coders } = await openCoders(await resolveDictionary(folder));
  const [coder] = coders;
  return coders.length === 1 && coder?.kind === "sae" && coder.groups[0]?.inputNorm === "none";
}

type Judged = CoderEval["dictionaries"][number];

/** Sequences on which cost is measured: six more passes each. */
const COST_SEQUENCES = 32;

export async function judgeCoders(request: CoderEvalRequest): Promise<CoderEval> {
  const { base, tuned, hook } = request;
  const folder = await resolveDictionary(request.folder);
  const { format, coders } = await openCoders(folder, hook ? { hook } : {});
  for (const coder of coders) checkCoderFits(coder, base.model.source.definition, `dictionary ${folder}`);
  const dictionaries: Judged[] = [];
  for (const coder of coders) dictionaries.push(await judgeOne(request, await loadCoder(coder)));
  return { schemaVersion: 1, format, model: base.identity, tuned: tuned?.identity ?? null, dictionaries };
}

async function judgeOne(request: CoderEvalRequest, coder: LoadedCoder): Promise<Judged> {
  const { base, tuned, text, data } = request;
  const onBase = await judge(request, coder, base.model, "base", text);
  const onTuned = tuned && (await judge(request, coder, tuned.model, "tuned", text));
  const onData = data && (await judge(request, coder, base.model, "data", data));
  const gates = coder.outputs.flatMap((_, o) =>
    onTuned ? [fidelityGate(must(onBase.fidelity.outputs[o], "base"), must(onTuned.fidelity.outputs[o], "tuned"))] : [],
  );
  const [worst] = gates.sort((a, b) => Number(b.abstains) - Number(a.abstains) || b.ratio - a.ratio);
  return {
    name: coderWords(coder),
    quality: [onBase, onTuned, onData].filter((part) => part !== null),
    gate: worst ?? null,
  };
}

async function judge(
  { onProgress, signal }: CoderEvalRequest,
  coder: LoadedCoder,
  model: LanguageModel,
  text: "base" | "tuned" | "data",
  sequences: readonly ReadSequence[],
) {
  const asked = { model, coder, ...(signal ? { signal } : {}) };
  const onDone = (done: number, total: number) => onProgress?.({ task: `fidelity ${text}`, step: done, total });
  const fidelity = await measureCoder({ ...asked, sequences, onDone });
  const cost = await coderCost({ ...asked, sequences: sequences.slice(0, COST_SEQUENCES) });
  return { text, fidelity, cost };
}
