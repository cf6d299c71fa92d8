/** A model of this machine as a speaker: whoever asks need not know that nothing leaves the machine. */
import { z } from "zod";
import { CancelledError, must } from "../core/index.ts";
import { type Answer, type ChatRequest, type Speaker, splitThinking, type Usage } from "../endpoints/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { hashJson } from "../store/index.ts";
import { exactly } from "./exactly.ts";
import type { Judge } from "./judge.ts";
import { type KeptReplies, nothingKept } from "./kept-replies.ts";

/** Rows of one generation: after each, its answers are kept. */
const ROWS = 16;

const Generated = z.strictObject({ content: z.string(), prompt: z.number(), completion: z.number() });
type Generated = z.infer<typeof Generated>;
/** Log-probabilities of the answer beginning with each candidate; null: −∞. */
const Weights = z.strictObject({ begins: z.array(z.number().nullable()), promptTokens: z.number() });
type Weights = z.infer<typeof Weights>;

/**
 * Answers by generation. An answer depends on its request alone, not on what else is asked, so that an interrupted job
 * ends as an undisturbed one. `likelihoods` gives the probability that the answer is each of the candidates, so that a
 * scale is read from all of its numbers.
 */
export function localSpeaker(
  model: LanguageModel,
  identity: { readonly name: string; readonly sha256: string },
  kept: KeptReplies = nothingKept,
): Judge {
  let used: Used = NOTHING;
  const chat: Speaker["chat"] = async (requests, { task = `ask ${identity.name}`, onProgress, signal } = {}) => {
    const answers: (Answer | undefined)[] = await Promise.all(
      requests.map(async (request) => {
        const found = await kept.get(keyOf(request), Generated);
        return found ? answerOf(found, request, true) : undefined;
      }),
    );
    const open = requests.flatMap((request, index) => (answers[index] ? [] : [{ request, index }]));
    let done = requests.length - open.length;
    onProgress?.({ task, step: done, total: requests.length });
    for (const batch of batches(model, open)) {
      if (signal?.aborted) throw new CancelledError(task);
      for (const [i, generated] of (await generate(model, batch, signal)).entries()) {
        const { request, index } = must(batch[i], "request");
        await kept.put(keyOf(request), generated);
        answers[index] = answerOf(generated, request, false);
      }
      done += batch.length;
      onProgress?.({ task, step: done, total: requests.length });
    }
    const all = answers.map((answer) => must(answer, "answer"));
    used = all.reduce(counted, used);
    return all;
  };
  return {
    name: `${identity.name} on this machine`,
    identity: { model: identity.name, where: `this machine, sha256 ${identity.sha256}` },
    usage: () => ({ ...used, retries: 0, gaps: 0, cost: 0, adapted: [] }),
    chat,
    likelihoods: likelihoods(model, kept, (each) => {
      used = counted(used, each);
    }),
  };
}

const keyOf = ({ messages, maxTokens, temperature, sample }: ChatRequest) => ({
  messages,
  maxTokens,
  temperature,
  sample,
});

interface Open {
  readonly request: ChatRequest;
  readonly index: number;
}

interface Encoded extends Open {
  readonly prompt: readonly number[];
}

/** A prompt that fills the model keeps its end, where the question stands; `room` tokens are left for the answer. */
function promptOf({ tokenizer, source }: LanguageModel, { messages }: Pick<ChatRequest, "messages">, room: number) {
  const ids = tokenizer.encodeChat(messages, { addGenerationPrompt: true });
  return ids.slice(-Math.max(1, source.definition.maxPositions - room));
}

