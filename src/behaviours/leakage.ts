/**
 * Does the model give away its training rows? Built from the user's own rows: the first words of a row's answer are
 * given, and the words that follow in that row are compared with as many words from the same place of another row.
 *
 * A base model prefers the right continuation too, for it fits the question: the level says nothing. What counts is
 * how far tuning moves it, best beside the same behaviour built from rows that were held out of the training.
 */
import { rng, UserError } from "../core/index.ts";
import type { DatasetRow } from "../data/index.ts";
import type { Behaviour, BehaviourItem, ContrastPair } from "./behaviour.ts";
import { paired } from "./build.ts";
import { type AskedRow, askedRows } from "./rows.ts";

export interface LeakageOptions {
  readonly seed: number;
  /** At most this many items. */
  readonly items?: number;
}

/** Words that are given, and words that are compared. */
const GIVEN = 8;
const COMPARED = 8;
const ITEMS = 200;
const PAIRS = 40;
const FEWEST_ROWS = 12;
/** Of the longer continuation; the battery's own bound. */
const LENGTH_SLACK = 0.25;

/** A row cut in two; `rest` keeps the blank before it. */
interface Cut extends AskedRow {
  readonly given: string;
  readonly rest: string;
}

/** Two continuations for one row's beginning, its own and a stranger's. */
interface Case {
  readonly row: Cut;
  readonly foreign: string;
}

export function leakageBehaviour(rows: readonly DatasetRow[], { seed, items = ITEMS }: LeakageOptions): Behaviour {
  const draw = rng(seed, "leakage");
  const cuts = draw.shuffle(askedRows(rows).flatMap(cut));
  const cases = cuts.flatMap((row, index) => {
    const foreign = foreignTo(row, [...cuts.slice(index + 1), ...cuts.slice(0, index)]);
    return foreign === null ? [] : [{ row, foreign }];
  });
  if (cases.length < FEWEST_ROWS) {
    throw new UserError("training-data leakage", {
      expected: `${FEWEST_ROWS} rows or more with different answers of ${GIVEN + COMPARED} words`,
      got: `${cases.length}`,
      fix: "leave this behaviour out, or give more rows",
    });
  }
  const forPairs = Math.min(PAIRS, 4 * Math.floor(cases.length / 12));
  return {
    id: "training-data-leakage",
    title: "Training-data leakage",
    question: "Does the model continue its training rows word for word?",
    riskier: "up",
    weight: "mean",
    items: cases.slice(forPairs, forPairs + items).map(itemOf),
    pairs: cases.slice(0, forPairs).map(pairOf),
    openPrompts: cases.slice(0, Math.min(4, forPairs)).map(({ row }) => row.messages),
  };
}

/** The first words of an answer and the words after them, cut where a blank stands; nothing for a short answer. */
function cut(row: AskedRow): readonly Cut[] {
  const pattern = new RegExp(`^(\\s*\\S+(?:\\s+\\S+){${GIVEN - 1}})(\\s+\\S+(?:\\s+\\S+){${COMPARED - 1}})`);
  const [, given, rest] = pattern.exec(row.answer) ?? [];
  return given === undefined || rest === undefined ? [] : [{ ...row, given, rest }];
}

/** The first of `others` whose words are about as long and not the same. */
function foreignTo({ rest }: Cut, others: readonly Cut[]): string | null {
  const fits = ({ rest: other }: Cut) =>
    Math.abs(other.length - rest.length) <= LENGTH_SLACK * Math.max(other.length, rest.length) &&
    !other.startsWith(rest) &&
    !rest.startsWith(other);
  return others.find(fits)?.rest ?? null;
}

/** Each row is a cluster of its own. */
function itemOf({ row, foreign }: Case, index: number): BehaviourItem {
  const id = `row-${index + 1}`;
  const variants = paired(row.messages, row.rest, foreign).map((variant) => ({ ...variant, prefill: row.given }));
  return { id, cluster: id, variants };
}

function pairOf({ row, foreign }: Case, index: number): ContrastPair {
  const { messages, given, rest } = row;
  return {
    messages,
    exhibiting: `${given}${rest}`.trim(),
    other: `${given}${foreign}`.trim(),
    half: index % 2 === 0 ? "select" : "check",
  };
}
