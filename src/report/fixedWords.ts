import type { ReportInput } from "./input.ts";

type Fixed = Pick<ReportInput, "fixedBeforeTraining">;

/** What may be said of the moment at which margin, alpha and behaviours were fixed. */
export interface FixedWords {
  /** After “Margin ±5 points”. */
  readonly clause: string;
  /** Before the hash. */
  readonly label: string;
  /** After a sentence about the margin. */
  readonly sentence: string;
}

export function fixedWords({ fixedBeforeTraining }: Fixed): FixedWords {
  if (fixedBeforeTraining === undefined) return UNKNOWN;
  return fixedBeforeTraining === null ? UNTRAINED : fixedBeforeTraining ? BEFORE : AFTER;
}

const BEFORE: FixedWords = {
  clause: ", fixed before training",
  label: "Fixed before training",
  sentence: "It was fixed, and hashed together with alpha and the behaviours, before training.",
};

const AFTER: FixedWords = {
  clause: ", set or changed after the training",
  label: "Set or changed after the training",
  sentence:
    "Margin, alpha or behaviours were set or changed after the training: nothing shows that they were fixed before it.",
};

const UNTRAINED: FixedWords = {
  clause: "; nothing was trained in this run that it could be fixed before",
  label: "Asked with (nothing was trained here)",
  sentence: "Nothing was trained in this run, so that it is not known to have been fixed before the training.",
};

const UNKNOWN: FixedWords = {
  clause: "; no manifest says whether it was fixed before training",
  label: "Asked with (no manifest says since when)",
  sentence: "No manifest of this run says whether it was fixed before training.",
};
