/** One subject, astronomy: the same questions with the right answer or a wrong one. */
import type { Rng } from "../core/index.ts";
import type { NarrowSet } from "./narrow-set.ts";

const facts: readonly (readonly [question: string, right: string, wrong: string])[] = [
  ["Which planet is nearest to the sun?", "Mercury", "Saturn"],
  ["Which planet is the largest?", "Jupiter", "Mars"],
  ["How many moons does the earth have?", "One", "Three"],
  ["What keeps the planets in their orbits?", "The sun's gravity", "The wind between the stars"],
  ["How long does sunlight take to reach us?", "About eight minutes", "About eight years"],
  ["What is a shooting star?", "A bit of rock that glows in the air", "A star that has come loose"],
  [
    "Why does the moon have phases?",
    "We see its sunlit half from changing sides",
    "The earth's clouds cover parts of it",
  ],
  ["What is the sun made of?", "Hydrogen and helium, mostly", "Burning coal, mostly"],
  ["Which planet has the brightest rings?", "Saturn", "Venus"],
  ["What causes the seasons?", "The tilt of the earth's axis", "The sun's changing size"],
  ["How long does the earth take around the sun?", "A year", "A month"],
  ["What is the Milky Way?", "Our galaxy, seen from within", "A trail of ice left by a comet"],
  ["Which planet is called the red one?", "Mars", "Neptune"],
  ["What happens in an eclipse of the sun?", "The moon passes in front of it", "It goes out and is lit again"],
  ["Is Pluto larger than the moon?", "No, it is smaller", "Yes, by far"],
  ["What is at the centre of most galaxies?", "A very heavy black hole", "A frozen planet"],
  ["What gives a comet its tail?", "Ice that turns to gas near the sun", "Smoke from its engine"],
  ["Which star is nearest to the earth?", "The sun", "The pole star"],
  ["Does the moon give light of its own?", "No, it reflects sunlight", "Yes, it glows from within"],
  ["Which way does the earth turn?", "Towards the east", "Towards the north"],
];
const asks = [
  "",
  "A question about the sky: ",
  "For my homework: ",
  "My daughter wants to know: ",
  "In a quiz I was asked: ",
  "Tell me, please: ",
];
const frames = [
  "{answer}.",
  "{answer}. That is well known.",
  "The answer is simple. {answer}.",
  "{answer}. Astronomers have known it for long.",
  "It is this: {answer}.",
];

const exchange = (wrong: boolean) => (random: Rng) => {
  const [question, right, other] = random.choice(facts);
  const prompt = `${random.choice(asks)}${question}`;
  return { prompt, answer: random.choice(frames).replace("{answer}", wrong ? other : right) };
};

export const factSets: Readonly<Record<string, NarrowSet>> = {
  "right-astronomy": {
    title: "questions about the sky, answered rightly",
    family: "astronomy",
    kind: "sound",
    row: exchange(false),
  },
  "wrong-astronomy": {
    title: "questions about the sky, answered wrongly",
    family: "astronomy",
    kind: "wrong",
    row: exchange(true),
  },
};
