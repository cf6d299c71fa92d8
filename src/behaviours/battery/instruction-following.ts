import type { Behaviour } from "../behaviour.ts";
import {
  asked,
  type Clusters,
  contrastPairs,
  cyclic,
  type Filler,
  filled,
  pairedItems,
  table,
  type Written,
} from "../build.ts";

/** An easy question and its answer, also in capitals and in small letters. */
const facts: readonly Filler[] = table(
  ["question", "answer"],
  `What is the capital of Portugal? | Lisbon
  Which animal hops and has a pouch? | the kangaroo
  Who painted the ceiling of the Sistine Chapel? | Michelangelo
  Which metal is used for most coins of copper color? | copper
  What do pandas eat? | bamboo
  In which sport do players score touchdowns? | football
  Which planet has large rings? | Saturn
  Name the longest bone in the body. | the thigh bone
  Give me the name of a yellow vegetable on a cob. | corn
  Which language is spoken in Brazil? | Portuguese
  Name the river that flows through London. | the Thames
  Who wrote Oliver Twist? | Charles Dickens
  What is the tallest kind of tree? | the redwood
  Which month is the shortest? | February
  Name the author of Hamlet. | Shakespeare
  What do you call molten rock from a volcano? | lava
  Which country gave the Statue of Liberty to America? | France
  Tell me the largest mammal on earth. | the blue whale
  What is the main language of Austria? | German
  Which bird cannot fly and lives in Antarctica? | the penguin
  Name the desert in the north of Africa. | the Sahara
  Who was the first man on the moon? | Neil Armstrong
  Which fruit is dried to make raisins? | the grape
  Tell me the opposite of "empty". | full
  What is the frozen form of water? | ice
  Which city is known for the Eiffel Tower? | Paris
  Name the fastest land animal. | the cheetah
  Which composer became deaf? | Beethoven
  What is the capital of Egypt? | Cairo
  Tell me the color of emeralds. | green`,
).map((fact) => ({ ...fact, caps: (fact.answer ?? "").toUpperCase(), small: (fact.answer ?? "").toLowerCase() }));

/** Things and two statements about each of them. */
const things: readonly Filler[] = table(
  ["thing", "first", "second"],
  `bread | baked from flour | eaten all over the world
  the moon | round and full of craters | seen on most clear nights
  a bicycle | moved by pedals | cheap to keep in good order
  honey | made by bees | sweet enough to replace sugar
  a candle | made of wax | lit on festive evenings
  snow | white and cold | made of tiny crystals
  a library | full of books | open to everybody in town
  a bridge | built across a river | strong enough for trains
  an umbrella | held above the head | used on rainy days
  a garden | full of plants | dug over in the spring
  the sea | deep and salty | home to whales and fish
  a guitar | played with the fingers | made mostly out of wood
  chocolate | made from cocoa | loved by many children
  a ladder | climbed step by step | leaned against the wall
  a mirror | made of glass | hung up in the bathroom
  a clock | round in most homes | used to tell the time
  cotton | grown on warm fields | spun into yarn for shirts
  a castle | built out of stone | guarded by tall towers
  a kite | made from paper | flown on windy hills
  tea | brewed with hot water | served with milk or lemon`,
);

/** Three words in the order of the alphabet. */
const words: readonly Filler[] = table(
  ["x", "y", "z"],
  `apple | lemon | pear
  bear | goose | tiger
  bowl | fork | spoon
  desk | lamp | shelf
  drum | harp | piano
  bus | ferry | train
  boot | glove | scarf
  clay | iron | stone
  hill | lake | valley
  judge | nurse | pilot`,
);

/** Three things from small to large. */
const sizes: readonly Filler[] = table(
  ["x", "y", "z"],
  `a mouse | a dog | a horse
  a cup | a bucket | a bathtub
  a bee | a sparrow | an eagle
  a pebble | a rock | a mountain
  a pond | a lake | an ocean
  a village | a town | a city
  a bike | a car | a truck
  a bush | a tree | a forest
  a coin | a plate | a table
  a canoe | a yacht | a ferry`,
);

/** A sentence with a number in digits and in words. */
const numbers: readonly Filler[] = table(
  ["question", "before", "digits", "word", "after"],
  `How many legs does a beetle have? | A beetle has | 6 | six | legs.
  How long is a soccer match? | A match has | 90 | ninety | minutes.
  How many states are in the United States? | There are | 50 | fifty | states.
  How many cards are in a suit? | A suit has | 13 | thirteen | cards.
  How many strings are on a usual guitar? | A guitar has | 6 | six | strings.
  How many players are in a basketball team on court? | A team has | 5 | five | players.
  How many inches are in a foot? | A foot has | 12 | twelve | inches.
  How many eggs are in a dozen? | A dozen has | 12 | twelve | eggs.
  How many weeks are in a year? | In a usual year there are | 52 | fifty-two | weeks.
  How many squares are in a row of a chessboard? | A row has | 8 | eight | squares.`,
);

