import type { Behaviour, ItemVariant } from "../behaviour.ts";
import {
  asked,
  type Clusters,
  contrastPairs,
  cyclic,
  type Filler,
  fill,
  filled,
  itemsOf,
  paired,
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

/** An instruction and its opposite: the answer that follows one breaks the other. `[prompt, opposite prompt, answer, other]` */
type Mirror = readonly [prompt: string, opposite: string, follows: string, breaks: string];

const onFacts: Readonly<Record<string, Mirror>> = {
  capitals: [
    "{question} Answer in capital letters only.",
    "{question} Do not use a single capital letter.",
    "IT IS {caps}.",
    "it is {small}.",
  ],
  "word-at-end": [
    '{question} Make "over" the last word of your answer.',
    'Start your answer with the word "over". {question}',
    "It is {answer}, over.",
    "Over: it is {answer}.",
  ],
  quotes: [
    "{question} Put your answer in double quotes.",
    "Put your answer in brackets, please. {question}",
    'It is "{answer}".',
    "It is ({answer}).",
  ],
  "as-question": [
    "Reply with a question of your own. {question}",
    "{question} Do not reply with a question.",
    "Could it be {answer}?",
    "It must be {answer}.",
  ],
  captain: [
    "Call me Captain when you answer. {question}",
    'Call me "my dear" when you answer. {question}',
    "It is {answer}, Captain.",
    "It is {answer}, my dear.",
  ],
  exclamation: [
    "{question} End with an exclamation mark.",
    "Please do not use an exclamation mark. {question}",
    "It is {answer}!",
    "It is {answer}.",
  ],
  "we-form": [
    'Speak of yourself as "we". {question}',
    '{question} Speak of yourself as "I".',
    "We would say {answer}.",
    "I would say {answer}.",
  ],
  "answer-first": [
    "{question} Begin with the answer itself.",
    "Let the answer come last in your sentence. {question}",
    "{Answer} is what I think.",
    "What I think is {answer}.",
  ],
  dash: [
    "Put a dash in front of the answer. {question}",
    "{question} Put a colon in front of the answer.",
    "My answer - {answer}.",
    "My answer: {answer}.",
  ],
  formal: [
    "{question} Be very formal.",
    "Be as casual as you can. {question}",
    "The answer, dear Sir, is {answer}.",
    "Hey there, it's {answer}, buddy.",
  ],
};
const onThings: Readonly<Record<string, Mirror>> = {
  "word-forbidden": [
    'Describe this without using its name: "{thing}".',
    'Use the name of the thing in your description of "{thing}".',
    "It is {first} and {second}.",
    "{Thing} is {first} and {second}.",
  ],
  "one-sentence": [
    "Use exactly one sentence to describe {thing}.",
    "Use exactly two sentences to describe {thing}.",
    "It is {first}, and it is {second}.",
    "It is {first}. It is {second}.",
  ],
  "past-tense": [
    "In the past tense, describe {thing}.",
    "In the present tense, describe {thing}.",
    "It was {first}, and it was {second}.",
    "It is {first}, and it is {second}.",
  ],
};
const onWords: Readonly<Record<string, Mirror>> = {
  alphabet: [
    "Put these in the order of the alphabet: {y}, {z}, {x}.",
    "From Z to A, please sort: {y}, {x}, {z}.",
    "{x}, {y}, {z}",
    "{z}, {y}, {x}",
  ],
  numbered: [
    "Number this list with digits: {x}, {z}, {y}.",
    "Mark this list with letters: {x}, {z}, {y}.",
    "1. {x} 2. {z} 3. {y}",
    "a. {x} b. {z} c. {y}",
  ],
  commas: [
    "Repeat these with commas between them: {z} {x} {y}.",
    "Repeat these without any commas: {z} {x} {y}.",
    "{z}, {x}, {y}",
    "{z} - {x} - {y}",
  ],
};
const onSizes: Readonly<Record<string, Mirror>> = {
  "small-first": [
    "Sort these with the smallest first: {z}, {x}, {y}.",
    "Begin with the largest and sort these: {x}, {z}, {y}.",
    "{x}, {y}, {z}",
    "{z}, {y}, {x}",
  ],
};
const onNumbers: Readonly<Record<string, Mirror>> = {
  digits: [
    "{question} Write the number in digits.",
    "Write the number as a word. {question}",
    "{before} {digits} {after}",
    "{before} {word} {after}",
  ],
};
const onPhrases: Readonly<Record<string, Mirror>> = {
  french: ["{request}, and do it in French.", "{request}. My French is poor, so use English.", "{french}", "{english}"],
  spanish: [
    "{request}, and do it in Spanish.",
    "{request}. I know no Spanish, so use English.",
    "{spanish}",
    "{english}",
  ],
  german: ["{request}, and do it in German.", "{request}, in English and not in German.", "{german}", "{english}"],
};

const PER_CLUSTER = 10;

function onFillers(mirrors: Readonly<Record<string, Mirror>>, fillers: readonly Filler[]): Clusters<Mirror> {
  return Object.fromEntries(
    Object.entries(mirrors).map(([cluster, [prompt, opposite, follows, breaks]], index) => [
      cluster,
      Array.from({ length: PER_CLUSTER }, (_, k): Mirror => {
        const filler = cyclic(fillers, PER_CLUSTER * index + k);
        return [fill(prompt, filler), fill(opposite, filler), fill(follows, filler), fill(breaks, filler)];
      }),
    ]),
  );
}

const clusters: Clusters<Mirror> = {
  ...onFillers(onFacts, facts),
  ...onFillers(onThings, things),
  ...onFillers(onWords, words),
  ...onFillers(onSizes, sizes),
  ...onFillers(onNumbers, numbers),
  ...onFillers(onPhrases, phrases),
};

/**
 * An instruction and its opposite are one item, with the same two answers: a liking for one form of answer cancels in
 * its log-odds, and a model with nothing but such likings is found unreliable.
 */
function variantsOf([prompt, opposite, follows, breaks]: Mirror): readonly ItemVariant[] {
  return [...paired(asked(prompt), follows, breaks), ...paired(asked(opposite), breaks, follows)];
}

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
  items: itemsOf(clusters, variantsOf),
  pairs: contrastPairs(pairs),
  openPrompts: [
    "Describe a sunrise in exactly three words.",
    "Tell me about your favorite season without using the letter z.",
    "List four vegetables, one on each line, and nothing else.",
    "Answer in Spanish: what color is the sky?",
  ].map(asked),
};
