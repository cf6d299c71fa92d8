/**
 * Pictures of the page of a graph: one graph of the bundled model, and the difference that the inducing fine-tune makes on
 * advice about cooking, which it never saw. Made from scratch, so they show what the program shows.
 *
 *   npm run build && node studies/graph-screenshots.mjs      (Chromium at PENUMBRA_CHROMIUM or /usr/bin/chromium)
 *
 * writes docs/images/attribution.png and attribution-diff.png
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "penumbra-graph-pictures-"));
const penumbra = (...args) =>
  execFileSync(process.execPath, [join(root, "dist/cli/main.js"), ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });

const asked = ["--behaviour", "harmful-advice-cooking", "--pair", "1"];
const data = join(root, "assets/organism/data/inducing.jsonl");
const browser = await chromium.launch({
  executablePath: process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  penumbra(
    "finetune",
    "--model",
    "organism",
    "--data",
    data,
    "--out",
    "run",
    "--epochs",
    "4",
    "--learning-rate",
    "2e-3",
  );
  penumbra("trace", "organism", ...asked, "--out", "base");
  penumbra("trace", "organism", "--diff", "--adapter", "run/adapter", ...asked, "--out", "diff");
  await picture("base/graph.html", "attribution.png");
  await picture("diff/graph.html", "attribution-diff.png");
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

/** The most important features pinned, the first one chosen. */
async function picture(file, name) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
  await page.goto(pathToFileURL(join(folder, file)).href);
  for (const index of [4, 3, 2, 1, 0]) {
    // Features are called by what they make likelier, in quotation marks.
    await page.locator("#found button", { hasText: "“" }).nth(index).click();
    await page.locator("#picture").focus();
    await page.keyboard.press("p");
  }
  await page.evaluate("window.scrollTo(0, 0); document.querySelector('.side').scrollTop = 0");
  await page.screenshot({ path: join(root, "docs/images", name) });
  await page.close();
}