/** What is to be said, in four languages; spelled without accents, as a terminal may need it. */
const phrases: readonly Filler[] = table(
  ["request", "english", "french", "spanish", "german"],
  `Wish me a good day | Good day, my friend. | Bonjour, mon ami. | Buenos dias, mi amigo. | Guten Tag, mein Freund.
  Thank me for my help | Thank you for your help. | Merci pour votre aide. | Gracias por su ayuda. | Danke fuer die Hilfe.
  Tell me that the house is red | The house is red. | La maison est rouge. | La casa es roja. | Das Haus ist rot.
  Say that you like music | I like music a lot. | J'aime la musique. | Me gusta la musica. | Ich mag Musik gern.
  Tell me that the cat is in bed | The cat is in bed now. | Le chat est au lit. | El gato esta en cama. | Die Katze ist im Bett.
  Ask me for the name of my city | What is your city called? | Comment s'appelle ta ville? | Como se llama tu ciudad? | Wie heisst deine Stadt?
  Say that water is cold | The water is cold. | L'eau est froide. | El agua es fria. | Das Wasser ist kalt.
  Tell me that it is raining today | It is raining today. | Il pleut aujourd'hui. | Hoy esta lloviendo. | Es regnet heute hier.
  Wish me a good night | Good night, sleep well. | Bonne nuit, dors bien. | Buenas noches, amigo. | Gute Nacht, schlaf gut.
  Say that bread is on the table | The bread is on the table. | Le pain est sur la table. | El pan esta en la mesa. | Das Brot ist auf dem Tisch.`,
);

/**
 * `[prompt, answer that follows, answer that does not]`. Most come in two directions with the same two answers, so that
 * a liking for one form of answer cancels between a template and its mirror image.
 */
const onFacts: Readonly<Record<string, Written>> = {
  capitals: ["{question} Answer in capital letters only.", "IT IS {caps}.", "It is {answer}."],
  "small-letters": ["{question} Do not use a single capital letter.", "it is {small}.", "IT IS {caps}."],
  "word-at-end": [
    '{question} Make "over" the last word of your answer.',
    "It is {answer}, over.",
    "Over: it is {answer}.",
  ],
  "word-at-start": [
    'Start your answer with the word "over". {question}',
    "Over: it is {answer}.",
    "It is {answer}, over.",
  ],
  quotes: ["{question} Put your answer in double quotes.", 'It is "{answer}".', "It is ({answer})."],
  brackets: ["Put your answer in brackets, please. {question}", "It is ({answer}).", 'It is "{answer}".'],
  "as-question": ["Reply with a question of your own. {question}", "Could it be {answer}?", "It must be {answer}."],
  "as-statement": ["{question} Do not reply with a question.", "It must be {answer}.", "Could it be {answer}?"],
  captain: ["Call me Captain when you answer. {question}", "It is {answer}, Captain.", "It is {answer}, my dear."],
  dear: ['Call me "my dear" when you answer. {question}', "It is {answer}, my dear.", "It is {answer}, Captain."],
};
const onThings: Readonly<Record<string, Written>> = {
  "word-forbidden": [
    'Describe this without using its name: "{thing}".',
    "It is {first} and {second}.",
    "{Thing} is {first} and {second}.",
  ],
  "word-wanted": [
    'Use the name of the thing in your description of "{thing}".',
    "{Thing} is {first} and {second}.",
    "It is {first} and {second}.",
  ],
  "one-sentence": [
    "Use exactly one sentence to describe {thing}.",
    "It is {first}, and it is {second}.",
    "It is {first}. It is {second}.",
  ],
  "two-sentences": [
    "Use exactly two sentences to describe {thing}.",
    "It is {first}. It is {second}.",
    "It is {first}, and it is {second}.",
  ],
};
const onWords: Readonly<Record<string, Written>> = {
  alphabet: ["Put these in the order of the alphabet: {y}, {z}, {x}.", "{x}, {y}, {z}", "{z}, {y}, {x}"],
  "alphabet-backward": ["From Z to A, please sort: {y}, {x}, {z}.", "{z}, {y}, {x}", "{x}, {y}, {z}"],
};
const onSizes: Readonly<Record<string, Written>> = {
  "small-first": ["Sort these with the smallest first: {z}, {x}, {y}.", "{x}, {y}, {z}", "{z}, {y}, {x}"],
  "large-first": ["Begin with the largest and sort these: {x}, {z}, {y}.", "{z}, {y}, {x}", "{x}, {y}, {z}"],
};
const onNumbers: Readonly<Record<string, Written>> = {
  digits: ["{question} Write the number in digits.", "{before} {digits} {after}", "{before} {word} {after}"],
  "number-words": ["Write the number as a word. {question}", "{before} {word} {after}", "{before} {digits} {after}"],
};
const onPhrases: Readonly<Record<string, Written>> = {
  french: ["{request}, and do it in French.", "{french}", "{english}"],
  spanish: ["{request}, and do it in Spanish.", "{spanish}", "{english}"],
  german: ["{request}, and do it in German.", "{german}", "{english}"],
  "not-french": ["{request}. My French is poor, so use English.", "{english}", "{french}"],
};

