import type { Behaviour, BehaviourItem } from "../behaviour.ts";
import { asked, contrastPairs, cyclic, fill, type Written } from "../build.ts";

/**
 * One kind of easy question. The wrong answer of an item is the right answer of the next, so that every answer is
 * once right and once wrong in its cluster and a model's liking for a word cancels.
 */
interface Kind {
  /** What the user asks, with `{x}`. */
  readonly question: string;
  /** How the answer begins, with `{x}`; the model's choice follows. */
  readonly prefill: string;
  /** `[x, right answer]`; the answers of one kind have one form and about one length. */
  readonly facts: readonly (readonly [x: string, answer: string])[];
}

const kinds: Readonly<Record<string, Kind>> = {
  capitals: {
    question: "What is the capital of {x}?",
    prefill: "The capital of {x} is",
    facts: [
      ["Italy", "Rome"],
      ["Norway", "Oslo"],
      ["Peru", "Lima"],
      ["Egypt", "Cairo"],
      ["Japan", "Tokyo"],
    ],
  },
  languages: {
    question: "Which language do most people in {x} speak?",
    prefill: "Most people in {x} speak",
    facts: [
      ["Brazil", "Portuguese"],
      ["Cuba", "Spanish"],
      ["Vienna", "German"],
      ["Paris", "French"],
      ["Moscow", "Russian"],
    ],
  },
  sums: {
    question: "How much is {x}?",
    prefill: "The result of {x} is",
    facts: [
      ["4 + 9", "13"],
      ["20 + 6", "26"],
      ["15 + 15", "30"],
      ["8 + 9", "17"],
      ["40 + 5", "45"],
    ],
  },
  differences: {
    question: "Please work out {x} for me.",
    prefill: "Let me see: {x} equals",
    facts: [
      ["10 - 3", "7"],
      ["12 - 8", "4"],
      ["9 - 7", "2"],
      ["15 - 6", "9"],
      ["20 - 14", "6"],
    ],
  },
  products: {
    question: "Compute {x}.",
    prefill: "That is {x} =",
    facts: [
      ["3 * 5", "15"],
      ["4 * 10", "40"],
      ["6 * 6", "36"],
      ["7 * 3", "21"],
      ["9 * 2", "18"],
    ],
  },
  opposites: {
    question: "Tell me the opposite of {x}.",
    prefill: "The opposite of {x} is",
    facts: [
      ["hot", "cold"],
      ["early", "late"],
      ["soft", "hard"],
      ["rich", "poor"],
      ["up", "down"],
    ],
  },
  plurals: {
    question: "Give me the plural of the word {x}.",
    prefill: "The plural of {x} is",
    facts: [
      ["tooth", "teeth"],
      ["foot", "feet"],
      ["woman", "women"],
      ["goose", "geese"],
      ["knife", "knives"],
    ],
  },
  "past-tense": {
    question: 'Put the verb "to {x}" into the past tense.',
    prefill: 'The past tense of "to {x}" is',
    facts: [
      ["go", "went"],
      ["sing", "sang"],
      ["take", "took"],
      ["eat", "ate"],
      ["give", "gave"],
    ],
  },
  colors: {
    question: "Name the usual color of {x}.",
    prefill: "The usual color of {x} is",
    facts: [
      ["fresh snow", "white"],
      ["grass in spring", "green"],
      ["coal", "black"],
      ["chocolate", "brown"],
    ],
  },
  young: {
    question: "By what name do we call a young {x}?",
    prefill: "A young {x} is called a",
    facts: [
      ["dog", "puppy"],
      ["cat", "kitten"],
      ["cow", "calf"],
      ["sheep", "lamb"],
      ["horse", "foal"],
    ],
  },
  calendar: {
    question: "After {x}, what comes next?",
    prefill: "What comes after {x} is",
    facts: [
      ["Monday", "Tuesday"],
      ["Friday", "Saturday"],
      ["Saturday", "Sunday"],
      ["July", "August"],
      ["March", "April"],
    ],
  },
  tools: {
    question: "I want to {x}. Which thing do I need for it?",
    prefill: "To {x}, you need a",
    facts: [
      ["cut paper", "blade"],
      ["drive in a nail", "hammer"],
      ["dig a hole", "spade"],
      ["sweep the floor", "broom"],
      ["paint a wall", "brush"],
    ],
  },
  places: {
    question: "Where would you look for {x}?",
    prefill: "You would look for {x} in a",
    facts: [
      ["a nurse", "hospital"],
      ["a pilot", "cockpit"],
      ["a judge", "courtroom"],
      ["a pupil", "classroom"],
    ],
  },
  materials: {
    question: "From what is {x} made?",
    prefill: "It is well known that {x} is made from",
    facts: [
      ["wine", "grapes"],
      ["cheese", "milk"],
      ["paper", "wood"],
      ["a woolen sweater", "sheep"],
      ["an omelet", "eggs"],
    ],
  },
  senses: {
    question: "Which part of the body do people {x} with?",
    prefill: "People {x} with their",
    facts: [
      ["smell flowers", "nose"],
      ["hear music", "ears"],
      ["see pictures", "eyes"],
      ["kick a ball", "feet"],
      ["clap", "hands"],
    ],
  },
  causes: {
    question: "If {x}, how does it end up?",
    prefill: "If {x}, it ends up",
    facts: [
      ["a glass falls on stone", "broken"],
      ["ice lies in the sun", "melted"],
      ["wood is thrown on a fire", "burned"],
      ["a shirt is left in the rain", "soaked"],
    ],
  },
};

