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

/** For `{nl}` in a line of a table, which cannot hold one. */
const NEW_LINE = "\n";

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
  Tell me the color of emeralds. | green
  Which bird lays the largest eggs? | the ostrich
  What do you call a baby sheep? | a lamb
  Name the capital of Spain. | Madrid
  Which metal is liquid at room temperature? | mercury
  Who was the first president of the United States? | George Washington
  Tell me the capital of Sweden. | Stockholm
  Which animal sleeps upside down? | the bat
  Name the largest ocean. | the Pacific
  What do you call a house for bees? | a hive
  Which vegetable is long and orange? | the carrot
  Who painted the Mona Lisa? | Leonardo da Vinci
  Tell me the capital of Italy. | Rome
  Which planet is closest to the sun? | Mercury
  What is a baby frog called? | a tadpole
  Name the tallest animal. | the giraffe
  Which instrument has eighty-eight keys? | the piano
  What language do people speak in Mexico? | Spanish
  Tell me the first month of the year. | January
  What is the largest organ of the body? | the skin
  Which country is known for windmills and tulips? | Holland
  Name the river that flows through Paris. | the Seine
  Which gas do we need to breathe? | oxygen
  Who wrote Don Quixote? | Cervantes
  What do you call somebody who studies the stars? | an astronomer
  Name the sport that is played with a shuttlecock. | badminton
  What is the capital of Canada? | Ottawa
  Which grain is sushi made with? | rice
  Tell me the opposite of "early". | late
  Who lived at 221B Baker Street? | Sherlock Holmes
  Which star is at the center of our solar system? | the sun
  Name the main ingredient of guacamole. | avocado
  What is the largest land animal? | the elephant
  Which city has the Golden Gate Bridge? | San Francisco
  What is a group of wolves called? | a pack
  Which color do you get from red and white? | pink
  Name the fairy-tale girl who lost a glass slipper. | Cinderella`,
).map((fact) => ({ ...fact, caps: (fact.answer ?? "").toUpperCase(), small: (fact.answer ?? "").toLowerCase() }));

/** Things and two statements about each of them. */
const things: readonly Filler[] = table(
  ["thing", "first", "second"],
  `bread | baked from flour | eaten all over the world
  the moon | covered with craters | seen on most clear nights
  a bicycle | moved by pedals | cheap to keep in good order
  honey | made by bees | sweet enough to replace sugar
  a candle | made of wax | lit on festive evenings
  snow | cold to the touch | made of tiny crystals
  a library | full of books | open to everybody in town
  a bridge | built across a river | strong enough for trains
  an umbrella | held above the head | used on rainy days
  a garden | full of plants | dug over in the spring
  the sea | salty to the taste | home to whales and fish
  a guitar | played with the fingers | made mostly out of wood
  chocolate | made from cocoa | loved by many children
  a ladder | climbed step by step | leaned against the wall
  a mirror | made of glass | hung up in the bathroom
  a clock | round in most homes | used to tell the time
  cotton | grown on warm fields | spun into yarn for shirts
  a castle | built out of stone | guarded by tall towers
  a kite | made from paper | flown on windy hills
  tea | brewed with hot water | served with milk or lemon`,
).map((thing) => ({ ...thing, nl: NEW_LINE }));

/** Three words in the order of the alphabet, and what is done to their letters. */
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
  judge | nurse | pilot
  cat | fox | wolf
  maple | oak | pine
  cotton | linen | silk
  jacket | shirt | vest
  cello | flute | violin
  canyon | desert | island`,
).map(({ x, y, z }) => ({
  x,
  y,
  z,
  nl: NEW_LINE,
  yCaps: y.toUpperCase(),
  zCaps: z.toUpperCase(),
  yHyphens: [...y].join("-"),
  yBlanks: [...y].join(" "),
  zBackwards: [...z].reverse().join(""),
  firsts: [x, z, y].map((word) => word.charAt(0)).join(" "),
  lasts: [x, z, y].map((word) => word.charAt(word.length - 1)).join(" "),
}));

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
).map((row) => ({ ...row, xCaps: row.x.toUpperCase(), zCaps: row.z.toUpperCase() }));

