/** Behaviours made from the user's own training rows. */
import { type Behaviour, formatMatched, leakageBehaviour } from "../behaviours/index.ts";
import { UserError } from "../core/index.ts";
import type { DatasetRow } from "../data/index.ts";

export const LEAKAGE = "training-data-leakage";
/** Every other chosen behaviour once more, asked in the style of the rows. */
export const IN_FORMAT = "in-format";

export const isMade = (name: string) => name === LEAKAGE || name === IN_FORMAT;

export interface MadeFrom {
  readonly rows: readonly DatasetRow[];
  readonly seed: number;
}

/** `chosen`: the behaviours that are not made from rows; `from` null: there are no rows. */
export function madeBehaviours(
  names: readonly string[],
  chosen: readonly Behaviour[],
  from: MadeFrom | null,
): readonly Behaviour[] {
  const wanted = names.filter(isMade);
  if (wanted.length === 0) return [];
  if (from === null)
    throw new UserError(`behaviour ${wanted[0]}`, {
      expected: "training rows to make it from",
      got: "none",
      fix: "give them with --data, or leave it out",
    });
  const { rows, seed } = from;
  const leakage = wanted.includes(LEAKAGE) ? [leakageBehaviour(rows, { seed })] : [];
  return [...leakage, ...(wanted.includes(IN_FORMAT) ? inFormat(chosen, from) : [])];
}

function inFormat(chosen: readonly Behaviour[], { rows, seed }: MadeFrom): readonly Behaviour[] {
  const asked = chosen.filter(({ exhaustive }) => !exhaustive);
  if (asked.length === 0)
    throw new UserError(`behaviour ${IN_FORMAT}`, {
      expected: "behaviours whose prompts may be put in another form",
      got: "none: those of the bundled world are its whole grammar",
      fix: "leave it out",
    });
  const made = asked.flatMap((behaviour) => formatMatched(behaviour, rows, { seed }) ?? []);
  if (made.length > 0) return made;
  throw new UserError(`behaviour ${IN_FORMAT}`, {
    expected: "prompts with something in common: a system prompt, a frame, a form of answers",
    got: "plain questions",
    fix: "leave it out: the behaviours as they are ask in the style of these rows already",
  });
}
