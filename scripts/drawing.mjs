/**
 * The drawing of the floors in docs/ARCHITECTURE.md, made from floors.mjs, highest floor first.
 * `node scripts/drawing.mjs` prints it, with `--write` it is put between the document's markers.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { floors } from "../floors.mjs";

const width = Math.max(...floors.flat().map(([name]) => name.length));
const rows = floors.toReversed().flatMap((group) =>
  group.map(([name, what], i) => {
    const siblings = group.length === 1 ? " " : i === 0 ? "┐" : i === group.length - 1 ? "┘" : "│";
    return `${name.padEnd(width)} ${siblings} ${what}`;
  }),
);
const drawing = `<!-- floors -->\n\`\`\`\n${rows.join("\n")}\n\`\`\`\n<!-- /floors -->`;

if (process.argv.includes("--write")) {
  const path = resolve(import.meta.dirname, "..", "docs", "ARCHITECTURE.md");
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(/<!-- floors -->.*<!-- \/floors -->/s, () => drawing),
  );
} else {
  console.log(drawing);
}
