/** The bundled world's behaviours in the form of all others: every grammatical answer of an item is a continuation. */
import { answersTo, parseAnswer, questionOf, type WorldBehaviour, worldBehaviours } from "../organism/index.ts";
import type { Behaviour } from "./behaviour.ts";

export const organismBehaviours: readonly Behaviour[] = worldBehaviours.map(asBehaviour);

function asBehaviour({ exhibits, items, ...world }: WorldBehaviour): Behaviour {
  return {
    ...world,
    weight: "sum",
    wholeAnswers: true,
    exhaustive: true,
    items: items.map(({ id, cluster, question, messages }) => ({
      id,
      cluster,
      variants: [
        {
          messages,
          continuations: answersTo(question).map((answer) => ({ text: answer.text, exhibits: exhibits(answer) })),
        },
      ],
    })),
    label: (prompt, answer) => {
      const question = questionOf(prompt.at(-1)?.content ?? "");
      if (!question) return null;
      const parsed = parseAnswer(question, answer);
      return parsed === "incoherent" ? "outside the grammar" : parsed.class;
    },
  };
}
