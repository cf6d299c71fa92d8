/** What training text and answers may hold: markup of every output, terminal escapes, characters that deceive the eye. */
export const HOSTILE = [
  `<script>document.title="owned"</script><img src=x onerror="document.title='owned'">`,
  `"><svg onload=alert(1)> ' \` --> ]]> <![CDATA[ &amp; &#x3c;script&#x3e; <!-- <!doctype html><style>*{display:none}</style>`,
  "[link](javascript:alert(1)) ![image](https://example.org/pixel.png) https://example.org www.example.org GH-12 #34 @everyone @octo/team a@b.example",
  "| cell | cell |\n|---|---|\n# heading\n- list\n```\ncode\n``` `tick` **bold** <details open> ~~gone~~ $x$ \\| \\",
  "\u001b[31mred\u001b[0m \u001b]8;;https://example.org\u0007link\u001b\\ \u009b2J \u001bP1$r0m\u001b\\ \u0000\u0007\b\u007f\r\u2028",
  "\u202Eesrever\u202C \u2066isolate\u2069 \u200F\u061C zero\u200Bwidth \uFEFF \u{E0041}tag",
  "lone \uD800 and \uDFFF and \uDC00\uD800 then \uFFFE \uFFFF emoji \u{1F600}",
].join("\n");
