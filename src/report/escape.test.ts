import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOSTILE } from "../../test/report/hostile.ts";
import { clip, escapeHtml, escapeMarkdown, escapeTerminal, escapeXml, visible } from "./escape.ts";

/** Any UTF-16, lone surrogates, controls and the characters of markup among it. */
const anyText = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom(..."\u001b[]<>&'\"`|\\@#:/wW.\n\t \u202e\u009b\u0007;m08"), { maxLength: 60 })
    .map((c) => c.join("")),
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u;
const REORDERING = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u;

describe("escapeHtml", () => {
  it("leaves no character that opens a tag, an attribute or an entity", () => {
    expect(escapeHtml(`<a href="x" b='y'>&\``)).toBe("&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;&#96;");
  });

  it("is undone by reading its entities back: nothing but what deceives is changed", () => {
    const read = (text: string) =>
      text.replace(
        /&(lt|gt|quot|#39|#96|amp);/g,
        (_, name: string) => ({ lt: "<", gt: ">", quot: '"', "#39": "'", "#96": "`", amp: "&" })[name] ?? "",
      );
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"'`]/);
        expect(escaped).not.toMatch(CONTROLS);
        expect(escaped).not.toMatch(REORDERING);
        expect(read(escaped)).toBe(visible(text));
      }),
    );
  });

  it("shows what it will not obey", () => {
    expect(visible("a\u001b[31mb\u202ec\u0085\ud800d\te\nf")).toBe(
      "a\u241b[31mb\u27e8U+202E\u27e9c\u27e8U+0085\u27e9\ufffdd\te\nf",
    );
    expect(visible("grüße 你好 \u{1F600} עברית")).toBe("grüße 你好 \u{1F600} עברית");
  });
});

describe("escapeXml", () => {
  it("leaves only characters that XML 1.0 allows, and no markup", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeXml(text);
        expect(escaped).not.toMatch(/[<>"']|&(?!(?:lt|gt|amp|quot|#39|#9|#10);)/);
        expect(escaped).toMatch(/^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      }),
    );
    expect(escapeXml("]]>")).toBe("]]&gt;");
  });
});

describe("escapeMarkdown", () => {
  it("breaks every construct: pipes, ticks, HTML, links, mentions, references, autolinks", () => {
    expect(escapeMarkdown("a|b `c` <b> [x](y)")).toBe("a\\|b \\`c\\` &lt;b&gt; \\[x\\]\\(y\\)");
    expect(escapeMarkdown("@octo #12 www.x https://x")).toBe("@\u200bocto \\#\u200b12 www\u200b.x https\\:\u200b//x");
    expect(escapeMarkdown("two\n  lines")).toBe("two lines");
    expect(escapeMarkdown("- item")).toBe("\\- item");
    expect(escapeMarkdown("12. item")).toBe("12\\. item");
    expect(escapeMarkdown("\\|")).toBe("\\\\\\|");
  });

  it("is one line in which nothing special stands unescaped", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[\n<>]/);
        expect(escaped.replace(/\\./gu, "")).not.toMatch(/[\\`*_[\](){}!|~]/);
        expect(escaped).not.toMatch(/@(?!\u200b)/);
        expect(escaped).not.toContain("://");
      }),
    );
  });
});

describe("escapeTerminal", () => {
  it("drops escape sequences whole and keeps the text around them", () => {
    expect(escapeTerminal("\u001b[1;31mred\u001b[0m plain")).toBe("red plain");
    expect(escapeTerminal("\u001b]0;title\u0007a\u001b]8;;u\u001b\\b\u009b2Jc\u001bcd")).toBe("abcd");
    expect(escapeTerminal("one\ntwo\tthree\rfour")).toBe("one\ntwo\tthreefour");
    expect(escapeTerminal("\u202Eabc\u202C")).toBe("abc");
  });

  it("lets no control and no reordering character through", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeTerminal(text);
        expect(escaped).not.toMatch(CONTROLS);
        expect(escaped).not.toMatch(REORDERING);
      }),
    );
    expect(escapeTerminal(HOSTILE)).not.toMatch(CONTROLS);
  });
});

describe("size", () => {
  it("takes a megabyte of the worst repetition (a quadratic pattern would run into the test's limit)", () => {
    for (const unit of [" ", "\u001b]", "\u001b[0", "@", "\\", "\n ", "1", "\ud800"]) {
      const text = unit.repeat(1_000_000 / unit.length);
      for (const escapeWith of [escapeHtml, escapeXml, escapeMarkdown, escapeTerminal]) {
        expect(escapeWith(text).length).toBeLessThan(10_000_000);
      }
    }
  });

  it("clips between characters, never inside one", () => {
    expect(clip("ab\u{1F600}cd", 3)).toEqual({ text: "ab", left: 4 });
    expect(clip("ab\u{1F600}cd", 4)).toEqual({ text: "ab\u{1F600}", left: 2 });
    expect(clip("ab", 2)).toEqual({ text: "ab", left: 0 });
  });
});
