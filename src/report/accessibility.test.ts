import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { renderHtml } from "./index.ts";

/**
 * axe-core over the whole report, every fold open: at both widths, in both colour schemes (contrast is measured in all
 * combinations by browser.test.ts). Chromium as there.
 */
const executablePath = process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium";
const missing = existsSync(executablePath) ? null : `no Chromium at ${executablePath}; set PENUMBRA_CHROMIUM`;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const Found = z.strictObject({
  /** Rules that were tried and had something to look at. */
  passes: z.number().int(),
  violations: z.array(z.strictObject({ id: z.string(), impact: z.string().nullable(), where: z.array(z.string()) })),
});
const run = (options: string) => `axe.run(document, ${options}).then(({ violations, passes }) => ({
  passes: passes.length,
  violations: violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map((n) => n.html.slice(0, 160)) })),
}))`;

describe(`axe over the report${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-axe-"));
  let browser: Browser | null = null;
  beforeAll(async () => {
    if (!missing) browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function examine(html: string, width: number, colorScheme: "light" | "dark", options = "{}") {
    if (!browser) throw new Error("no browser");
    const file = join(folder, "report.html");
    writeFileSync(file, html);
    const page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme });
    await page.goto(pathToFileURL(file).href);
    await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true");
    await page.evaluate(axe);
    const found = Found.parse(await page.evaluate(run(options)));
    await page.close();
    return found;
  }

  const serious = ({ violations }: z.infer<typeof Found>) =>
    violations.filter(({ impact }) => impact === "serious" || impact === "critical");

  for (const [width, scheme] of [
    [1280, "light"],
    [390, "dark"],
  ] as const) {
    it(`${width} px, ${scheme}: nothing serious`, async (context) => {
      if (missing) return context.skip(missing);
      const found = await examine(renderHtml(exampleInput()), width, scheme);
      expect(serious(found)).toEqual([]);
      expect(found.passes).toBeGreaterThan(20);
    });
  }

  it("finds a fault that is planted", async (context) => {
    if (missing) return context.skip(missing);
    const planted = renderHtml(exampleInput()).replace("<main", '<a href="#main"></a><main');
    const found = await examine(planted, 1280, "light", '{ runOnly: ["link-name"] }');
    expect(serious(found).map(({ id }) => id)).toEqual(["link-name"]);
  });
});
