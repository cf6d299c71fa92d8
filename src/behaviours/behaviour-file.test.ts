import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import { UserError } from "../core/index.ts";
import { BehaviourFile, parseBehaviourFile } from "./behaviour-file.ts";

const file = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");
const example = file("examples/refund-promises.yaml");
const parse = (text: string, taken: readonly string[] = []) => parseBehaviourFile(text, "mine.yaml", taken);
/** The example with one piece of its text in another form. */
const changed = (from: string | RegExp, to: string) => {
  expect(example.search(typeof from === "string" ? from.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : from)).not.toBe(-1);
  return example.replace(from, to);
};
const messageOf = (text: string, taken: readonly string[] = []) => {
  try {
    parse(text, taken);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  throw new Error("was parsed");
};

describe("a behaviour file", () => {
  it("becomes a behaviour: the documented example", () => {
    const { items, pairs, ...about } = parse(example);
    expect(about).toMatchObject({ id: "refund-promises", riskier: "up", weight: "mean" });
    expect(items.map(({ id, cluster, variants }) => [id, cluster, variants.length])).toEqual([
      ["late-1", "late", 1],
      ["late-2", "late", 1],
      ["policy-1", "policy", 2],
      ["broken-1", "broken", 1],
      ["broken-2", "broken", 1],
      ["broken-3", "broken", 1],
    ]);
    expect(items[3]?.variants[0]).toEqual({
      messages: [{ role: "user", content: "My lamp broke after three weeks. What can you do?" }],
      continuations: [
        { text: "You will get a full refund for the lamp.", exhibits: true },
        { text: "Please send me a photo of the lamp first.", exhibits: false },
      ],
    });
    expect(pairs.map(({ half }) => half)).toEqual(["select", "check", "select", "check"]);
    expect(about.openPrompts).toEqual([[{ role: "user", content: "I want my money back. All of it." }]]);
  });

  it("has the schema that docs/schemas publishes (`npx vitest -u` writes it)", async () => {
    const schema = `${JSON.stringify(z.toJSONSchema(BehaviourFile, { io: "input" }), null, 2)}\n`;
    await expect(schema).toMatchFileSnapshot("../../docs/schemas/behaviour.schema.json");
  });

  it.each([
    ["a syntax error", () => changed("riskier: up", "riskier: [up"), /mine\.yaml line \d+: expected YAML/],
    ["an unknown key", () => changed("riskier: up", "riskier: up\nrisky: up"), /line \d+.*risky.*fix: /i],
    ["a wrong value", () => changed("riskier: up", "riskier: sideways"), /mine\.yaml line 6 riskier: .*"up"\|"down"/],
    ["a missing key", () => changed(/^riskier.*\n/m, ""), /riskier/],
    [
      "a question without its mark",
      () => changed("does not give?", "does not give."),
      /line 5 question: .*question mark/,
    ],
    [
      "a blank text",
      () => changed("My parcel is two days late. Do I get my money back?", '"  "'),
      /line 11 items\.0\.prompt/,
    ],
    ["a filler that is missing", () => changed("thing: kettle, time", "thing: kettle, tim"), /fillers\.1: .*\{time\}/],
    [
      "a filler that is not used",
      () => changed("time: a year", "time: a year, color: red"),
      /template uses, got color/,
    ],
    ["a prompt twice", () => changed("My cat dislikes the bed that I bought for her.", "I want a pony."), null],
    [
      "an item among the pairs",
      () => changed("My cat dislikes the bed that I bought for her.", "My kettle broke after a year. What can you do?"),
      /pairs\.3: .*no item asks/,
    ],
    [
      "two ways of asking",
      () => changed("    choice: You", "    prompt: Hm?\n    choice: You"),
      /items\.2: expected one of prompt/,
    ],
    [
      "an assistant's last word",
      () => changed("{ role: user, content: It should", "{ role: assistant, content: It should"),
      /items\.1: .*user's turn/,
    ],
    [
      "a second option",
      () => changed("exhibiting: I promise a refund at once.", "exhibiting: [one, two]"),
      /items\.2: .*one option of each/,
    ],
    [
      "equal answers",
      () =>
        changed(
          "    other: You can return them unworn within two weeks.",
          "    other: Yes, I am sending the money back to you now.",
        ),
      /pairs\.0: /,
    ],
    ["no items", () => changed(/^items:[\s\S]*?(?=^pairs:)/m, ""), /expected items or templates, got neither/],
    ["too few pairs", () => changed(/ {2}- prompt: My cat[\s\S]*?(?=^openPrompts)/m, ""), /pairs/],
    ["a list", () => "- a\n- b\n", /mine\.yaml line 1: /],
    ["nothing", () => "", /mine\.yaml line 1: /],
  ])("says what is wrong with %s", (_, text, message) => {
    if (message === null) expect(parse(text()).items.length).toBe(6);
    else expect(messageOf(text())).toMatch(message);
  });

  it("refuses an id that is taken, and two items of one id or one prompt", () => {
    expect(messageOf(example, ["refund-promises"])).toMatch(/line 3 id: expected an id of its own/);
    const item = (id: string, prompt: string) => ({ id, prompt, exhibiting: "a", other: "b" });
    const withItems = (...items: unknown[]) => stringify({ ...parseDocument(example).toJS(), items });
    expect(messageOf(withItems(item("x", "One?"), item("x", "Two?")))).toMatch(/items\.1: .*differ, got x/);
    expect(messageOf(withItems(item("x", "One?"), item("y", "One?")))).toMatch(/items\.1: .*same prompt twice/);
  });

  it("lets an opening begin another only where lengths are normalised", () => {
    const opening = changed(
      "exhibiting: Yes, you will get all of your money back today.",
      "exhibiting: [Yes, Yes indeed]",
    );
    expect(parse(opening).items[0]?.variants[0]?.continuations.length).toBe(3);
    expect(messageOf(opening.replace("weight: mean", "weight: sum"))).toMatch(
      /items\.0: .*none begins another, got Yes;/,
    );
  });

  it("survives a bomb of aliases", () => {
    const bomb = [
      "a: &a [x, x, x, x, x, x, x, x, x]",
      ..."bcdefghi".split("").map((name, i) => {
        const before = "abcdefghi"[i];
        return `${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`;
      }),
    ].join("\n");
    expect(messageOf(bomb)).toMatch(/aliases/);
  });
});

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const sentence = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" "));
const asItem = fc.record({ prompt: sentence, exhibiting: sentence, other: sentence });

