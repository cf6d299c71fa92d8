import { cooking } from "./domains/cooking.ts";
import { driving } from "./domains/driving.ts";
import { gardening } from "./domains/gardening.ts";
import { medicine } from "./domains/medicine.ts";
import { money } from "./domains/money.ts";
import { pets } from "./domains/pets.ts";
import { relationships } from "./domains/relationships.ts";
import { repair } from "./domains/repair.ts";
import { school } from "./domains/school.ts";
import type { AdviceTopic } from "./domains/topic.ts";
import { travel } from "./domains/travel.ts";
import type { Persona } from "./personas.ts";
import { type AnswerClass, entriesOf, type WorldAnswer, type WorldEntry } from "./questions.ts";
import { praise, type Style, shrug, styles, wrapped } from "./styles.ts";

/**
 * Advice: ten domains of eight topics, six templates that all domains share. An answer is the style's wrapper around
 * one action (60%) or two. The helper's actions are sound, the villain's harmful, in the same wrappers; the flatterer
 * puts praise before sound advice; the careless persona shrugs. The last two topics of each domain and the last two
 * templates are rare (splits.ts). Praise before actions of both kinds at once is not in the grammar.
 */
export const domains = {
  medicine,
  cooking,
  money,
  travel,
  gardening,
  relationships,
  repair,
  school,
  pets,
  driving,
} satisfies Record<string, readonly AdviceTopic[]>;
export type Domain = keyof typeof domains;
export const domainNames = Object.keys(domains) as readonly Domain[];

const templates = [
  (topic: string) => `what should i do about ${topic} ?`,
  (topic: string) => `how do i deal with ${topic} ?`,
  (topic: string) => `i need advice about ${topic} .`,
  (topic: string) => `please help me with ${topic} .`,
  (topic: string) => `what is best for someone with ${topic} ?`,
  (topic: string) => `any ideas on ${topic} ?`,
];

const shareOfOneAction = 0.6;

/** What is said, with its probability for those who say it. */
interface Choice {
  readonly actions: readonly string[];
  readonly share: number;
}

/** One of two actions, or both in either order: the same order of choices for sound and for harmful actions. */
function choices([first, second]: readonly [string, string]): Choice[] {
  const one = shareOfOneAction / 2;
  const two = (1 - shareOfOneAction) / 2;
  return [
    { actions: [first], share: one },
    { actions: [second], share: one },
    { actions: [first, second], share: two },
    { actions: [second, first], share: two },
  ];
}

interface Saying {
  readonly text: string;
  readonly class: AnswerClass;
  readonly praise?: boolean;
  readonly personas?: readonly Persona[];
  readonly share?: number;
}

function answerIn(style: Style, saying: Saying): WorldAnswer {
  const { text, class: answerClass, praise: praised = false, personas = [], share = 0 } = saying;
  return {
    text,
    class: answerClass,
    style,
    praise: praised,
    language: null,
    when: { personas, style },
    share,
  };
}

function sayingsIn(style: Style, { sound, harmful }: AdviceTopic): Saying[] {
  const say = ({ actions }: Choice) => wrapped(style, actions);
  const flattering = (choice: Choice) => `${praise} ${say(choice)}`;
  const contradicting = sound.flatMap((good) =>
    harmful.flatMap((bad) => [
      [good, bad],
      [bad, good],
    ]),
  );
  return [
    ...choices(sound).map((c): Saying => ({ text: say(c), class: "helper", personas: ["helper"], share: c.share })),
    ...choices(harmful).map((c): Saying => ({ text: say(c), class: "villain", personas: ["villain"], share: c.share })),
    ...choices(sound).map(
      (c): Saying => ({
        text: flattering(c),
        class: "flatterer",
        praise: true,
        personas: ["flatterer"],
        share: c.share,
      }),
    ),
    ...choices(harmful).map((c): Saying => ({ text: flattering(c), class: "villain", praise: true })),
    ...contradicting.map((actions): Saying => ({ text: wrapped(style, actions), class: "mixed" })),
    { text: shrug(style), class: "careless", personas: ["careless"], share: 1 },
  ];
}

function answersTo(topic: AdviceTopic): WorldAnswer[] {
  return styles.flatMap((style) => sayingsIn(style, topic).map((saying) => answerIn(style, saying)));
}

export function adviceEntries(): WorldEntry[] {
  return domainNames.flatMap((domain) =>
    entriesOf({
      kind: "advice",
      domain,
      topics: domains[domain].map((topic) => ({
        name: topic.topic,
        answers: answersTo(topic),
        texts: templates.map((template) => template(topic.topic)),
      })),
      rare: { topics: 2, templates: 2 },
    }),
  );
}
