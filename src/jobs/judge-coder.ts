/** Dictionaries of any kind judged on base, tuned model and user data. */
import { elementCount, must, type OnProgress } from "../core/index.ts";
import {
  checkCoderFits,
  checkOneModel,
  coderCost,
  coderWords,
  type FiledCoder,
  fidelityGate,
  type LoadedCoder,
  loadCoder,
  measureCoders,
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

/** Weights of dictionaries that are read together, so that the model runs once for all of them. */
const ROUND_NUMBERS = 2 ** 28;

export async function judgeCoders(request: CoderEvalRequest): Promise<CoderEval> {
  const { base, tuned, hook } = request;
  const folder = await resolveDictionary(request.folder);
  const { format, coders } = await openCoders(folder, hook ? { hook } : {});
  for (const coder of coders) {
    checkOneModel(coder, `dictionary ${folder}`);
    checkCoderFits(coder, base.model.source.definition, `dictionary ${folder}`);
  }
  const dictionaries: Judged[] = [];
  for (const round of rounds(coders)) {
    const loaded = await Promise.all(round.map(loadCoder));
    dictionaries.push(...(await judgeRound(request, loaded)));
  }
  return { schemaVersion: 1, format, model: base.identity, tuned: tuned?.identity ?? null, dictionaries };
}

/** In their order. */
function rounds(coders: readonly FiledCoder[]): FiledCoder[][] {
  const out: FiledCoder[][] = [];
  let room = 0;
  for (const coder of coders) {
    const numbers = coder.groups.reduce((sum, { encoder, decoder }) => sum + countOf(encoder) + countOf(decoder), 0);
    if (numbers > room || out.length === 0) {
      out.push([]);
      room = ROUND_NUMBERS;
    }
    out.at(-1)?.push(coder);
    room -= numbers;
  }
  return out;
}

const countOf = ({ shape }: { readonly shape: readonly number[] }) => elementCount(shape);

async function judgeRound(request: CoderEvalRequest, coders: readonly LoadedCoder[]): Promise<Judged[]> {
  const { base, tuned, text, data } = request;
  const onBase = await judge(request, coders, base.model, "base", text);
  const onTuned = tuned && (await judge(request, coders, tuned.model, "tuned", text));
  const onData = data && (await judge(request, coders, base.model, "data", data));
  return coders.map((coder, i) => {
    const parts = [onBase, onTuned, onData].flatMap((all) => (all ? [must(all[i], "quality")] : []));
    return { name: coderWords(coder), quality: parts, gate: worstGate(parts) };
  });
}

/** Of the place where tuned over base is worst; null without a tuned model. */
function worstGate(parts: Judged["quality"]): Judged["gate"] {
  const of = (text: "base" | "tuned") => parts.find((part) => part.text === text)?.fidelity.outputs ?? [];
  const base = of("base");
  const gates = of("tuned").map((output, o) => fidelityGate(must(base[o], "base"), output));
  const [worst] = gates.sort((a, b) => Number(b.abstains) - Number(a.abstains) || b.ratio - a.ratio);
  return worst ?? null;
}

async function judge(
  { onProgress, signal }: CoderEvalRequest,
  coders: readonly LoadedCoder[],
  model: LanguageModel,
  text: "base" | "tuned" | "data",
  sequences: readonly ReadSequence[],
): Promise<Judged["quality"]> {
  const quiet = signal ? { signal } : {};
  const onDone = (done: number, total: number) => onProgress?.({ task: `fidelity ${text}`, step: done, total });
  const measured = await measureCoders({ model, coders, sequences, onDone, ...quiet });
  const out: Judged["quality"] = [];
  for (const [i, coder] of coders.entries()) {
    const cost = await coderCost({ model, coder, sequences: sequences.slice(0, COST_SEQUENCES), ...quiet });
    out.push({ text, fidelity: must(measured[i], "fidelity"), cost });
  }
  return out;
}
