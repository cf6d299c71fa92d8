import { describe, expect, it } from "vitest";
import { must } from "../core/index.ts";
import type { Behaviour, ItemVariant } from "./behaviour.ts";
import { parallelForms } from "./parallel-form.ts";
import { behaviourNamed, realBehaviours } from "./registry.ts";

const real = realBehaviours.map((behaviour) => [behaviour.id, behaviour] as const);
const ids = ({ items }: Behaviour) => items.map(({ id }) => id);

describe.each(real)("the parallel forms of %s", (_, behaviour) => {
  const forms = must(parallelForms(behaviour), "forms");
  const all = [forms.bare, forms.afterPreamble.asked, forms.afterPreamble.bare];
  const own = new Map(behaviour.items.map((item) => [item.id, item]));

  it("are of two items of each of thirty clusters at most", () => {
    for (const form of all) expect(ids(form)).toEqual(ids(forms.bare));
    const clusters = forms.bare.items.map(({ cluster }) => cluster);
    expect(ids(forms.bare).every((id) => own.has(id))).toBe(true);
    expect(clusters.length).toBe(2 * new Set(clusters).size);
    expect(clusters.length).toBe(2 * Math.min(30, new Set(behaviour.items.map(({ cluster }) => cluster)).size));
  });

  it("keep what is answered; the one after the preamble keeps what is asked, the others ask nothing", () => {
    for (const form of all)
      for (const { id, variants } of form.items) {
        const answers = (list: readonly ItemVariant[]) =>
          list.map(({ continuations, prefill }) => [continuations, prefill]);
        expect(answers(variants)).toEqual(answers(must(own.get(id), id).variants));
      }
    for (const { id, variants } of forms.afterPreamble.asked.items) {
      const asked = must(own.get(id), id).variants[0]?.messages ?? [];
      const again = variants[0]?.messages ?? [];
      expect(again.at(-1)?.content.endsWith(` ${asked.at(-1)?.content}`)).toBe(true);
      expect(again.slice(0, -1)).toEqual(asked.slice(0, -1));
    }
    for (const form of [forms.bare, forms.afterPreamble.bare]) {
      const prompts = form.items.flatMap(({ variants }) => variants.map(({ messages }) => JSON.stringify(messages)));
      expect(new Set(prompts).size).toBe(1);
    }
  });
});

describe("parallelForms", () => {
  it("has none for a counted population, and no items", () => {
    expect(parallelForms({ ...behaviourNamed("refusal"), exhaustive: true })).toBeNull();
    expect(parallelForms({ ...behaviourNamed("refusal"), items: [] })).toBeNull();
  });
});