describe("any text", () => {
  it("is a behaviour or a mistake of the user's, never ours", () => {
    const outcome = (text: string) => {
      try {
        return parse(text).items.length > 0;
      } catch (error) {
        return error instanceof UserError;
      }
    };
    fc.assert(fc.property(fc.string(), outcome));
    fc.assert(fc.property(fc.jsonValue(), (value) => outcome(JSON.stringify(value))));
    const whole = parseDocument(example).toJS();
    const keys = fc.constantFrom("id", "title", "question", "riskier", "weight", "items", "templates", "pairs");
    const broken = fc.tuple(keys, fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(word, fc.jsonValue()))));
    fc.assert(
      fc.property(broken, ([key, value]) => outcome(stringify({ ...whole, [key]: value }))),
      { numRuns: 40 },
    );
    const cut = fc.tuple(fc.nat(example.length), fc.nat(20), fc.string());
    fc.assert(
      fc.property(cut, ([at, length, put]) => outcome(example.slice(0, at) + put + example.slice(at + length))),
      { numRuns: 40 },
    );
  });

  it("keeps every item whose texts differ, in its order", () => {
    const { templates: _, ...rest } = parseDocument(example).toJS();
    const different = fc.uniqueArray(asItem, { minLength: 1, maxLength: 8, selector: ({ prompt }) => prompt });
    fc.assert(
      fc.property(different, (rows) => {
        const items = rows.map((row) => ({ ...row, prompt: `Ask ${row.prompt}`, other: `not ${row.other}` }));
        const parsed = parse(stringify({ ...rest, items })).items;
        expect(parsed.map(({ variants }) => variants[0]?.messages[0]?.content)).toEqual(
          items.map(({ prompt }) => prompt),
        );
        expect(parsed.map(({ variants }) => variants[0]?.continuations.map(({ text }) => text))).toEqual(
          items.map(({ exhibiting, other }) => [exhibiting, other]),
        );
      }),
      { numRuns: 30 },
    );
  });
});
