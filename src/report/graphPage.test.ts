import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exampleDiff, exampleGraph } from "../../test/report/exampleGraph.ts";
import { HOSTILE } from "../../test/report/hostile.ts";
import { renderGraphHtml } from "./index.ts";

const small = { layers: 3, tokens: 5, features: 24, links: 60 };

describe("the page of a graph, as text", () => {
  it("is one file whose policy admits its script and its style and nothing else", () => {
    const page = renderGraphHtml(exampleGraph(small), null);
    expect(page).toMatch(
      /default-src &#39;none&#39;; script-src &#39;sha256-.{44}&#39;; style-src &#39;sha256-.{44}&#39;; base-uri/,
    );
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toMatch(/^\s*(import|export) /m);
  });

  it("no text of the graph ends the data early", () => {
    const page = renderGraphHtml(exampleGraph({ ...small, text: "</script><script>alert(1)</script>" }), null);
    expect(page.match(/<script/g)?.length).toBe(2);
  });
});

/** In a real browser: Chromium at PENUMBRA_CHROMIUM or /usr/bin/chromium. Without one these tests skip. */
const executablePath = process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium";
const missing = existsSync(executablePath) ? null : `no Chromium at ${executablePath}; set PENUMBRA_CHROMIUM`;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];

describe(`the page of a graph in a browser${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-graph-page-"));
  const file = join(folder, "graph.html");
  let browser: Browser | null = null;
  beforeAll(async () => {
    if (!missing) browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(html: string, hash = "", width = 1280) {
    writeFileSync(file, html);
    if (!browser) throw new Error("no browser");
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href + hash);
    return { page, complaints, requests };
  }

  const params = async (page: Page) => new URLSearchParams(String(await page.evaluate("location.hash.slice(1)")));
  /** Chooses the node that the search finds first. */
  async function choose(page: Page, words: string) {
    await page.locator("#search").fill(words);
    await page.locator("#found button").first().click();
  }

  it("opens without a complaint or a request, on a desk and on a phone", async (context) => {
    if (missing) return context.skip(missing);
    for (const width of [1280, 390]) {
      const { page, complaints, requests } = await open(renderGraphHtml(exampleGraph(small), null), "", width);
      expect(complaints).toEqual([]);
      expect(requests.length).toBe(1);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.locator("#count").textContent()).toMatch(/^30 of 30 nodes, \d+ of 60 links$/);
      await page.close();
    }
  });

  it("a click on the picture chooses the node there; its card and its links stand beside it", async (context) => {
    if (missing) return context.skip(missing);
    const { page } = await open(renderGraphHtml(exampleGraph(small), null));
    await choose(page, "capital");
    expect((await params(page)).get("clickedId")).toBe("0_0_0");
    const side = await page.locator("#node").textContent();
    for (const told of ["capital cities", "Makes likelier", "Paris", "Comes from", "Leads to"])
      expect(side).toContain(told);
    await page.keyboard.press("Escape");
    await page.locator("#picture").focus();
    await page.keyboard.press("ArrowDown");
    const chosen = (await params(page)).get("clickedId");
    expect(chosen).toBe("4_7_4");
    // Where the picture shows that node, a click chooses it again.
    await page.keyboard.press("Escape");
    expect((await params(page)).get("clickedId")).toBe(null);
    const box = await page.locator("#picture").boundingBox();
    if (!box) throw new Error("no picture");
    for (let x = box.x + box.width - 4; x > box.x + box.width / 2; x -= 4) {
      await page.mouse.click(x, box.y + 18 + (box.height - 58) / 10);
      if ((await params(page)).get("clickedId") !== null) break;
    }
    expect((await params(page)).get("clickedId")).toBe(chosen);
    await page.close();
  });

  it("pins, groups, thresholds; the address holds all of it, and opens it again", async (context) => {
    if (missing) return context.skip(missing);
    const html = renderGraphHtml(exampleGraph(small), null);
    const { page } = await open(html);
    for (const words of ["0_0_", "1_1_"]) {
      await choose(page, words);
      await page.locator("#picture").focus();
      await page.keyboard.press("p");
    }
    expect((await params(page)).get("pinnedIds")?.split(",").length).toBe(2);
    await page.keyboard.press("g");
    await page.keyboard.type("geography");
    await page.keyboard.press("Enter");
    await page.locator("#node-share").fill("0.25");
    await page.locator("#link-share").fill("0.5");
    const count = await page.locator("#count").textContent();
    expect(count).toMatch(/^1[0-9] of 30 nodes/);
    const hash = String(await page.evaluate("location.hash"));
    await page.close();
    const again = await open(html, hash);
    expect(await again.page.locator("#count").textContent()).toBe(count);
    expect(await again.page.locator("#groups").textContent()).toContain("geography (2)");
    expect(await again.page.locator("#node-share").inputValue()).toBe("0.25");
    expect(await again.page.locator("#node h2").textContent()).not.toBe("");
    await again.page.getByRole("button", { name: "Ungroup geography" }).click();
    expect(JSON.parse((await params(again.page)).get("supernodes") ?? "")).toEqual([]);
    await again.page.close();
  });

  it("a difference has its colours, filters by change and tells what confirmed it", async (context) => {
    if (missing) return context.skip(missing);
    const record = exampleGraph(small);
    const { page, complaints } = await open(renderGraphHtml(record, exampleDiff(record)));
    expect(complaints).toEqual([]);
    await choose(page, "0_0_");
    const side = await page.locator("#node").textContent();
    expect(side).toContain("0_0_0 set to 0 in tuned: moves by −0.250; 50% of the shift");
    expect(side).toContain("appeared");
    await page.locator("#search").fill("");
    for (const change of ["appeared", "vanished", "grew"])
      expect(await page.locator(`#found .dot.${change}`).count(), change).toBeGreaterThan(3);
    for (const change of ["vanished", "grew", "shrank", "turned", "same"])
      await page.locator(`[data-change=${change}]`).uncheck();
    expect(await page.locator("#count").textContent()).toMatch(/^5 of 30 nodes/);
    expect((await params(page)).get("changes")).toBe("appeared");
    for (const change of ["vanished", "grew", "shrank", "turned", "same"])
      await page.locator(`[data-change=${change}]`).check();
    // The slider keeps the nodes that hold a share of the change; tokens and the logit stay.
    await page.locator("#node-share").fill("0.3");
    const [, kept] = /^(\d+) of 30 nodes/.exec((await page.locator("#count").textContent()) ?? "") ?? [];
    expect(Number(kept)).toBeGreaterThan(6);
    expect(Number(kept)).toBeLessThan(24);
    expect(await page.locator("#found .aside").first().textContent()).toMatch(/→ 20\.0%/);
    await page.close();
  });

  it("hostile text is text", async (context) => {
    if (missing) return context.skip(missing);
    const { page, complaints } = await open(renderGraphHtml(exampleGraph({ ...small, text: ` ${HOSTILE}` }), null));
    await choose(page, "0_0_");
    expect(complaints).toEqual([]);
    expect(await page.locator("script").count()).toBe(2);
    expect(await page.locator("img, iframe, #node script").count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(1280);
    await page.close();
  });

  it("shows 5,000 nodes with 50,000 links", async (context) => {
    if (missing) return context.skip(missing);
    const html = renderGraphHtml(exampleGraph({ layers: 26, tokens: 40, features: 5000, links: 50_000 }), null);
    const { page, complaints } = await open(html);
    expect(complaints).toEqual([]);
    await choose(page, "capital");
    expect(await page.locator("#count").textContent()).toMatch(/^5,?041 of 5,?041 nodes/);
    await page.close();
  });
});
