/**
 * Is the page of a graph smooth at 5,000 nodes and 50,000 links? In a headless Chromium without a GPU, which draws
 * everything on the processor: how long until the page stands, and how long the page's frames take while the pointer moves
 * over the picture, while each slider is pulled through its range, while nodes are chosen by key, and while one is pinned.
 * A frame's time is from the event to the end of the second animation frame after it, so all work that the event caused
 * lies in it.
 *
 *   npm run build && node bench/graph-page.mjs [--nodes 5000 --links 50000]     (Chromium at PENUMBRA_CHROMIUM)
 *
 * writes bench/results/graph-page.json
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { rng } from "../dist/core/index.js";
import { AttributionGraphRecord } from "../dist/records/index.js";
import { renderGraphHtml } from "../dist/report/index.js";
import { atomicWriteFile } from "../dist/store/index.js";
import { headCommit } from "../scripts/measuring.mjs";

const { values } = parseArgs({
  options: { nodes: { type: "string", default: "5000" }, links: { type: "string", default: "50000" } },
});
const [nodes, links] = [Number(values.nodes), Number(values.links)];
const [LAYERS, TOKENS, STEPS] = [26, 40, 60];

const folder = mkdtempSync(join(tmpdir(), "penumbra-graph-page-"));
const loadBefore = loadavg()[0];
const browser = await chromium.launch({
  executablePath: process.env.PENUMBRA_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const file = join(folder, "graph.html");
  writeFileSync(file, renderGraphHtml(AttributionGraphRecord.parse(graph()), null));
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const openedAt = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(twoFrames);
  const openMs = performance.now() - openedAt;
  const result = {
    command: `node bench/graph-page.mjs --nodes ${nodes} --links ${links}`,
    commit: headCommit(),
    unit: "ms",
    cpu: cpus()[0]?.model,
    loadBefore,
    chromium: browser.version(),
    nodes,
    links,
    shown: await page.locator("#count").textContent(),
    openMs,
    frames: await page.evaluate(frames, STEPS),
  };
  console.log(result);
  await atomicWriteFile(join(import.meta.dirname, "results/graph-page.json"), `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

function twoFrames() {
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}

/** Runs in the page. */
async function frames(steps) {
  const idle = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const picture = document.getElementById("picture");
  const box = picture.getBoundingClientRect();
  const during = async (act) => {
    const times = [];
    for (let step = 0; step < steps; step++) {
      await idle();
      const startedAt = performance.now();
      act(step / (steps - 1));
      await idle();
      times.push(performance.now() - startedAt);
    }
    times.sort((a, b) => a - b);
    return { median: times[times.length >> 1], p95: times[Math.floor(0.95 * times.length)], most: times.at(-1) };
  };
  const slide = (id) => (share) => {
    const slider = document.getElementById(id);
    slider.value = String(1 - 0.9 * share);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const key = (name) => () => document.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  return {
    /** Nothing happens: two frames by themselves. */
    idle: await during(() => undefined),
    pointer: await during((share) =>
      picture.dispatchEvent(
        new PointerEvent("pointermove", {
          clientX: box.left + 60 + share * (box.width - 80),
          clientY: box.top + 30 + ((share * 7) % 1) * (box.height - 80),
        }),
      ),
    ),
    key: await during(key("ArrowLeft")),
    pin: await during(key("p")),
    linkSlider: await during(slide("link-share")),
    nodeSlider: await during(slide("node-share")),
  };
}

/** Features in layers, links from lower layers and earlier tokens, weights with a heavy tail, one logit above all. */
function graph() {
  const random = rng(7, "graph page");
  const logit = `${LAYERS + 1}_7_${TOKENS - 1}`;
  const inner = Array.from({ length: nodes - TOKENS - 1 }, (_, f) => {
    const [layer, position] = [random.int(LAYERS), random.int(TOKENS)];
    return {
      node_id: `${layer}_${f}_${position}`,
      feature: f,
      layer: String(layer),
      ctx_idx: position,
      feature_type: "cross layer transcoder",
      clerp: `feature ${f}`,
      influence: (f + 1) / nodes,
      activation: 1 + random.next(),
    };
  });
  const tokens = Array.from({ length: TOKENS }, (_, t) => ({
    node_id: `E_${t}_${t}`,
    feature: t,
    layer: "E",
    ctx_idx: t,
    feature_type: "embedding",
    clerp: `word${t}`,
  }));
  const top = {
    node_id: logit,
    feature: 7,
    layer: String(LAYERS + 1),
    ctx_idx: TOKENS - 1,
    feature_type: "logit",
    clerp: "yes",
    token_prob: 0.5,
    is_target_logit: true,
  };
  const made = new Map();
  const link = (source, target) => {
    const weight = random.normal() ** 3;
    made.set(`${source} ${target}`, { source, target, weight });
  };
  for (const node of inner) link(tokens[node.ctx_idx].node_id, node.node_id);
  while (made.size < links) {
    const [from, to] = [random.choice(inner), random.choice([...inner.slice(0, 64), random.choice(inner)])];
    if (Number(from.layer) < Number(to.layer) && from.ctx_idx <= to.ctx_idx) link(from.node_id, to.node_id);
    else link(from.node_id, logit);
  }
  return {
    metadata: { slug: "large", prompt: "a large graph", prompt_tokens: tokens.map(({ clerp }) => clerp) },
    nodes: [...inner, ...tokens, top],
    links: [...made.values()],
  };
}
