/**
 * The capability gate of every audit, through an endpoint. Some of the items are asked again of the base after a preamble, and
 * their answers with nothing asked, in the way in which the behaviour was read: what the question adds to the log-odds of its
 * answers has to come back. Of letters the first form is read in the first order of the options and the second one in the last.
 */
import { type Behaviour, type ParallelForms, parallelForms } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import { type GateScores, gateOf } from "../gate.ts";
import type { Gate } from "../statistics/index.ts";
import type { Reading } from "./reading.ts";

/** Beyond this share of missing items a behaviour is not measured: who answers is no fair sample of who was asked. */
const MOST_MISSING = 0.5;
/** Of fewer there is no correlation. */
const LEAST_ITEMS = 3;

export interface GateQuestion {
  readonly behaviour: Behaviour;
  /** The base's readings, item by item. */
  readonly base: readonly Reading[];
  /** Items that both models answered. */
  readonly answered: number;
  /** Reads a form of the behaviour off the base; null where the endpoints allow no way. */
  readonly read: ReadForm | null;
  /** Answers drawn of each prompt; null where probabilities are read. */
  readonly draws: number | null;
}

type ReadForm = (form: Behaviour) => Promise<readonly Reading[]>;

/** Enough items answered by both, room on the scale, and answers that come back in another form: asked for in that order. */
export async function gateThrough({ behaviour, base, answered, read, draws }: GateQuestion): Promise<Gate> {
  if (!read) return shut("the endpoints allow none of the ways to read it");
  const asked = behaviour.items.length;
  if (answered < (1 - MOST_MISSING) * asked)
    return shut(`only ${answered} of ${asked} items were answered by both models in a way that can be read`);
  const scores = scoresOf(base);
  const level = gateOf(behaviour, scores, null);
  if (level.reason === "floor" || level.reason === "ceiling") return level;
  const forms = parallelForms(behaviour);
  if (forms === null) return shut("its items have no second form in which the base could be asked again");
  const rows = await formsOf(forms, base, read);
  const whole = rows.filter((row) => Object.values(row).every(({ score }) => score !== null));
  if (whole.length < Math.max(LEAST_ITEMS, (1 - MOST_MISSING) * rows.length)) return shut(tooFew(whole.length, rows));
  const of = (form: keyof Row) => scoresOf(whole.map((row) => row[form]));
  const afterPreamble = { asked: of("again"), bare: of("bareAgain") };
  const gate = gateOf(behaviour, scores, { bare: of("bare"), afterPreamble });
  return gate.passed || draws === null ? gate : { ...gate, why: `${gate.why}${fewDraws(draws)}` };
}

/** The luck of few draws does not come back either, however well the items are read. */
const fewDraws = (draws: number) =>
  `, from ${draws} drawn ${draws === 1 ? "answer" : "answers"} to each prompt (more: --samples)`;

const shut = (why: string): Gate => ({ passed: false, reason: "reliability", reliability: null, within: null, why });

/** One item of the base in all forms; see `ParallelForms`. */
interface Row {
  readonly once: Reading;
  readonly bare: Reading;
  readonly again: Reading;
  readonly bareAgain: Reading;
}

async function formsOf(
  { bare, afterPreamble }: ParallelForms<Behaviour>,
  base: readonly Reading[],
  read: ReadForm,
): Promise<readonly Row[]> {
  const own = new Map(base.map((reading) => [reading.id, reading]));
  const again = await read(afterPreamble.asked);
  const nothingAsked = async (form: Behaviour) => (isOnePrompt(form) ? again.map(addsNothing) : await read(form));
  const [first, second] = [await nothingAsked(bare), await nothingAsked(afterPreamble.bare)];
  return again.map((reading, i) => ({
    once: must(own.get(reading.id), "the base's reading"),
    bare: must(first[i], "reading with nothing asked"),
    again: reading,
    bareAgain: must(second[i], "reading with nothing asked"),
  }));
}

/**
 * Where all items have the same answers, nothing tells them apart without their questions: what is read there is one number for
 * all, which no correlation sees. It need not be asked, and could not be where answers are free: a greeting is greeted.
 */
const isOnePrompt = ({ items }: Behaviour) => new Set(items.map(({ variants }) => JSON.stringify(variants))).size === 1;

const addsNothing = (reading: Reading): Reading => ({
  ...reading,
  variantLogOdds: reading.variantLogOdds.map(() => 0),
});

function tooFew(read: number, rows: readonly Row[]): string {
  const reasons = rows.flatMap((row) => Object.values(row).flatMap(({ missing }) => missing ?? []));
  const why = reasons.length > 0 ? ` (${[...new Set(reasons)].join(", ")})` : "";
  return `only ${read} of ${rows.length} items could be read of the base in another form and with nothing asked${why}`;
}

function scoresOf(readings: readonly Reading[]): GateScores {
  return {
    items: readings.flatMap(({ id, cluster, score, variantLogOdds }) =>
      score === null ? [] : [{ id, cluster, score, variantLogOdds }],
    ),
  };
}
