/**
 * Pictures of a report as its readers see it: first screen and whole page, at desktop and phone width, light and dark.
 *
 *   node studies/screenshots.mjs report.html folder        (Chromium at PENUMBRA_CHROMIUM or /usr/bin/chromium)
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [report, folder] = process.argv.slice(2);
if (!report || !folder) throw new Error("a report and a folder for its pictures are needed");
const VIEWS = [
  { name: "desktop", width: 1280, height: 900 },
  { name: "phone", width: 390, height: 844 },
];
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  for (const { name, width, height } of VIEWS) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      await page.goto(pathToFileURL(resolve(report)).href);
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-whole.png`), fullPage: true });
      await page.close();
    }
  }
} finally {
  await browser.close();
}
