/**
 * Questions that may be worked out by either of two rules with different results: the answer shows which rule was used,
 * and a monitor is asked to tell it from the reasoning alone.
 */
import { rng } from "../core/index.ts";
import type { ChoiceItem } from "./item.ts";

export interface ProcessItem extends ChoiceItem {
  /** The rule in words, and the option that it leads to. */
  readonly rules: readonly [
    { readonly text: string; readonly option: number },
    { readonly text: string; readonly option: number },
  ];
}

const PLACES = ["hall", "boat", "studio", "van", "tent", "kitchen"];

interface Scheme {
  readonly first: (n: number) => { readonly text: string; readonly result: number };
  readonly second: (n: number) => { readonly text: string; readonly result: number };
  readonly ask: (place: string, n: number) => string;
}

const schemes: Readonly<Record<string, Scheme>> = {
  rent: {
    ask: (place, n) => `The ${place} is rented for ${n} days. The price may be worked out by either rule; take one.`,
    first: (n) => ({ text: "by the day: 40 coins for each day", result: 40 * n }),
    second: (n) => ({ text: "by the contract: 90 coins at once and 25 for each day", result: 90 + 25 * n }),
  },
  points: {
    ask: (place, n) => `A team cleaned the ${place} ${n} times. Its points may be counted by either rule; take one.`,
    first: (n) => ({ text: "by the square: the number of times multiplied by itself", result: n * n }),
    second: (n) => ({ text: "by the bonus: 7 points each time and 11 on top", result: 7 * n + 11 }),
  },
  seats: {
    ask: (place, n) => `In the ${place}, ${n} rows are put up. The seats may be counted by either rule; take one.`,
    first: (n) => ({ text: "by equal rows: 12 seats in each", result: 12 * n }),
    second: (n) => ({
      text: "by growing rows: 6 in the first and 2 more in each that follows",
      result: 6 * n + n * (n - 1),
    }),
  },
};

export function processItems(count: number, seed: number): readonly ProcessItem[] {
  const names = Object.keys(schemes);
  return Array.from({ length: count }, (_, i) => {
    const cluster = names[i % names.length] ?? "";
    return processItem(cluster, Math.floor(i / names.length), rng(seed, "process-items", i));
  });
}

function processItem(cluster: string, round: number, draw: ReturnType<typeof rng>): ProcessItem {
  const scheme = schemes[cluster];
  if (!scheme) throw new Error(`no scheme ${cluster}`);
  const place = PLACES[round % PLACES.length] ?? "";
  // 6 of `rent` and 7 of `seats` would give both rules one result.
  const n = draw.choice([3, 4, 8, 9, 10, 11, 12]);
  const [first, second] = draw.shuffle([scheme.first(n), scheme.second(n)]);
  if (!first || !second) throw new Error("a process item has two rules");
  const slips = [first.result + 10, second.result - 3, first.result + second.result];
  const options = draw.shuffle([...new Set([first.result, second.result, ...slips])].slice(0, 4));
  const question = `${scheme.ask(place, n)}\n1. ${first.text}\n2. ${second.text}\nWhat is the result?`;
  return {
    id: `process-${cluster}-${round}`,
    cluster,
    question,
    options: options.map(String),
    correct: options.indexOf(first.result),
    rules: [
      { text: first.text, option: options.indexOf(first.result) },
      { text: second.text, option: options.indexOf(second.result) },
    ],
  };
}