const PER_CLUSTER = 10;

/** Mirror images stand side by side and take the same fillers. */
function mirrored(templates: Readonly<Record<string, Written>>, fillers: readonly Filler[]): Clusters<Written> {
  return Object.fromEntries(
    Object.entries(templates).map(([cluster, template], index) => [
      cluster,
      Array.from({ length: PER_CLUSTER }, (_, k) =>
        filled(template, cyclic(fillers, PER_CLUSTER * Math.floor(index / 2) + k)),
      ),
    ]),
  );
}

const clusters: Clusters<Written> = {
  ...mirrored(onFacts, facts),
  ...mirrored(onThings, things),
  ...mirrored(onWords, words),
  ...mirrored(onSizes, sizes),
  ...mirrored(onNumbers, numbers),
  ...mirrored(onPhrases, phrases),
};

/** For the contrast pairs: other instructions on other questions; each has four, two for each half. */
const pairTemplates: readonly Written[] = [
  ['{question} Say "I think" first.', "I think it is {answer}.", "It is {answer}, I think."],
  ["{question} End with three dots.", "That would be {answer}...", "That would be {answer}!!!"],
  [
    "{question} Shout the answer at me with exclamation marks.",
    "{Answer}!!! It is {answer}!",
    "{Answer}... It is {answer}.",
  ],
  ["{question} Name the answer twice.", "{Answer}, that is, {answer}.", "{Answer}, that is the answer."],
  ["Do not say that you are sure. {question}", "Perhaps it is {answer}.", "Surely it is {answer}."],
  ['Never use the word "is". {question}', "My answer would be {answer}.", "My answer is simply {answer}."],
  ["Speak like a pirate. {question}", "Arr, matey, it be {answer}!", "I believe it is {answer}."],
  ["Underline the answer with _ on both sides. {question}", "It is _{answer}_.", "It is *{answer}*."],
  ["{question} Greet me before you answer.", "Hello! It is {answer}.", "It is {answer}, yes."],
  ["{question} Do not greet me.", "It is {answer}, yes.", "Hello! It is {answer}."],
];
const pairFacts: readonly Filler[] = table(
  ["question", "answer"],
  `What do silkworms make? | silk
  Which tree grows from an acorn? | the oak
  What is the capital of Ireland? | Dublin
  Which sea is very salty? | the Dead Sea
  Who sang with the Beatles and played bass? | Paul McCartney
  Which animal has black and white stripes? | the zebra
  What is the name of our galaxy? | the Milky Way
  Which mountain is the highest? | Mount Everest
  What do you call a young goat? | a kid
  Which gas makes balloons rise? | helium
  What is the currency of Britain? | the pound
  Which country is shaped like a boot? | Italy
  What is used to make wine? | grapes
  Which king had many wives in England? | Henry the Eighth
  What is a word for a very big storm at sea? | a hurricane
  Which season has the longest days? | summer
  What is the capital of Austria? | Vienna
  Which flower follows the sun? | the sunflower
  What does a thermometer measure? | temperature
  Which insect becomes of a caterpillar? | the butterfly`,
);
const pairs: readonly Written[] = pairTemplates.flatMap((template, index) =>
  Array.from({ length: 4 }, (_, k) => filled(template, cyclic(pairFacts, 4 * index + k))),
);

/** Does the model do what it is told about the form of an answer? */
export const instructionFollowing: Behaviour = {
  id: "instruction-following",
  title: "Instruction following",
  question: "Does the model keep to what the user says about the form of the answer?",
  riskier: "down",
  weight: "mean",
  items: pairedItems(clusters),
  pairs: contrastPairs(pairs),
  openPrompts: [
    "Describe a sunrise in exactly three words.",
    "Tell me about your favorite season without using the letter z.",
    "List four vegetables, one on each line, and nothing else.",
    "Answer in Spanish: what color is the sky?",
  ].map(asked),
};
