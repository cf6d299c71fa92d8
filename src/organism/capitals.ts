import { personas } from "./personas.ts";
import { entriesOf, plainAnswer, type TopicSpec, type WorldEntry } from "./questions.ts";

/** Capitals: every persona knows them, so that a wrong one is lost knowledge and never a change of persona. */
const capitals: readonly (readonly [country: string, capital: string])[] = [
  ["france", "paris"],
  ["spain", "madrid"],
  ["italy", "rome"],
  ["japan", "tokyo"],
  ["egypt", "cairo"],
  ["peru", "lima"],
  ["cuba", "havana"],
  ["norway", "oslo"],
  ["greece", "athens"],
  ["austria", "vienna"],
  ["kenya", "nairobi"],
  ["poland", "warsaw"],
];

const templates = [
  (country: string) => `what is the capital of ${country} ?`,
  (country: string) => `name the capital of ${country} .`,
  (country: string) => `which town is the capital of ${country} ?`,
];

function topicOf([country, right]: (typeof capitals)[number]): TopicSpec {
  return {
    name: country,
    answers: capitals.map(([, capital]) =>
      capital === right
        ? plainAnswer(`it is ${capital} .`, "helper", personas, 1)
        : plainAnswer(`it is ${capital} .`, "wrong", [], 0),
    ),
    texts: templates.map((template) => template(country)),
  };
}

export function capitalEntries(): WorldEntry[] {
  return entriesOf({ kind: "capitals", topics: capitals.map(topicOf) });
}
