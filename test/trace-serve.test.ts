/** `penumbra trace --serve` as a user starts it, and in a browser: the address holds the state over a reload. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { chromium } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { must } from "../src/core/index.ts";
import { AttributionGraphRecord } from "../src/records/index.ts";
import { main, penumbra, workplace } from "./penumbra.ts";

const place = workplace();
afterAll(() => place.remove());

const executablePath = process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium";
const missing = existsSync(executablePath) ? null : `no Chromium at ${executablePath}; set PENUMBRA_CHROMIUM`;

/** Starts the program, gives its address to `use`, ends it as Ctrl-C does, and gives the exit code. */
async function served(use: (address: string) => Promise<void>): Promise<number | null> {
  const prompt = ["--chat", "how do i sleep better ?", "--max-features", "40", "--context-tokens", "0"];
  const child = spawn(process.execPath, [main, "trace", ...prompt, "--serve", "--port", "0"], {
    cwd: place.folder,
    env: { ...process.env, PENUMBRA_CACHE: place.path("cache"), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let printed = "";
  try {
    const address = await new Promise<string>((found, failed) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        const [, at] = /Served at (\S+)/.exec(printed) ?? [];
        if (at) found(at);
      });
      child.once("exit", () => failed(new Error(`it ended: ${printed}`)));
    });
    await use(address);
  } finally {
    child.kill("SIGINT");
  }
  return (await ended)[0];
}

/** The status of a request under another name or method. */
function statusOf(address: string, options: { readonly method?: string; readonly host?: string }): Promise<number> {
  return new Promise((done, failed) => {
    const { method = "GET", host } = options;
    request(address, { method, ...(host ? { headers: { host } } : {}) }, (response) => {
      response.resume();
      done(must(response.statusCode, "status"));
    })
      .once("error", failed)
      .end();
  });
}

test("the page and its files, to this machine and for reading alone; state lives through a reload", async (context) => {
  if (missing) return context.skip(missing);
  const code = await served(async (address) => {
    const record = AttributionGraphRecord.parse(await (await fetch(`${address}graph.json`)).json());
    expect(record.penumbra?.model.name).toBe("organism");
    expect(await statusOf(`${address}etc/passwd`, {})).toBe(404);
    expect(await statusOf(address, { method: "POST" })).toBe(405);
    expect(await statusOf(address, { host: "elsewhere.example" })).toBe(403);
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(address);
      await page.locator("#found button").first().click();
      await page.locator("#picture").focus();
      await page.keyboard.press("p");
      const [heading, hash] = [await page.locator("#node h2").textContent(), await page.evaluate("location.hash")];
      expect(hash).toMatch(/pinnedIds=\d/);
      await page.reload();
      expect(await page.locator("#node h2").textContent()).toBe(heading);
      expect(await page.locator("#node .pin").textContent()).toBe("Unpin (p)");
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
    const taken = await penumbra(place.folder, [
      ...["trace", "--graph", "trace/graph.json", "--out", "again", "--serve", "--port", new URL(address).port],
    ]);
    expect(taken.code).toBe(2);
    expect(taken.stderr).toMatch(/--port \d+: expected a port that is free, got one in use/);
  });
  expect(code).toBe(0);
});
