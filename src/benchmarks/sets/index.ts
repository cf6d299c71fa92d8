import { rng } from "../../core/index.ts";
import { runSet, type SetRequest, type SetResult } from "../run.ts";
import type { About, ChoiceSet, ChoiceSetItem, OpenSet } from "../set.ts";
import { advbench, harmbench } from "./attack-success.ts";
import { bbq } from "./bbq.ts";
import { strongreject } from "./strongreject.ts";
import { truthfulqa } from "./truthfulqa.ts";
import { xstest } from "./xstest.ts";

/** A multiple-choice question in one text. */
export interface Question extends Omit<ChoiceSetItem, "turns"> {
  readonly question: string;
}

/** An imported file, ready to be put to models. What its judge says is its own affair. */
export interface Imported {
  readonly about: About;
  readonly rows: number;
  /** Free answers that a judge reads, or choices that need none. */
  readonly kind: "open" | "choice";
  /** The questions of a choice, for whoever asks them in another way; null where answers are free. */
  readonly questions: readonly Question[] | null;
  /** Asks `most` rows, drawn by the seed where there are more. */
  run(request: Omit<SetRequest<never>, "set">, most: number): Promise<SetResult>;
}

function questionOf({ turns, ...item }: ChoiceSetItem): Question {
  return { ...item, question: turns.map(({ content }) => content).join("\n\n") };
}

function importer<V>(parse: (text: string, file: string) => OpenSet<V> | ChoiceSet) {
  return (text: string, file: string): Imported => {
    const set = parse(text, file);
    const { id, title, cite, licence, published } = set;
    const questions = set.kind === "choice" ? set.items.map(questionOf) : null;
    const run: Imported["run"] = (request, most) => runSet({ ...request, set: drawn(set, most, request.seed) });
    return { about: { id, title, cite, licence, published }, rows: set.items.length, kind: set.kind, questions, run };
  };
}

function drawn<S extends { readonly id: string; readonly items: readonly { readonly id: string }[] }>(
  set: S,
  most: number,
  seed: number,
): S {
  if (set.items.length <= most) return set;
  const chosen = new Set(
    rng(seed, "rows", set.id)
      .shuffle(set.items)
      .slice(0, most)
      .map(({ id }) => id),
  );
  return { ...set, items: set.items.filter(({ id }) => chosen.has(id)) };
}

/** Importers of published files by the names that users give. */
export const importers = {
  xstest: importer(xstest),
  strongreject: importer(strongreject),
  truthfulqa: importer(truthfulqa),
  harmbench: importer(harmbench),
  advbench: importer(advbench),
  bbq: importer(bbq),
};
