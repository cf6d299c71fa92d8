/** What can be asked, and what comes back: shared by endpoints over HTTP and by models of this machine. */
import type { OnProgress } from "../core/index.ts";
import type { GapReason } from "../records/index.ts";

export type { GapReason };

export interface ChatTurn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ChatRequest {
  readonly messages: readonly ChatTurn[];
  readonly maxTokens: number;
  /** 0: the likeliest answer. */
  readonly temperature: number;
  /** Samples of one prompt differ in this; it is sent as the seed and they are cached apart. */
  readonly sample: number;
  /** Alternatives of each token that are wanted with their log-probabilities, 0 to 20; absent: none. */
  readonly topLogprobs?: number;
}

/** A raw prompt without a chat template. */
export interface CompletionRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly sample: number;
  /** Give the prompt's own tokens back, with their log-probabilities. */
  readonly echo: boolean;
  readonly topLogprobs?: number;
}

/** One token as it stands in an answer (or in an echoed prompt). */
export interface TokenChoice {
  readonly token: string;
  /** Nats; null for the first token of an echoed prompt, which nothing precedes. */
  readonly logprob: number | null;
  /** The likeliest tokens at that place. */
  readonly top: readonly { readonly token: string; readonly logprob: number }[];
  /** Characters before it, where the server says so. */
  readonly offset: number | null;
}

export interface Answer {
  readonly kind: "answer";
  readonly text: string;
  /** The thinking section, where the server or the text keeps it apart; null without one. */
  readonly reasoning: string | null;
  readonly finish: string | null;
  /** What the server itself calls a refusal. */
  readonly refusal: string | null;
  /** Null where no log-probabilities came. */
  readonly tokens: readonly TokenChoice[] | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Taken from the disk, not asked again. */
  readonly cached: boolean;
}

/** A request that ended without an answer: missing, and never a value. */
export interface Gap {
  readonly kind: "gap";
  readonly why: GapReason;
  /** One line, without the key. */
  readonly detail: string;
}

export type Reply = Answer | Gap;

/** What was used up. Tokens and cost are what the server reported; null where it never did. */
export interface Usage {
  /** Answers given, and those of them that came from the disk. */
  readonly answers: number;
  readonly cached: number;
  /** Attempts beyond the first. */
  readonly retries: number;
  /** Requests that ended without an answer. */
  readonly gaps: number;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** In the provider's currency unit, as reported, or from the price that the user gave. */
  readonly cost: number | null;
  /** Parameters that the server would not take and that were left out or renamed. */
  readonly adapted: readonly string[];
}

export interface SpeakOptions {
  /** Named in progress lines. */
  readonly task?: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Anything that answers: an answer or a gap for each request, in their order. */
export interface Speaker {
  /** As reports name it, for example `llama-3.1-8b at api.example.org`. */
  readonly name: string;
  /** Which model, asked where. Holds no key. */
  readonly identity: { readonly model: string; readonly where: string };
  chat(requests: readonly ChatRequest[], options?: SpeakOptions): Promise<readonly Reply[]>;
  usage(): Usage;
}

/** A speaker that also continues raw prompts. */
export interface Endpoint extends Speaker {
  complete(requests: readonly CompletionRequest[], options?: SpeakOptions): Promise<readonly Reply[]>;
}

export interface EndpointOptions {
  /** Up to and with the version, for example `https://api.example.org/v1`. */
  readonly url: string;
  readonly model: string;
  /** Name of the environment variable that holds the key; null: none is sent. */
  readonly keyEnv?: string | null;
  /** Requests under way at once; 4 unless told. */
  readonly concurrency?: number;
  /** At most so many attempts begin in a minute; no limit unless told. */
  readonly requestsPerMinute?: number;
  /** Of one attempt, its whole answer included; 120 s unless told. */
  readonly timeoutMs?: number;
  /** Attempts after the first; 5 unless told. */
  readonly retries?: number;
  /** Folder that keeps answers; null: none are kept. */
  readonly cacheDir?: string | null;
  /** Per million tokens; for servers that report no cost. */
  readonly price?: { readonly input: number; readonly output: number };
}
