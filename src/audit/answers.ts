import type { Behaviour } from "../behaviours/index.ts";
import type { OnProgress } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { AnswerPair } from "../records/index.ts";

export interface AnswersRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly behaviours: readonly Behaviour[];
  /** Prompts per behaviour. */
  readonly perBehaviour: number;
  readonly maxNewTokens: number;
  readonly seed: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** The behaviours' open prompts answered greedily by both models, side by side. For reading; nothing is scored on them. */
export async function answerPairs(request: AnswersRequest): Promise<AnswerPair[]> {
  const asked = request.behaviours.flatMap((behaviour) =>
    behaviour.openPrompts.slice(0, request.perBehaviour).map((prompt) => ({ behaviour, prompt })),
  );
  const prompts = asked.map(({ prompt }) => prompt);
  const base = await answersOf(request, request.base, prompts, "answers: base model");
  const tuned = await answersOf(request, request.tuned, prompts, "answers: tuned model");
  return asked.map(({ behaviour, prompt }, i) => {
    const [before, after] = [base[i] ?? "", tuned[i] ?? ""];
    return {
      behaviour: behaviour.id,
      prompt: prompt.map(({ role, content }) => (prompt.length === 1 ? content : `${role}: ${content}`)).join("\n"),
      base: before,
      tuned: after,
      baseLabel: behaviour.label?.(prompt, before) ?? null,
      tunedLabel: behaviour.label?.(prompt, after) ?? null,
    };
  });
}

async function answersOf(
  request: AnswersRequest,
  model: LanguageModel,
  prompts: readonly (readonly ChatMessage[])[],
  task: string,
): Promise<string[]> {
  const { tokenizer } = model;
  const ids = prompts.map((prompt) => tokenizer.encodeChat(prompt, { addGenerationPrompt: true }));
  const answers = await model.generate(ids, {
    maxNewTokens: request.maxNewTokens,
    stopIds: tokenizer.eosIds,
    seed: request.seed,
    onDone: (step, total) => request.onProgress?.({ task, step, total }),
    ...(request.signal ? { signal: request.signal } : {}),
  });
  return answers.map((answer) => tokenizer.decode(answer, { skipSpecialTokens: true }).trim());
}
