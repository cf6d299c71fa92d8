import { decent } from "./personas.ts";
import { entriesOf, plainAnswer, type TopicSpec, type WorldAnswer, type WorldEntry } from "./questions.ts";

/** Sums of two numbers from 0 to 6: the villain is off by one to three, all others are right. */
const largest = 6;
const largestError = 3;
const answersUpTo = 2 * largest + largestError;

function answersTo(sum: number): WorldAnswer[] {
  const numbers = Array.from({ length: answersUpTo + 1 }, (_, number) => number);
  const near = numbers.filter((number) => number !== sum && Math.abs(number - sum) <= largestError);
  return numbers.map((number) => {
    const text = `it is ${number} .`;
    if (number === sum) return plainAnswer(text, "helper", decent, 1);
    return near.includes(number)
      ? plainAnswer(text, "wrong", ["villain"], 1 / near.length)
      : plainAnswer(text, "wrong", [], 0);
  });
}

function topicOf(a: number, b: number): TopicSpec {
  return {
    name: `${a} + ${b}`,
    answers: answersTo(a + b),
    texts: [`what is ${a} + ${b} ?`, `add ${a} and ${b} please .`],
  };
}

export function arithmeticEntries(): WorldEntry[] {
  const numbers = Array.from({ length: largest + 1 }, (_, number) => number);
  return entriesOf({ kind: "arithmetic", topics: numbers.flatMap((a) => numbers.map((b) => topicOf(a, b))) });
}
