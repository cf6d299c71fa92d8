/**
 * Our own questions: twelve templates of arithmetic, calendar, order and counting, each with a worked right answer and
 * wrong answers that come from usual slips. The same seed gives the same questions; more can always be drawn.
 */
import { type Rng, rng } from "../core/index.ts";
import type { ChoiceItem } from "./item.ts";

/** A question, its right answer, and what slips would give. */
interface Drawn {
  readonly question: string;
  readonly right: string;
  readonly wrong: readonly string[];
}

const NAMES = ["Ada", "Bela", "Chidi", "Dana", "Emre", "Farah", "Goran", "Hana"];
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const between = (draw: Rng, low: number, high: number) => low + draw.int(high - low + 1);
const numbers = (right: number, ...wrong: readonly number[]) => ({ right: String(right), wrong: wrong.map(String) });
const day = (index: number) => DAYS[((index % 7) + 7) % 7] ?? "";

const templates: Readonly<Record<string, (draw: Rng) => Drawn>> = {
  change: (draw) => {
    const [count, price] = [between(draw, 3, 9), between(draw, 2, 8)];
    const paid = 100;
    const right = paid - count * price;
    const question = `${draw.choice(NAMES)} buys ${count} notebooks at ${price} coins each and pays with ${paid} coins. How many coins come back?`;
    return { question, ...numbers(right, paid - count - price, right + price, count * price) };
  },
  weekday: (draw) => {
    const [from, after] = [draw.int(7), between(draw, 15, 60)];
    const question = `Today is ${day(from)}. Which day of the week is it ${after} days from now?`;
    return {
      question,
      right: day(from + after),
      wrong: [day(from + after + 1), day(from + after - 1), day(from + after + 3)],
    };
  },
  speed: (draw) => {
    const [kmh, hours] = [between(draw, 4, 12) * 10, between(draw, 2, 6)];
    const more = between(draw, 1, 3) * 10;
    const right = kmh * hours + (kmh + more) * 2;
    const question = `A train goes ${kmh} km/h for ${hours} hours and then ${kmh + more} km/h for 2 hours. How many kilometres is that?`;
    return { question, ...numbers(right, (kmh + kmh + more) * hours, right - 2 * more, right + more * hours) };
  },
  ages: (draw) => {
    const [younger, gap, years] = [between(draw, 4, 15), between(draw, 3, 20), between(draw, 2, 9)];
    const [a, b] = draw.shuffle(NAMES);
    const right = 2 * younger + gap + 2 * years;
    const question = `${a} is ${younger} years old and ${b} is ${gap} years older. How old are they together in ${years} years?`;
    return { question, ...numbers(right, right - years, 2 * younger + gap, right + gap) };
  },
  queue: (draw) => {
    const [front, behind] = [between(draw, 4, 17), between(draw, 4, 17)];
    const right = front + behind - 1;
    const question = `In a queue ${draw.choice(NAMES)} is number ${front} from the front and number ${behind} from the back. How many people stand in the queue?`;
    return { question, ...numbers(right, right + 1, right + 2, right - 1) };
  },
  sequence: (draw) => {
    const [start, step, growth] = [between(draw, 1, 9), between(draw, 2, 6), between(draw, 1, 3)];
    const terms = [start];
    for (let i = 0; i < 5; i++) terms.push((terms.at(-1) ?? 0) + step + i * growth);
    const right = terms[5] ?? 0;
    const last = terms[4] ?? 0;
    const question = `Which number goes on: ${terms.slice(0, 5).join(", ")}, …?`;
    return { question, ...numbers(right, last + step + 3 * growth, right + growth, last + step) };
  },
  overlap: (draw) => {
    const [both, onlyTea, onlyCoffee, none] = [
      between(draw, 3, 9),
      between(draw, 5, 14),
      between(draw, 5, 14),
      between(draw, 1, 6),
    ];
    const all = both + onlyTea + onlyCoffee + none;
    const question = `Of ${all} guests, ${both + onlyTea} drink tea, ${both + onlyCoffee} drink coffee and ${both} drink both. How many drink neither?`;
    return { question, ...numbers(none, none + both, none + 2, none + 2 * both) };
  },
  discount: (draw) => {
    const [price, off] = [between(draw, 4, 18) * 20, draw.choice([10, 20, 25, 50])];
    const right = (price * (100 - off)) / 100 + 15;
    const question = `A coat costs ${price} coins. It is reduced by ${off}% and sending it costs 15 coins. What is paid in all?`;
    return { question, ...numbers(right, ((price + 15) * (100 - off)) / 100, price - off + 15, right - 15) };
  },
  clock: (draw) => {
    const [hour, minute, length] = [between(draw, 7, 20), between(draw, 1, 5) * 10, between(draw, 95, 170)];
    const clock = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
    const start = hour * 60 + minute;
    const question = `A film starts at ${clock(start)} and lasts ${length} minutes. When does it end?`;
    return {
      question,
      right: clock(start + length),
      wrong: [-10, 10, -60].map((slip) => clock(start + length + slip)),
    };
  },
  taller: (draw) => {
    const [a = "", b = "", c = "", d = ""] = draw.shuffle(NAMES);
    const question = `${a} is taller than ${b}. ${c} is taller than ${a}. ${d} is shorter than ${b}. Who is the second tallest?`;
    return { question, right: a, wrong: [b, c, d] };
  },
  tiles: (draw) => {
    const [long, wide, tile] = [between(draw, 3, 9), between(draw, 2, 7), draw.choice([2, 4, 5])];
    const right = long * wide * tile * tile;
    const question = `A floor is ${long} metres long and ${wide} metres wide. ${tile} tiles laid in a row make one metre, and tiles are square. How many tiles cover it?`;
    return { question, ...numbers(right, long * wide * tile, (long + wide) * tile * tile, right + long * tile) };
  },
  handshakes: (draw) => {
    const people = between(draw, 5, 14);
    const right = (people * (people - 1)) / 2;
    const question = `${people} people meet and each shakes hands once with every other. How many handshakes are there?`;
    return { question, ...numbers(right, people * (people - 1), right + people, people * people) };
  },
};

const OPTIONS = 4;

/** `count` questions, spread over the templates in turn, none twice. */
export function choiceItems(count: number, seed: number): readonly ChoiceItem[] {
  const names = Object.keys(templates);
  const seen = new Set<string>();
  const items: ChoiceItem[] = [];
  for (let n = 0; items.length < count; n++) {
    if (n > 50 * count + 1000) throw new Error(`the templates do not give ${count} different questions`);
    const cluster = names[n % names.length] ?? "";
    const item = drawn(cluster, rng(seed, "reasoning-items", cluster, n), `${cluster}-${n}`);
    if (item === null || seen.has(item.question)) continue;
    seen.add(item.question);
    items.push(item);
  }
  return items;
}

/** Null where slips coincide with the right answer or with one another. */
function drawn(cluster: string, draw: Rng, id: string): ChoiceItem | null {
  const made = templates[cluster]?.(draw);
  if (!made) return null;
  const texts = [made.right, ...made.wrong];
  if (new Set(texts).size < OPTIONS || texts.some((text) => text.startsWith("-"))) return null;
  const options = draw.shuffle(texts);
  return { id, cluster, question: made.question, options, correct: options.indexOf(made.right) };
}