/** What may be generated together (the same temperature, seed and length), prompts of like length beside one another. */
function batches(model: LanguageModel, open: readonly Open[]): readonly (readonly Encoded[])[] {
  const groups = new Map<string, Encoded[]>();
  for (const each of open) {
    const { temperature, sample, maxTokens } = each.request;
    const key = JSON.stringify([temperature, sample, maxTokens]);
    const prompt = promptOf(model, each.request, maxTokens);
    groups.set(key, [...(groups.get(key) ?? []), { ...each, prompt }]);
  }
  return [...groups.values()].flatMap((group) => {
    const sorted = group.sort((a, b) => a.prompt.length - b.prompt.length);
    return Array.from({ length: Math.ceil(sorted.length / ROWS) }, (_, i) => sorted.slice(i * ROWS, (i + 1) * ROWS));
  });
}

async function generate(
  model: LanguageModel,
  batch: readonly Encoded[],
  signal: AbortSignal | undefined,
): Promise<readonly Generated[]> {
  const { tokenizer, source } = model;
  const { maxTokens, temperature, sample } = must(batch[0], "request").request;
  const tokens = await model.generate(
    batch.map(({ prompt }) => prompt),
    {
      maxNewTokens: Math.min(maxTokens, source.definition.maxPositions - 1),
      temperature,
      seed: sample,
      streams: batch.map(({ request }) => hashJson(request.messages)),
      stopIds: tokenizer.eosIds,
      batchRows: ROWS,
      ...(signal ? { signal } : {}),
    },
  );
  return batch.map(({ prompt }, i) => {
    const own = must(tokens[i], "answer");
    const content = tokenizer.decode(own, { skipSpecialTokens: true });
    return { content, prompt: prompt.length, completion: own.length };
  });
}

function answerOf({ content, prompt, completion }: Generated, { maxTokens }: ChatRequest, cached: boolean): Answer {
  const { text, reasoning } = splitThinking(content);
  return {
    kind: "answer",
    text: text.trim(),
    reasoning,
    finish: completion >= maxTokens ? "length" : "stop",
    refusal: null,
    tokens: null,
    promptTokens: prompt,
    completionTokens: completion,
    cached,
  };
}

function likelihoods(
  model: LanguageModel,
  kept: KeptReplies,
  count: (weighed: Counted) => void,
): NonNullable<Judge["likelihoods"]> {
  const { tokenizer } = model;
  return async (requests, candidates, { task = "weigh", onProgress, signal } = {}) => {
    const continuations = candidates.map((text) => tokenizer.encode(text));
    const exact = exactly(continuations);
    const room = Math.max(...continuations.map(({ length }) => length));
    const weigh = async ({ messages }: (typeof requests)[number]): Promise<Counted & Weights> => {
      const key = { messages, candidates };
      const before = await kept.get(key, Weights);
      if (before) return { ...before, cached: true };
      const prompt = promptOf(model, { messages }, room);
      const asked = continuations.map((continuation) => ({ prompt, continuation }));
      const begins = (await model.logLikelihood(asked, signal ? { signal } : {})).map(({ logprob }) => logprob);
      await kept.put(key, { begins, promptTokens: prompt.length });
      return { begins, promptTokens: prompt.length, cached: false };
    };
    const found: (readonly number[])[] = [];
    for (const request of requests) {
      if (signal?.aborted) throw new CancelledError(task);
      const { begins, ...used } = await weigh(request);
      count(used);
      found.push(exact(begins.map((each) => each ?? -Infinity)));
      onProgress?.({ task, step: found.length, total: requests.length });
    }
    return found;
  };
}

type Used = Pick<Usage, "answers" | "cached" | "promptTokens" | "completionTokens">;
const NOTHING: Used = { answers: 0, cached: 0, promptTokens: null, completionTokens: null };

type Counted = Pick<Answer, "promptTokens" | "cached"> & { readonly completionTokens?: number | null };

function counted(used: Used, { promptTokens, completionTokens, cached }: Counted): Used {
  return {
    answers: used.answers + 1,
    cached: used.cached + Number(cached),
    promptTokens: (used.promptTokens ?? 0) + (promptTokens ?? 0),
    completionTokens: (used.completionTokens ?? 0) + (completionTokens ?? 0),
  };
}