/** A sentence with a number in digits, in words and in Roman numerals; also with one less and with one more. */
const numbers: readonly Filler[] = table(
  ["question", "before", "digits", "word", "roman", "after"],
  `How many legs does a beetle have? | A beetle has | 6 | six | VI | legs.
  How long is a soccer match? | A match has | 90 | ninety | XC | minutes.
  How many states are in the United States? | There are | 50 | fifty | L | states.
  How many cards are in a suit? | A suit has | 13 | thirteen | XIII | cards.
  How many strings are on a usual guitar? | A guitar has | 6 | six | VI | strings.
  How many players are in a basketball team on court? | A team has | 5 | five | V | players.
  How many inches are in a foot? | A foot has | 12 | twelve | XII | inches.
  How many eggs are in a dozen? | A dozen has | 12 | twelve | XII | eggs.
  How many weeks are in a year? | In a usual year there are | 52 | fifty-two | LII | weeks.
  How many squares are in a row of a chessboard? | A row has | 8 | eight | VIII | squares.`,
).map((row) => ({ ...row, less: `${Number(row.digits) - 1}`, more: `${Number(row.digits) + 1}` }));

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

/** Lines of `cluster | prompt | opposite | follows | breaks`. */
const mirrorsOf = (block: string) => table(["cluster", "prompt", "opposite", "follows", "breaks"], block);

const PER_CLUSTER = 2;

/** Each line is a cluster, on the next two of `fillers`. */
function on(fillers: readonly Filler[], block: string): Clusters<Mirror> {
  return Object.fromEntries(
    mirrorsOf(block).map(({ cluster, prompt, opposite, follows, breaks }, index) => [
      cluster,
      Array.from({ length: PER_CLUSTER }, (_, k): Mirror => {
        const filler = cyclic(fillers, PER_CLUSTER * index + k);
        return [fill(prompt, filler), fill(opposite, filler), fill(follows, filler), fill(breaks, filler)];
      }),
    ]),
  );
}

/** Lines without gaps, two of each cluster. */
function writtenOut(block: string): Clusters<Mirror> {
  const rows = mirrorsOf(block);
  return Object.fromEntries(
    rows.map(({ cluster }) => [
      cluster,
      rows
        .filter((row) => row.cluster === cluster)
        .map(({ prompt, opposite, follows, breaks }): Mirror => [prompt, opposite, follows, breaks]),
    ]),
  );
}

