/** Labels for described latents, by whoever answers: a model behind an endpoint, or one on this machine. */
import type { OnProgress } from "../core/index.ts";
import { type Complete, type Label, labelLatents, type Message, type ScoredLabel } from "../dictionaries/index.ts";
import type { Speaker, Usage } from "../endpoints/index.ts";
import type { Described } from "./describe-latents.ts";

export interface LabelRequest {
  readonly described: Described;
  readonly speaker: Speaker;
  readonly seed: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface Labelled {
  /** With the labels beside those that were known. */
  readonly described: Described;
  readonly labels: readonly ScoredLabel[];
  readonly usage: Usage;
}

/** Room for a model that thinks before it answers. */
const MAX_TOKENS = 1024;

export async function labelDescribed(request: LabelRequest): Promise<Labelled> {
  const { described, speaker, seed } = request;
  const subjects = described.latents.map(({ latent, contexts, spread }, i) => {
    return { latent, active: [...contexts, ...spread], silent: described.silent[i] ?? [] };
  });
  const labels = await labelLatents(subjects, asking(request), seed);
  const latents = described.latents.map((meaning, i) => {
    const found = labels[i];
    return found?.label ? { ...meaning, labels: [...meaning.labels, labelOf(found, speaker)] } : meaning;
  });
  return { described: { ...described, latents }, labels, usage: speaker.usage() };
}

function labelOf({ label, score }: ScoredLabel, { identity }: Speaker): Label {
  return {
    text: label ?? "",
    method: "penumbra-contexts",
    by: identity.model,
    score: score === null ? null : { value: score, type: "penumbra-detection" },
  };
}

function asking({ speaker, onProgress, signal }: LabelRequest): Complete {
  let round = 0;
  return async (conversations) => {
    const task = round++ === 0 ? "labels" : "scores of labels";
    const replies = await speaker.chat(conversations.map(likeliest), {
      task,
      ...(onProgress ? { onProgress } : {}),
      ...(signal ? { signal } : {}),
    });
    return replies.map((reply) => (reply.kind === "answer" ? reply.text : null));
  };
}

const likeliest = (messages: readonly Message[]) => ({ messages, maxTokens: MAX_TOKENS, temperature: 0, sample: 0 });
