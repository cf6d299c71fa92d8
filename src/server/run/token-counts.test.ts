import { expect, it } from "vitest";
import type { z } from "zod";
import type { Counts, ReadingOrder } from "./reading.ts";
import { TokenCounts } from "./token-counts.ts";

const asked = { file: "f", sha256: "a", tokenizer: "t", maxLength: 8, objective: "sft" } as const;

it("counts a file once for each tokenizer, length and objective, and again where it failed", async () => {
  const orders: ReadingOrder[] = [];
  let fails = false;
  const found: Counts = { rows: 1, usableRows: 1, tokens: null, faults: 0 };
  const ask = async <T>(order: ReadingOrder, answer: z.ZodType<T>): Promise<T> => {
    orders.push(order);
    if (fails) throw new Error("no");
    return answer.parse(found);
  };
  const counts = new TokenCounts({ ask });
  expect(await Promise.all([counts.of(asked), counts.of(asked)])).toEqual([found, found]);
  expect(await counts.of(asked)).toEqual(found);
  expect(orders.length).toBe(1);
  const others = [{ sha256: "b" }, { tokenizer: "u" }, { maxLength: 9 }, { objective: "dpo" as const }];
  for (const other of others) await counts.of({ ...asked, ...other });
  expect(orders.length).toBe(5);
  fails = true;
  await expect(counts.of({ ...asked, sha256: "c" })).rejects.toThrow("no");
  fails = false;
  await counts.of({ ...asked, sha256: "c" });
  expect(orders.length).toBe(7);
});
