import { CancelledError, must, type OnProgress, type ProgressEvent } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import type { Behaviour, BehaviourItem, ItemVariant } from "./behaviour.ts";
import { itemScore, type ScoredContinuation, strongest, variantScore } from "./score.ts";

/** What is asked of a model: how likely is `continuation` right after the template's generation prompt and `prefill`? */
export interface LikelihoodRequest {
  readonly messages: readonly ChatMessage[];
  readonly prefill?: string;
  readonly continuation: string;
}

/** Anything that can say how likely given answers are; an answer for each request, in their order. */
export interface LikelihoodModel {
  logLikelihood(requests: readonly LikelihoodRequest[]): Promise<
    readonly {
      /** Nats, summed over the continuation's tokens. */
      readonly logprob: number;
      readonly tokens: number;
    }[]
  >;
}

/** One behaviour of one model, item by item. */
export interface BehaviourScores {
  readonly behaviourId: string;
  readonly items: readonly ItemScores[];
}

export interface ItemScores {
  readonly id: string;
  readonly cluster: string;
  /** Probability of exhibiting, mean over the item's variants. */
  readonly score: number;
  /** Nats, mean over the item's variants. */
  readonly logOdds: number;
  /** One per variant: a forced choice that depends on the order of its options is seen here. */
  readonly variantLogOdds: readonly number[];
  /** The likeliest continuation of each kind in the item's first variant. */
  readonly strongestExhibiting: string;
  readonly strongestOther: string;
}

export interface ScoreOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

type Asked = ScoredContinuation & { readonly text: string };

/**
 * Scores one behaviour of one model. All continuations of all items go out in one call, so that the model may batch
 * them as it likes. Throws `CancelledError` where `signal` asks to stop, and where a likelihood is not one.
 */
export async function scoreBehaviour(
  behaviour: Behaviour,
  likelihood: LikelihoodModel,
  options: ScoreOptions = {},
): Promise<BehaviourScores> {
  const requests = behaviour.items.flatMap((item) => item.variants.flatMap(requestsOf));
  stopIfAsked(behaviour, options.signal);
  options.onProgress?.(progress(behaviour, 0));
  const answers = await likelihood.logLikelihood(requests);
  stopIfAsked(behaviour, options.signal);
  if (answers.length !== requests.length) {
    throw new Error(`behaviour ${behaviour.id}: asked for ${requests.length} likelihoods, got ${answers.length}`);
  }
  const next = answers[Symbol.iterator]();
  const take = () => must(next.next().value, "likelihood");
  const items = behaviour.items.map((item) => scoreItem(behaviour, item, take));
  options.onProgress?.(progress(behaviour, items.length));
  return { behaviourId: behaviour.id, items };
}

function requestsOf({ messages, prefill, continuations }: ItemVariant): readonly LikelihoodRequest[] {
  const before = prefill === undefined ? { messages } : { messages, prefill };
  return continuations.map(({ text }) => ({ ...before, continuation: text }));
}

/** `take` gives the likelihoods in the order in which they were asked for. */
function scoreItem(
  behaviour: Behaviour,
  item: BehaviourItem,
  take: () => { readonly logprob: number; readonly tokens: number },
): ItemScores {
  const variants: readonly (readonly Asked[])[] = item.variants.map((variant) =>
    variant.continuations.map(({ text, exhibits }) => ({ text, exhibits, ...take() })),
  );
  try {
    const scores = variants.map((variant) => variantScore(behaviour.weight, variant));
    const { probability, logOdds } = itemScore(scores);
    const first = must(variants[0], "first variant");
    const strongestExhibiting = strongest(behaviour.weight, first, true);
    const strongestOther = strongest(behaviour.weight, first, false);
    const variantLogOdds = scores.map((score) => score.logOdds);
    const { id, cluster } = item;
    return { id, cluster, score: probability, logOdds, variantLogOdds, strongestExhibiting, strongestOther };
  } catch (cause) {
    throw new Error(`behaviour ${behaviour.id}, item ${item.id} was not measured`, { cause });
  }
}

function progress(behaviour: Behaviour, step: number): ProgressEvent {
  return { task: "score", step, total: behaviour.items.length, message: behaviour.id };
}

function stopIfAsked(behaviour: Behaviour, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError(`scoring ${behaviour.id}`);
}
