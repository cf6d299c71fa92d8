import { afterAll, expect, it } from "vitest";
import { startEngine } from "../../engine/index.ts";
import { Inference } from "./inference.ts";

const engine = startEngine({ threads: 1 });
const inference = new Inference({ organism: "organism" }, engine);
afterAll(() => inference.close());
const base = { base: "organism", adapter: null };
const open = new AbortController().signal;

it("answers one at a time, in the order of asking; who leaves the queue is gone at once and holds nobody up", async () => {
  const order: string[] = [];
  let running = 0;
  const turn = (name: string, signal = open) =>
    inference.withModel(base, signal, async () => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      order.push(name);
    });
  const leaving = new AbortController();
  let endFirst: () => void = () => undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const first = inference.withModel(base, open, () => {
    begin();
    return new Promise<void>((resolve) => {
      endFirst = resolve;
    });
  });
  const second = turn("second", leaving.signal);
  const others = [turn("third"), turn("fourth")];
  expect(inference.waiting).toBe(4);
  leaving.abort();
  await expect(second).rejects.toThrow(/abort/i);
  expect(inference.waiting).toBe(3);
  expect(order).toEqual([]);
  await begun;
  endFirst();
  await Promise.all([first, ...others]);
  expect(order).toEqual(["third", "fourth"]);
  expect(inference.waiting).toBe(0);
});

it("hands the turn on where an answer fails", async () => {
  await expect(inference.withModel(base, open, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await inference.withModel(base, open, async (model) => model.source.name)).toBe("organism");
  await expect(inference.withModel({ base: "none", adapter: null }, open, async () => 1)).rejects.toThrow(/base none/);
  expect(await inference.withModel(base, open, async () => 2)).toBe(2);
});
