import type { BehaviourResult, Mechanism } from "../records/index.ts";
import type { Explained } from "./geometryView.ts";
import { direction, whatToDo } from "./words.ts";

interface Words {
  /** Beside the label, in the table. */
  readonly brief: string;
  readonly plain: string;
}

/** The labels of SCIENCE §6 for a person who has read no paper. */
export const MECHANISM: Readonly<Record<Mechanism["label"], Words>> = {
  confirmed: {
    brief: "your data alone foretell it",
    plain:
      "Directions found in the training data alone, without looking at the behaviour, carry at least half of the shift: taking the change along them back undoes it, and random directions do not.",
  },
  mediated: {
    brief: "runs along the behaviour\u2019s own direction",
    plain:
      "Taking back the change along the behaviour\u2019s own directions undoes at least half of the shift. That the training data alone would have foretold it is not shown.",
  },
  consistent: {
    brief: "the geometry points there, no proof",
    plain:
      "Data and behaviour lie closer than chance, but no intervention has shown that this is how the shift came about.",
  },
  unexplained: {
    brief: "nothing tried explains it",
    plain: "Neither closeness nor any intervention explains the shift. It is real, its way is not known.",
  },
};

export const KIND: Readonly<Record<NonNullable<Mechanism["kind"]>, Words>> = {
  shared: {
    brief: "one feature serves both",
    plain: "The feature that the data amplify is the behaviour\u2019s own: one feature serves both.",
  },
  adjacent: {
    brief: "neighbouring features overlap",
    plain:
      "The feature that the data amplify is another one, but it lies so close to the behaviour\u2019s that it drags it along. Without that overlap it no longer sways the behaviour (rotation test).",
  },
};

export const mechanismName = ({ label, kind }: Pick<Explained, "label" | "kind">) =>
  kind ? `${label}, ${kind}` : label;

export const mechanismBrief = ({ label, kind }: Pick<Explained, "label" | "kind">) =>
  kind ? KIND[kind].brief : MECHANISM[label].brief;

export const mechanismPlain = ({ label, kind }: Pick<Explained, "label" | "kind">) =>
  `${MECHANISM[label].plain}${kind ? ` ${KIND[kind].plain}` : ""}`;

/** Where a recommendation says so, the table makes it a link. */
export const ROWS_BELOW = "the rows named below";

/** What to do next, once it is known how the shift came about. */
export function advice(
  b: BehaviourResult,
  explained: Explained | null,
  { rowsNamed, margin }: { readonly rowsNamed: boolean; readonly margin: number },
): string {
  if (b.verdict !== "affected" || b.inTask || direction(b) !== "riskier" || !explained) return whatToDo(b, margin);
  const rows = rowsNamed ? ROWS_BELOW : "the evidence";
  switch (explained.label) {
    case "confirmed":
      return explained.kind === "adjacent"
        ? `A neighbour of what you teach: reword or take out ${rows}, then train and audit again.`
        : `Reword or take out ${rows}, then train and audit again.`;
    case "mediated":
      return `Look at ${rows}: the data did not foretell this direction; change them, then audit again.`;
    case "consistent":
      return `Look at ${rows}. The cause is a hint: change the data, then audit again.`;
    case "unexplained":
      return `Cause unknown: look at ${rows}, change the data, audit again.`;
  }
}
