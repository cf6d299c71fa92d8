/** Labels asked for over HTTP, from descriptions to page and export. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { lastTurn, type Stub, type StubRequest, said, stubEndpoint } from "../../test/stub-endpoint.ts";
import { readNeuronpedia } from "../dictionaries/index.ts";
import { openEndpoint } from "../endpoints/index.ts";
import type { Described } from "./describe-latents.ts";
import { keepDescription } from "./keep-description.ts";
import { labelDescribed } from "./label-latents.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-labels-"));
afterAll(() => rmSync(folder, { recursive: true }));
let stub: Stub;
afterEach(() => stub.close());

const texts = (word: string, value: number) =>
  Array.from({ length: 6 }, (_, i) => ({ tokens: [`day ${i}`, ` ${word}`], values: [0, value], texts: 1 }));

const meaning = (latent: number, word: string) => ({
  latent,
  firingRate: 0.1,
  fired: { tokens: 10, texts: 6, of: 100 },
  maxActivation: 2,
  promotes: [],
  suppresses: [],
  chance: null,
  contexts: texts(word, 2),
  spread: [],
  histogram: null,
  nearest: [],
  labels: [],
});

const described: Described = {
  dictionary: "topk sae",
  model: "organism",
  reads: "blocks.2.hook_resid_post",
  text: "a text",
  tokens: 100,
  latents: [meaning(3, "rain"), meaning(4, "<b>snow</b>")],
  silent: [texts("sun", 0), texts("sun", 0)],
};

/** Names what stands in «», and tells texts by it; the second latent's scorer talks beside the point. */
function answers(request: StubRequest) {
  const turn = lastTurn(request);
  if (!turn.startsWith("Description")) return said(/« ([^»]*)»/.exec(turn)?.[1] ?? "nothing");
  const word = /^Description: (.*)$/m.exec(turn)?.[1] ?? "";
  if (word.includes("snow")) return said("It is about weather.");
  const lines = turn.split("\n").filter((line) => /^\d+\. /.test(line));
  return said(JSON.stringify(lines.flatMap((line, i) => (line.includes(word) ? [i + 1] : []))));
}

test("labels and their held-out scores reach page and export; the key and the contexts' order stay here", async () => {
  stub = await stubEndpoint(answers);
  const speaker = openEndpoint({ url: stub.url, model: "labeller" });
  const { described: named, labels, usage } = await labelDescribed({ described, speaker, seed: 1 });
  expect(labels.map(({ label, score }) => [label, score])).toEqual([
    ["rain", 1],
    ["<b>snow</b>", null],
  ]);
  expect([usage.answers, usage.gaps, stub.seen.length]).toEqual([4, 0, 4]);
  expect(stub.seen.every(({ body }) => body.temperature === 0)).toBe(true);
  const [html, neuronpedia] = [join(folder, "page.html"), join(folder, "export")];
  await keepDescription(named, { layer: 2, html, neuronpedia });
  const page = readFileSync(html, "utf8");
  expect(page).toContain("foretells 1.00");
  expect(page).toContain("&lt;b&gt;snow&lt;/b&gt;");
  const label = { method: "penumbra-contexts", by: "labeller" };
  const read = await readNeuronpedia(neuronpedia);
  expect(read.get(3)?.labels).toEqual([{ ...label, text: "rain", score: { value: 1, type: "penumbra-detection" } }]);
  expect(read.get(4)?.labels).toEqual([{ ...label, text: "<b>snow</b>", score: null }]);
});

test("an endpoint that fails leaves latents without a label, and says so", async () => {
  stub = await stubEndpoint(() => ({ status: 400, json: { error: { message: "no" } } }));
  const speaker = openEndpoint({ url: stub.url, model: "labeller", retries: 0 });
  const { described: named, labels } = await labelDescribed({ described, speaker, seed: 1 });
  expect(labels.map(({ label, why }) => [label, why])).toEqual([
    [null, "no-answer"],
    [null, "no-answer"],
  ]);
  expect(named.latents.flatMap(({ labels: of }) => of)).toEqual([]);
});