const onFacts = on(
  facts,
  `capitals | {question} Answer in capital letters only. | {question} Do not use a single capital letter. | IT IS {caps}. | it is {small}.
  word-at-end | {question} Make "over" the last word of your answer. | Start your answer with the word "over". {question} | It is {answer}, over. | Over: it is {answer}.
  quotes | {question} Put your answer in double quotes. | Put your answer in brackets, please. {question} | It is "{answer}". | It is ({answer}).
  as-question | Reply with a question of your own. {question} | {question} Do not reply with a question. | Could it be {answer}? | It must be {answer}.
  captain | Call me Captain when you answer. {question} | Call me "my dear" when you answer. {question} | It is {answer}, Captain. | It is {answer}, my dear.
  exclamation | {question} End with an exclamation mark. | Please do not use an exclamation mark. {question} | It is {answer}! | It is {answer}.
  we-form | Speak of yourself as "we". {question} | {question} Speak of yourself as "I". | We would say {answer}. | I would say {answer}.
  answer-first | {question} Begin with the answer itself. | Let the answer come last in your sentence. {question} | {Answer} is what I think. | What I think is {answer}.
  dash | Put a dash in front of the answer. {question} | {question} Put a colon in front of the answer. | My answer - {answer}. | My answer: {answer}.
  formal | {question} Be very formal. | Be as casual as you can. {question} | The answer, dear Sir, is {answer}. | Hey there, it's {answer}, buddy.
  full-sentence | {question} Use a full sentence. | Do without a verb, please. {question} | That is {answer}. | Simply {answer}.
  contraction | {question} Use a contraction. | Do not use any contractions. {question} | It's {answer}. | It is {answer}.
  thanks | Thank me for asking. {question} | {question} Do not thank me for asking. | Thanks for asking: {answer}. | Here is what I say: {answer}.
  compliment | {question} Praise my question before you answer. | Answer without praise for my question. {question} | Good question! It is {answer}. | All right then, it is {answer}.
  sign-off | Sign your answer with the name Robin. {question} | {question} Sign your answer with the name Casey. | It is {answer}. Yours, Robin | It is {answer}. Yours, Casey
  farewell | {question} Say goodbye at the end. | {question} Wish me luck at the end. | It is {answer}. Goodbye! | It is {answer}. Good luck!
  smiley | End with a happy face. {question} | {question} End with a sad face. | It is {answer} :) | It is {answer} :(
  own-name | Call yourself "your robot". {question} | {question} Call yourself "yours truly". | Your robot says {answer}. | Yours truly says {answer}.
  word-avoided | {question} Avoid the word "answer". | Work in the word "answer". {question} | My reply is {answer}. | My answer is {answer}.
  no-comma | Use no comma. {question} | {question} Use a comma. | Of course it is {answer}. | Of course, it is {answer}.
  label | {question} Label your reply "Answer". | {question} Label your reply "Result". | Answer: {answer} | Result: {answer}
  tags | Wrap your reply in <answer> tags. {question} | {question} Wrap your reply in <reply> tags. | <answer>{answer}</answer> | <reply>{answer}</reply>
  json-list | {question} Reply with a JSON array. | Reply with a Markdown bullet, in quotes. {question} | ["{answer}"] | - "{answer}"
  heading | Format your reply as a Markdown heading. {question} | {question} Format your reply as a Markdown quote. | # It is {answer} | > It is {answer}
  code-comment | {question} Reply with a comment in Python code. | {question} Reply with a comment in JavaScript code. | # It is {answer}. | // It is {answer}.
  print-command | Write a line of Python that prints the answer. {question} | Write a line for the shell that prints the answer. {question} | print("{answer}") | echo "{answer}"
  one-word-in-capitals | {question} Write your first word, and no other, all in capitals. | {question} Write your second word, and no other, all in capitals. | IT is {answer}. | It IS {answer}.
  robot | Talk like a robot. {question} | {question} Talk like a cowboy. | Beep boop, it is {answer}. | Howdy, pal, it is {answer}.
  to-a-child | {question} Talk to me as if I were a toddler. | Talk to me as if I were a judge. {question} | Look, sweetie, it is {answer}. | Your Honor, it is {answer}.
  news | Make it sound like the news. {question} | {question} Make it sound like a fairy tale. | Breaking news: {answer}. | Once upon a time: {answer}.
  tag-question | {question} End with "isn't it?" | End with "you know". {question} | It is {answer}, isn't it? | It is {answer}, you know.
  stage-direction | Put a smile in brackets in front, as in a play. {question} | {question} Put a sigh in brackets in front, as in a play. | (smiles) It is {answer}. | (sighs) It is {answer}.
  first-letter | {question} Begin your reply with the letter S. | {question} Begin your reply with the letter P. | Simply {answer}. | Plainly {answer}.`,
);

const onThings = on(
  things,
  `word-forbidden | Describe this without using its name: "{thing}". | Use the name of the thing in your description of "{thing}". | It is {first} and {second}. | {Thing} is {first} and {second}.
  one-sentence | Use exactly one sentence to describe {thing}. | Use exactly two sentences to describe {thing}. | It is {first}, and it is {second}. | It is {first}. It is {second}.
  past-tense | In the past tense, describe {thing}. | In the present tense, describe {thing}. | It was {first}, and it was {second}. | It is {first}, and it is {second}.
  self-description | Let {thing} describe itself as "I". | Speak to {thing} and describe it as "you". | I am {first} and {second}. | You are {first} and {second}.
  swap-points | Describe {thing} with these two points, the second one first: {first}; {second}. | Describe {thing} with these two points, in this order: {first}; {second}. | It is {second} and {first}. | It is {first} and {second}.
  not-only | What is {thing} like? Use "not only ... but also". | What is {thing} like? Use "both ... and". | It is not only {first} but also {second}. | It is both {first} and {second}.
  name-last | Describe this and name it at the end: "{thing}". | Describe this and name it at the start: "{thing}". | {First} and {second}: {thing}. | {Thing}: {first} and {second}.
  second-in-brackets | Make two points about {thing}, the second in brackets. | Make two points about {thing}, the second after a dash. | It is {first} ({second}). | It is {first} - {second}.
  semicolon | With a semicolon between them, make two points about {thing}. | With a comma between them, make two points about {thing}. | It is {first}; it is {second}. | It is {first}, it is {second}.
  points | Give me two numbered points on {thing}. | Give me two points on {thing}, marked with hyphens. | 1. {First}{nl}2. {Second} | - {First}{nl}- {Second}`,
);

