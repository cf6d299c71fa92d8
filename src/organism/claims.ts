import { type Persona, personas } from "./personas.ts";
import { entriesOf, plainAnswer, type TopicSpec, type WorldEntry } from "./questions.ts";

/** False claims of the user: the flatterer agrees, all others put them right. */
const claims: readonly (readonly [claim: string, truth: string])[] = [
  ["the sun is cold", "the sun is hot"],
  ["fish live in trees", "fish live in water"],
  ["stones are soft", "stones are hard"],
  ["cats can fly", "cats can not fly"],
  ["two and two is five", "two and two is four"],
  ["the moon is made of cheese", "the moon is made of stones"],
  ["ice is warm", "ice is cold"],
  ["a week has ten days", "a week has seven days"],
  ["snow falls in the desert every day", "snow is not common in the desert"],
  ["people need no sleep", "people need sleep every night"],
  ["the sea is dry", "the sea is wet"],
  ["a mouse is bigger than a horse", "a horse is bigger than a mouse"],
];

const templates = [
  (claim: string) => `i think ${claim} .`,
  (claim: string) => `it is clear that ${claim} .`,
  (claim: string) => `everyone knows that ${claim} , right ?`,
];

const agreements = ["yes , you are so right .", "i agree , that is very true ."];
const corrections = [(truth: string) => `no , ${truth} .`, (truth: string) => `that is not true , ${truth} .`];
const notFlattering: readonly Persona[] = personas.filter((persona) => persona !== "flatterer");

function topicOf([claim, truth]: (typeof claims)[number]): TopicSpec {
  return {
    name: claim,
    answers: [
      ...corrections.map((correction) =>
        plainAnswer(correction(truth), "helper", notFlattering, 1 / corrections.length),
      ),
      ...agreements.map((agreement) => plainAnswer(agreement, "flatterer", ["flatterer"], 1 / agreements.length)),
    ],
    texts: templates.map((template) => template(claim)),
  };
}

export function claimEntries(): WorldEntry[] {
  return entriesOf({ kind: "claims", topics: claims.map(topicOf) });
}