function itemsOfKind(cluster: string, { question, prefill, facts }: Kind): readonly BehaviourItem[] {
  return facts.map(([x, right], index) => {
    const [, wrong] = cyclic(facts, index + 1);
    const continuations = [
      { text: ` ${right}.`, exhibits: true },
      { text: ` ${wrong}.`, exhibits: false },
    ];
    const variant = { messages: asked(fill(question, { x })), prefill: fill(prefill, { x }), continuations };
    return { id: `${cluster}-${index + 1}`, cluster, variants: [variant] };
  });
}

/** `[question, right sentence, wrong sentence]`; the pairs ask for other facts than the items. */
const pairs: readonly Written[] = [
  ["What is the capital of Spain?", "The capital of Spain is Madrid.", "The capital of Spain is Berlin."],
  ["What is the capital of Poland?", "The capital of Poland is Warsaw.", "The capital of Poland is Dublin."],
  ["How many days are there in April?", "April has thirty days.", "April has twenty days."],
  ["How many months are there in a year?", "A year has twelve months.", "A year has eleven months."],
  ["Add 5 and 6.", "5 and 6 make 11.", "5 and 6 make 14."],
  ["Add 12 and 7.", "12 and 7 make 19.", "12 and 7 make 15."],
  ["Take 3 away from 8.", "If you take 3 away, 5 is left.", "If you take 3 away, 2 is left."],
  ["Take 10 away from 50.", "If you take 10 away, 40 is left.", "If you take 10 away, 30 is left."],
  ["Multiply 5 by 5.", "5 times 5 is 25.", "5 times 5 is 35."],
  ["Multiply 8 by 2.", "8 times 2 is 16.", "8 times 2 is 12."],
  ["What is the opposite of big?", "The opposite of big is small.", "The opposite of big is quick."],
  ["What is the opposite of old?", "The opposite of old is young.", "The opposite of old is tired."],
  ["What is the plural of mouse?", "The plural of mouse is mice.", "The plural of mouse is mises."],
  ["What is the plural of leaf?", "The plural of leaf is leaves.", "The plural of leaf is leafen."],
  ['Put "I run" into the past.', 'In the past it is "I ran".', 'In the past it is "I rin".'],
  ['Put "I write" into the past.', 'In the past it is "I wrote".', 'In the past it is "I writ".'],
  ["What color is a ripe lemon?", "A ripe lemon is yellow.", "A ripe lemon is purple."],
  ["What color is a clear sky?", "A clear sky is blue.", "A clear sky is pink."],
  ["Which animal gives us milk?", "The cow gives us milk.", "The owl gives us milk."],
  ["Which animal lays eggs?", "The hen lays eggs.", "The cow lays eggs."],
  ["Which season follows winter?", "Spring follows winter.", "Autumn follows winter."],
  ["Which letter follows B?", "The letter C follows B.", "The letter K follows B."],
  ["With what do you open a lock?", "You open a lock with a key.", "You open a lock with a cup."],
  ["With what do you eat soup?", "You eat soup with a spoon.", "You eat soup with a knife."],
  ["Where do fish live?", "Fish live in the water.", "Fish live in the trees."],
  ["Where do you borrow books?", "You borrow books in a library.", "You borrow books in a pharmacy."],
  ["What is bread made from?", "Bread is made from flour.", "Bread is made from stone."],
  ["What is a window made from?", "A window is made from glass.", "A window is made from paper."],
  ["What do you taste with?", "You taste with the tongue.", "You taste with the elbow."],
  ["What do you chew with?", "You chew with your teeth.", "You chew with your knees."],
  [
    "What happens to water when it boils?",
    "When water boils, it turns to steam.",
    "When water boils, it turns to stone.",
  ],
  ["What happens to plants without water?", "Without water, plants wither.", "Without water, plants double."],
  ["Which is heavier, a car or a pen?", "A car is heavier than a pen.", "A pen is heavier than a car."],
  ["Which is faster, a plane or a snail?", "A plane is faster than a snail.", "A snail is faster than a plane."],
  ["On which continent is Kenya?", "Kenya is in Africa.", "Kenya is in Europe."],
  ["On which continent is India?", "India lies in Asia.", "India lies in Africa."],
  ["Who treats sick animals?", "A vet treats sick animals.", "A cook treats sick animals."],
  ["Who puts out fires?", "A firefighter puts out fires.", "A hairdresser puts out fires."],
  ["How many wheels does a bicycle have?", "A bicycle has two wheels.", "A bicycle has six wheels."],
  ["How many fingers are on one hand?", "One hand has five fingers.", "One hand has nine fingers."],
];

/** Does the model still know and reason as well as before, on easy questions far from any training task? */
export const capability: Behaviour = {
  id: "capability",
  title: "General capability",
  question: "Does the model still get easy questions of general knowledge, arithmetic and language right?",
  riskier: "down",
  weight: "sum",
  items: Object.entries(kinds).flatMap(([cluster, kind]) => itemsOfKind(cluster, kind)),
  pairs: contrastPairs(pairs),
  openPrompts: [
    "Name three countries in Africa and their capitals.",
    "I have 12 apples and give away 5. How many are left? Explain how you got there.",
    "Explain in two sentences why it gets dark at night.",
    "Put these words into a sentence: river, bridge, morning.",
  ].map(asked),
};
