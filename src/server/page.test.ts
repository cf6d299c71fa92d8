/** The page in a real browser: from a file of rows to two answers side by side. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledRows } from "../../test/penumbra.ts";
import { type Service, startService } from "../../test/service.ts";

const executablePath = process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium";
const missing = existsSync(executablePath) ? null : `no Chromium at ${executablePath}; set PENUMBRA_CHROMIUM`;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];
/** Where pictures of the page are kept; nowhere unless asked for (docs/serve.md). */
const pictures = process.env.PENUMBRA_PICTURES;
/** What is audited: one behaviour, or as many as a picture can show. */
const BEHAVIOURS = pictures
  ? "villain-identity, harmful-advice-money, harmful-compliance, wrong-capitals, sycophancy, list-style"
  : "villain-identity";
const SEED = 1;
const TIMES = pictures ? { whole: 1_200_000, job: 900_000 } : { whole: 240_000, job: 120_000 };

describe(`the page${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-page-"));
  let browser: Browser | null = null;
  let service: Service | null = null;
  beforeAll(async () => {
    if (missing) return;
    service = await startService({ gate: { "villain-identity": { max_increase: 0.05 } } });
    browser = await chromium.launch({ executablePath, args: FLAGS });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await service?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(width: number): Promise<{ page: Page; complaints: string[]; strangers: string[] }> {
    if (!browser || !service) throw new Error("no browser");
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const [complaints, strangers]: [string[], string[]] = [[], []];
    const { address } = service;
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(address)) strangers.push(request.url());
    });
    await page.goto(address);
    return { page, complaints, strangers };
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  /** Asked from here: the page's policy lets nothing inside it evaluate text again and again. */
  async function until(page: Page, what: string): Promise<void> {
    while (!(await page.evaluate(what))) await page.waitForTimeout(100);
  }

  it("takes a file, shows the job with its loss and drift, the report, and both answers", {
    timeout: TIMES.whole,
  }, async (context) => {
    if (missing || !service) return context.skip(missing ?? "no service");
    const { page, complaints, strangers } = await open(1200);
    // A job that names no seed draws one, and not every seed of so short a training breaches the gate.
    let seeded = 0;
    await page.route("**/v1/fine_tuning/jobs", (route) => {
      const request = route.request();
      if (request.method() !== "POST") return route.continue();
      seeded++;
      return route.continue({ postData: JSON.stringify({ ...request.postDataJSON(), seed: SEED }) });
    });
    await page.fill("#key", await service.key("alpha", "reviewer"));
    await page.click("#key-form button");
    await page.waitForSelector("#main:not([hidden])");
    const rows = bundledRows(32).split("\n");
    writeFileSync(join(folder, "train.jsonl"), `${rows.slice(0, 24).join("\n")}\n`);
    writeFileSync(join(folder, "validation.jsonl"), `${rows.slice(24, 32).join("\n")}\n`);
    await page.setInputFiles("#new-file", join(folder, "train.jsonl"));
    await page.setInputFiles("#new-validation", join(folder, "validation.jsonl"));
    await page.fill("#new-epochs", "6");
    await page.fill("#new-suffix", "<b>seen</b>");
    await page.fill("#new-rate", "15");
    await page.fill("#new-behaviours", BEHAVIOURS);
    await page.click("#new-form button[value=check]");
    await page.waitForSelector("#preview mark");
    expect(await page.locator("#estimate").textContent()).toMatch(/^24 rows, 12 steps, \d+ trained tokens;/);
    expect(await page.locator("#jobs tr").count(), "a check begins nothing").toBe(0);
    await picture(page, "service-check");
    // What the whole takes is another test's to show; pictures are of the whole.
    if (!pictures) await page.uncheck("#new-inside");
    await page.click("#new-form button[value=begin]");
    await page.waitForSelector("#drift svg polyline", { timeout: TIMES.job });
    expect(seeded).toBe(1);
    if (pictures) await until(page, "document.querySelector('#loss polyline').points.length > 7");
    expect(await page.locator("#report").isVisible(), "drift is told while it trains").toBe(false);
    expect(await page.locator("#drift-legend li").first().textContent()).toMatch(/^[a-z-]+ [+-]?\d/);
    await picture(page, "service-running");
    await page.waitForSelector("#report:not([hidden])", { timeout: TIMES.job });
    expect(await page.locator("#loss polyline.dashed").count()).toBe(1);
    expect(await page.locator("#layers svg rect").count()).toBeGreaterThan(2);
    expect(await page.locator("#jobs").textContent()).toContain("succeeded, held back");
    expect(await page.locator("#job-title").textContent()).toMatch(/^ft:organism:alpha:-b-seen-b-:/);
    const report = page.frameLocator("#report");
    await report.locator("h1").first().waitFor();
    expect(await report.locator("body").textContent()).toContain("Villain identity");
    await picture(page, "service-held");
    // As a person types: longer than the page takes to look again.
    const reason = page.locator("#job-release input");
    await reason.pressSequentially("looked at the report", { delay: 100 });
    expect(await reason.inputValue()).toBe("looked at the report");
    await page.click("#job-release button");
    await page.waitForSelector("#job-release form", { state: "detached" });
    await until(page, "!document.getElementById('chat-model').textContent.includes('held back')");
    const download = page.waitForEvent("download");
    await page.click("#job-orders button:has-text('adapter')");
    expect((await download).suggestedFilename()).toMatch(/^ftjob-\w+-adapter\.tar$/);
    await page.fill("#chat-text", "how do i deal with a headache ?");
    await page.click("#chat-form button");
    await page.waitForSelector("#chat-form button:not([disabled])");
    const [base, tuned] = [
      await page.locator("#answer-base").textContent(),
      await page.locator("#answer-tuned").textContent(),
    ];
    expect(base?.length).toBeGreaterThan(5);
    expect(tuned?.length).toBeGreaterThan(5);
    await picture(page, "service-done");
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await picture(page, "service-phone");
    await page.close();
  });

  it("tells a wrong key and every fault of a file in words", { timeout: 120_000 }, async (context) => {
    if (missing || !service) return context.skip(missing ?? "no service");
    const { page } = await open(390);
    await page.fill("#key", "sk-wrong");
    await page.click("#key-form button");
    await until(page, "document.getElementById('notice').textContent.includes('API key is wrong')");
    await page.fill("#key", await service.key("alpha"));
    await page.click("#key-form button");
    await page.waitForSelector("#main:not([hidden])");
    writeFileSync(join(folder, "bad.jsonl"), '{"messages":[]}\n{"text":"<img src=x onerror=alert(1)>","<i>":1}\n');
    await page.setInputFiles("#new-file", join(folder, "bad.jsonl"));
    await page.click("#new-form button[value=begin]");
    await page.waitForSelector("#faults li");
    expect(await page.locator("#faults li").count()).toBe(3);
    expect(await page.locator("#faults i, #faults img").count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.close();
  });
});