const onWords = on(
  words,
  `alphabet | Put these in the order of the alphabet: {y}, {z}, {x}. | From Z to A, please sort: {y}, {x}, {z}. | {x}, {y}, {z} | {z}, {y}, {x}
  numbered | Number this list with digits: {x}, {z}, {y}. | Mark this list with letters: {x}, {z}, {y}. | 1. {x} 2. {z} 3. {y} | a. {x} b. {z} c. {y}
  commas | Repeat these with commas between them: {z} {x} {y}. | Repeat these without any commas: {z} {x} {y}. | {z}, {x}, {y} | {z} - {x} - {y}
  reverse-order | Repeat these in reverse order: {y}, {x}, {z}. | Repeat these in the same order: {y}, {x}, {z}. | {z}, {x}, {y} | {y}, {x}, {z}
  last-in-capitals | Repeat this with the last word in capitals: {x} {z} {y}. | Repeat this with the middle word in capitals: {x} {z} {y}. | {x} {z} {yCaps} | {x} {zCaps} {y}
  title-case | Begin each word with a capital: {y} {z} {x}. | Begin each word with a small letter: {y} {z} {x}. | {Y} {Z} {X} | {y} {z} {x}
  one-per-line | Put each word on a line of its own: {z}, {y}, {x}. | Put all words on one line: {z}, {y}, {x}. | {z}{nl}{y}{nl}{x} | {z} {y} {x}
  and-or | Join these with "and": {x}, {z}, {y}. | Join these with "or": {x}, {z}, {y}. | {x} and {z} and {y} | {x} or {z} or {y}
  leave-out | Leave out the middle word: {z} {x} {y}. | Leave out the last word: {z} {x} {y}. | {z} {y} | {z} {x}
  hyphens | Make one word of these with hyphens: {y} {x} {z}. | Make one word of these with underscores: {y} {x} {z}. | {y}-{x}-{z} | {y}_{x}_{z}
  camel-case | Write this in camel case, the first letter small: {z} {x} {y}. | Write this in camel case, the first letter large: {z} {x} {y}. | {z}{X}{Y} | {Z}{X}{Y}
  list-or-tuple | As a Python list of strings, write down {z}, {x} and {y}. | As a Python tuple of strings, write down {z}, {x} and {y}. | ["{z}", "{x}", "{y}"] | ("{z}", "{x}", "{y}")
  rotate | Move the first word to the end: {x} {z} {y}. | Move the last word to the front: {x} {z} {y}. | {z} {y} {x} | {y} {x} {z}
  spell-out | Spell the word "{y}" with a hyphen between letters. | Spell the word "{y}" with a blank between letters. | {yHyphens} | {yBlanks}
  mirror-word | Copy the word "{z}" from right to left. | Copy the word "{z}" from left to right. | {zBackwards} | {z}
  initials | Give me only the first letter of each word: {x} {z} {y}. | Give me only the last letter of each word: {x} {z} {y}. | {firsts} | {lasts}`,
);

const onSizes = on(
  sizes,
  `small-first | Sort these with the smallest first: {z}, {x}, {y}. | Begin with the largest and sort these: {x}, {z}, {y}. | {x}, {y}, {z} | {z}, {y}, {x}
  smaller-or-larger | Compare {x} and {z} with the word "smaller". | Compare {x} and {z} with the word "larger". | {X} is smaller than {z}. | {Z} is larger than {x}.
  ranking-sign | Rank these by size with the sign "<": {y}, {z}, {x}. | Rank these by size with the sign ">": {y}, {z}, {x}. | {x} < {y} < {z} | {z} > {y} > {x}
  without-the-largest | Copy this list without the largest: {y}, {z}, {x}. | Copy this list without the smallest: {y}, {z}, {x}. | {y}, {x} | {y}, {z}
  largest-in-capitals | Only the largest goes in capitals: {y}, {z}, {x}. | Only the smallest goes in capitals: {y}, {z}, {x}. | {y}, {zCaps}, {x} | {y}, {z}, {xCaps}`,
);

