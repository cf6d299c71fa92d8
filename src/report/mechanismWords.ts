import type { BehaviourResult, GeometryRecord, Mechanism, TakeBack } from "../records/index.ts";
import { cosine, percent } from "./format.ts";
import { type Explained, explainedBy } from "./geometryView.ts";
import { direction, whatToDo } from "./words.ts";

interface Words {
  /** Beside the label, in the table. */
  readonly brief: string;
  readonly plain: string;
}

/** A label with what it rests on, where that is at hand: without the figures the words say no more than the label does. */
export interface Shown
  extends Pick<Explained, "label" | "kind">,
    Partial<Pick<Mechanism, "own" | "data" | "cosine" | "sharedWeight" | "delta">> {
  /** Shift of the behaviour's items; `delta` is that of the contrast pairs. */
  readonly measured?: number | null;
}

/** The label of a behaviour, with its figures where geometry.json has them. */
export function shownBy(b: BehaviourResult, geometry: GeometryRecord | null): Shown | null {
  const explained = explainedBy(b, geometry);
  const detail = geometry?.behaviours.find(({ id }) => id === b.id)?.mechanism;
  return explained && { ...detail, ...explained, measured: b.delta };
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
    brief: "no explanation was found",
    plain: "Nothing that was tried explains the shift, or nothing could be tried. It is real, its way is not known.",
  },
};

export const KIND: Readonly<Record<NonNullable<Mechanism["kind"]>, Words>> = {
  shared: {
    brief: "what you teach and this overlap",
    plain:
      "The direction that the data push along and the behaviour\u2019s own overlap by half or more. That does not show yet that they are the same.",
  },
  adjacent: {
    brief: "neighbouring features overlap",
    plain:
      "The feature that the data amplify is another one, but it lies so close to the behaviour\u2019s that it drags it along. Without that overlap it no longer sways the behaviour (rotation test).",
  },
};

export const mechanismName = ({ label, kind }: Pick<Explained, "label" | "kind">) =>
  kind ? `${label}, ${kind}` : label;

export const mechanismBrief = (shown: Shown) => wordsOf(shown).brief;

export function mechanismPlain(shown: Shown): string {
  const { label, kind } = shown;
  return kind ? `${MECHANISM[label].plain} ${wordsOf(shown).plain}` : wordsOf(shown).plain;
}

/** Of the kind where there is one, else of the label; as much as the figures bear. */
function wordsOf(shown: Shown): Words {
  const { label, kind, data } = shown;
  if (kind === "shared") return sharedWords(shown);
  if (kind) return KIND[kind];
  if (label === "mediated" && carries(data))
    return {
      ...MECHANISM.mediated,
      plain: `Taking back the change along the behaviour\u2019s own directions undoes at least half of the shift. Directions from the data alone undo ${percent(data.share)} too, but nothing ties them to the behaviour.`,
    };
  return label === "unexplained" ? unexplainedWords(shown) : MECHANISM[label];
}

/** Half of the data's weight or more on the behaviour's own latents, or half of a cosine: only the first makes them the same. */
function sharedWords({ sharedWeight, cosine: overlap }: Shown): Words {
  if (sharedWeight != null && sharedWeight >= HALF)
    return {
      brief: "the data amplify its own features",
      plain: `${percent(sharedWeight)} of what the data amplify are the behaviour\u2019s own features: the same ones serve both.`,
    };
  if (overlap == null) return KIND.shared;
  return {
    brief: `the two directions overlap (cosine ${cosine(overlap)})`,
    plain: `The direction that the data push along and the behaviour\u2019s own overlap: cosine ${cosine(overlap)}, where 0 is not at all and 1 is the same. That one feature serves both is not shown.`,
  };
}

function unexplainedWords(shown: Shown): Words {
  switch (obstacle(shown)) {
    case "unknown":
      return MECHANISM.unexplained;
    case "opposed":
      return {
        brief: "could not be tested: the contrast pairs moved the other way",
        plain:
          "Causes are tested on contrast pairs, and these moved the other way than the behaviour did, so that nothing tried on them explains it. The shift is real, its way is not known.",
      };
    case "still":
      return {
        brief: "could not be tested on the contrast pairs",
        plain:
          "Causes are tested on contrast pairs, and the shift does not show on these: there was nothing to take back. The shift is real, its way is not known.",
      };
    case "untied":
      return {
        brief: "the data carry it, but the link is not shown",
        plain: `Directions from the data alone undo ${percent(shown.data?.share ?? 0)} of the shift, but nothing ties them to the behaviour. The shift is real, its way is not known.`,
      };
    case null:
      return {
        brief: "nothing tried explains it",
        plain: "Neither closeness nor any intervention explains the shift. It is real, its way is not known.",
      };
  }
}

/** Why a shift stays unexplained: null where interventions were run and undid too little. */
function obstacle({ own, data, delta, measured }: Shown): "unknown" | "opposed" | "still" | "untied" | null {
  if (own === undefined || data === undefined) return "unknown";
  if (measured != null && delta !== undefined && measured * delta < 0) return "opposed";
  if (!own && !data) return "still";
  return carries(data) ? "untied" : null;
}

/** Where `decideMechanism` draws its lines. */
const HALF = 0.5;

/** Half of the shift or more is undone, and more than any random directions undid. */
const carries = (t: TakeBack | null | undefined): t is TakeBack =>
  t != null && t.share >= HALF && t.share > Math.max(t.random.largest, t.covarianceMatched.largest);

/** Where a recommendation says so, the table makes it a link. */
export const ROWS_BELOW = "the rows named below";

/** What to do next, once it is known how the shift came about. */
export function advice(
  b: BehaviourResult,
  shown: Shown | null,
  { rowsNamed, margin }: { readonly rowsNamed: boolean; readonly margin: number },
): string {
  if (b.verdict !== "affected" || b.inTask || direction(b) !== "riskier" || !shown) return whatToDo(b, margin);
  const rows = rowsNamed ? ROWS_BELOW : "the evidence";
  switch (shown.label) {
    case "confirmed":
      return shown.kind === "adjacent"
        ? `A neighbour of what you teach: reword or take out ${rows}, then train and audit again.`
        : `Reword or take out ${rows}, then train and audit again.`;
    case "mediated":
      return carries(shown.data)
        ? `Look at ${rows}: what your data change carries ${Math.round(100 * shown.data.share)}% of it too, but the link is not shown. Change them, then audit again.`
        : `Look at ${rows}: that your data alone foretell it was not shown. Change them, then audit again.`;
    case "consistent":
      return `Look at ${rows}. The cause is a hint: change the data, then audit again.`;
    case "unexplained":
      return `${UNKNOWN[obstacle(shown) ?? "unknown"]}: look at ${rows}, change the data, audit again.`;
  }
}

const UNKNOWN: Readonly<Record<NonNullable<ReturnType<typeof obstacle>>, string>> = {
  unknown: "Cause unknown",
  opposed: "The contrast pairs moved the other way, so its cause could not be tested",
  still: "Its cause could not be tested on the contrast pairs",
  untied: "What your data change carries it, but the link is not shown",
};
