/** A model of this machine as a speaker: whoever asks need not know that nothing leaves the machine. */
import { CancelledError } from "../core/index.ts";
import { type Answer, type ChatRequest, type Speaker, splitThinking, type Usage } from "../endpoints/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { Judge } from "./judge.ts";

const NOTHING = { cached: 0, retries: 0, gaps: 0, cost: 0, adapted: [] } as const;

/**
 * Answers by generation. `likelihoods` gives the probability that the answer begins with each of the candidates, so that
 * a scale is read from all of its numbers.
 */
export function localSpeaker(
  model: LanguageModel,
  identity: { readonly name: string; readonly sha256: string },
): Judge {
  const { tokenizer, source } = model;
  let used: Pick<Usage, "answers" | "promptTokens" | "completionTokens"> = NO_TOKENS;
  const encode = ({ messages }: Pick<ChatRequest, "messages">) =>
    tokenizer.encodeChat(messages, { addGenerationPrompt: true });
  const speaker: Speaker = {
    name: `${identity.name} on this machine`,
    identity: { model: identity.name, where: `this machine, sha256 ${identity.sha256}` },
    usage: () => ({ ...NOTHING, ...used }),
    chat: async (requests, { task = `ask ${identity.name}`, onProgress, signal } = {}) => {
      const room = source.definition.maxPositions;
      const answers: Answer[] = new Array(requests.length);
      let done = 0;
      for (const group of alike(requests)) {
        if (signal?.aborted) throw new CancelledError(task);
        const { temperature, sample, maxTokens } = group[0]?.request ?? { temperature: 0, sample: 0, maxTokens: 1 };
        // A prompt that fills the model keeps its end, where the question stands.
        const prompts = group.map(({ request }) => encode(request).slice(-Math.max(1, room - maxTokens)));
        const generated = await model.generate(prompts, {
          maxNewTokens: Math.min(maxTokens, room - 1),
          temperature,
          seed: sample,
          stopIds: tokenizer.eosIds,
          onDone: (step) => onProgress?.({ task, step: done + step, total: requests.length }),
          ...(signal ? { signal } : {}),
        });
        done += group.length;
        for (const [i, { index }] of group.entries())
          answers[index] = answerOf(tokenizer.decode(generated[i] ?? [], { skipSpecialTokens: true }), {
            prompt: prompts[i]?.length ?? 0,
            completion: generated[i]?.length ?? 0,
            maxTokens,
          });
      }
      used = answers.reduce(counted, used);
      return answers;
    },
  };
  return {
    ...speaker,
    likelihoods: async (requests, candidates, { signal } = {}) => {
      const asked = requests.flatMap((request) => {
        const prompt = encode(request);
        return candidates.map((text) => ({ prompt, continuation: tokenizer.encode(text) }));
      });
      const found = await model.logLikelihood(asked, signal ? { signal } : {});
      return requests.map((_, i) =>
        found.slice(i * candidates.length, (i + 1) * candidates.length).map(({ logprob }) => logprob),
      );
    },
  };
}

const NO_TOKENS = { answers: 0, promptTokens: null, completionTokens: null } as const;

function counted(
  used: Pick<Usage, "answers" | "promptTokens" | "completionTokens">,
  { promptTokens, completionTokens }: Answer,
) {
  return {
    answers: used.answers + 1,
    promptTokens: (used.promptTokens ?? 0) + (promptTokens ?? 0),
    completionTokens: (used.completionTokens ?? 0) + (completionTokens ?? 0),
  };
}

/** Requests that may share a batch: the same temperature, seed and length. */
function alike(
  requests: readonly ChatRequest[],
): readonly { readonly request: ChatRequest; readonly index: number }[][] {
  const groups = new Map<string, { request: ChatRequest; index: number }[]>();
  for (const [index, request] of requests.entries()) {
    const key = JSON.stringify([request.temperature, request.sample, request.maxTokens]);
    groups.set(key, [...(groups.get(key) ?? []), { request, index }]);
  }
  return [...groups.values()];
}

function answerOf(
  content: string,
  tokens: { readonly prompt: number; readonly completion: number; readonly maxTokens: number },
): Answer {
  const { text, reasoning } = splitThinking(content);
  return {
    kind: "answer",
    text: text.trim(),
    reasoning,
    finish: tokens.completion >= tokens.maxTokens ? "length" : "stop",
    refusal: null,
    tokens: null,
    promptTokens: tokens.prompt,
    completionTokens: tokens.completion,
    cached: false,
  };
}