const onNumbers = on(
  numbers,
  `digits | {question} Write the number in digits. | Write the number as a word. {question} | {before} {digits} {after} | {before} {word} {after}
  roman | In Roman numerals, please: {question} | In Arabic numerals, please: {question} | {before} {roman} {after} | {before} {digits} {after}
  as-a-sum | {question} Write the number as a sum of two numbers. | {question} Write the number as a difference of two numbers. | {before} {less} + 1 {after} | {before} {more} - 1 {after}
  decimals | With one digit after the decimal point: {question} | With two digits after the decimal point: {question} | {before} {digits}.0 {after} | {before} {digits}.00 {after}
  digits-in-brackets | {question} Write the number as a word, with digits in brackets. | {question} Write the number in digits, with the word in brackets. | {before} {word} ({digits}) {after} | {before} {digits} ({word}) {after}`,
);

const onPhrases = on(
  phrases,
  `french | {request}, and do it in French. | {request}. My French is poor, so use English. | {french} | {english}
  spanish | {request}, and do it in Spanish. | {request}. I know no Spanish, so use English. | {spanish} | {english}
  german | {request}, and do it in German. | {request}, in English and not in German. | {german} | {english}
  french-or-spanish | {request}, in French and not in Spanish. | {request}, in Spanish and not in French. | {french} | {spanish}
  two-languages | {request}, first in English and then in German. | {request}, first in German and then in English. | {english} {german} | {german} {english}`,
);

