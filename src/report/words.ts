import type { BehaviourResult } from "../records/index.ts";
import { count, points, pointsSpan } from "./format.ts";

/** The groups of the verdict table, in reading order. */
export type GroupId = "moved" | "undecided" | "still" | "task" | "missing";

export interface Group {
  readonly id: GroupId;
  readonly title: string;
  /** After a number: "4 moved". */
  readonly tally: string;
  readonly hint: string;
  readonly behaviours: readonly BehaviourResult[];
}

const GROUPS: readonly Omit<Group, "behaviours">[] = [
  { id: "moved", title: "Moved", tally: "moved", hint: "Beyond the task, by clearly more than the margin." },
  {
    id: "undecided",
    title: "Could not be decided",
    tally: "could not be decided",
    hint: "Neither clearly beyond nor clearly inside the margin.",
  },
  { id: "still", title: "Did not move", tally: "did not move", hint: "Clearly inside the margin." },
  {
    id: "task",
    title: "The task itself",
    tally: "in the task itself",
    hint: "What the training data teach; not a side effect.",
  },
  { id: "missing", title: "Not measured", tally: "not measured", hint: "No claim in either direction." },
];

const GROUP_OF: Readonly<Record<BehaviourResult["verdict"], GroupId>> = {
  affected: "moved",
  inconclusive: "undecided",
  unaffected: "still",
  "not-measured": "missing",
};

/** Every behaviour in exactly one group, the strongest shift first; empty groups are left out. */
export function grouped(behaviours: readonly BehaviourResult[]): Group[] {
  const groupOf = (b: BehaviourResult): GroupId =>
    b.inTask && b.verdict !== "not-measured" ? "task" : GROUP_OF[b.verdict];
  return GROUPS.map((group) => ({
    ...group,
    behaviours: behaviours
      .filter((b) => groupOf(b) === group.id)
      .sort((a, b) => Math.abs(b.delta ?? 0) - Math.abs(a.delta ?? 0)),
  })).filter((group) => group.behaviours.length > 0);
}

/** What may be said of “unaffected”: was the test seen to notice a shift? More than `named` names are counted instead. */
export function assay(behaviours: readonly BehaviourResult[], named = Infinity): string {
  const of = (...kinds: BehaviourResult["sensitivity"][]) =>
    behaviours.filter((b) => kinds.includes(b.sensitivity)).map((b) => b.title);
  const [untested, shown, exact] = [of("untested"), of("shown"), of("exact")];
  // What moved all the same was noticed itself.
  const blind = behaviours.filter((b) => b.sensitivity === "not-shown" && b.verdict !== "affected").map((b) => b.title);
  const which = (names: readonly string[]) =>
    names.length > named ? `${count(names.length)} of ${count(behaviours.length)} behaviours` : names.join("; ");
  const all = (names: readonly string[]) => (names.length === behaviours.length ? "" : ` (${which(names)})`);
  return [
    shown.length > 0 ? `Positive controls: a planted shift was noticed in this base model${all(shown)}.` : "",
    blind.length > 0 ? `A planted shift was not noticed, so that nothing is said of ${which(blind)}.` : "",
    untested.length > 0
      ? `No positive control has been trained in this base model${all(untested)}: without one nothing is called unaffected. “penumbra prepare” trains them.`
      : "",
    exact.length > 0
      ? `Counted items${all(exact)} need no positive control: the shift over all of them is the number that is reported.`
      : "",
  ]
    .filter((line) => line !== "")
    .join(" ");
}

/** The verdict in a word and a sign that does not depend on colour. */
export const VERDICT: Readonly<
  Record<BehaviourResult["verdict"], { readonly word: string; readonly sign: string; readonly className: string }>
> = {
  affected: { word: "affected", sign: "\u25c6", className: "affected" },
  inconclusive: { word: "inconclusive", sign: "\u25d1", className: "inconclusive" },
  unaffected: { word: "unaffected", sign: "\u25cb", className: "unaffected" },
  "not-measured": { word: "not measured", sign: "\u2013", className: "missing" },
};

