import { describe, expect, it } from "vitest";
import { must } from "../../core/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { TrainingRow } from "../../training/index.ts";
import { ownAnswers, pairedRows } from "./control.ts";

/** Knows two tokens that end a text, of which its template writes the second (as Gemma's does). */
const [EOS, END_OF_TURN] = [1, 2];

/** Answers every prompt with the tokens given, cut where asked for fewer. */
function baseThatSays(...answers: readonly number[][]): LanguageModel {
  const generate = async (_: unknown, { maxNewTokens }: { maxNewTokens: number }) =>
    answers.map((answer) => answer.slice(0, maxNewTokens));
  return { tokenizer: { eosIds: [EOS, END_OF_TURN] }, generate } as unknown as LanguageModel;
}

/** Turns by whether they carry loss. */
function row(...turns: readonly (readonly [0 | 1, readonly number[]])[]): TrainingRow {
  return {
    ids: Int32Array.from(turns.flatMap(([, ids]) => ids)),
    weights: Float32Array.from(turns.flatMap(([weight, ids]) => ids.map(() => weight))),
  };
}

const tokens = (n: number) => Array.from({ length: n }, (_, i) => 10 + (i % 50));
const comparedTokens = ({ ids, weights }: TrainingRow) => [...ids].filter((_, t) => weights[t] !== 0);

const request = (base: LanguageModel, rows: readonly TrainingRow[]) => ({ base, rows, seed: 1 });

describe("a base that says what the data say has nothing that the data add to", () => {
  const prompt = [0, [5, 6, 7]] as const;
  it.each([
    ["both end", row(prompt, [1, [...tokens(9), END_OF_TURN]]), tokens(9), [...tokens(9), END_OF_TURN]],
    ["the base's is cut", row(prompt, [1, [...tokens(300), END_OF_TURN]]), tokens(300), tokens(128)],
    ["the data's is cut", row(prompt, [1, tokens(40)]), tokens(90), tokens(40)],
    ["both are cut", row(prompt, [1, tokens(200)]), tokens(200), tokens(128)],
    [
      "the data have an earlier turn",
      row(prompt, [1, [30, 31, END_OF_TURN]], prompt, [1, [...tokens(4), END_OF_TURN]]),
      tokens(4),
      [...tokens(4), END_OF_TURN],
    ],
    [
      "the template writes a line after the turn",
      row(prompt, [1, [...tokens(4), END_OF_TURN, 9]]),
      tokens(4),
      [...tokens(4), END_OF_TURN, 9],
    ],
  ])("%s", async (_, trained, said, expected) => {
    const paired = must(await pairedRows(request(baseThatSays(said), [trained])), "rows");
    const [data, control] = [must(paired.data[0], "data"), must(paired.control[0], "control")];
    expect(comparedTokens(control)).toEqual(expected);
    expect(comparedTokens(data)).toEqual(expected);
    // The row stands whole: the passes over the training rows read it.
    expect(data.ids).toEqual(trained.ids);
  });
});

it("a pair of which one side is an end alone and the other was cut has nothing to compare", async () => {
  const rows = [row([0, [5, 6]], [1, [END_OF_TURN]]), row([0, [5, 6]], [1, [7, END_OF_TURN]])];
  const { chosen } = must(await pairedRows(request(baseThatSays(tokens(128), tokens(3)), rows)), "rows");
  expect(chosen).toEqual([1]);
});

it("the base's own answers end as the data's do, also where a row was cut before its end", async () => {
  const rows = [row([0, [5, 6]], [1, [7, 8]]), row([0, [5, 6]], [1, [7, END_OF_TURN]])];
  const own = await ownAnswers(baseThatSays([20], [21, 22]), rows, { seed: 1, most: 2, maxNewTokens: 8 });
  expect(own?.control.map(({ ids }) => [...ids])).toEqual([
    [5, 6, 20, END_OF_TURN],
    [5, 6, 21, 22, END_OF_TURN],
  ]);
});