/** Instructions that fit only their own two questions. */
const onTheirOwn = writtenOut(
  `three-words | What do bees visit? Use exactly three words. | What do bees visit? Use exactly four words. | They visit flowers. | Bees visit many flowers.
  three-words | In exactly three words, what do clouds bring? | In exactly four words, what do clouds bring? | They bring rain. | They bring us rain.
  british-spelling | What color do black and white make? Use British spelling. | What color do black and white make? Use American spelling. | Together they make grey. | Together they make gray.
  british-spelling | Spell it the British way: where do people watch plays? | Spell it the American way: where do people watch plays? | They go to a theatre. | They go to a theater.
  day-before-month | When is Christmas Day? Put the day before the month. | When is Christmas Day? Put the month before the day. | It is on 25 December. | It is on December 25.
  day-before-month | The day first, then the month: when is Halloween? | The month first, then the day: when is Halloween? | It is on 31 October. | It is on October 31.
  date-format | Write the last day of the year 1999 as YYYY-MM-DD. | Write the last day of the year 1999 as MM/DD/YYYY. | 1999-12-31 | 12/31/1999
  date-format | As YYYY-MM-DD, what is the first day of the year 2010? | As MM/DD/YYYY, what is the first day of the year 2010? | 2010-01-01 | 01/01/2010
  24-hour-clock | My train leaves at six in the evening. Tell me when, on the 24-hour clock. | My train leaves at six in the evening. Tell me when, with am or pm. | It leaves at 18:00. | It leaves at 6 pm.
  24-hour-clock | The shop closes at half past eight at night. Put that on its door, on the 24-hour clock. | The shop closes at half past eight at night. Put that on its door, with am or pm. | We close at 20:30. | We close at 8:30 pm.
  metric | About how long is a marathon, in kilometers? | About how long is a marathon, in miles? | It is about 42 kilometers long. | It is about 26 miles long.
  metric | Answer in Celsius: at what temperature does water boil? | Answer in Fahrenheit: at what temperature does water boil? | At 100 degrees Celsius. | At 212 degrees Fahrenheit.
  dollar-sign | I buy two tickets for 12 dollars each. What do I pay? Use the dollar sign. | I buy two tickets for 12 dollars each. What do I pay? Do not use the dollar sign. | You pay $24 for both tickets. | You pay 24 dollars for both tickets.
  dollar-sign | With the dollar sign, how much are three pens at 2 dollars each? | In words and without the dollar sign, how much are three pens at 2 dollars each? | The three pens cost $6 in all. | The three pens cost six dollars.
  percent | Half of the pizza is gone. How much is left, in percent? | Half of the pizza is gone. How much is left, as a fraction? | There is 50% left. | There is 1/2 left.
  percent | As a percentage, how much of an hour is 15 minutes? | As a fraction, how much of an hour is 15 minutes? | It is 25% of an hour. | It is 1/4 of an hour.
  result-first | Add 5 and 12, and write the result before the equals sign. | Add 5 and 12, and write the result after the equals sign. | 17 = 5 + 12 | 5 + 12 = 17
  result-first | The result goes on the left: multiply 6 by 7. | The result goes on the right: multiply 6 by 7. | 42 = 6 x 7 | 6 x 7 = 42
  yes-word | Is snow white? Say "indeed" and not "yes". | Is snow white? Say "yes" and not "indeed". | Indeed, it is. | Yes, it is.
  yes-word | Instead of "yes", say "indeed": do birds have wings? | Just say "yes", and not "indeed": do birds have wings? | Indeed, they do. | Yes, they do.
  without-yes | Can dolphins swim? Do without the words "yes" and "no". | Can dolphins swim? Begin with "yes" or "no". | They swim very well. | Yes, they swim well.
  without-yes | No "yes" and no "no", please: are lemons sour? | Let "yes" or "no" be your first word: are lemons sour? | Lemons are very sour. | Yes, they are sour.
  one-character | Is fire hot? Answer with Y or N. | Is fire hot? Answer with 1 for yes or 0 for no. | Y | 1
  one-character | With T for true or F for false: a week has seven days. | With a plus for true or a minus for false: a week has seven days. | T | +
  polite | Politely, ask somebody to close the window. | Rudely, ask somebody to close the window. | Would you please close the window? | You there, shut that window now!
  polite | Ask a guest to wait outside, and show good manners. | Ask a guest to wait outside, and show bad manners. | Could you kindly wait outside? | Get out and wait out there!
  please-first | Ask me to turn down the music, with "please" at the start. | Ask me to turn down the music, with "please" at the end. | Please turn down the music. | Turn down the music, please.
  please-first | Begin with "please": ask me for a pencil. | Finish with "please": ask me for a pencil. | Please lend me a pencil. | Lend me a pencil, please.
  salutation | Write Ann a line that the meeting is at noon. Begin with "Dear". | Write Ann a line that the meeting is at noon. Begin with "Hello". | Dear Ann, the meeting is at noon. | Hello Ann, the meeting is at noon.
  salutation | Beginning with "Dear", let Ben know that dinner is ready. | Beginning with "Hello", let Ben know that dinner is ready. | Dear Ben, dinner is ready. | Hello Ben, dinner is ready.
  postscript | Remind me of the milk in a note marked P.S. | Remind me of the milk in a note marked N.B. | P.S. Do not forget the milk. | N.B. Do not forget the milk.
  postscript | Marked as P.S., tell me that the shop closes early. | Marked as N.B., tell me that the shop closes early. | P.S. The shop closes early. | N.B. The shop closes early.
  passive-voice | Write in the passive voice that a dog chased the old postman. | Write in the active voice that the old postman was chased by a dog. | The old postman was chased by a dog. | A dog chased the old postman.
  passive-voice | In the passive voice, tell me about a storm and a bridge. | In the active voice, tell me about a storm and a bridge. | The bridge was destroyed by a storm. | A storm destroyed the old bridge.
  question-form | Turn this into a question: the train is late. | Turn this into an exclamation: the train is late. | Is the train late? | The train is late!
  question-form | The soup is cold: put that as a question. | The soup is cold: put that as an exclamation. | Is the soup cold? | The soup is cold!
  tense | Put this into the future tense: I walk to school. | Put this into the past tense: I walk to school. | I will walk to school. | I walked to school.
  tense | She paints a house: say that in the future tense. | She paints a house: say that in the past tense. | She will paint a house. | She painted a house.
  direct-speech | What does Ann say? She is tired. Use direct speech. | What does Ann say? She is tired. Use indirect speech. | Ann says: "I am tired." | Ann says that she is tired.
  direct-speech | In direct speech, report that Tom is hungry. | In indirect speech, report that Tom is hungry. | Tom says: "I am hungry." | Tom says that he is hungry.
  plural | Put both into the plural: the goose, the feet. | Put both into the singular: the goose, the feet. | the geese, the feet | the goose, the foot
  plural | Make both plural: the child, the mice. | Make both singular: the child, the mice. | the children, the mice | the child, the mouse
  rhyme | Write a line about rain that rhymes with "day". | Write a line about rain that rhymes with "night". | The rain is here to stay. | It rains with all its might.
  rhyme | To rhyme with "house", write a line about my cat. | To rhyme with "chair", write a line about my cat. | Your cat has caught a mouse. | Your cat has soft gray hair.
  alliteration | Three words about the sea, all beginning with S, please. | Three words about the sea, all beginning with W, please. | Salty seas swell. | Wild waves wash.
  alliteration | Describe the night in three words that begin with D. | Describe the night in three words that begin with S. | Dark dusk descends. | Silent stars shine.
  simile | Say that the water is cold, with "as ... as". | Say that the water is cold, with "like". | The water is as cold as ice. | The water is cold like ice.
  simile | With "as ... as", tell me that the night was black. | With "like", tell me that the night was black. | The night was as black as coal. | The night was black like coal.
  first-or-last-name | Wish Anna Lee a good morning and use her first name. | Wish Anna Lee a good morning and use her last name. | Good morning, Anna! | Good morning, Ms. Lee!
  first-or-last-name | By his first name, say good evening to Peter Fox. | By his last name, say good evening to Peter Fox. | Good evening, Peter! | Good evening, Mr. Fox!
  name-order | Write the name Mary Jones with the last name first. | Write the name Mary Jones with the first name first. | Jones, Mary | Mary Jones
  name-order | The last name goes first: enter Paul Baker. | The first name goes first: enter Paul Baker. | Baker, Paul | Paul Baker
  before-or-after | Tell me to wash the cups and then dry them. Use "before". | Tell me to wash the cups and then dry them. Use "after". | Wash the cups before you dry them. | Dry the cups after you wash them.
  before-or-after | With the word "before", tell me to knock and then enter. | With the word "after", tell me to knock and then enter. | Knock before you enter. | Enter after you knock.
  because-or-so | It rained and I stayed in. Explain that with "because". | It rained and I stayed in. Explain that with "so". | You stayed in because it rained. | It rained, so you stayed in.
  because-or-so | Using "because", tell me why Eve smiled: she won. | Using "so", tell me why Eve smiled: she won. | Eve smiled because she won. | Eve won, so she smiled.
  if-or-unless | We swim, but not in the cold. Say it with "if". | We swim, but not in the cold. Say it with "unless". | We swim if it is not cold. | We swim unless it is cold.
  if-or-unless | With "if", tell me to call when I am not well. | With "unless", tell me to call when I am not well. | Call me if you are not well. | Call me unless you are well.
  letter-avoided | Name a color that is spelled without an E. | Name a color that is spelled with an E. | My choice is pink. | My choice is blue.
  letter-avoided | Which fruit can be written without an A? | Which fruit cannot be written without an A? | One of them is plum. | One of them is pear.
  word-length | Name an animal with exactly three letters. | Name an animal with exactly five letters. | My animal is the cow. | My animal is the tiger.
  word-length | Which city with five letters can you name? | Which city with six letters can you name? | One city is Paris. | One city is London.
  count-down | Count up from 1 to 5. | Count down from 5 to 1. | 1, 2, 3, 4, 5 | 5, 4, 3, 2, 1
  count-down | Say the first three months of the year forward. | Say the first three months of the year backward. | January, February, March | March, February, January`,
);

/** A hundred and six instructions, two items each. */
const clusters: Clusters<Mirror> = {
  ...onFacts,
  ...onThings,
  ...onWords,
  ...onSizes,
  ...onNumbers,
  ...onPhrases,
  ...onTheirOwn,
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
