import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { HOSTILE } from "../../test/report/hostile.ts";
import { renderHtml, renderJunit } from "./index.ts";

/**
 * The report in a real browser: Chromium at PENUMBRA_CHROMIUM or /usr/bin/chromium. Without one these tests skip.
 */
const executablePath = process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium";
const missing = existsSync(executablePath) ? null : `no Chromium at ${executablePath}; set PENUMBRA_CHROMIUM`;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];

describe(`the report in a browser${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-report-"));
  let browser: Browser | null = null;

  beforeAll(async () => {
    if (!missing) browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  interface Opened {
    readonly page: Page;
    readonly complaints: string[];
    readonly requests: string[];
  }

  /** The page at this width, with all that the browser complained of and asked for. */
  async function open(html: string, width: number, colorScheme: "light" | "dark" = "light"): Promise<Opened> {
    const file = join(folder, "report.html");
    writeFileSync(file, html);
    if (!browser) throw new Error("no browser");
    const page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, complaints, requests };
  }

  for (const [width, scheme] of [
    [1280, "light"],
    [390, "light"],
    [390, "dark"],
  ] as const) {
    it(`${width} px, ${scheme}: styled, no complaint, no request but the file, no sideways scroll`, async (context) => {
      if (missing) return context.skip(missing);
      const { page, complaints, requests } = await open(renderHtml(exampleInput()), width, scheme);
      await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true");
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
      expect(requests.length).toBe(1);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      const background = scheme === "dark" ? "rgb(20, 21, 24)" : "rgb(251, 250, 248)";
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(background);
      await page.close();
    });
  }

  it("hostile text is text: no script ran, no element was made, nothing overflows a phone", async (context) => {
    if (missing) return context.skip(missing);
    const { page, complaints, requests } = await open(renderHtml(exampleInput(HOSTILE)), 390);
    await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true");
    expect(complaints).toEqual([]);
    expect(requests.length).toBe(1);
    expect(await page.evaluate("document.querySelectorAll('script, img, iframe, style:not(head style)').length")).toBe(
      0,
    );
    expect(await page.title()).toContain("<script>document.title=");
    expect(await page.evaluate("document.querySelector('.quote').textContent")).toContain("<img src=x onerror=");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.close();
  });

  it("the keyboard reaches the skip link first, then the verdicts, the map and every fold", async (context) => {
    if (missing) return context.skip(missing);
    const { page } = await open(renderHtml(exampleInput()), 1280);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    const reached = new Set<string>();
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press("Tab");
      reached.add(
        String(await page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className")),
      );
    }
    for (const kind of ["A.why", "A.mech", "DIV.scroll", "SUMMARY."]) expect([...reached]).toContain(kind);
    await page.close();
  });

  it("the verdict table keeps its roles on a phone, where rows become cards", async (context) => {
    if (missing) return context.skip(missing);
    const { page } = await open(renderHtml(exampleInput()), 390);
    expect(await page.getByRole("table").first().getByRole("columnheader").count()).toBe(7);
    expect(await page.getByRole("rowheader", { name: "Hostile persona" }).count()).toBeGreaterThan(0);
    await page.close();
  });

  it("text has at least 4.5 to 1 against what lies behind it, light and dark", async (context) => {
    if (missing) return context.skip(missing);
    for (const scheme of ["light", "dark"] as const) {
      const { page } = await open(renderHtml(exampleInput()), 1280, scheme);
      expect(await page.evaluate(CONTRAST_FAULTS), scheme).toEqual([]);
      await page.close();
    }
  });

  it("a link to a mechanism, to rows and to a feature leads to it; a feature's fold opens by keyboard", async (context) => {
    if (missing) return context.skip(missing);
    const { page } = await open(renderHtml(exampleInput()), 1280);
    for (const link of ["a.mech", "td.c-todo a", "td a.latent"]) {
      const target = await page.locator(link).first().getAttribute("href");
      await page.locator(link).first().click();
      expect(await page.evaluate("location.hash"), link).toBe(target);
      const top = await page.evaluate("document.querySelector(location.hash).getBoundingClientRect().top");
      expect(Math.abs(Number(top)), link).toBeLessThan(844);
    }
    await page.locator(".feature summary").first().focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(".feature").first().getAttribute("open")).not.toBeNull();
    await page.close();
  });

  it("on paper nothing is cut off at the side, and the feature cards stay out", async (context) => {
    if (missing) return context.skip(missing);
    const { page } = await open(renderHtml(exampleInput()), 1000);
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(1000);
    expect(await page.locator(".feature").first().isVisible()).toBe(false);
    expect(await page.locator("#why .takeback").first().isVisible()).toBe(true);
    await page.close();
  });

  it("the JUnit file of hostile text is well-formed XML", async (context) => {
    if (missing) return context.skip(missing);
    const { page } = await open("<!doctype html>", 390);
    for (const gate of [null, new Map([["refusal", "undecided"]] as const)]) {
      const xml = renderJunit(exampleInput(HOSTILE), { gate });
      const parsed = `(xml => { const d = new DOMParser().parseFromString(xml, 'application/xml'); return [d.querySelectorAll('parsererror').length, d.querySelectorAll('testcase').length] })`;
      expect(await page.evaluate(`${parsed}(${JSON.stringify(xml)})`)).toEqual([0, 12]);
    }
    await page.close();
  });
});

/** Runs in the page: elements with text of their own whose contrast (WCAG 2.2, 1.4.3) is below 4.5. */
const CONTRAST_FAULTS = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  for (const d of document.querySelectorAll("details")) d.open = true;
  const faults = new Set();
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== "");
    if (!own || e.tagName === "title") continue;
    const style = getComputedStyle(e);
    const ink = e.closest("svg") ? style.fill : style.color;
    const [a, b] = [luminance(rgba(ink)), luminance(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faults.add(e.tagName + "." + e.className + " " + ratio.toFixed(2));
  }
  return [...faults];
})()`;
