/** Hostile chat templates: whatever a file says, rendering ends, soon, in a text or in a `UserError`. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../core/index.ts";
import { compileTemplate } from "./chat-template.ts";
import type { ChatMessage } from "./messages.ts";
import { boundedRange } from "./template-bounds.ts";

const messages: ChatMessage[] = [
  { role: "system", content: "s" },
  { role: "user", content: "hello" },
  { role: "assistant", content: "hi" },
];
const render = (source: string) =>
  compileTemplate(source, { bos_token: "<s>" })(messages, { addGenerationPrompt: true });

const nestedLoops = (depth: number) => `${"{% for i in range(90000) %}".repeat(depth)}x${"{% endfor %}".repeat(depth)}`;
const doubled = (start: string) =>
  `{% set ns = namespace(x=${start}) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x|length }}`;

describe("refused", () => {
  test.each([
    ["a range of a billion", "{% for i in range(1000000000) %}{% endfor %}"],
    ["a range without a step", "{{ range(0, 10, 0) }}"],
    ["loops in loops", nestedLoops(3)],
    ["an array doubled sixty times", doubled("[1]")],
    ["a text doubled sixty times", doubled("'ab'")],
    ["a macro that calls itself", "{% macro f(x) %}{{ g(x) }}{% endmacro %}{% set g = f %}{{ f(1) }}"],
    ["a file", "{% include '/etc/passwd' %}"],
    ["a module", "{% import 'os' as os %}{{ os.environ }}"],
    ["a way out through constructors", "{{ messages.constructor.constructor('return process')() }}"],
    ["Python's way out", "{{ ''.__class__.__mro__[1].__subclasses__() }}"],
    ["brackets without end", `{{ ${"(".repeat(50_000)} }}`],
  ])("%s", (_, source) => {
    expect(() => render(source)).toThrow(UserError);
  });
});

test("a template that was stopped leaves the next one alone", () => {
  expect(() => render(nestedLoops(3))).toThrow(/chat template/);
  expect(render("{{ bos_token }}{% for m in messages %}{{ m.role }} {% endfor %}")).toBe("<s>system user assistant ");
});

test("range is Python's", () => {
  expect([
    boundedRange(3),
    boundedRange(1, 4),
    boundedRange(5, 0, -2),
    boundedRange(2, 2),
    boundedRange(0, 5, 2),
  ]).toEqual([[0, 1, 2], [1, 2, 3], [5, 3, 1], [], [0, 2, 4]]);
  expect(render("{% for i in range(2, 8, 3) %}{{ i }},{% endfor %}")).toBe("2,5,");
});

const expression = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      "messages",
      "messages[0]",
      "m.content",
      "bos_token",
      "1",
      "'x'",
      "none",
      "[]",
      "{}",
      "ns",
      "loop.index0",
    ),
    fc
      .tuple(tie("e"), fc.constantFrom("+", "~", "*", "**", "-", "/", "in", "==", "and"), tie("e"))
      .map((p) => `(${p.join(" ")})`),
    fc
      .tuple(tie("e"), fc.constantFrom("length", "trim", "tojson", "join", "first", "upper", "indent(9)"))
      .map((p) => p.join("|")),
    tie("e").map((e) => `range(${e})`),
    tie("e").map((e) => `namespace(x=${e})`),
    fc.tuple(tie("e"), tie("e")).map(([a, b]) => `${a}[${b}:]`),
  ),
})).e;

const template = fc.letrec<{ t: string }>((tie) => ({
  t: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("text", "{%", "%}", "{{", "}}", "{#", "-%}", "\u0000"),
    expression.map((e) => `{{ ${e} }}`),
    fc.tuple(expression, tie("t")).map(([e, t]) => `{% for m in ${e} %}${t}{% endfor %}`),
    fc.tuple(expression, tie("t"), tie("t")).map(([e, a, b]) => `{% if ${e} %}${a}{% else %}${b}{% endif %}`),
    fc.tuple(expression, tie("t")).map(([e, t]) => `{% set ns = ${e} %}${t}`),
    fc.tuple(tie("t"), tie("t")).map(([a, b]) => a + b),
  ),
})).t;

test("any template gives a text or a UserError", () => {
  const rendered = (source: string) => {
    try {
      return typeof render(source) === "string" ? "text" : "something else";
    } catch (error) {
      return error instanceof UserError ? "refused" : error;
    }
  };
  const seen = new Set<unknown>();
  fc.assert(
    fc.property(template, (source) => {
      const got = rendered(source);
      seen.add(got);
      return got === "text" || got === "refused";
    }),
    { numRuns: 150 },
  );
  // The fuzzer reaches both: a generator of rubbish alone would prove nothing.
  expect(seen).toEqual(new Set(["text", "refused"]));
});
