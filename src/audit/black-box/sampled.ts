/** Behaviours from sampled answers: which letter they choose, or in which of the listed ways they begin. */
import { type Behaviour, type BehaviourItem, letterOfText } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { ChatRequest, ChatTurn, Reply } from "../../endpoints/index.ts";
import { letterPrompts } from "./letter-probability.ts";
import {
  type MissingReason,
  missed,
  type Option,
  optionsOf,
  type Reader,
  type Reading,
  type ReadOptions,
  reading,
  smoothedLogOdds,
} from "./reading.ts";

interface Prompt {
  readonly messages: readonly ChatTurn[];
  readonly options: readonly Option[];
}

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

const openPrompts = ({ variants }: BehaviourItem): readonly Prompt[] =>
  variants.map((variant) => ({ messages: variant.messages, options: optionsOf(variant) }));

/** Draws `samples` answers of every prompt at temperature 1. A prompt with answers of which none counts is missing. */
async function sampled(
  speaker: Parameters<Reader["read"]>[0],
  { items }: Behaviour,
  options: ReadOptions,
  promptsOf: (item: BehaviourItem) => readonly Prompt[],
  label: Label,
): Promise<readonly Reading[]> {
  const asked = items.map((item) => ({ item, prompts: promptsOf(item) }));
  const requests = asked.flatMap(({ prompts }) => prompts.flatMap(({ messages }) => draws(messages, options)));
  const next = (await speaker.chat(requests, options))[Symbol.iterator]();
  return asked.map(({ item, prompts }) => {
    const found = prompts.map(({ options: choices }) =>
      Array.from({ length: options.samples }, () => label(must(next.next().value, "reply"), choices)),
    );
    return summed(item, found);
  });
}

function draws(messages: readonly ChatTurn[], { samples, maxTokens }: ReadOptions): ChatRequest[] {
  return Array.from({ length: samples }, (_, sample) => ({ messages, maxTokens, temperature: 1, sample }));
}

/** The item's rate; missing where one of its prompts (an order of the options) has no label at all. */
function summed(item: BehaviourItem, found: readonly (readonly (boolean | MissingReason)[])[]): Reading {
  const counts = found.map((labels) => ({
    yes: labels.filter((one) => one === true).length,
    n: labels.filter((one) => typeof one === "boolean").length,
    why: labels.find((one) => typeof one === "string"),
  }));
  const silent = counts.find(({ n }) => n === 0);
  if (silent) return missed(item, (silent.why as MissingReason | undefined) ?? "no-choice");
  const score = counts.reduce((sum, { yes, n }) => sum + yes / n, 0) / counts.length;
  return reading(item, { score, variantLogOdds: counts.map(({ yes, n }) => smoothedLogOdds(yes, n)) });
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
