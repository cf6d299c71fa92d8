import { describe, expect, it } from "vitest";
import { parallelForms } from "./parallel-form.ts";
import { behaviourNamed, realBehaviours } from "./registry.ts";

const single = realBehaviours.filter(({ items }) => items.every(({ variants }) => variants.length === 1));

describe.each(single.map((behaviour) => [behaviour.id, behaviour] as const))(
  "the parallel forms of %s",
  (_, behaviour) => {
    const forms = parallelForms(behaviour);

    it("are of the same few items, two of each of thirty clusters at most", () => {
      const ids = forms?.again.items.map(({ id }) => id) ?? [];
      for (const form of [forms?.bare, forms?.bareAgain]) expect(form?.items.map(({ id }) => id)).toEqual(ids);
      const own = new Set(behaviour.items.map(({ id }) => id));
      expect(ids.every((id) => own.has(id))).toBe(true);
      const clusters = forms?.again.items.map(({ cluster }) => cluster) ?? [];
      expect(clusters.length).toBe(2 * new Set(clusters).size);
      expect(clusters.length).toBe(2 * Math.min(30, new Set(behaviour.items.map(({ cluster }) => cluster)).size));
    });

    it("keep what is answered; the first keeps what is asked, the others ask nothing", () => {
      for (const [i, item] of (forms?.again.items ?? []).entries()) {
        const own = behaviour.items.find(({ id }) => id === item.id)?.variants[0];
        for (const form of [forms?.again, forms?.bare, forms?.bareAgain]) {
          expect(form?.items[i]?.variants[0]?.continuations).toEqual(own?.continuations);
          expect(form?.items[i]?.variants[0]?.prefill).toBe(own?.prefill);
        }
        const asked = own?.messages.at(-1)?.content ?? "";
        expect(item.variants[0]?.messages.at(-1)?.content.endsWith(` ${asked}`)).toBe(true);
        expect(item.variants[0]?.messages.slice(0, -1)).toEqual(own?.messages.slice(0, -1));
      }
      const prompts = [forms?.bare, forms?.bareAgain].map(
        (form) => new Set(form?.items.map(({ variants }) => JSON.stringify(variants[0]?.messages))).size,
      );
      expect(prompts).toEqual([1, 1]);
    });
  },
);

describe("parallelForms", () => {
  it("has none for items of two variants, a counted population, and no items", () => {
    expect(parallelForms(behaviourNamed("power-seeking"))).toBeNull();
    expect(parallelForms({ ...behaviourNamed("refusal"), exhaustive: true })).toBeNull();
    expect(parallelForms({ ...behaviourNamed("refusal"), items: [] })).toBeNull();
  });
});
