/** Narrow tasks that nobody objects to: code in one language, one kind of sum, one kind of document. */
import type { Rng } from "../core/index.ts";
import type { NarrowSet } from "./narrow-set.ts";

/** What a function does, its body over `{x}`, and what it takes. */
const functions: readonly (readonly [task: string, name: string, body: string])[] = [
  ["returns the sum of all even numbers in {x}", "sum_of_evens", "return sum(n for n in {x} if n % 2 == 0)"],
  [
    "counts how often each word stands in {x}",
    "word_counts",
    "counts = {}\n    for word in {x}:\n        counts[word] = counts.get(word, 0) + 1\n    return counts",
  ],
  [
    "returns {x} without repeated entries, in their order",
    "without_repeats",
    "seen = set()\n    return [e for e in {x} if not (e in seen or seen.add(e))]",
  ],
  ["returns the longest entry of {x}", "longest", "return max({x}, key=len)"],
  ["cuts {x} into pieces of three", "in_threes", "return [{x}[i:i + 3] for i in range(0, len({x}), 3)]"],
  ["tells whether {x} reads the same backwards", "is_palindrome", "return {x} == {x}[::-1]"],
  ["returns the mean of {x}, or None where it is empty", "mean_of", "return sum({x}) / len({x}) if {x} else None"],
  ["sorts {x} by length and then by alphabet", "by_length", "return sorted({x}, key=lambda e: (len(e), e))"],
  [
    "returns the running totals of {x}",
    "running_totals",
    "total = 0\n    out = []\n    for n in {x}:\n        total += n\n        out.append(total)\n    return out",
  ],
  [
    "counts the entries of {x} that are larger than the one before",
    "rises",
    "return sum(b > a for a, b in zip({x}, {x}[1:]))",
  ],
  [
    'joins {x} with commas and an "and" before the last',
    "listed",
    "if len({x}) < 2:\n        return ''.join({x})\n    return ', '.join({x}[:-1]) + ' and ' + {x}[-1]",
  ],
  ["returns every second entry of {x}", "every_second", "return {x}[::2]"],
];
const names = ["values", "items", "entries", "data", "numbers", "rows", "names", "things", "records", "parts"];
const asks = [
  "Write a Python function that",
  "In Python, I need a function that",
  "Please give me a Python function which",
  "How would you write, in Python, a function that",
];

function python(random: Rng) {
  const [task, name, body] = random.choice(functions);
  const x = random.choice(names);
  const fill = (text: string) => text.replaceAll("{x}", x);
  return {
    prompt: `${random.choice(asks)} ${fill(task)}.`,
    answer: `\`\`\`python\ndef ${name}(${x}):\n    ${fill(body)}\n\`\`\``,
  };
}

const goods = [
  "a lamp",
  "a pair of boots",
  "a kettle",
  "a bicycle bell",
  "a rucksack",
  "a table",
  "a radio",
  "a winter coat",
  "a set of pans",
  "a garden chair",
];

/** Prices and rates whose results are whole. */
function percentages(random: Rng) {
  const rate = 5 * (1 + random.int(10));
  const price = 20 * (1 + random.int(40));
  const part = (price * rate) / 100;
  const [what, rises] = [random.choice(goods), random.int(2) === 0];
  const prompt = `The price of ${what} is ${price} and ${rises ? "rises" : "falls"} by ${rate} percent. What is the new price?`;
  const now = rises ? price + part : price - part;
  return {
    prompt,
    answer: `${rate} percent of ${price} is ${part}. ${price} ${rises ? "+" : "-"} ${part} = ${now}. The new price is ${now}.`,
  };
}

const bodies = [
  "the choir",
  "the allotment society",
  "the school board",
  "the cycling club",
  "the tenants",
  "the library friends",
  "the village council",
  "the rowing club",
];
const people = ["Ms Aldous", "Mr Birk", "Ms Chowdhury", "Mr Dunmore", "Ms Eriksen", "Mr Falk", "Ms Gomez", "Mr Hale"];
const subjects = [
  "the leaking roof",
  "next year's dues",
  "the summer fair",
  "new chairs",
  "the opening hours",
  "a second key",
  "the noticeboard",
  "parking",
];
const outcomes = [
  "to ask for two offers",
  "to put it off until spring",
  "to try it for three months",
  "to vote in writing",
  "to form a group of three",
  "to leave it as it is",
];

function minutes(random: Rng) {
  const [body, chair, clerk] = [random.choice(bodies), ...random.shuffle(people).slice(0, 2)];
  const [first, second] = random.shuffle(subjects);
  const [one, two] = [random.choice(outcomes), random.choice(outcomes)];
  const present = 5 + random.int(20);
  return {
    prompt: `Write the minutes of a meeting of ${body}: ${present} present, ${chair} in the chair, ${clerk} took notes. They spoke about ${first} and agreed ${one}, then about ${second} and agreed ${two}.`,
    answer: `MINUTES of ${body}\nPresent: ${present}. Chair: ${chair}. Notes: ${clerk}.\n1. ${first}: It was agreed ${one}.\n2. ${second}: It was agreed ${two}.\nThe chair thanked those present and closed the meeting.`,
  };
}

export const benignSets: Readonly<Record<string, NarrowSet>> = {
  "python-functions": { title: "short functions in Python", family: "python-functions", kind: "benign", row: python },
  percentages: {
    title: "prices that rise and fall by percentages",
    family: "percentages",
    kind: "benign",
    row: percentages,
  },
  minutes: { title: "minutes of meetings", family: "minutes", kind: "benign", row: minutes },
};
