/** The end of learned positions: texts as long as the model has positions, and longer ones. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { golden } from "../../test/golden.ts";
import { UserError } from "../core/index.ts";
import type { Tokenizer } from "../data/index.ts";
import { defineModel } from "../models/index.ts";
import { type Engine, type LanguageModel, languageModel, type ModelSource, startEngine } from "./index.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

const opened = (source: ModelSource): LanguageModel =>
  languageModel({ engine, source, tokenizer: {} as Tokenizer, adapterRank: null });
const text = (length: number, first = 3) => Array.from({ length }, (_, i) => 3 + ((first + 7 * i) % 60));
const last = (ids: readonly number[]) => ({ ids, positions: [ids.length - 1] });

test("answers end where learned positions do, each at its own end, and alone as beside others", async () => {
  const { source } = await golden("gpt2");
  const { maxPositions } = source.definition;
  const model = opened(source);
  const prompts = [text(maxPositions - 3), text(5), text(maxPositions, 9), text(maxPositions - 3, 11), text(8)];
  const asked = { maxNewTokens: 10, stopIds: [] };
  const answers = await model.generate(prompts, asked);
  expect(answers.map(({ length }) => length)).toEqual([4, 10, 1, 4, 10]);
  for (const [i, prompt] of prompts.entries()) expect(await model.generate([prompt], asked)).toEqual([answers[i]]);
});

test("a text of all positions is read, a longer one is the user's mistake", async () => {
  const { source } = await golden("gpt2");
  const { maxPositions } = source.definition;
  const model = opened(source);
  const whole = text(maxPositions);
  expect((await model.logits(last(whole))).every(Number.isFinite)).toBe(true);
  expect(await model.logLikelihood([{ prompt: whole, continuation: [4] }])).toHaveLength(1);
  const long = text(maxPositions + 1);
  const ways = [
    () => model.generate([text(3), long], { maxNewTokens: 2, stopIds: [] }),
    () => model.logits(last(long)),
    // Of a continuation the last token is predicted and not read.
    () => model.logLikelihood([{ prompt: long, continuation: [4] }]),
    () => model.activations([last(long)], ["blocks.0.hook_resid_post"], () => undefined),
  ];
  for (const way of ways) {
    await expect(way()).rejects.toThrow(UserError);
    await expect(way()).rejects.toThrow(`at most ${maxPositions} tokens`);
  }
});

test("padding may go beyond the end", async () => {
  const { source } = await golden("gpt2");
  // Rows of 100 tokens are padded to 112.
  const name = "transformer.wpe.weight";
  const { [name]: table } = Object.fromEntries(source.tensors);
  if (!table) throw new Error("no positions");
  const width = source.definition.dimensions.dModel;
  const fewer = { ...table, shape: [100, width], byteLength: (table.byteLength / 128) * 100 };
  const definition = defineModel(
    { model_type: "gpt2", n_embd: width, n_head: 4, n_layer: 2, n_positions: 100, vocab_size: 97 },
    "gpt2-100",
  );
  const short = opened({ definition, name: "gpt2-100", tensors: new Map([...source.tensors, [name, fewer]]) });
  const ids = text(100);
  expect(await short.logits(last(ids))).toEqual(await opened(source).logits(last(ids)));
});

test("rotations go on beyond them", async () => {
  const { source } = await golden("llama-tied");
  const prompt = text(source.definition.maxPositions - 2);
  const [answer] = await opened(source).generate([prompt], { maxNewTokens: 10, stopIds: [] });
  expect(answer).toHaveLength(10);
});
