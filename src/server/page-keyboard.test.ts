/** The page under a keyboard: it looks anew every second, and takes nothing from the hands of who is using it. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const executablePath = process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium";
const missing = existsSync(executablePath) ? null : `no Chromium at ${executablePath}; set PENUMBRA_CHROMIUM`;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const assets = join(import.meta.dirname, "../../assets/web");
const TYPES: Readonly<Record<string, string>> = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
/** The page looks every second. */
const TWO_LOOKS_MS = 2_300;

const ids = ["ftjob-1", "ftjob-2", "ftjob-3"];

/** A job that has come one step further each time that somebody asks. */
const jobOf = (id: string, step: number) => ({
  id,
  status: "running",
  fine_tuned_model: null,
  model: "organism",
  method: {
    type: "supervised",
    supervised: { hyperparameters: { n_epochs: 4, batch_size: 8, learning_rate_multiplier: 10 } },
  },
  seed: 1,
  trained_tokens: null,
  estimated_finish: null,
  error: null,
  x_penumbra: {
    state: "running",
    held: false,
    phase: "training",
    headline: null,
    gate: null,
    progress: { task: "fine-tune", step, total: 76, readings: { loss: 2 / step } },
  },
});

/** The page's own files, and as much of the API as it looks at. */
function stub(): { server: Server; looks: () => number; jobs: string[] } {
  const jobs = [...ids];
  let looks = 0;
  const answers: [RegExp, () => object][] = [
    [/^\/v1\/models$/, () => [{ id: "organism", x_penumbra: { base: "organism", held: false } }]],
    [/^\/v1\/fine_tuning\/jobs$/, () => jobs.map((id) => jobOf(id, ++looks))],
    [/\/metrics$/, () => [1, 2].map((step) => ({ step, train_loss: 2 / step, drift: { a: 0.1 * step, b: 0.2 } }))],
    [/\/events$/, () => Array.from({ length: 40 }, (_, i) => ({ message: `step ${i}`, created_at: 1_700_000_000 }))],
  ];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const found = answers.find(([pattern]) => pattern.test(pathname));
    if (found) {
      response.setHeader("content-type", "application/json");
      return response.end(JSON.stringify({ data: found[1]() }));
    }
    const file = pathname === "/" ? "index.html" : pathname.replace(/^\/page\//, "");
    response.setHeader("content-type", TYPES[file.split(".").at(-1) ?? ""] ?? "text/html");
    return response.end(readFileSync(join(assets, file)));
  });
  return { server, looks: () => looks / jobs.length, jobs };
}

const Violations = z.array(
  z.strictObject({ id: z.string(), impact: z.string().nullable(), where: z.array(z.string()) }),
);
const EXAMINE = `axe.run(document).then(({ violations }) =>
  violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map((n) => n.html.slice(0, 160)) })))`;

describe(`the page under a keyboard${missing ? ` (${missing})` : ""}`, () => {
  const { server, jobs } = stub();
  let browser: Browser | null = null;
  let address = "";
  beforeAll(async () => {
    if (missing) return;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const bound = server.address();
    address = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : ""}/`;
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  });
  afterAll(async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
  });

  async function opened(width: number, colorScheme: "light" | "dark"): Promise<Page> {
    if (!browser) throw new Error("no browser");
    const page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme });
    await page.goto(address);
    await page.fill("#key", "sk-anything");
    await page.click("#key-form button");
    await page.waitForSelector("#events li");
    return page;
  }
  const focused = (page: Page) => page.evaluate("document.activeElement.dataset.job ?? document.activeElement.id");

  it("the focus stays on a job while others come and it goes on, and Enter opens it", async (context) => {
    if (missing) return context.skip(missing);
    const page = await opened(1280, "light");
    const row = page.locator("tr", { has: page.locator("[data-job=ftjob-2]") });
    await page.focus("[data-job=ftjob-2]");
    const before = await row.textContent();
    jobs.unshift("ftjob-4");
    await page.waitForTimeout(TWO_LOOKS_MS);
    expect(await row.textContent(), "its progress is told").not.toBe(before);
    expect(await page.locator("#jobs button").allTextContents()).toEqual(jobs);
    expect(await focused(page)).toBe("ftjob-2");
    await page.keyboard.press("Enter");
    await page.waitForFunction("document.getElementById('job-title').textContent === 'ftjob-2'");
    await page.waitForTimeout(TWO_LOOKS_MS);
    expect(await page.locator("#jobs [aria-current]").textContent()).toContain("ftjob-2");
    expect(await focused(page), "nor does opening take it").toBe("ftjob-2");
    jobs.shift();
    await page.waitForTimeout(TWO_LOOKS_MS);
    expect(await page.locator("#jobs button").allTextContents()).toEqual(ids);
    await page.close();
  });

  it("the list of events can be reached, scrolls by keyboard and stays where it was scrolled to", async (context) => {
    if (missing) return context.skip(missing);
    const page = await opened(1280, "light");
    await page.focus("#events");
    expect(await focused(page)).toBe("events");
    await page.keyboard.press("PageDown");
    await page.waitForFunction("document.getElementById('events').scrollTop > 20");
    const first = page.locator("#events li").first();
    await first.evaluate((line) => line.setAttribute("data-same", ""));
    await page.waitForTimeout(TWO_LOOKS_MS);
    expect(await first.getAttribute("data-same"), "lines that are the same stay").toBe("");
    expect(await page.evaluate("document.getElementById('events').scrollTop")).toBeGreaterThan(20);
    await page.close();
  });

  for (const [width, scheme] of [
    [1280, "light"],
    [390, "dark"],
  ] as const) {
    it(`axe at ${width} px, ${scheme}: nothing serious`, async (context) => {
      if (missing) return context.skip(missing);
      const page = await opened(width, scheme);
      await page.evaluate(axe);
      const found = Violations.parse(await page.evaluate(EXAMINE));
      expect(found.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual([]);
      await page.close();
    });
  }
});