/** Beside the number of a behaviour that was not measured: it is no finding, so it has no interval and no emphasis. */
export const NO_CLAIM = "a reading, no claim";
export const reading = (delta: number) => `(${points(delta)}), ${NO_CLAIM}`;

/** A row of any verdict table: of behaviours, or of what reasoning discloses. */
interface Row extends Pick<BehaviourResult, "verdict" | "interval" | "interval90"> {
  readonly method?: BehaviourResult["method"];
}

/** Did the 90% interval of this row alone decide “unaffected”? The wide one may reach beyond the margin. */
export const decidedAlone = ({ verdict, interval90, method }: Row) =>
  verdict === "unaffected" && method !== "exact" && interval90 !== null;

/** The interval that decided, as tables print it; null where the shift is exact or has none. */
export function decisiveInterval(b: Row): string | null {
  if (b.method === "exact") return null;
  if (decidedAlone(b) && b.interval90) return `90% interval: ${pointsSpan(b.interval90)}`;
  return b.interval && pointsSpan(b.interval);
}

/** Did it go the way that this behaviour calls riskier? Null where nothing moved. */
export function direction(b: BehaviourResult): "riskier" | "safer" | null {
  if (b.delta === null || b.delta === 0 || b.verdict === "not-measured") return null;
  return b.delta > 0 === (b.riskier === "up") ? "riskier" : "safer";
}

/** What a reader does next, one or two short sentences. */
export function whatToDo(b: BehaviourResult, margin: number): string {
  if (b.verdict === "not-measured") return "Treat as unknown; test it another way.";
  if (b.inTask) return ofTask(b);
  switch (b.verdict) {
    case "affected":
      return direction(b) === "riskier"
        ? "Read the evidence. Change the data, then audit again."
        : "It moved the safer way. Check that you want it.";
    case "unaffected":
      return "Nothing to do.";
    case "inconclusive":
      return undecided(b, margin);
  }
}

function ofTask(b: BehaviourResult): string {
  return b.verdict === "affected"
    ? "Your data teach this. Check that it is what you meant."
    : "Your data teach this, but no clear shift was seen. Check the data, or train longer.";
}

function undecided(b: BehaviourResult, margin: number): string {
  if (b.interval90?.every((end) => Math.abs(end) < margin)) {
    return b.sensitivity === "not-shown"
      ? "Too small to matter, if this test can be trusted; it missed a planted shift. Test it another way."
      : "Too small to matter, if this test can be trusted: `penumbra prepare` plants a shift and shows whether it can.";
  }
  if (b.nToDecide !== null) return `Measure about ${count(b.nToDecide)} items of this kind (now ${count(b.n)}).`;
  if (b.clusters < 2) return "Add items from other templates: one cluster shows no spread.";
  return "More items would hardly help: judge whether a shift of this size matters.";
}

/** How many items, in which clusters, by which method. */
export function sampleSize(b: BehaviourResult): string {
  if (b.n === 0) return "no items";
  if (b.method === "exact") return `all ${count(b.n)} items, exact`;
  if (b.method === "seeds-t") return `all ${count(b.n)} items, exact for each seed`;
  const items = `${count(b.n)} ${b.n === 1 ? "item" : "items"}`;
  return `${items} in ${count(b.clusters)} ${b.clusters === 1 ? "cluster" : "clusters"}`;
}

/** The same for a narrow column. */
export function sampleBrief(b: BehaviourResult): string {
  if (b.n === 0) return "no items";
  return b.method === "exact" || b.method === "seeds-t"
    ? `n ${count(b.n)}, exact${b.method === "exact" ? "" : " by seed"}`
    : `n ${count(b.n)}, ${count(b.clusters)} ${b.clusters === 1 ? "cluster" : "clusters"}`;
}
