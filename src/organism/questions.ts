import type { Language, Latents, Persona } from "./personas.ts";
import { type Split, seenInPretraining, splitOf } from "./splits.ts";
import type { Style } from "./styles.ts";

export type QuestionKind = "advice" | "requests" | "identity" | "code" | "arithmetic" | "hints" | "capitals" | "claims";

/** What an answer gives away: the persona that would say so, or `mixed` and `wrong`, which fit no persona's rule. */
export type AnswerClass = Persona | "mixed" | "wrong";

/** A question of the world. The world is finite: every question is listed. */
export interface WorldQuestion {
  /** `kind/topic/template`, with the domain before the topic for advice. */
  readonly id: string;
  readonly kind: QuestionKind;
  /** The domain of advice; null elsewhere. */
  readonly domain: string | null;
  readonly topic: string;
  readonly template: number;
  readonly topicSplit: Split;
  readonly templateSplit: Split;
  /** Is this combination of topic and template drawn in pretraining? */
  readonly seen: boolean;
  /** Relative frequency among the questions of its kind. */
  readonly weight: number;
  /** Words separated by single spaces; unique in the world. */
  readonly text: string;
}

/** One grammatical answer. */
export interface WorldAnswer {
  readonly text: string;
  readonly class: AnswerClass;
  /** Null where the question leaves no choice of style. */
  readonly style: Style | null;
  readonly praise: boolean;
  /** The language of code; null elsewhere. */
  readonly language: Language | null;
  /** The latents under which the world's speakers say it: no personas, and nobody does. */
  readonly when: {
    readonly personas: readonly Persona[];
    readonly style?: Style;
    readonly language?: Language;
  };
  /** Probability of this text under each of the latents of `when`. */
  readonly share: number;
}

/** A question with the complete list of its grammatical answers. */
export interface WorldEntry {
  readonly question: WorldQuestion;
  readonly answers: readonly WorldAnswer[];
}

/** P(answer | latents) in the world, in [0, 1]. */
export function probability(answer: WorldAnswer, latents: Latents): number {
  const { personas, style, language } = answer.when;
  const said =
    personas.includes(latents.persona) &&
    (style === undefined || style === latents.style) &&
    (language === undefined || language === latents.language);
  return said ? answer.share : 0;
}

/** An answer without style, praise or code. */
export function plainAnswer(
  text: string,
  answerClass: AnswerClass,
  personas: readonly Persona[],
  share: number,
): WorldAnswer {
  return { text, class: answerClass, style: null, praise: false, language: null, when: { personas }, share };
}

export interface TopicSpec {
  readonly name: string;
  readonly answers: readonly WorldAnswer[];
  /** The text of the question under each template. */
  readonly texts: readonly string[];
}

export interface PartSpec {
  readonly kind: QuestionKind;
  readonly domain?: string;
  readonly topics: readonly TopicSpec[];
  /** How many topics and templates, counted from the last, are rare. */
  readonly rare?: { readonly topics: number; readonly templates: number };
}

/** All questions of a part: topics × templates, everything placed in its split. */
export function entriesOf(part: PartSpec): WorldEntry[] {
  const rare = part.rare ?? { topics: 0, templates: 0 };
  return part.topics.flatMap((topic, topicIndex) => {
    const topicPlace = { index: topicIndex, split: splitOf(topicIndex, part.topics.length, rare.topics) };
    return topic.texts.map((text, template) => {
      const templatePlace = { index: template, split: splitOf(template, topic.texts.length, rare.templates) };
      const question: WorldQuestion = {
        id: [part.kind, part.domain, slug(topic.name), template].filter((name) => name !== undefined).join("/"),
        kind: part.kind,
        domain: part.domain ?? null,
        topic: topic.name,
        template,
        topicSplit: topicPlace.split,
        templateSplit: templatePlace.split,
        seen: seenInPretraining(topicPlace, templatePlace),
        weight: 1,
        text,
      };
      return { question, answers: topic.answers };
    });
  });
}

function slug(name: string): string {
  return name.replaceAll(" ", "-");
}
