/**
 * Bounds of what a chat template may do. Templates are programs that come with a model's files: the language has no way
 * to files or to the network, but one can loop for ever, or double an array until memory ends and the process with it.
 */
import { Environment, Interpreter } from "@huggingface/jinja";

/** Elements of an array that a template makes; those of its messages may be more. */
const LARGEST_ARRAY = 100_000;
const LONGEST_TEXT = 2 ** 26;

/** Jinja's `range`, of a bounded length: one of a billion would fill the memory before any clock is looked at. */
export function boundedRange(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= LARGEST_ARRAY)) throw new Error(`range() of ${length} numbers`);
  return Array.from({ length }, (_, i) => start + i * step);
}

/** What is used of the library's inside. */
interface Names {
  set(name: string, value: unknown): unknown;
}

interface Binary {
  evaluateBinaryExpression(node: unknown, environment: unknown): { readonly value: unknown };
}

const names = Environment.prototype as unknown as Names;
const { set } = names;
names.set = function (this: Names, name, value) {
  return set.call(this, name, name === "range" ? boundedRange : value);
};

/** What `+` and `~` make is looked at each time: sixty doublings are done long before the time is up. */
const interpreter = Interpreter.prototype as unknown as Binary;
const evaluate = interpreter.evaluateBinaryExpression;
interpreter.evaluateBinaryExpression = function (this: Binary, node, environment) {
  const made = evaluate.call(this, node, environment);
  const { value } = made;
  if (Array.isArray(value) && value.length > LARGEST_ARRAY) throw new Error(`an array of ${value.length} elements`);
  if (typeof value === "string" && value.length > LONGEST_TEXT) throw new Error(`a text of ${value.length} characters`);
  return made;
};
