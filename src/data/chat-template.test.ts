import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { must, UserError } from "../core/index.ts";
import { compileTemplate, fallbackTemplate } from "./chat-template.ts";
import type { ChatMessage } from "./messages.ts";

interface Golden {
  readonly templates: Record<string, string>;
  readonly cases: { template: string; messages: ChatMessage[]; addGenerationPrompt: boolean; text: string }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL("./fixtures/templates.json", import.meta.url), "utf8"));
const special = { bos_token: "<bos>", eos_token: "<eos>" };

describe.each(Object.keys(golden.templates))("template %s", (name) => {
  const template = compileTemplate(must(golden.templates[name], name), special);
  const cases = golden.cases.filter((entry) => entry.template === name);
  test.each(cases)("as transformers renders it, case %#", ({ messages, addGenerationPrompt, text }) => {
    expect(template(messages, { addGenerationPrompt })).toBe(text);
  });
});

test("a template's own refusal and a template that does not parse are UserErrors", () => {
  const refusing = compileTemplate("{{ raise_exception('no system here') }}", {});
  expect(() => refusing([], { addGenerationPrompt: false })).toThrow(UserError);
  expect(() => refusing([], { addGenerationPrompt: false })).toThrow("no system here");
  expect(() => compileTemplate("{% if %}", {})).toThrow(UserError);
});

test("strftime_now gives today's date", () => {
  const text = compileTemplate("{{ strftime_now('%Y') }}", {})([], { addGenerationPrompt: false });
  expect(Math.abs(Number(text) - new Date().getFullYear())).toBeLessThanOrEqual(1);
});

describe("the fallbacks", () => {
  test("Gemma's turns are those of a template that says the same", () => {
    const fallback = must(
      fallbackTemplate((token) => /turn/.test(token)),
      "gemma",
    );
    const cases = golden.cases.filter(({ template }) => template === "folded-system");
    expect(cases.length).toBeGreaterThan(5);
    for (const { messages, addGenerationPrompt, text } of cases) {
      expect(fallback(messages, { addGenerationPrompt })).toBe(text);
    }
    const twice: ChatMessage[] = [
      { role: "user", content: "a" },
      { role: "user", content: "b" },
    ];
    expect(() => fallback(twice, { addGenerationPrompt: false })).toThrow(UserError);
  });

  test("none for a vocabulary without turn markers", () => {
    expect(fallbackTemplate((token) => token === "<|im_start|>")).toBeNull();
  });
});
