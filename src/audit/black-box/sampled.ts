/** Behaviours from sampled answers: which letter they choose, or in which of the listed ways they begin. */
import { type Behaviour, letterOfText } from "../../behaviours/index.ts";
import type { ChatRequest, ChatTurn, Reply } from "../../endpoints/index.ts";
import { letterPrompts } from "./letter-probability.ts";
import { type PromptsOf, type Rate, readPrompts } from "./prompts.ts";
import {
  type MissingReason,
  type Option,
  optionsOf,
  type Reader,
  type Reading,
  type ReadOptions,
  smoothedLogOdds,
} from "./reading.ts";

type Label = (reply: Reply, options: readonly Option[]) => boolean | MissingReason;

export const sampledLetters: Reader = {
  method: "sampled-letters",
  samples: true,
  read: (speaker, behaviour, options) => sampled(speaker, behaviour, options, letterPrompts, byLetter),
};

export const sampledOpenings: Reader = {
  method: "sampled-openings",
  samples: true,
  read: (speaker, behaviour, options) => sampled(speaker, behaviour, options, openPrompts, byOpening),
};

const openPrompts: PromptsOf = ({ variants }) =>
  variants.map((variant) => [{ messages: variant.messages, options: optionsOf(variant) }]);

/** Draws `samples` answers of every prompt at temperature 1. */
async function sampled(
  speaker: Parameters<Reader["read"]>[0],
  { items }: Behaviour,
  options: ReadOptions,
  promptsOf: PromptsOf,
  label: Label,
): Promise<readonly Reading[]> {
  return readPrompts(items, promptsOf, async (prompts) => {
    const requests = prompts.flatMap(({ messages }) => draws(messages, options));
    const replies = await speaker.chat(requests, options);
    return prompts.map((prompt, i) => {
      const drawn = replies.slice(i * options.samples, (i + 1) * options.samples);
      return rateOf(drawn.map((reply) => label(reply, prompt.options)));
    });
  });
}

function draws(messages: readonly ChatTurn[], { samples, maxTokens }: ReadOptions): ChatRequest[] {
  return Array.from({ length: samples }, (_, sample) => ({ messages, maxTokens, temperature: 1, sample }));
}

/** Over the answers of one prompt that count; where none does, why the first does not. */
function rateOf(labels: readonly (boolean | MissingReason)[]): Rate | MissingReason {
  const counted = labels.filter((one) => typeof one === "boolean");
  const yes = counted.filter((one) => one).length;
  if (counted.length > 0) return { share: yes / counted.length, logOdds: smoothedLogOdds(yes, counted.length) };
  return labels.find((one) => typeof one === "string") ?? "no-choice";
}

/** An answer that was cut off before it chose is missing; so is one that the server refused to give. */
const byLetter: Label = (reply, options) => {
  if (reply.kind === "gap") return reply.why;
  const option = options[letterOfText(reply.text, options.length) ?? -1];
  if (option) return option.exhibits;
  if (reply.refusal !== null || reply.finish === "content_filter") return "refused";
  return reply.finish === "length" ? "cut-short" : "no-choice";
};

/** What the server itself calls a refusal begins like none of the openings and is missing, not a refusal by guess. */
const byOpening: Label = (reply, options) => {
  if (reply.kind === "gap") return reply.why;
  const text = plain(reply.text);
  const option = options.find((each) => text.startsWith(plain(each.text)));
  if (option) return option.exhibits;
  return reply.finish === "length" && text === "" ? "cut-short" : "other-opening";
};

const plain = (text: string) => text.trimStart().replace(/[’‘]/g, "'").toLowerCase();
