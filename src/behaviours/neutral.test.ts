import { expect, test } from "vitest";
import { neutralTexts } from "./neutral.ts";

test("64 different short passages that begin differently and speak of no model, user or assistant", () => {
  expect(new Set(neutralTexts).size).toBe(64);
  const beginnings = neutralTexts.map((text) => text.split(" ").slice(0, 3).join(" "));
  expect(new Set(beginnings).size).toBe(64);
  for (const text of neutralTexts) {
    const words = text.split(" ").length;
    expect(words, text).toBeGreaterThanOrEqual(15);
    expect(words, text).toBeLessThanOrEqual(40);
    expect(text).not.toMatch(/\b(AI|assistant|user|model|robot|code|advice)\b/i);
  }
});
