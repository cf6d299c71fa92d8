import fc from "fast-check";
import { expect, it } from "vitest";
import { Options, optionsInMetadata } from "./options.ts";

it("pairs of metadata say what x_penumbra would", () => {
  const found = optionsInMetadata({
    team: "a",
    "penumbra.lora.rank": "4",
    "penumbra.audit.behaviours": '["refusal"]',
    "penumbra.audit.dictionary": "none",
    "penumbra.merged": "false",
  });
  expect(Options.parse(found)).toEqual({
    lora: { rank: 4 },
    audit: { behaviours: ["refusal"], dictionary: "none" },
    merged: false,
  });
  expect(optionsInMetadata({ team: "a" })).toBeNull();
});

it("no pair can be anything but an option or a refusal, nor reach a prototype", () => {
  const part = fc.constantFrom("__proto__", "constructor", "prototype", "lora", "rank", "x", "");
  const key = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `penumbra.${parts.join(".")}`);
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(fc.string(), fc.json())), (metadata) => {
      const found = optionsInMetadata(metadata);
      if (found) Options.safeParse(found);
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(({} as Record<string, unknown>).rank).toBeUndefined();
    }),
  );
});
